"""Faults of schedules: the grammar, the zones, the upcoming runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from conformance.reference import ApiError, Call, Deployment, Document, Service, cron
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

PARTIAL = "update.partial-schedule-is-400"
INVALID = "update.invalid-cron-is-400"


@fault(breaks="schedule.type-must-be-cron", also=("update.schedule-type-must-be-cron",), hides="inputs")
class AnyTypeIsCron(Service):
    """The type of a schedule is not looked at."""

    def read_schedule(self, value: object) -> Schedule:
        if isinstance(value, dict) and "type" in value:
            return super().read_schedule({**value, "type": "cron"})
        return super().read_schedule(value)


@fault(breaks="schedule.missing-field-is-400", also=(PARTIAL,), hides="inputs")
class UtcByDefault(Service):
    """A schedule without a time zone is read in UTC."""

    def read_schedule(self, value: object) -> Schedule:
        return super().read_schedule({"timezone": "UTC", **value} if isinstance(value, dict) else value)


@fault(breaks="schedule.missing-field-is-400", also=(PARTIAL,), hides="inputs")
class CronByDefault(Service):
    """A schedule without a type is a cron one."""

    def read_schedule(self, value: object) -> Schedule:
        return super().read_schedule({"type": "cron", **value} if isinstance(value, dict) else value)


class Lenient(Service):
    """Reads more expressions than five valid fields."""

    def lenient(self, expression: str) -> str:
        """Return the expression that is validated and kept instead."""
        raise NotImplementedError

    def read_expression(self, value: object) -> str:
        return super().read_expression(self.lenient(value) if isinstance(value, str) else value)


@fault(breaks="schedule.invalid-cron-is-400", also=(INVALID,), hides="inputs")
class DaysOfWeekGoOn(Lenient):
    """Day 8 of the week is its day 1."""

    def lenient(self, expression: str) -> str:
        return expression.removesuffix("8") + "1" if expression.endswith(" 8") else expression


@fault(breaks="schedule.invalid-cron-is-400", also=(INVALID,), hides="inputs")
class FourFieldsWillDo(Lenient):
    """A missing day of week means any."""

    def lenient(self, expression: str) -> str:
        return expression + " *" if len(expression.split()) == 4 else expression


@fault(breaks="schedule.invalid-cron-is-400", also=(INVALID,), hides="inputs")
class EmptyIsYearly(Lenient):
    """An empty expression stands for New Year."""

    def lenient(self, expression: str) -> str:
        return expression or "0 0 1 1 *"


@fault(breaks="schedule.six-fields-are-400", also=(INVALID, "update.six-fields-are-400"), hides="inputs")
class SecondsAreIgnored(Lenient):
    """Of six fields the first is thrown away."""

    def lenient(self, expression: str) -> str:
        words = expression.split()
        return " ".join(words[1:]) if len(words) == 6 else expression


@fault(breaks="schedule.unknown-zone-is-400", also=("update.unknown-zone-is-400",), hides="inputs")
class UnknownZonesAreUtc(Service):
    """An unknown time zone is read as UTC."""

    def read_timezone(self, value: object) -> str:
        try:
            return super().read_timezone(value)
        except ApiError:
            return "UTC"


@fault(breaks="schedule.is-echoed", also=("update.new-schedule-lists-new-runs",), hides="inputs")
class ZonesReadInCapitals(Service):
    """The zone reads back in capitals."""

    def render_schedule(self, record: Deployment) -> Document | None:
        document = super().render_schedule(record)
        return document and {**document, "timezone": str(document["timezone"]).upper()}


@fault(
    breaks="schedule.is-echoed",
    also=(
        "get.has-the-shape-of-create",
        "list.items-are-current",
        "pause.changes-only-its-own-fields",
        "update.new-schedule-lists-new-runs",
    ),
    hides="inputs",
)
class ReadsSayUtc(Service):
    """A read tells the zone as UTC."""

    def get(self, call: Call) -> Document:
        document = super().get(call)
        schedule = document["schedule"]
        utc = {**schedule, "timezone": "UTC"} if isinstance(schedule, dict) else schedule
        return {**document, "schedule": utc}


MATCH = "schedule.upcoming-runs-match"
ELSEWHERE = ("update.new-schedule-lists-new-runs",)


@fault(breaks="schedule.lists-five-runs", also=ELSEWHERE)
class FourRuns(Service):
    """Four upcoming runs are listed."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        return super().occurrences(schedule, after)[:4]


@fault(breaks=MATCH, also=ELSEWHERE)
class TheFirstRunIsLeftOut(Service):
    """The next run is not listed."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        return super().occurrences(schedule, super().occurrences(schedule, after)[0])


@fault(breaks=MATCH, also=ELSEWHERE, hides="inputs")
class SundayIsTheSeventhDayOnly(Service):
    """Day 0 of the week is taken for Monday."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        expression = schedule.expression
        monday = expression[:-1] + "1" if expression.endswith(" 0") else expression
        return super().occurrences(replace(schedule, expression=monday), after)


@fault(breaks=MATCH, also=ELSEWHERE, hides="inputs")
class StepsBeginAtZero(Service):
    """A step over a range counts from zero, not from where the range begins."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        zero = schedule.expression.replace("6-18/4", "8-16/4").replace("10-50/20", "20-40/20")
        return super().occurrences(replace(schedule, expression=zero), after)


@fault(breaks=MATCH, also=ELSEWHERE, hides="inputs")
class WholeHoursOnly(Service):
    """Of a zone's offset only the whole hours count."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        offset = after.astimezone(ZoneInfo(schedule.timezone)).utcoffset() or timedelta()
        rest = offset % timedelta(hours=1)
        return [at + rest for at in super().occurrences(schedule, after)]


@fault(breaks=MATCH, also=ELSEWHERE, hides="time")
class TodaysOffsetForever(Service):
    """The offset of a zone today is taken for that of every day."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        offset = after.astimezone(ZoneInfo(schedule.timezone)).utcoffset() or timedelta()
        return [at - offset for at in cron.upcoming(schedule.expression, "UTC", after + offset)]


@fault(breaks=MATCH, also=ELSEWHERE)
class LocalTimeCalledUtc(Service):
    """Upcoming runs tell the local time and call it UTC."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        return super().occurrences(replace(schedule, timezone="UTC"), after)


@fault(breaks=MATCH, also=ELSEWHERE)
class LatestRunFirst(Service):
    """Upcoming runs are listed backwards."""

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        return super().upcoming(record)[::-1]


@fault(breaks=MATCH, also=(*ELSEWHERE, "schedule.lists-five-runs"), hides="inputs")
class TheFirstOfOneDayOnly(Service):
    """Each day is listed once."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        days = {at.date(): at for at in reversed(super().occurrences(schedule, after))}
        return sorted(days.values())


@fault(breaks="schedule.no-last-run-before-the-first", also=("get.has-the-shape-of-create",))
class BornWithALastRun(Service):
    """Before any run the creation is told as the last one."""

    def render_schedule(self, record: Deployment) -> Document | None:
        document = super().render_schedule(record)
        born = self.render_time(record.created_at)
        return document and {**document, "last_run_at": document.get("last_run_at") or born}
