"""What may be sent at all: the last gate before a request leaves, in every mode."""

from __future__ import annotations

import re

from conformance.contract.mode import Mode
from conformance.errors import ConformanceError


class ForbiddenRequestError(ConformanceError):
    """The suite was about to send what its mode rules out. Nothing was sent; it is a mistake in the suite."""


_LENT = re.compile(r"/deployments/[^/?#]+(?:/pause|/unpause)?")
"""What may be posted where a deployment is lent: nothing creates, archives or runs one."""


def check_permitted(mode: Mode, method: str, path: str) -> None:
    """Raise ForbiddenRequestError unless the mode lets a request out; `path` is below the base URL."""
    if mode is Mode.FULL or method == "GET":
        return
    if mode is Mode.LENT and method == "POST" and _LENT.fullmatch(path):
        return
    raise ForbiddenRequestError(f"{method} {path} must not be sent in the mode {mode}")
