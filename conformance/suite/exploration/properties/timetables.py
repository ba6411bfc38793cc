"""Schedules as the searches send them, and when a listing of upcoming runs is right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field as field_of
from conformance.contract.judgement import broken, expect_field, expect_success
from conformance.contract.schedule import explain, foreseeable, parse
from conformance.contract.schemas import parse_timestamp
from conformance.suite.exploration.cases import reader
from conformance.suite.shared.values import LONG_MONTHS, cron, far_month

ZONES = (
    "UTC", "Asia/Shanghai", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Yangon", "Australia/Adelaide",
    "Australia/Eucla", "Pacific/Chatham", "Pacific/Marquesas", "Pacific/Kiritimati",
    "America/St_Johns", "America/New_York", "America/Argentina/Buenos_Aires", "Europe/Berlin",
    "Europe/London", "Pacific/Auckland", "Africa/Johannesburg",
)  # fmt: skip
"""Zones with whole, half and three-quarter hours, with and without summer time, whose rules are settled.

Australia/Lord_Howe is left out: its clocks change by half an hour, and libraries go astray on such days."""
EVERY_MONTH = 28
"""The last day that every month has."""
LATENESS = timedelta(seconds=2)
"""`Date` has whole seconds, and a listing may have been computed a little before it was written."""
CLOCKS_APART = timedelta(days=1)
"""How far a target's clock may be from ours; without a Date header nothing tells."""
FAR_DAYS = 100
"""How many days from now nothing may fire."""
EXTENSION = re.compile(r"7|[A-Za-z]")
RANGE_STEP = re.compile(r"[0-9]/")
PADDED = re.compile(r"\b0[0-9]")


@dataclass(frozen=True)
class Timetable:
    """An expression and the zone in which it is read."""

    expression: str
    zone: str

    def __str__(self) -> str:
        return f"{self.expression} in {self.zone}"

    @property
    def field(self) -> str:
        """The field of a body that it belongs into."""
        return "schedule"

    def sent(self, _: Api) -> dict[str, object]:
        """Return the field as it is sent."""
        return {self.field: cron(self.expression, self.zone)}

    @property
    def refusable(self) -> bool:
        """Whether a 400 is legal.

        Open are 7 as Sunday and names (N65), zeros before a number, how both days combine, steps of anything
        but a star (fact sheet, 1.18), and the least and the greatest interval between two runs.
        """
        minute, hour, *_, weekday = self.expression.split()
        stepped = RANGE_STEP.search(self.expression) is not None
        often = not (minute + hour).isdecimal()
        padded = PADDED.search(self.expression) is not None
        return bool(EXTENSION.search(weekday)) or stepped or often or padded or not self.yearly

    @property
    def yearly(self) -> bool:
        """Whether it comes within a year, however both days combine."""
        _, _, day, month, weekday = self.expression.split()
        both_days = not (day.startswith("*") or weekday.startswith("*"))
        return not both_days and (day, month) != ("29", "2")


def boundaries(month: int) -> Sequence[Timetable]:
    """What belongs to every run: 7 as Sunday, odd zones, last minutes and days, each form of the grammar."""
    return (
        Timetable(f"30 9 * {month} 7", "Asia/Shanghai"),
        Timetable(f"0 3 * {month} 5-7", "UTC"),
        Timetable(f"15 9-11 * {month} *", "Asia/Kolkata"),
        Timetable(f"15 8 28,31 {month} *", "Asia/Kathmandu"),
        Timetable(f"*/20 12-18/3 2-27 {month} *", "America/St_Johns"),
        Timetable(f"20 12-18/3 2-27 {month} *", "America/St_Johns"),
        Timetable(f"00,30 00,12,23 01,15 {month} */1", "Australia/Adelaide"),
        Timetable(f"30 23,21,19,17,15,13,11,9,0,12 15,1 {month} *", "Australia/Adelaide"),
        Timetable(f"59 23 * {month} 1-3,5", "America/New_York"),  # five runs: a weekend, in whatever year
        Timetable(f"0 3 13 {month} 5", "Europe/Berlin"),
        Timetable(f"45 23 * {month} 0", "America/Argentina/Buenos_Aires"),
        Timetable(f"40,10 0 1,15 {month} *", "Pacific/Kiritimati"),
        Timetable(f"20 13 7-21/7 {month} *", "Pacific/Tongatapu"),
        Timetable(f"15 9 */9 {month} *", "Australia/Eucla"),
        Timetable(f"0 1 2 {month} *", "Pacific/Marquesas"),
        Timetable(f"5 4 3 {_and_the_next(month)} *", "UTC"),
        Timetable(_last_days(month), "UTC"),
        *_leap_day(),
    )


