"""Schedules as the searches send them, and when a listing of upcoming runs is right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conformance.contract.judgement import broken, expect_field, expect_success, field
from conformance.contract.schedule import explain
from conformance.contract.schemas import parse_timestamp
from conformance.exploration._cases import reader
from conformance.stories.values import cron, far_month
from conformance.target.exchange import Exchange

ZONES = (
    "UTC", "Asia/Shanghai", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Yangon", "Australia/Adelaide",
    "Australia/Eucla", "Pacific/Chatham", "Pacific/Marquesas", "Pacific/Kiritimati",
    "America/St_Johns", "America/New_York", "America/Argentina/Buenos_Aires", "Europe/Berlin",
    "Europe/London", "Pacific/Auckland", "Africa/Johannesburg",
)  # fmt: skip
"""Zones with whole, half and three-quarter hours, with and without summer time, whose rules are settled.

Australia/Lord_Howe is left out: its clocks change by half an hour, and libraries go astray on such days."""
NEAR = timedelta(days=400)
"""How far ahead editions of the time zone database agree."""
LATENESS = timedelta(seconds=2)
"""`Date` has whole seconds, and a listing may have been computed a little before it was written."""
CLOCKS_APART = timedelta(minutes=5)
EXTENSION = re.compile(r"7|[A-Za-z]")


@dataclass(frozen=True)
class Timetable:
    """An expression and the zone in which it is read."""

    expression: str
    zone: str

    def __str__(self) -> str:
        return f"{self.expression} in {self.zone}"

    def sent(self) -> dict[str, str]:
        """Return the schedule of a body."""
        return cron(self.expression, self.zone)

    @property
    def refusable(self) -> bool:
        """Whether a 400 is legal.

        Open are 7 as Sunday and names (N65), how both days combine, and the least interval between two runs.
        """
        minute, hour, day, _, weekday = self.expression.split()
        both_days = not (day.startswith("*") or weekday.startswith("*"))
        return bool(EXTENSION.search(weekday)) or both_days or not (minute + hour).isdecimal()


def boundaries(month: int) -> Sequence[Timetable]:
    """What belongs to every run: 7 as Sunday, odd zones, last minutes and days, each form of the grammar."""
    return (
        Timetable(f"30 9 * {month} 7", "Asia/Shanghai"),
        Timetable(f"0 3 * {month} 5-7", "UTC"),
        Timetable(f"15 8 * {month} *", "Asia/Kolkata"),
        Timetable(f"15 8 28,31 {month} *", "Asia/Kathmandu"),
        Timetable(f"*/20 12-18/3 2-27 {month} *", "America/St_Johns"),
        Timetable(f"20 12-18/3 2-27 {month} *", "America/St_Johns"),
        Timetable(f"0,30 0,12,23 1,15 {month} *", "Australia/Adelaide"),
        Timetable(f"30 0,12,23 1,15 {month} *", "Australia/Adelaide"),
        Timetable(f"29,59 23 * {month} 1-5", "America/New_York"),
        Timetable(f"0 3 13 {month} 5", "Europe/Berlin"),
    )


def replayed(data: object) -> Timetable:
    """Return a saved timetable, bound to a month that is far away now; raises ValueError for what is none."""
    saved = reader(Timetable)(data)
    fields = saved.expression.split()
    if len(fields) != 5 or not fields[3].isdecimal():  # noqa: PLR2004 (minute, hour, day, month, weekday)
        raise ValueError(f"{saved.expression!r:.60} is not bound to one month")
    return Timetable(" ".join((*fields[:3], str(far_month()), fields[4])), saved.zone)


def expect_echo(read: Exchange, timetable: Timetable) -> None:
    """Expect a read to show the schedule as it was sent."""
    expect_success(read)
    for part, value in timetable.sent().items():
        expect_field(read, f"schedule.{part}", value)


def expect_explained(read: Exchange, timetable: Timetable) -> None:
    """Expect the near part of the upcoming runs to be those of the schedule under some legal policy."""
    listed = field(expect_success(read), "schedule.upcoming_runs_at")
    runs = [parse_timestamp(text) for text in listed] if isinstance(listed, list) else [None]
    instants = [run for run in runs if run]
    if len(instants) != len(runs):
        raise broken(f"timestamps as upcoming_runs_at in answer to {read.label}", listed, read)
    earliest, latest = server_clock(read)
    near = [instant for instant in instants if instant < latest + NEAR]
    wrong = explain(timetable.expression, timetable.zone, near, not_before=earliest, not_after=latest)
    if wrong:
        expected, _, got = wrong.removeprefix("expected ").rpartition(", got ")
        raise broken(expected, got, read)


def server_clock(exchange: Exchange) -> tuple[datetime, datetime]:
    """Return what the server's clock showed at least and at most when it answered."""
    told_at, apart = (exchange.date, LATENESS) if exchange.date else (exchange.sent_at, CLOCKS_APART)
    margin = apart + timedelta(seconds=exchange.seconds)
    return told_at - margin, told_at + margin
