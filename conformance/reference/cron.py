"""Cron expressions: five fields, strictly validated here; their occurrences are cronsim's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError


class CronField(NamedTuple):
    """One of the five fields: its bounds, and the names that may stand for numbers."""

    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()


MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIELDS: Final = (
    CronField("minute", 0, 59),
    CronField("hour", 0, 23),
    CronField("day of month", 1, 31),
    CronField("month", 1, 12, MONTHS),
    CronField("day of week", 0, 7, DAYS),
)
ITEM: Final = re.compile(
    r"(?:\*|(?P<first>[0-9]{1,2}|[A-Z]{3})(?:-(?P<last>[0-9]{1,2}|[A-Z]{3}))?)(?:/(?P<step>[0-9]{1,2}))?"
)
LISTED: Final = 5
EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)


def check_expression(expression: str) -> None:
    """Raise ValueError, with the reason, when `expression` is no 5-field cron expression that ever occurs."""
    words = expression.replace("\t", " ").strip(" ").split(" ")
    words = [word for word in words if word]
    if len(words) != len(FIELDS):
        raise ValueError(f"a cron expression has 5 fields, this one has {len(words)}")
    for field, word in zip(FIELDS, words, strict=True):
        for item in word.split(","):
            _check_item(field, item)
    if not upcoming(expression, "UTC", EPOCH):
        raise ValueError("the expression never occurs")


def check_zone(name: str) -> None:
    """Raise ValueError when `name` is no zone of the IANA database; names are case-sensitive."""
    if name not in _zone_names():
        raise ValueError("it is not a time zone of the IANA database")


@lru_cache(maxsize=4096)
def upcoming(expression: str, timezone: str, after: datetime) -> tuple[datetime, ...]:
    """Return the next five occurrences strictly after an instant, ascending, in UTC; fewer if there are none.

    Pass whole minutes: within one minute the answer is the same, and it is remembered.
    """
    found: list[datetime] = []
    for occurrence in _occurrences(expression, after.astimezone(ZoneInfo(timezone))):
        instant = occurrence.astimezone(UTC)
        # After a clock change cronsim may step back once; such an occurrence is not upcoming.
        if instant > (found[-1] if found else after):
            found.append(instant)
        if len(found) == LISTED:
            break
    return tuple(found)


def _occurrences(expression: str, start: datetime) -> Iterator[datetime]:
    try:
        yield from CronSim(expression, start)
    except CronSimError:
        return


def _check_item(field: CronField, item: str) -> None:
    match = ITEM.fullmatch(item.upper()) if item.isascii() else None
    if match is None:
        raise ValueError(f"{item!r} cannot stand in the field {field.name}")
    first, last, step = match["first"], match["last"], match["step"]
    if first is not None:
        low, high = _number(field, first), _number(field, last or first)
        if low > high:
            raise ValueError(f"the range {item!r} of the field {field.name} runs backwards")
        if step is not None and last is None:
            raise ValueError(f"a step needs a range or a star before it, not {item!r}")
    if step is not None and not 1 <= int(step) <= field.highest:
        raise ValueError(f"the step of {item!r} is out of range for the field {field.name}")


def _number(field: CronField, word: str) -> int:
    if word in field.names:
        return field.names.index(word) + (field.lowest if field.names is MONTHS else 0)
    if not word.isdigit() or not field.lowest <= int(word) <= field.highest:
        raise ValueError(f"{word!r} is out of range for the field {field.name}")
    return int(word)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())
