"""Whose credentials a request carries, how they travel, and how they are shown in records."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from conformance.client.exchange import TOKEN_VARIABLES
from conformance.redaction.redactor import is_short
from conformance.vendors import CredentialForm


class Auth(Enum):
    """Whose credentials a request carries."""

    OWN = "own"
    SECOND = "second"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Forged:
    """Credentials that `edit` makes of the run's own token; records show the words `shown` in their place."""

    edit: Callable[[str], str]
    shown: str


Authorization = Auth | Forged | str
"""Whose credentials, credentials made of ours, or a literal header value that is no secret."""


class Credentials:
    """The tokens of a run in the form that a vendor takes: in which header, after which scheme."""

    def __init__(self, form: CredentialForm, own: str, second: str) -> None:
        self._form = form
        self._tokens = {Auth.OWN: own, Auth.SECOND: second, Auth.NONE: ""}

    def headers(self, authorization: Authorization, given: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of a request: the documented ones, credentials, and `given` ones over them.

        A given header with the value "" leaves out the documented one.
        """
        headers = {**self._form.headers, self._form.header: self._value(authorization), **given}
        return {name: value for name, value in headers.items() if value}

    def shown(self, authorization: Authorization, given: Mapping[str, str]) -> dict[str, str]:
        """Return the headers as records show them, with a shell variable in place of each secret."""
        headers = self.headers(authorization, given)
        if isinstance(authorization, Forged):
            headers[self._form.header] = self._form.value(f"<{authorization.shown}>")
        named = zip((self._tokens[Auth.OWN], self._tokens[Auth.SECOND]), TOKEN_VARIABLES, strict=True)
        for secret, variable in sorted(named, key=lambda pair: -len(pair[0])):  # one may begin like the other
            if secret:
                headers = {name: _named(value, secret, variable) for name, value in headers.items()}
        return headers

    def carried(self, authorization: Authorization) -> list[str]:
        """Return the credentials that no answer may repeat: ours, and made up ones that a request carries."""
        made_up = self._value(authorization).rpartition(" ")[2]
        return [self._tokens[Auth.OWN], self._tokens[Auth.SECOND], made_up]

    def _value(self, authorization: Authorization) -> str:
        if isinstance(authorization, str):
            return authorization
        if isinstance(authorization, Forged):
            return self._form.value(authorization.edit(self._tokens[Auth.OWN]))
        token = self._tokens[authorization]
        return self._form.value(token) if token else ""


def _named(value: str, secret: str, variable: str) -> str:
    """Return a header with a variable in the place of a secret; a short one may be part of other words."""
    if not is_short(secret):
        return value.replace(secret, variable)
    return re.sub(rf"(?<![\w-]){re.escape(secret)}(?![\w-])", lambda _: variable, value)
