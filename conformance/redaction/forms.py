"""The forms in which a secret may show, and the search for all of them in one pass over a text.

Texts and forms are compared by their ASCII letters and digits alone, in lower case. So whatever separates the
characters of a secret hides nothing: blanks, colons, NULs of UTF-16, soft hyphens, the quotes of a list.
"""

from __future__ import annotations

import base64
import codecs
import hashlib
import json
import math
import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_plus

from conformance.redaction.vocabulary import parts

MASK = "[redacted]"
MASKED = "[redacted"
"""With this every mask begins."""
FINGERPRINT = re.compile(r"\[redacted:[0-9a-f]{4}\]")
"""What `fingerprint` makes of a secret."""
RUN = 8
"""Letters and digits of a secret in a row that give too much away."""
WHOLE = 12
"""With fewer letters and digits, a form of a short secret is found as a word alone: it occurs by chance."""
STEP = 8
"""Of how many letters and digits the lengths of runs are multiples: few lengths are looked for."""
GRAM = 4
"""Bytes that are looked up at once: each run of `RUN` holds four that begin at a multiple of this."""
NUMBERS = (
    "{:d}", "{:03d}", "{:04d}", "{:d}.0", "{:o}", "{:03o}", "{:04o}", "{:x}", "0x{:02x}", "{:x}h", "u{:04x}",
)  # fmt: skip
"""How the characters of a text are listed, such as `[112, 116, 45]`."""
CHARSETS = ("utf-8", "utf-16-le", "utf-32-le")
"""How a text becomes bytes; the order of bytes moves but its first and last character."""
_LOWER = bytes(range(256)).lower()
_KEPT = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DROPPED = bytes(set(range(256)) - set(_KEPT))

Coder = Callable[[bytes], bytes]
CODERS: Sequence[tuple[Coder, int]] = (
    (lambda raw: raw.hex().encode(), 1),
    (base64.b64encode, 3),
    (base64.b32encode, 5),
    (base64.b32hexencode, 5),
    (base64.a85encode, 4),
    (base64.b85encode, 4),
)
"""Encodings of bytes, each with how many bytes it encodes at once."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A part of a text from `start` to before `end`, and what is shown in its place."""

    start: int
    end: int
    mask: str


def fingerprint(secret: str) -> str:
    """Return a mask that keeps equal secrets recognisable without giving them away."""
    return f"[redacted:{hashlib.sha256(_bytes(secret)).hexdigest()[:4]}]"


def squeezed(text: bytes) -> bytes:
    """Return the ASCII letters and digits of a text, in lower case."""
    return text.translate(_LOWER, _DROPPED)


def is_short(secret: str) -> bool:
    """Tell whether a secret has so few letters and digits that it is one only where it stands alone."""
    return len(squeezed(_bytes(secret))) < RUN


class Forms:
    """All forms of some secrets. Those with fewer than `RUN` letters and digits are found as whole words."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._runs: defaultdict[int, set[bytes]] = defaultdict(set)
        self._whole: defaultdict[bytes, list[tuple[bytes, str]]] = defaultdict(list)
        self._words: dict[bytes, str] = {}
        self._grams: set[int] = set()
        for table in map(_table, secrets):
            for width, runs in table.runs.items():
                self._runs[width] |= runs
            for form in table.forms:
                self._whole[form[:RUN]].append((form, table.mask))
            self._words |= dict.fromkeys(table.words, table.mask)
            self._grams |= table.grams
        self._widths: defaultdict[bytes, set[int]] = defaultdict(set)
        for width, runs in self._runs.items():
            for run in runs:
                self._widths[run[:RUN]].add(width)
        self.reach = max(self._runs, default=0)
        """Of how many letters and digits in a row the longest run is that gives a secret away."""
        words = sorted(self._words, key=len, reverse=True)
        pattern = rb"(?<![\w-])(?:%s)(?![\w-])" % b"|".join(map(re.escape, words))
        self._pattern = re.compile(pattern, re.IGNORECASE) if words else None

    def found(self, text: bytes) -> list[Span]:
        """Return where a text holds a secret, in any form, or a run of one."""
        spans = []
        if self._pattern:
            spans += [
                Span(*match.span(), self._words[match[0].lower()]) for match in self._pattern.finditer(text)
            ]
        signs = squeezed(text)
        grams = _grams(signs)
        if not self._grams.isdisjoint(grams) and (runs := self._joined(signs, grams)):
            places = [place for place, byte in enumerate(text) if byte in _KEPT_SET]
            spans += [
                Span(places[start], places[end - 1] + 1, self._mask(signs[start:end])) for start, end in runs
            ]
        return spans

    def _joined(self, signs: bytes, grams: Sequence[int]) -> list[tuple[int, int]]:
        """Return the runs of secrets in a squeezed text, those that overlap as one."""
        joined: list[tuple[int, int]] = []
        for start, end in self._found(signs, grams):
            if joined and start < joined[-1][1]:
                joined[-1] = joined[-1][0], max(end, joined[-1][1])
            else:
                joined.append((start, end))
        return joined

    def _found(self, signs: bytes, grams: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield runs by their starts: each holds a gram that begins in its first four bytes."""
        hits = (GRAM * number for number, gram in enumerate(grams) if gram in self._grams)
        for at in hits:
            for start in range(max(0, at - GRAM + 1), at + 1):
                head = signs[start : start + RUN]
                for form, _ in self._whole.get(head, ()):
                    if signs.startswith(form, start):
                        yield start, start + len(form)
                for width in self._widths.get(head, ()):
                    if signs[start : start + width] in self._runs[width]:
                        yield start, start + width

    def _mask(self, signs: bytes) -> str:
        """Return the mask of the longest secret that a run holds whole; of a part, one that tells nothing."""
        whole = [
            (len(form), mask)
            for at in range(len(signs) - RUN + 1)
            for form, mask in self._whole.get(signs[at : at + RUN], ())
            if signs.startswith(form, at)
        ]
        return max(whole, default=(0, MASK))[1]


