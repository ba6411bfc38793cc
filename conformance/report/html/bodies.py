"""Bodies for people: JSON a line per field, folded around the fields that a verdict is about."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

INDENT = "  "
SHOWN_LINES = 12
"""Lines of a body that are shown when nothing in it is named, beside its status."""
OF_THE_STATE = f'{INDENT}"status": '
SHORTEST_FOLD = 4
MOST_LINES = 400
LONGEST_LINE, LONGEST_NAMED_LINE = 240, 4_000
LONGEST_BODY = 100_000
"""Characters of a body that are looked at."""
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")


@dataclass(frozen=True, slots=True)
class BodyLine:
    """One line of a body; `named`: the verdict is about it."""

    text: str
    named: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines in a row, `folded` away when nothing near them is named."""

    lines: Sequence[BodyLine]
    folded: bool


def paths_in(*texts: str) -> frozenset[str]:
    """Return all that may be the dotted path of a field in these texts; most of it are mere words."""
    return frozenset(path for text in texts for path in _PATH.findall(text))


def lines_of(body: str, named: Collection[str] = ()) -> list[BodyLine]:
    """Return a body as lines: JSON with a line for each field, any other text as it is.

    A body of more than `MOST_LINES` ends with a line that says how many are left out.
    """
    try:
        value, remark = _parsed(body[:LONGEST_BODY])
        lines = list(_json_lines(value, named, after=remark))
    except (ValueError, RecursionError):
        lines = [BodyLine(line) for line in body[:LONGEST_BODY].splitlines()]
    cut = [_shortened(line) for line in lines[:MOST_LINES]]
    left = len(lines) - len(cut)
    return [*cut, BodyLine(f"… {left} more lines: result.json")] if left else cut


def folds(lines: Sequence[BodyLine]) -> list[Fold]:
    """Return lines in pieces: what is named and its neighbours are shown, long stretches of others folded."""
    named = [place for place, line in enumerate(lines) if line.named]
    shown_places = named or [place for place, line in enumerate(lines) if line.text.startswith(OF_THE_STATE)]
    near = {place + step for place in shown_places for step in (-1, 0, 1)}
    near |= set() if named else set(range(SHOWN_LINES))
    pieces: list[Fold] = []
    start = 0
    for end in range(1, len(lines) + 1):
        if end == len(lines) or (end in near) != (start in near):
            folded = start not in near and end - start >= SHORTEST_FOLD
            pieces.append(Fold(lines[start:end], folded))
            start = end
    return pieces


def _shortened(line: BodyLine) -> BodyLine:
    most = LONGEST_NAMED_LINE if line.named else LONGEST_LINE
    left = len(line.text) - most
    return line if left <= 0 else BodyLine(f"{line.text[:most]}… ({left} more characters)", line.named)


def _parsed(body: str) -> tuple[object, str]:
    """Return a JSON document, and a note if it was cut: then it is what is left of it. Raises ValueError."""
    try:
        return json.loads(body), ""
    except ValueError:
        if not body.startswith(("{", "[")):
            raise
        return json.loads(_closed(body)), " … cut here: result.json"


def _closed(body: str) -> str:
    """Return JSON that was cut off, closed behind its last whole member."""
    open_ones, inside, escaped = "", False, False
    end, closing = 0, ""
    for place, character in enumerate(body):
        if inside:
            inside = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            inside = True
        elif character in "{[":
            open_ones = ("}" if character == "{" else "]") + open_ones
        elif character in "}]":
            open_ones = open_ones[1:]
        elif character == ",":
            end, closing = place, open_ones
    return body[:end] + closing


def _json_lines(
    value: object,
    named: Collection[str],
    path: str = "",
    depth: int = 0,
    *,
    before: str = "",
    after: str = "",
) -> Iterator[BodyLine]:
    """Yield a JSON value as lines; `before` stands in the first of them, `after` in the last."""
    shown, pad = path in named, INDENT * depth
    if not isinstance(value, dict | list) or not value:
        yield BodyLine(f"{pad}{before}{json.dumps(value, ensure_ascii=False)}{after}", shown)
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    members = value.items() if isinstance(value, dict) else ((None, member) for member in value)
    yield BodyLine(f"{pad}{before}{opening}", shown)
    for place, (name, member) in enumerate(members, 1):
        inner = path if name is None else f"{path}.{name}".lstrip(".")
        key = "" if name is None else f"{json.dumps(name, ensure_ascii=False)}: "
        comma = "," if place < len(value) else ""
        yield from _json_lines(member, named, inner, depth + 1, before=key, after=comma)
    yield BodyLine(f"{pad}{closing}{after}")
