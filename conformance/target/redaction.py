"""Keeping secrets inside the process: everything recorded passes through one `Redactor`."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from urllib.parse import quote_plus

SECRET_HEADER = re.compile(r"auth|cookie|token|secret|api-?key|password|session|signature", re.IGNORECASE)
SECRET_NAME = re.compile(r"token|secret|password|api_key|authorization|private_key", re.IGNORECASE)
# A JSON member with a text as its value, which a cap may have cut. The quantifiers are possessive: a hostile
# body costs one pass.
TEXT_MEMBER = re.compile(r'("((?:[^"\\]++|\\.)*+)"\s*+:\s*+)"(?:[^"\\]++|\\.)*+\\?("?)', re.DOTALL)
MASK = "[redacted]"
MASKED = "[redacted"
"""With this every mask begins."""
NESTED = {"\\": r"\\{0,14}", "%": "(?:25){0,3}", "&": "(?:amp;){0,3}"}
"""What follows the sign that begins an escape when the text was escaped up to four times."""
RUN = 8
"""Characters of a secret in a row that give too much away."""
WORD = re.compile(r"[a-z_/-]+|[A-Z_/-]+|[A-Z][a-z]+")
"""What may stand in a secret and is none: a token like `deployments-token` must not hide that word."""
BRIEF = 200
"""The most characters of a text whose redacted form is remembered."""
LONGEST_SPELLING = 12
"""Bytes that one character may take in a redacted form: two JSON escapes."""


def fingerprint(secret: str) -> str:
    """Return a mask that keeps equal secrets recognisable without giving them away."""
    return f"[redacted:{hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()[:4]}]"


def is_masked(name: str, value: object) -> bool:
    """Tell whether a member of a JSON object is masked for its name."""
    return isinstance(value, str) and SECRET_NAME.search(name) is not None


def _forms(secret: str) -> Iterator[str]:
    """Yield patterns of the forms in which a target may echo a secret: spelled out, hex, base64.

    Each is searched for on its own, and begins with an alternative of literal characters: only so does `re`
    skip quickly over text that holds none of them.
    """
    raw = secret.encode("utf-8", "surrogatepass")
    yield "".join(map(_spellings, secret))
    yield "".join(map(_any_case, raw.hex()))
    for pad in range(3):
        # Base64 groups three bytes: inside a longer text the secret shows in one of three alignments, and
        # only the characters that no neighbouring byte can change are certain.
        encoded = base64.b64encode(b"\0" * pad + raw).decode()
        inner = encoded[(0, 2, 3)[pad] : len(encoded) - (0, 3, 2)[(len(raw) + pad) % 3]]
        if len(inner) >= 6:  # noqa: PLR2004 (shorter runs occur in any text)
            yield "".join(map(_base64_sign, inner))


def _plain_forms(secret: str) -> Iterator[str]:
    """Yield the usual forms of a secret: as it is, escaped, percent-encoded, hex, base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield from (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], html.escape(secret))
    yield from (quote_plus(secret, errors="surrogatepass"), raw.hex())
    for pad in range(3):
        yield base64.b64encode(b"\0" * pad + raw).decode()[(0, 2, 3)[pad] :]


def _spellings(character: str, *others: str) -> str:
    """Return a pattern of one character as it is, or as JSON, a URL or HTML may write it, or as `others`."""
    code = ord(character)
    percent = "".join(f"%{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
    texts = [
        character,
        *others,
        json.dumps(character)[1:-1],
        f"\\u{code:04x}",
        percent,
        html.escape(character),
    ]
    if not character.isalnum():
        texts += [f"\\{character}", quote_plus(character, errors="surrogatepass")]
    patterns = map(_written, dict.fromkeys(texts))
    nested = NESTED["&"]
    references = (f"&{nested}#0*{code};", f"&{nested}#[xX]0*{''.join(map(_any_case, f'{code:x}'))};")
    return f"(?:{'|'.join([*patterns, *references])})"


def _written(text: str) -> str:
    """Return a pattern of one spelling, which may have been escaped again and again."""
    if len(text) == 1 and text != "\\":
        return _any_case(text)
    signs = re.sub(r"\\+", r"\\", text)
    return "".join(re.escape(sign) + NESTED[sign] if sign in NESTED else _any_case(sign) for sign in signs)


def _any_case(character: str) -> str:
    """Return a pattern of a character in both cases; re.IGNORECASE would forgo the quick skipping."""
    cases = dict.fromkeys((character, character.lower(), character.upper()))
    return re.escape(character) if len(cases) == 1 else f"(?:{'|'.join(map(re.escape, cases))})"


def _base64_sign(sign: str) -> str:
    other = {"+": "-", "/": "_"}.get(sign)
    return _spellings(sign, other) if other else _any_case(sign)


class Redactor:
    """Replaces every known secret, in every form, in whatever is recorded or shown.

    `secrets` are the literal values given by option or environment; empty ones are ignored.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first: a secret may be the beginning of another.
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        self._longest = LONGEST_SPELLING * max(map(len, self._secrets), default=0)

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        return [
            (re.compile(form), fingerprint(secret)) for secret in self._secrets for form in _forms(secret)
        ]

    def text(self, text: str) -> str:
        """Return `text` without any known secret, nor a run of characters of one: a cut may leave that."""
        for pattern, mask in self._patterns:
            text = pattern.sub(mask, text)
        return self._without_runs(text)

    def _without_runs(self, text: str) -> str:
        shown, place, runs = [], 0, self._runs
        for start in (i for i in range(len(text) - RUN + 1) if text[i : i + RUN] in runs):
            if start > place:
                shown.append(text[place:start])
            if start >= place:
                shown.append(MASK)
            place = start + RUN
        return "".join([*shown, text[place:]])

    @cached_property
    def _runs(self) -> frozenset[str]:
        forms = {form for secret in self._secrets for form in _plain_forms(secret)}
        runs = {form[start : start + RUN] for form in forms for start in range(len(form) - RUN + 1)}
        return frozenset(run for run in runs if not WORD.fullmatch(run))

    def body(self, content: bytes, limit: int) -> str:
        """Return the beginning of an answer's body, secret-looking JSON members masked as well."""
        return TEXT_MEMBER.sub(_mask_member, self.beginning(content, limit))

    def beginning(self, content: bytes, limit: int) -> str:
        """Return about the first `limit` bytes, redacted before the cut: half a secret is one, too."""
        text = self.text(content[: limit + self._longest].decode("utf-8", "replace"))
        return text if len(content) <= limit else text[: max(0, len(text) - self._longest)]

    def document(self, value: object) -> object:
        """Return a JSON document as `body` would show it: masked where it holds a secret, else equal.

        Names are redacted like values. A number that spells a secret becomes a text.
        """
        if isinstance(value, dict):
            return {
                self._part(name): MASK if is_masked(name, part) else self.document(part)
                for name, part in value.items()
            }
        if isinstance(value, list):
            return [self.document(part) for part in value]
        if isinstance(value, str):
            return self._part(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = self._part(str(value))
            return value if shown == str(value) else shown
        return value

    def _part(self, text: str) -> str:
        return self._brief(text) if len(text) <= BRIEF else self.text(text)

    @cached_property
    def _brief(self) -> Callable[[str], str]:
        """`text` for what occurs again and again: the pages of a list hold the same few thousand texts."""
        return lru_cache(maxsize=16_384)(self.text)

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
