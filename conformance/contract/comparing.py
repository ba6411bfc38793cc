"""Values of answers: looked up, compared, and shown in the messages of judgements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from conformance.contract import clock
from conformance.contract.schemas import parse_timestamp

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "nothing", "__bool__": lambda _: False})()
"""Stands for a field that an object does not have; it is false, like null."""
SCANNED = 20
"""So many times the characters that it shows are read by `shorten`: blanks may fill a text."""
MOST_CHANGES = 20
"""Differences between two states that a message names."""
_JSON = json.JSONEncoder(ensure_ascii=False, default=str)
_ASCII = json.JSONEncoder(default=str)
LONGEST_LINE = 100_000
"""Within how many characters of two values their first difference is looked for."""
SHOWN_BEFORE = 10
"""How much of what two values have in common is shown before their first difference."""


def shorten(value: object, limit: int = 300) -> str:
    """Return a value as one line of at most `limit` characters: a text as it is, all else as JSON."""
    text = value if isinstance(value, str) else _as_json(value, SCANNED * limit)
    line = " ".join(text[: SCANNED * limit].split())
    whole = len(line) <= limit and len(text) <= SCANNED * limit
    return line if whole else f"{line[: limit - 1]}…"


def apart(left: object, right: object, limit: int = 80) -> tuple[str, str]:
    """Return two values as lines that show their first difference, without a long beginning in common."""
    lines = [shorten(value, LONGEST_LINE) for value in (left, right)]
    if lines[0] == lines[1]:  # they differ in blanks, or in how characters are composed
        lines = [_as_json(value, LONGEST_LINE, _ASCII) for value in (left, right)]
    pairs = enumerate(zip(*lines, strict=False))
    common = next((place for place, (here, there) in pairs if here != there), min(map(len, lines)))
    if common > limit // 2:
        lines = [f"…{line[common - SHOWN_BEFORE :]}" for line in lines]
    return shorten(lines[0], limit) or '""', shorten(lines[1]) or '""'


def _as_json(value: object, enough: int, encoder: json.JSONEncoder = _JSON) -> str:
    """Return the beginning of a value as JSON: a large document is written no further than it is shown."""
    if value is MISSING:
        return repr(value)
    written, size = [], 0
    for part in encoder.iterencode(value):
        written.append(part)
        size += len(part)
        if size > enough:
            break
    return "".join(written)


def field(document: object, path: str) -> Any:  # noqa: ANN401 (JSON)
    """Return the value at a dotted path of an object, or `MISSING`."""
    for name in path.split("."):
        if not isinstance(document, dict) or name not in document:
            return MISSING
        document = document[name]
    return document


def same(left: object, right: object) -> bool:
    """Tell whether two JSON values are equal.

    Unlike in Python, true is not 1; two timestamps within the same second are equal, since the documents
    promise no precision and show different ones on different routes (fact sheet, 1.6 and 1.16).
    """
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) and isinstance(right, str) and left != right:
        return _same_instant(left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def instant(value: object) -> datetime | None:
    """Return the moment that a timestamp means, for comparing moments; None for what is no timestamp at all.

    One without a zone counts as UTC here: that it lacks the zone breaks a promise of its own
    (`object.matches-schema`) and no other.
    """
    return parse_timestamp(value) or (parse_timestamp(f"{value}Z") if isinstance(value, str) else None)


def _same_instant(left: str, right: str) -> bool:
    first, second = instant(left), instant(right)
    return first is not None and second is not None and abs((first - second).total_seconds()) < 1


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return a line for each field that differs between two states of one object, if they are not many."""
    found = _walk("", before, after)
    lines = []
    for path, *values in islice(found, MOST_CHANGES):
        old, new = apart(*values)
        lines.append(f"{shorten(path, 80)}: {old} → {shorten(new, 80)}")
    return [*lines, "and more"] if next(found, None) else lines


def _walk(prefix: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted({*before, *after}):
        clock.check()
        path, old, new = f"{prefix}{name}", before.get(name, MISSING), after.get(name, MISSING)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _walk(f"{path}.", old, new)
        elif not same(old, new):
            yield path, old, new


VOLATILE = ("schedule.upcoming_runs_at", "schedule.last_run_at", "metadata.cas_config")
"""What may move between two reads without any request: time passes."""
DOCUMENTED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("id", "type", "name", "description", "environment_id", "environment_variables", "initial_events",
         "resources", "vault_ids", "metadata", "status", "archived_at", "created_at", "updated_at"),
        (),
    ),
    "agent": ("id", "type", "version"),
    "schedule": ("type", "expression", "timezone", "upcoming_runs_at", "last_run_at"),
    "paused_reason": ("type",),
}  # fmt: skip
"""The documented fields of a deployment and of the objects in it; what else a server adds may move freely."""


def documented(
    document: Mapping[str, Any], fields: Mapping[str, tuple[str, ...]] = DOCUMENTED
) -> dict[str, Any]:
    """Return the documented part of a deployment; contents of events are texts, where they have one (N47)."""
    known = {name: document[name] for name in fields if name in document}
    if isinstance(known.get("initial_events"), list):
        known["initial_events"] = list(map(_as_sent, known["initial_events"]))
    return {
        name: {key: value[key] for key in fields[name] if key in value}
        if fields[name] and isinstance(value, dict)
        else value
        for name, value in known.items()
    }


def changes(before: Mapping[str, Any], after: Mapping[str, Any], but: Iterable[str] = ()) -> list[str]:
    """Return a line for each documented field that differs, except `but` and what time moves."""
    paths = (*VOLATILE, *but)
    return differences(without(documented(before), paths), without(documented(after), paths))


def without(document: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return a copy of an object without the fields at the dotted paths."""
    copy = dict(document)
    for path in paths:
        head, dot, rest = path.partition(".")
        if not dot:
            copy.pop(head, None)
        elif isinstance(copy.get(head), dict):
            copy[head] = without(copy[head], [rest])
    return copy


def _as_sent(event: object) -> object:
    text = content_text(event)
    return event if text is None or not isinstance(event, dict) else {**event, "content": text}


def content_text(event: object) -> str | None:
    """Return the text of an event's content, be it a string or blocks (N47); None when it is neither."""
    content = event.get("content") if isinstance(event, dict) else None
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else [None]
    texts = [block.get("text") if isinstance(block, dict) else None for block in blocks]
    return "".join(map(str, texts)) if all(isinstance(text, str) for text in texts) else None
