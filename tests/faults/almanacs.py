"""Faults of cron: fields read in another zone, steps, ranges and lists, ends of months, far dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from conformance.reference import Service
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

MATCH, FIVE = "schedule.upcoming-runs-match", "schedule.lists-five-runs"


class Rewritten(Service):
    """Reads expressions as `rewritten` returns them."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        fields = self.rewritten(schedule.expression.split())
        return super().occurrences(Schedule(" ".join(fields), schedule.timezone), after)

    def rewritten(self, fields: list[str]) -> list[str]:
        raise NotImplementedError


@fault(breaks=MATCH, hides="inputs")
class RangesExcludeTheirEnd(Rewritten):
    """A range of weekdays leaves its last day out."""

    def rewritten(self, fields: list[str]) -> list[str]:
        first, dash, last = fields[4].partition("-")
        if dash and first.isdecimal() and last.isdecimal() and int(last) > int(first) + 1:
            return [*fields[:4], f"{first}-{int(last) - 1}"]
        return fields


@fault(breaks=MATCH, hides="inputs", tiers=("property",), found_by="property.schedules")
class ListsKeepTwo(Rewritten):
    """Of a list in a field the first two items count."""

    def rewritten(self, fields: list[str]) -> list[str]:
        return [",".join(field.split(",")[:2]) for field in fields]


@fault(breaks=MATCH, hides="inputs", tiers=("property",), found_by="property.schedules")
class StepsOfDaysCountFromZero(Rewritten):
    """A step in the day of the month counts from 0, not from 1."""

    def rewritten(self, fields: list[str]) -> list[str]:
        start, slash, step = fields[2].partition("/")
        if slash and start == "*" and 1 < int(step) < 28:
            return [*fields[:2], f"{step}-31/{step}", *fields[3:]]
        return fields


@fault(breaks=MATCH, hides="inputs")
class StepsOfRangesCountFromZero(Rewritten):
    """A step of a range of minutes counts from 0, not from the range's begin."""

    def rewritten(self, fields: list[str]) -> list[str]:
        span, slash, step = fields[0].partition("/")
        first, dash, last = span.partition("-")
        if slash and dash:
            hits = [str(n) for n in range(int(first), int(last) + 1) if n % int(step) == 0]
            return [",".join(hits), *fields[1:]] if hits else fields
        return fields


@fault(breaks=MATCH, hides="inputs")
class WeekdaysBeginOnMonday(Rewritten):
    """Weekday 0 is Monday."""

    def rewritten(self, fields: list[str]) -> list[str]:
        if fields[4].isdecimal():
            return [*fields[:4], str((int(fields[4]) + 1) % 7)]
        return fields


@fault(breaks=MATCH, hides="inputs")
class SundayIsUnknown(Rewritten):
    """A lone Sunday fires on Saturday."""

    def rewritten(self, fields: list[str]) -> list[str]:
        return [*fields[:4], "6"] if fields[4] in {"0", "7"} else fields


@fault(breaks=MATCH, hides="inputs")
class HalfHoursAreWholeHours(Service):
    """Minutes in the hour are counted in UTC: half-hour zones are read as whole hours."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        found = super().occurrences(schedule, after - timedelta(hours=1))
        moved = [at + _minutes(at, schedule.timezone) for at in found]
        return [at for at in moved if at > after]


def _minutes(at: datetime, zone: str) -> timedelta:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    return offset % timedelta(hours=1)


@fault(breaks=MATCH, hides="inputs", tiers=("property",), found_by="property.schedules")
class WeekdaysAreReadInUtc(Service):
    """The weekday is looked at in UTC."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        minute, hour, day, month, weekday = schedule.expression.split()
        if weekday == "*" or day != "*":
            return super().occurrences(schedule, after)
        every = Schedule(f"{minute} {hour} * {month} *", schedule.timezone)
        found: list[datetime] = []
        allowed = super().occurrences(Schedule(f"0 0 * * {weekday}", "UTC"), after - timedelta(days=8))
        days = {at.weekday() for at in allowed}
        cursor = after
        for _ in range(200):
            for at in super().occurrences(every, cursor):
                cursor = at
                if at.weekday() in days:
                    found.append(at)
            if len(found) >= 5:
                break
        return found[:5]


@fault(breaks=MATCH, hides="inputs", tiers=("property",), found_by="property.schedules")
class FarEastIsADayLate(Service):
    """Zones beyond +12 are read a day late."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        offset = after.astimezone(ZoneInfo(schedule.timezone)).utcoffset() or timedelta()
        late = timedelta(days=1) if offset > timedelta(hours=12) else timedelta()
        return [at + late for at in super().occurrences(schedule, after)]


@fault(breaks=MATCH, hides="inputs")
class TodaysOffsetHoldsForEver(Service):
    """The offset of the present instant holds for all upcoming runs."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        zone = ZoneInfo(schedule.timezone)
        now = after.astimezone(zone).utcoffset() or timedelta()
        found = super().occurrences(schedule, after)
        return [at + ((at.astimezone(zone).utcoffset() or timedelta()) - now) for at in found]


@fault(
    breaks=MATCH,
    also=("update.new-schedule-lists-new-runs",),
    hides="inputs",
    tiers=("property",),
    found_by="property.schedules",
)
class ShortMonthsRollOver(Service):
    """Day 31 of a month that has none is the first of the next."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        minute, hour, day, month, weekday = schedule.expression.split()
        found = [*super().occurrences(schedule, after)]
        short = [str(int(one) % 12 + 1) for one in month.split(",") if one in {"2", "4", "6", "9", "11"}]
        if day == "31" and short:
            rolled = f"{minute} {hour} 1 {','.join(short)} {weekday}"
            found += super().occurrences(Schedule(rolled, schedule.timezone), after)
        return sorted(found)[:5]


@fault(breaks="schedule.is-echoed", hides="inputs", tiers=("property",), found_by="property.schedules")
class LeadingZerosAreLost(Service):
    """An expression reads back without the zeros before its numbers."""

    def read_expression(self, value: object) -> str:
        return re.sub(r"\b0(?=[0-9])", "", super().read_expression(value))


@fault(breaks="schedule.is-echoed", hides="inputs")
class OldNamesOfZonesAreRenewed(Service):
    """A zone reads back under its newer name."""

    def read_timezone(self, value: object) -> str:
        newer = {"Asia/Calcutta": "Asia/Kolkata", "US/Eastern": "America/New_York", "UTC": "Etc/UTC"}
        name = super().read_timezone(value)
        return newer.get(name, name)


@fault(breaks="schedule.is-echoed", hides="inputs", tiers=("property",), found_by="property.schedules")
class StepsOfOneAreLost(Service):
    """A lone `*` step of one reads back as `*`."""

    def read_expression(self, value: object) -> str:
        fields = super().read_expression(value).split(" ")
        return " ".join("*" if field == "*/1" else field for field in fields)
