"""Keeping secrets inside the process: everything recorded passes through one `Redactor`."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from urllib.parse import quote, quote_plus

SECRET_HEADER = re.compile(r"auth|cookie|token|secret|api-?key|password|session|signature", re.IGNORECASE)
SECRET_MEMBER = re.compile(
    r'("[^"]*(?:token|secret|password|api_key|authorization|private_key)[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*"',
    re.IGNORECASE,
)
MASK = "[redacted]"


def fingerprint(secret: str) -> str:
    """Return a mask that keeps equal secrets recognisable without giving them away."""
    return f"[redacted:{hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()[:4]}]"


def _forms(secret: str) -> Iterable[str]:
    """Yield the forms in which a target may echo a secret: clear, JSON, percent, base64 at each offset."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield json.dumps(secret)[1:-1]
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield "".join(f"%{byte:02x}" for byte in raw)
    yield raw.hex()
    for pad in range(3):
        # Base64 groups three bytes: inside a longer text the secret shows in one of three alignments, and
        # only the characters that no neighbouring byte can change are certain.
        encoded = base64.b64encode(b"\0" * pad + raw).decode()
        inner = encoded[(0, 2, 3)[pad] : len(encoded) - (0, 3, 2)[(len(raw) + pad) % 3]]
        if len(inner) >= 6:  # noqa: PLR2004 (shorter runs occur in any text)
            yield inner
            yield inner.replace("+", "-").replace("/", "_")


class Redactor:
    """Replaces every known secret, in every form, in whatever is recorded or shown.

    `secrets` are the literal values given by option or environment; empty ones are ignored.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(dict.fromkeys(secret for secret in secrets if secret))

    @cached_property
    def _pattern(self) -> tuple[re.Pattern[str], Mapping[str, str]] | None:
        masks = {form.lower(): fingerprint(secret) for secret in self._secrets for form in _forms(secret)}
        if not masks:
            return None
        ordered = sorted(masks, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, ordered)), re.IGNORECASE), masks

    def text(self, text: str) -> str:
        """Return `text` without any known secret."""
        if self._pattern is None:
            return text
        pattern, masks = self._pattern
        return pattern.sub(lambda match: masks.get(match.group().lower(), MASK), text)

    def body(self, text: str) -> str:
        """Return a recorded body without known secrets and without values of secret-looking JSON members."""
        return SECRET_MEMBER.sub(rf'\1"{MASK}"', self.text(text))

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers with every secret-looking value masked, and known secrets in the others."""
        return {self.text(name): self._header(name, value) for name, value in headers.items()}

    def _header(self, name: str, value: str) -> str:
        if not SECRET_HEADER.search(name):
            return self.text(value)
        scheme, space, rest = value.partition(" ")
        return f"{scheme} {fingerprint(rest)}" if space and scheme.isalpha() else fingerprint(value)
