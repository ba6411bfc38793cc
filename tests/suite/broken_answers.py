"""Broken answers for `conformance explain`, of the written tests: `python -m tests.suite.broken_answers` writes them."""

from __future__ import annotations

import json
from dataclasses import asdict

from conformance.cli.explanation import BROKEN_FILE, BrokenAnswer
from conformance.client.exchange import NOT_JSON, Exchange
from conformance.contract.comparing import shorten
from conformance.contract.verdict import BrokenPromiseError
from conformance.suite.engine.registry import IF_ANY
from tests.suite.golden import TABLES
from tests.suite.judging import Accusing, judge
from tests.suite.test_refusals import ACCEPTED, ROWS
from tests.suite.written import Edit

MOST = 3
"""Broken answers that are told of one requirement."""
LONGEST = 160
"""Characters of an answer."""
CUT = "…"
"""Stands for what is the same in both answers, or tells nothing."""
TELLING = ("id", "type", "status", "archived_at")
"""Fields that a large object is known by."""


def broken_answers() -> dict[str, list[BrokenAnswer]]:
    """Return a few broken answers of each requirement that has a written test; crashes come last."""
    found: dict[str, dict[tuple[str, str], BrokenAnswer]] = {}
    for requirement, way, edit, _ in (*_refusals(), *(row for table in TABLES for row in table.BROKEN)):
        told = _broken(requirement, way, edit)
        found.setdefault(requirement, {}).setdefault((told.expected, told.got), told)
    return {name: sorted(found[name].values(), key=_crashed)[:MOST] for name in sorted(found)}


def _refusals() -> Accusing:
    return [(row.requirement, way, ACCEPTED, "") for way, row in ROWS.items()]


def _crashed(told: BrokenAnswer) -> bool:
    return told.answer.startswith("500")


def _broken(requirement: str, way: str, edit: Edit) -> BrokenAnswer:
    """Judge a story with one answer otherwise; return what the judgement says, beside the two answers."""
    parts: list[object] = []

    def make(old: object) -> object:
        parts[:] = [old, edit.make(old)]
        return parts[1]

    try:
        judge(requirement, {way: Edit(edit.words, make)}, labelled=True)
    except BrokenPromiseError as broken:
        promised, answer = _apart(*parts)
        way = way.replace(IF_ANY, "")
        return BrokenAnswer(way, broken.expected, broken.got, promised, answer)
    raise ValueError(f"{requirement} is not broken by {way}: {edit.words}")


def _apart(old: object, new: object) -> tuple[str, str]:
    """Return two answers as far as they differ; nothing where they do not, or are no answers."""
    if not (isinstance(old, Exchange) and isinstance(new, Exchange)):
        return "", ""
    one, other = (exchange.body if exchange.json is NOT_JSON else exchange.json for exchange in (old, new))
    alike = old.status == new.status
    shown = _narrowed(one, other) if alike else (_brief(one), _brief(other))
    lines = [
        f"{exchange.status} {_written(body)}".rstrip()
        for exchange, body in zip((old, new), shown, strict=True)
    ]
    return (lines[0], lines[1]) if lines[0] != lines[1] else ("", "")


def _narrowed(one: object, other: object) -> tuple[object, object]:
    """Return two values without the fields and items that are the same in both."""
    if isinstance(one, dict) and isinstance(other, dict):
        same = {name for name in one if name in other and one[name] == other[name]}
        shared = {
            name: _narrowed(one[name], other[name]) for name in one if name in other and name not in same
        }
        shown = [
            {
                name: shared[name][side] if name in shared else _brief(value)
                for name, value in each.items()
                if name not in same
            }
            for side, each in enumerate((one, other))
        ]
        left = {CUT: CUT} if same else {}
        return {**shown[0], **left}, {**shown[1], **left}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(CUT, CUT) if a == b else _narrowed(a, b) for a, b in zip(one, other, strict=True)]
        return [a for a, _ in pairs], [b for _, b in pairs]
    return _brief(one), _brief(other)


def _brief(value: object) -> object:
    """Return a value; of large objects only what is plain in them."""
    if isinstance(value, list):
        return [_brief(item) for item in value]
    if not isinstance(value, dict) or len(json.dumps(value)) <= LONGEST // 2:
        return value
    plain = {name: part for name, part in value.items() if name in TELLING}
    return {**plain, CUT: CUT} if plain else {name: _brief(part) for name, part in value.items()}


def _written(body: object) -> str:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return shorten(text.replace(f'"{CUT}": "{CUT}"', CUT).replace(f'"{CUT}"', CUT), LONGEST)


def text() -> str:
    """Return what the file is to hold: an answer in a line."""
    rows = [{"requirement": name, **asdict(one)} for name, told in broken_answers().items() for one in told]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    BROKEN_FILE.write_text(text(), "utf-8")
