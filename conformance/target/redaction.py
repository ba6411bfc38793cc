"""Keeping secrets inside the process: everything recorded passes through one `Redactor`."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from urllib.parse import quote_plus

SECRET_HEADER = re.compile(r"auth|cookie|token|secret|api-?key|password|session|signature", re.IGNORECASE)
SECRET_NAME = re.compile(r"token|secret|password|api_key|authorization|private_key", re.IGNORECASE)
# A JSON member with a text as its value, which a cap may have cut. The quantifiers are possessive: a hostile
# body costs one pass.
TEXT_MEMBER = re.compile(r'("((?:[^"\\]++|\\.)*+)"\s*+:\s*+)"(?:[^"\\]++|\\.)*+\\?("?)', re.DOTALL)
MASK = "[redacted]"
LONGEST_SPELLING = 12
"""Bytes that one character may take in a redacted form: two JSON escapes."""


def fingerprint(secret: str) -> str:
    """Return a mask that keeps equal secrets recognisable without giving them away."""
    return f"[redacted:{hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()[:4]}]"


def _forms(secret: str) -> Iterator[str]:
    """Yield patterns of the forms in which a target may echo a secret: spelled out, hex, base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield "".join(map(_spellings, secret))
    yield raw.hex()
    for pad in range(3):
        # Base64 groups three bytes: inside a longer text the secret shows in one of three alignments, and
        # only the characters that no neighbouring byte can change are certain.
        encoded = base64.b64encode(b"\0" * pad + raw).decode()
        inner = encoded[(0, 2, 3)[pad] : len(encoded) - (0, 3, 2)[(len(raw) + pad) % 3]]
        if len(inner) >= 6:  # noqa: PLR2004 (shorter runs occur in any text)
            yield "".join(f"(?:{_spellings('+')}|-)" if sign == "+" else
                          f"(?:{_spellings('/')}|_)" if sign == "/" else sign for sign in inner)  # fmt: skip


def _spellings(character: str) -> str:
    """Return a pattern of one character as it is, or as JSON, a URL or HTML may write it."""
    code = ord(character)
    percent = "".join(f"%{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
    texts = [json.dumps(character)[1:-1], f"\\u{code:04x}", percent, html.escape(character)]
    if not character.isalnum():
        texts += [f"\\{character}", quote_plus(character, errors="surrogatepass")]
    patterns = [re.escape(text) for text in (character, *texts)]
    return f"(?:{'|'.join(dict.fromkeys(patterns))}|&#0*{code};|&#x0*{code:x};)"


class Redactor:
    """Replaces every known secret, in every form, in whatever is recorded or shown.

    `secrets` are the literal values given by option or environment; empty ones are ignored.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first: a secret may be the beginning of another.
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        self._longest = LONGEST_SPELLING * max(map(len, self._secrets), default=0)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        groups = (f"({'|'.join(_forms(secret))})" for secret in self._secrets)
        return re.compile("|".join(groups), re.IGNORECASE)

    def text(self, text: str) -> str:
        """Return `text` without any known secret."""
        return self._pattern.sub(self._mask, text) if self._secrets else text

    def _mask(self, match: re.Match[str]) -> str:
        return fingerprint(self._secrets[(match.lastindex or 1) - 1])

    def body(self, content: bytes, limit: int) -> str:
        """Return the beginning of an answer's body, secret-looking JSON members masked as well."""
        return TEXT_MEMBER.sub(_mask_member, self.beginning(content, limit))

    def beginning(self, content: bytes, limit: int) -> str:
        """Return about the first `limit` bytes, redacted before the cut: half a secret is one, too."""
        text = self.text(content[: limit + self._longest].decode("utf-8", "replace"))
        return text if len(content) <= limit else text[: max(0, len(text) - self._longest)]

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers with every secret-looking value masked, and known secrets in the others."""
        return {self.text(name): self._header(name, value) for name, value in headers.items()}

    def _header(self, name: str, value: str) -> str:
        if not SECRET_HEADER.search(name):
            return self.text(value)
        scheme, space, rest = value.partition(" ")
        keeps_scheme = name.lower().endswith("authorization") and space and scheme.isalpha()
        return f"{scheme} {fingerprint(rest)}" if keeps_scheme else fingerprint(value)


def _mask_member(member: re.Match[str]) -> str:
    head, name, end = member.groups()
    return f'{head}"{MASK}{end}' if SECRET_NAME.search(name) else member.group()