def _and_the_next(month: int) -> str:
    """Return a list of a month and the one after it."""
    return ",".join(map(str, sorted((month, month % 12 + 1))))


def _last_days(month: int) -> str:
    """Return an expression for day 31 of a month that has it and of its neighbour that has not."""
    neighbours = (month - 1 or 12, month % 12 + 1)
    other = next(one for one in neighbours if (one in LONG_MONTHS) is not (month in LONG_MONTHS))
    return f"0 12 31 {min(month, other)},{max(month, other)} *"


def _leap_day() -> Sequence[Timetable]:
    """Return the schedule of 29 February, unless the next one is near."""
    today = datetime.now(UTC).date()
    near = (today + timedelta(days=ahead) for ahead in range(FAR_DAYS))
    due = any((day.month, day.day) == (2, 29) for day in near)
    return () if due else (Timetable("0 12 29 2 *", "UTC"),)


def replayed(data: object) -> Timetable:
    """Return a saved timetable, bound to a month that is far away now; raises ValueError for what is none."""
    saved = reader(Timetable)(data)
    fields = saved.expression.split()
    for rows in map(boundaries, range(1, 13)):
        if saved in rows:
            return boundaries(far_month())[rows.index(saved)]
    if len(fields) != 5 or not fields[3].isdecimal():  # noqa: PLR2004 (minute, hour, day, month, weekday)
        raise ValueError(f"{saved.expression!r:.60} is not bound to one month")
    if saved.zone not in ZONES or min(parse(saved.expression).day.values) > EVERY_MONTH:
        raise ValueError(f"{saved!s:.80} is no schedule of a search")
    return Timetable(" ".join((*fields[:3], str(far_month()), fields[4])), saved.zone)


def expect_echo(read: Exchange, timetable: Timetable) -> None:
    """Expect a read to show the schedule as it was sent."""
    expect_success(read)
    for part, value in cron(timetable.expression, timetable.zone).items():
        expect_field(read, f"schedule.{part}", value)


def expect_explained(read: Exchange, timetable: Timetable) -> None:
    """Expect the near part of the upcoming runs to be those of the schedule under some legal policy."""
    listed = field_of(expect_success(read), "schedule.upcoming_runs_at")
    runs = [parse_timestamp(text) for text in listed] if isinstance(listed, list) else [None]
    instants = [run for run in runs if run]
    if len(instants) != len(runs):
        wanted = f"timestamps as upcoming_runs_at in answer to {read.label}"
        raise broken(wanted, listed, read, at="schedule.upcoming_runs_at")
    if timetable.yearly and not instants:
        raise broken(f"upcoming runs in answer to {read.label}", "none", read)
    earliest, latest = server_clock(read)
    near = foreseeable(instants, timetable.zone, latest)
    wrong = explain(timetable.expression, timetable.zone, near, not_before=earliest, not_after=latest)
    if wrong:
        raise broken(wrong.expected, wrong.got, read)


def server_clock(exchange: Exchange) -> tuple[datetime, datetime]:
    """Return what the server's clock showed at least and at most when it answered."""
    stated_at, apart = (exchange.date, LATENESS) if exchange.date else (exchange.sent_at, CLOCKS_APART)
    margin = apart + timedelta(seconds=exchange.seconds)
    return stated_at - margin, stated_at + margin
