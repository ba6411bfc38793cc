"""Keeping secrets inside the process: everything recorded passes through one `Redactor`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from conformance.redaction.decoding import readings, unescaped
from conformance.redaction.forms import FINGERPRINT, MASK, MASKED, RUN, Forms, Span, fingerprint, is_short
from conformance.redaction.pieces import LEAST, pieces
from conformance.redaction.remembering import Remembered
from conformance.redaction.scattered import masked_together

__all__ = ["FINGERPRINT", "MASK", "MASKED", "RUN", "Redactor", "fingerprint", "is_masked", "is_short"]

SECRET_HEADER = re.compile(r"auth|cookie|token|secret|api-?key|password|session|signature", re.IGNORECASE)
SECRET_WORDS = ("token", "secret", "password", "api_key", "authorization", "private_key")
SECRET_NAME = re.compile("|".join(SECRET_WORDS), re.IGNORECASE)
# What follows a quote, up to the next one; where that is the name of a JSON member with a text as its value,
# which a cap may have cut, the value as well. A member or not, it is consumed: a hostile body costs one pass.
TEXT_MEMBER = re.compile(r'("((?:[^"\\]++|\\.)*+))(?:("\s*+:\s*+)"(?:[^"\\]++|\\.)*+\\?("?))?', re.DOTALL)
LAYERS = 4
"""So many encodings around each other are undone before a text is compared with the forms of a secret."""
MOST_READY = 4
"""Redactors that are ready for use: each request with an edited token has one of its own, of a megabyte."""
LONGEST_PIECE = 4 * LEAST
MOST_PIECES = 2048
"""Pieces of long answers that are remembered: of some megabytes together."""
LONGEST_SPELLING = 12
"""Bytes that one character may take in a redacted form: two JSON escapes."""


def is_masked(name: str, value: object) -> bool:
    """Tell whether a member of a JSON object is masked for its name."""
    return isinstance(value, str) and SECRET_NAME.search(name) is not None


class Redactor:
    """Replaces every known secret, in every form, in whatever is recorded or shown.

    `secrets` are the literal values given by option or environment; empty ones are ignored.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first: a secret may be the beginning of another.
        self._secrets = tuple(sorted({secret for secret in secrets if secret}, key=len, reverse=True))
        self._longest = LONGEST_SPELLING * max(map(len, self._secrets), default=0)
        self._least = min((RUN, *map(len, self._secrets)))

    @property
    def _forms(self) -> Forms:
        return _forms(self._secrets)

    def text(self, text: str) -> str:
        """Return `text` without any known secret, nor a run of characters of one: a cut may leave that."""
        if not self._secrets or len(text) < self._least:
            return text
        content = text.encode("utf-8", "surrogatepass")
        spans = self.spans(content)
        return _masked(content, spans, len(content)).decode("utf-8", "surrogatepass") if spans else text

    def spans(self, content: bytes, layers: int = LAYERS) -> list[Span]:
        """Return where a text tells a secret, also once so many encodings around each other are undone."""
        spans = self._forms.found(content)
        for reading, locate in readings(content, self._forms.reach) if layers else ():
            if inner := self.spans(reading, layers - 1):
                spans += locate(inner)
        return spans

    def body(self, content: bytes, limit: int) -> str:
        """Return the beginning of an answer's body, secret-looking JSON members masked as well."""
        shown = self.beginning(content, limit)
        folded = shown.casefold()  # as the expression does; that takes ten times as long
        named = any(word in folded for word in SECRET_WORDS)
        return TEXT_MEMBER.sub(_mask_member, shown) if named else shown

    def beginning(self, content: bytes, limit: int) -> str:
        """Return the first `limit` bytes, redacted before the cut: half a secret is one, too."""
        spans = self._in_pieces(content[: limit + self._longest]) if self._secrets else []
        return _masked(content, spans, limit).decode("utf-8", "replace")

    def _in_pieces(self, content: bytes) -> list[Span]:
        if len(content) < LEAST:
            return self.spans(content)
        return [
            Span(piece.start + span.start, piece.start + span.end, span.mask)
            for piece in pieces(content, self._forms.reach)
            for span in self._found_in(piece.text)
            if span.end > piece.low and span.start < piece.high  # the others are of another piece
        ]

    def _found_in(self, text: bytes) -> Sequence[Span]:
        if len(text) > LONGEST_PIECE:
            return self.spans(text)
        return _spans_of(self._secrets, text)

    def document(self, value: object) -> object:
        """Return a JSON document as `body` would show it: masked where it holds a secret, else equal.

        Names are redacted like values. A number that spells a secret becomes a text. What tells a secret with
        others alone, as a list of its characters does, is masked as well.
        """
        return self.together(self._document(value))

    def together(self, value: object) -> object:
        """Return a JSON document with those of its names and scalars masked that tell a secret in a row."""
        if not self._secrets or not isinstance(value, dict | list):
            return value
        return masked_together(value, self._forms.found, _plain)

    def _document(self, value: object) -> object:
        if isinstance(value, dict):
            return {
                self._part(name): MASK if is_masked(name, part) else self._document(part)
                for name, part in value.items()
            }
        if isinstance(value, list):
            return [self._document(part) for part in value]
        if isinstance(value, str):
            return self._part(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = self._part(str(value))
            return value if shown == str(value) else shown
        return value

    def strings(self, value: object) -> object:
        """Return a JSON value with every text in it redacted; no member is masked for its name."""
        return self.together(self._strings(value))

    def _strings(self, value: object) -> object:
        if isinstance(value, dict):
            return {self._part(name): self._strings(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self._strings(part) for part in value]
        return self._part(value) if isinstance(value, str) else value

    @property
    def _part(self) -> Callable[[str], str]:
        """`text` for what occurs again and again: the pages of a list hold the same few thousand texts."""
        return _remembered(self._secrets).__getitem__

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers with every secret-looking value masked, and known secrets in the others."""
        return {self.text(name): self._header(name, value) for name, value in headers.items()}

    def _header(self, name: str, value: str) -> str:
        if not SECRET_HEADER.search(name):
            return self.text(value)
        scheme, space, rest = value.partition(" ")
        keeps_scheme = name.lower().endswith("authorization") and space and scheme.isalpha()
        return f"{scheme} {fingerprint(rest)}" if keeps_scheme else fingerprint(value)


@lru_cache(MOST_PIECES)
def _spans_of(secrets: tuple[str, ...], text: bytes) -> tuple[Span, ...]:
    return tuple(Redactor(secrets).spans(text))


@lru_cache(MOST_READY)
def _forms(secrets: tuple[str, ...]) -> Forms:
    return Forms(secrets)


@lru_cache(MOST_READY)
def _remembered(secrets: tuple[str, ...]) -> Remembered[str]:
    return Remembered(Redactor(secrets).text)


def _undone(text: str) -> bytes:
    """Return a text without its escapes. Of base64 and hex nothing is undone: other pieces end their runs."""
    return unescaped(text.encode("utf-8", "surrogatepass"), LAYERS)


_plain = Remembered(_undone).__getitem__


def _mask_member(member: re.Match[str]) -> str:
    head, name, colon, end = member.groups()
    return f'{head}{colon}"{MASK}{end}' if colon and SECRET_NAME.search(name) else member[0]


def _masked(content: bytes, spans: list[Span], limit: int) -> bytes:
    """Return the first bytes of a text with a mask in the place of each span that begins there."""
    shown, place = [], 0
    for span in _joined(sorted(span for span in spans if span.start < limit)):
        shown += [content[place : span.start], span.mask.encode()]
        place = span.end
    return b"".join([*shown, content[place:limit]])


def _joined(spans: list[Span]) -> list[Span]:
    """Return spans of which none overlap; of those that did, the mask that tells more."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else span
        if joined and span.start < last.end:
            mask = span.mask if last.mask == MASK else last.mask
            joined[-1] = Span(last.start, max(last.end, span.end), mask)
        else:
            joined.append(span)
    return joined