_KEPT_SET = frozenset(_KEPT)


@dataclass(frozen=True, slots=True)
class _Table:
    """What is looked for of one secret: `runs` by length, whole `forms`, `words`, and `grams` of all."""

    mask: str
    runs: Mapping[int, set[bytes]]
    forms: Sequence[bytes]
    words: Sequence[bytes]
    grams: frozenset[int]


@lru_cache(maxsize=12)
def _table(secret: str) -> _Table:
    """Return what is looked for of a secret.

    A token like `deployments-token` must not hide that word: a run of `RUN` that is part of a word of reports
    is none of the secret's. One of `WHOLE`, or of half the secret, always is.
    """
    raw, short = _bytes(secret), is_short(secret)
    forms = [form for form in _forms(secret) if len(form) >= (WHOLE if short else RUN)]
    words = (raw, *_words(raw)) if short or not secret.isascii() else ()
    innocent, most = parts(RUN), max(RUN, min(WHOLE, math.ceil(len(squeezed(raw)) / 2)))
    runs: defaultdict[int, set[bytes]] = defaultdict(set)
    grams: set[int] = set()
    for form in forms:
        width = len(form) if short else min(len(form), _width(len(form) / len(secret)))
        every = _runs(form, width)
        runs[width] |= every - innocent
        if not every.isdisjoint(innocent):
            runs[most] |= _runs(form, most)
        grams.update(gram for at in range(GRAM) for gram in _grams(form[at:]))
    return _Table(fingerprint(secret), runs, forms, [word.lower() for word in words], frozenset(grams))


def _runs(form: bytes, width: int) -> set[bytes]:
    return {form[at : at + width] for at in range(len(form) - width + 1)}


def _grams(signs: bytes) -> Sequence[int]:
    """Return every four bytes as a number; an array, as numbers of their own take twenty times the text."""
    return array("I", signs[: len(signs) // GRAM * GRAM])


def _forms(secret: str) -> Iterator[bytes]:
    """Yield the squeezed forms of a secret."""
    raw = _bytes(secret)
    plain = [raw, raw[::-1], _bytes(codecs.encode(secret, "rot13"))]
    plain += [] if secret.isascii() else [json.dumps(secret).encode(), quote_plus(raw).encode()]
    for charset in CHARSETS:
        inner = secret.encode(charset, "surrogatepass")
        plain += ["".join(map(number.format, inner)).encode() for number in NUMBERS]
        plain += [_certain(coder, inner, pad) for coder, group in CODERS for pad in range(group)]
    yield from dict.fromkeys(map(squeezed, plain))


def _width(expansion: float) -> int:
    """Return how many letters and digits of a form tell `RUN` characters, rounded up to few lengths."""
    return max(RUN, STEP * math.ceil(RUN * expansion / STEP))


def _certain(coder: Coder, raw: bytes, pad: int) -> bytes:
    """Return what is always there when bytes are encoded among others, from `pad` bytes into a group on."""
    low, high = (coder(around * pad + raw + around * 4) for around in (b"\x01", b"\xfe"))
    same = "".join("=" if a == b else " " for a, b in zip(low, high, strict=False))
    spans = (match.span() for match in re.finditer("=+", same))
    start, end = max(spans, key=lambda span: span[1] - span[0], default=(0, 0))
    return low[start:end]


def _words(raw: bytes) -> Iterator[bytes]:
    """Yield a short secret as it shows alone, encoded."""
    for coder, _ in CODERS[:3]:
        yield coder(raw).rstrip(b"=")
    yield base64.urlsafe_b64encode(raw).rstrip(b"=")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
