"""Two texts side by side, JSON as JSON, with the words marked in which they differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from conformance.report.html.bodies import lines_of

CONTEXT = 2
"""Equal lines that are shown before and after a difference."""
MOST_LINES = 300
MOST_WORDS = 300
_WORD = re.compile(r"\w+|\s+|.")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line; `differs` from the other side."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A line of each side; equal stretches are one row of `skipped` lines."""

    left: Sequence[Piece] = ()
    right: Sequence[Piece] = ()
    differs: bool = False
    skipped: int = 0


def side_by_side(left: str, right: str) -> list[DiffRow]:
    """Return two texts row by row: JSON by its fields, other text by what `; ` separates."""
    left_lines, right_lines = _lines(left), _lines(right)
    rows: list[DiffRow] = []
    for kind, *places in SequenceMatcher(None, left_lines, right_lines, autojunk=False).get_opcodes():
        first, last, other_first, other_last = places
        if kind == "equal":
            rows += _equal(left_lines[first:last], begins=not rows, ends=last == len(left_lines))
        else:
            rows += _changed(left_lines[first:last], right_lines[other_first:other_last])
    return rows


def _lines(text: str) -> list[str]:
    if text.startswith(("{", "[")):
        return [line.text for line in lines_of(text)][:MOST_LINES]
    return [part for part in re.split(r"(?<=; )|\n", text) if part][:MOST_LINES]


def _equal(lines: Sequence[str], *, begins: bool, ends: bool) -> Iterator[DiffRow]:
    head = 0 if begins else CONTEXT
    tail = 0 if ends else CONTEXT
    skipped = len(lines) - head - tail
    if skipped <= 1:
        yield from (DiffRow([Piece(line)], [Piece(line)]) for line in lines)
        return
    yield from (DiffRow([Piece(line)], [Piece(line)]) for line in lines[:head])
    yield DiffRow(skipped=skipped)
    yield from (DiffRow([Piece(line)], [Piece(line)]) for line in lines[len(lines) - tail :])


def _changed(left: Sequence[str], right: Sequence[str]) -> Iterator[DiffRow]:
    for left_line, right_line in zip_longest(left, right, fillvalue=""):
        yield DiffRow(*_pieces(left_line, right_line), differs=True)


def _pieces(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Return both lines in pieces; where they have few words in common, or very many, no piece is marked."""
    words, others = _WORD.findall(one), _WORD.findall(other)
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    if max(len(words), len(others)) > MOST_WORDS or matcher.ratio() < 0.5:  # noqa: PLR2004 (half)
        return [Piece(one)], [Piece(other)]
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, first, last, other_first, other_last in matcher.get_opcodes():
        left.append(Piece("".join(words[first:last]), kind != "equal"))
        right.append(Piece("".join(others[other_first:other_last]), kind != "equal"))
    return left, right
