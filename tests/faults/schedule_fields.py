"""Faults of upcoming runs that only some days, hours, minutes or zones show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from conformance.reference import Deployment, Document, Service
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

SEARCH = "property.schedules"
MATCH = "schedule.upcoming-runs-match"
LAST_DAY, LAST_HOUR, LAST_MINUTE = 31, 23, 59


class _Misses(Service):
    """Leaves out some runs: `misses` looks at them in the zone of the schedule."""

    def misses(self, at: datetime, schedule: Schedule) -> bool:
        raise NotImplementedError

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        zone, found = ZoneInfo(schedule.timezone), list[datetime]()
        for _ in range(4):
            runs = super().occurrences(schedule, found[-1] if found else after)
            found += [run for run in runs if run not in found]
        return list(islice((run for run in found if not self.misses(run.astimezone(zone), schedule)), 5))


@fault(breaks=MATCH, hides="inputs", tiers=("property",), found_by=SEARCH)
class TheLastMinuteIsLost(_Misses):
    """Nothing runs in the last minute of an hour."""

    def misses(self, at: datetime, schedule: Schedule) -> bool:
        return at.minute == LAST_MINUTE


@fault(breaks=MATCH, hides="inputs", tiers=("property",), found_by=SEARCH)
class TheLastHourIsLost(_Misses):
    """Nothing runs in the last hour of a day."""

    def misses(self, at: datetime, schedule: Schedule) -> bool:
        return at.hour == LAST_HOUR


@fault(breaks=MATCH, hides="inputs", tiers=("property",), found_by=SEARCH)
class WeekdaysInUtc(Service):
    """The day of the week is looked up in UTC, everything else in the zone."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        *others, weekday = schedule.expression.split()
        if not re.fullmatch(r"[1-6](-[1-6])?(,[1-6](-[1-6])?)*", weekday):
            return super().occurrences(schedule, after)
        parts = [part.partition("-") for part in weekday.split(",")]
        days = {day for first, _, last in parts for day in range(int(first), int(last or first) + 1)}
        daily = Schedule(expression=" ".join((*others, "*")), timezone=schedule.timezone)
        found = list[datetime]()
        for _ in range(4):
            found += super().occurrences(daily, found[-1] if found else after)
        return [run for run in found if run.isoweekday() in days][:5]


@fault(breaks="object.times-are-in-utc", hides="inputs", shown_by=("archive_paused",))
class RunsInLocalTime(Service):
    """Upcoming runs are written with the offset of the zone."""

    def render_schedule(self, record: Deployment) -> Document | None:
        document = super().render_schedule(record)
        if document is None or record.schedule is None:
            return document
        zone = ZoneInfo(record.schedule.timezone)
        return {
            **document,
            "upcoming_runs_at": [at.astimezone(zone).isoformat() for at in self.upcoming(record)],
        }
