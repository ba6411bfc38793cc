"""When a five-field cron expression comes round: walks local days and turns wall clocks into UTC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

from tests.independent.ways import Ways

BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
MONTHS = dict(
    zip(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        range(1, 13),
        strict=True,
    )
)
DAYS = dict(zip(["sun", "mon", "tue", "wed", "thu", "fri", "sat"], range(7), strict=True))
PART = re.compile(r"(\*|(\w+)(?:-(\w+))?)(?:/(\d+))?", re.ASCII)
YEARS = 30


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


class Timetable:
    """An expression in a zone; raises ValueError when either is none."""

    def __init__(self, expression: str, zone: str, ways: Ways) -> None:
        fields = expression.split()
        if len(fields) != len(BOUNDS):
            raise ValueError("a cron expression has five fields")
        if zone not in zones():
            raise ValueError("no IANA time zone has this name")
        self.ways, self.zone = ways, ZoneInfo(zone)
        self.minutes, self.hours, self.dom, self.months, dow = (
            self._values(text, *bounds, names)
            for text, bounds, names in zip(fields, BOUNDS, ({}, {}, {}, MONTHS, DAYS), strict=True)
        )
        self.dow = {day % 7 for day in dow}
        self.free_dom, self.free_dow = fields[2] == "*", fields[4] == "*"

    def _values(self, text: str, least: int, most: int, names: dict[str, int]) -> set[int]:
        found: set[int] = set()
        for part in text.split(","):
            match = PART.fullmatch(part)
            if not match:
                raise ValueError(f"{part!r} is no part of a cron field")
            whole, low, high, step = match.groups()
            first = least if whole == "*" else self._number(low, names)
            last = most if whole == "*" or (step and not high) else self._number(high or low, names)
            if not (least <= first <= last <= most and int(step or 1) > 0):
                raise ValueError(f"{part!r} is out of range")
            found.update(range(first, last + 1, int(step or 1)))
        return found

    def _number(self, text: str, names: dict[str, int]) -> int:
        if names and self.ways.cron_names and text.lower() in names:
            return names[text.lower()]
        if names is DAYS and text == "7" and not self.ways.sunday_is_seven:
            raise ValueError("day 7 does not exist")
        return int(text)

    def on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        dom, dow = day.day in self.dom, day.isoweekday() % 7 in self.dow
        if self.ways.days == "or" and not (self.free_dom or self.free_dow):
            return dom or dow
        return dom and dow

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Yield the instants after `moment`, ascending and distinct, for some decades."""
        day = moment.astimezone(self.zone).date() - timedelta(days=1)
        for _ in range(YEARS * 366):
            if self.on(day):
                yield from (at for at in sorted(self._instants(day)) if at > moment)
            day += timedelta(days=1)

    def next(self, moment: datetime, count: int) -> list[datetime]:
        return list(islice(self.after(moment), count))

    def _instants(self, day: date) -> set[datetime]:
        clocks = (datetime(day.year, day.month, day.day, h, m) for h in self.hours for m in self.minutes)  # noqa: DTZ001 (a wall clock)
        return {at for clock in clocks for at in self._utc(clock)}

    def _utc(self, clock: datetime) -> list[datetime]:
        early, late = (clock.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if early == late:
            return [early]
        if early > late:  # The clock jumps over it.
            return [early] if self.ways.gap == "shift" else []
        return {"first": [early], "second": [late], "both": [early, late]}[self.ways.overlap]

    def dates_exist(self) -> bool:
        return any(self.on(date(2024, 1, 1) + timedelta(days=n)) for n in range(366 * 12))

    def least_gap(self) -> int:
        """Return the smallest distance in minutes between two times of one day."""
        times = sorted(60 * h + m for h in self.hours for m in self.minutes)
        return min((b - a for a, b in pairwise(times)), default=24 * 60)
