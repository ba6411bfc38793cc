"""When a cron expression of five POSIX fields comes round in a zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
DAYS = 366 * 9


class Timetable:
    """An expression and a zone; raises ValueError for what is none."""

    def __init__(self, expression: str, zone: str) -> None:
        fields = expression.split(" ")
        if len(fields) != len(RANGES):
            raise ValueError("five fields")
        if zone not in available_timezones():
            raise ValueError("no IANA time zone")
        self._zone = ZoneInfo(zone)
        sets = [_values(field, *bounds) for field, bounds in zip(fields, RANGES, strict=True)]
        self._minutes, self._hours, self._days, self._months, weekdays = sets
        self._weekdays = {day % 7 for day in weekdays}
        self._either = not (fields[2].startswith("*") or fields[4].startswith("*"))

    def upcoming(self, now: datetime, count: int) -> list[datetime]:
        """Return the next instants after `now`."""
        return list(islice(self._after(now), count))

    def _after(self, now: datetime) -> Iterator[datetime]:
        today = now.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        for ahead in range(-1, DAYS):
            day = today + timedelta(days=ahead)
            if self._is_on(day):
                yield from (at for at in self._instants(day) if at > now)

    def _is_on(self, day: datetime) -> bool:
        date, weekday = day.day in self._days, day.isoweekday() % 7 in self._weekdays
        return day.month in self._months and ((date or weekday) if self._either else (date and weekday))

    def _instants(self, day: datetime) -> list[datetime]:
        """Return the instants of a day: a wall clock that is skipped has none, one that comes twice two."""
        clocks = (day.replace(hour=hour, minute=minute) for hour in self._hours for minute in self._minutes)
        found = {
            at.astimezone(UTC)
            for clock in clocks
            for at in (clock.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
            if at.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) == clock
        }
        return sorted(found)


def _values(field: str, low: int, high: int) -> set[int]:
    return {value for part in field.split(",") for value in _part(part, low, high)}


def _part(part: str, low: int, high: int) -> range:
    whole, _, step = part.partition("/")
    first, dash, last = whole.partition("-")
    if whole == "*":
        start, end = low, high
    else:
        start = _number(first)
        end = _number(last) if dash else (high if step else start)
    every = _number(step) if "/" in part else 1
    if not (low <= start <= end <= high and every > 0):
        raise ValueError("a field is out of its range")
    return range(start, end + 1, every)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("a field is no number")
    return int(text)
