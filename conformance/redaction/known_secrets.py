"""The secrets that a process knows from settings and environment, and which of them can be masked."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote

from conformance.redaction.redactor import RUN, Redactor
from conformance.redaction.vocabulary import RESERVED, spelled

TOKEN_VARIABLES = ("CONFORMANCE_TOKEN", "QODER_PAT")
NAMING_VARIABLES = ("CONFORMANCE_TOKEN_ENV", "CONFORMANCE_SECOND_TOKEN_ENV")
"""What holds the name of a variable that holds a token, where no option names it."""
LEAST = 3
"""Letters and digits that a token must have: fewer occur in every text."""
SECRET_WORDS = frozenset({"TOKEN", "SECRET", "PASSWORD", "PASSWD", "PAT", "KEY", "APIKEY", "CREDENTIALS"})
"""Words in the name of a variable that holds a secret."""
_PASSWORD = re.compile(r"[/?#:@]")


def why_unmaskable(token: str) -> str:
    """Return why no report could be written in which a token is masked, or an empty text.

    A token of fewer than eight letters and digits is masked where it stands alone, as a word: `test` is, in
    `latest` it is not. So `dev` and `t0ken` will do, but neither what every text holds nor what answers are
    made of.
    """
    signs = sum(character.isalnum() for character in token)
    if signs < LEAST:
        return f"has fewer than {LEAST} letters and digits"
    if token.isdecimal() and len(token) < RUN:
        return f"is a number of fewer than {RUN} digits"
    return "is a word of HTTP, of the API or of reports" if _is_reserved(token) else ""


def _is_reserved(token: str) -> bool:
    """Tell whether masking a token would mask a word: a long one is found whatever separates its letters."""
    letters = "".join(filter(str.isalnum, token.lower()))
    return token.lower() in RESERVED or (len(letters) >= RUN and letters in spelled())


def redactor_of(tokens: Iterable[str]) -> Redactor:
    """Return what masks the secrets of a run: its tokens, and the passwords of proxies."""
    return _redactor((*tokens, *_of_proxies()))


def shown(text: str) -> str:
    """Return a text without the secrets of the environment, for what is said before settings are known.

    Those are what variables hold that are named as secrets or on the command line, and proxies' passwords.
    """
    named = set(re.split(r"[=\s]", "\n".join(sys.argv[1:])))
    return _redactor((*environment_secrets(os.environ, named), *_of_proxies())).text(text)


def _of_proxies() -> Iterator[str]:
    from urllib.request import getproxies  # not at the top: it takes long to load

    return proxy_secrets(getproxies())


@lru_cache(maxsize=8)
def _redactor(secrets: tuple[str, ...]) -> Redactor:
    return Redactor(secrets)


def environment_secrets(environment: Mapping[str, str], named: Iterable[str] = ()) -> Iterator[str]:
    """Yield the values of variables that are the suite's, or `named`, or named as secrets."""
    indirect = (environment.get(variable, "") for variable in NAMING_VARIABLES)
    known = [environment.get(variable, "") for variable in (*TOKEN_VARIABLES, *indirect, *named)]
    known += [
        value
        for variable, value in environment.items()
        if len(value) >= RUN and not SECRET_WORDS.isdisjoint(variable.upper().split("_"))
    ]
    yield from (value for value in known if value and not why_unmaskable(value))


def proxy_secrets(proxies: Mapping[str, str]) -> Iterator[str]:
    """Yield what the URLs of proxies hold before the @, whole and in parts, as it is written and decoded.

    In parts, for where such a URL is no good, an error takes a part of the password for the port.
    """
    for url in proxies.values():
        credentials, at, _ = url.rpartition("@")
        if not at:
            continue
        whole = credentials.partition("//")[2] or credentials
        user, colon, password = whole.partition(":")
        parts = [password, *_PASSWORD.split(password)] if colon else [user]
        for secret in dict.fromkeys([whole, *parts]):
            yield from (text for text in {secret, unquote(secret)} if not why_unmaskable(text))
