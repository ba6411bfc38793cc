"""Long answers in pieces: the pages of a list hold the same items again and again, each searched once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.redaction.decoding import after, before

LEAST = 1024
"""Bytes of a piece at least: about those of one deployment."""
# Between two objects. A secret can go on behind it only where a member's name does.
_BETWEEN = re.compile(rb"\}\s*+,\s*+(?=\{)")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece from `low` to `high` of a `text` that holds what stands around it, and begins at `start`."""

    start: int
    text: bytes
    low: int
    high: int


def pieces(text: bytes, reach: int) -> Iterator[Excerpt]:
    """Yield the pieces of a text, each with `reach` letters and digits before and behind it."""
    start = 0
    for end in _ends(text):
        first, last = before(text, start, 0, reach), after(text, end, len(text), reach)
        yield Excerpt(first, text[first:last], start - first, end - first)
        start = end


def _ends(text: bytes) -> Iterator[int]:
    end = _BETWEEN.search(text, LEAST)
    while end:
        yield end.end()
        end = _BETWEEN.search(text, end.end() + LEAST)
    yield len(text)
