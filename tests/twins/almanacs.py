"""Twins that read schedules, clocks and calendars in other legal ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from conformance.reference import Call, Deployment, Document, Service
from conformance.reference.errors import invalid
from conformance.reference.listing import Query
from conformance.reference.store import Schedule
from tests.twins.catalogue import twin


def _wall(expression: str, start: datetime) -> Iterator[datetime]:
    try:
        yield from CronSim(expression, start)
    except CronSimError:
        return


@lru_cache(maxsize=4096)
def _listed(expression: str, timezone: str, after: datetime, folds: tuple[int, ...]) -> tuple[datetime, ...]:
    """Return five occurrences by the clock on the wall; hours that come twice are read by `folds`.

    An hour that never comes is left out with both folds, and is an hour later with one.
    """
    zone, found = ZoneInfo(timezone), set[datetime]()
    start = after.astimezone(zone).replace(tzinfo=None) - timedelta(hours=3)
    for wall in islice(_wall(expression, start), 20_000):
        for fold in folds:
            local = wall.replace(tzinfo=zone, fold=fold)
            instant = local.astimezone(UTC)
            comes = instant.astimezone(zone).replace(tzinfo=None) == wall
            if instant > after and (comes or len(folds) == 1):
                found.add(instant)
        first = sorted(found)[:5]
        if len(first) == 5 and wall.replace(tzinfo=zone).astimezone(UTC) > first[-1] + timedelta(hours=4):
            break
    return tuple(sorted(found)[:5])


@twin()
class ByTheClockOnTheWall(Service):
    """Hours that a clock change skips start nothing, hours that it repeats start twice (N71)."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        minute = after.replace(second=0, microsecond=0)
        return _listed(schedule.expression, schedule.timezone, minute, (0, 1))


class SkippedHoursComeLater(Service):
    """Hours that a clock change skips come an hour later, of those that it repeats the second counts (N71)."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        minute = after.replace(second=0, microsecond=0)
        return _listed(schedule.expression, schedule.timezone, minute, (1,))


class BothDaysMustMatch(Service):
    """Where day of month and day of week are both given, both must match (section 1.18: the rule is not described)."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        minute, hour, day, month, weekday = schedule.expression.split()
        if "*" in {day[0], weekday[0]}:
            return super().occurrences(schedule, after)
        zone = ZoneInfo(schedule.timezone)
        by_day = f"{minute} {hour} {day} {month} *"
        by_weekday = f"0 0 * * {weekday}"
        start = after.replace(second=0, microsecond=0).astimezone(zone)
        matching = (
            at.astimezone(UTC) for at in _wall(by_day, start) if _is_day(by_weekday, at.date().toordinal())
        )
        return tuple(islice(matching, 5))


@lru_cache(maxsize=65_536)
def _is_day(expression: str, ordinal: int) -> bool:
    eve = datetime.fromordinal(ordinal) - timedelta(minutes=1)
    return next(_wall(expression, eve)) == eve + timedelta(minutes=1)


class LooksAYearAhead(Service):
    """Runs that are more than a year ahead are not listed yet (N69: the count is never stated)."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        end = after + timedelta(days=366)
        return [at for at in super().occurrences(schedule, after) if at <= end]


class NothingIsRarerThanAYear(Service):
    """A schedule that does not occur within the next 366 days is a 400 (N72)."""

    def read_schedule(self, value: object) -> Schedule:
        schedule = super().read_schedule(value)
        first = self.occurrences(schedule, self.now())
        if not first or first[0] > self.now() + timedelta(days=366):
            raise invalid("The schedule does not occur within a year.", "schedule.expression")
        return schedule


class TwoExpressionsInOne(Service):
    """Day of month and day of week cannot both be given: that is a 400 (section 1.18)."""

    def read_expression(self, value: object) -> str:
        expression = super().read_expression(value)
        _, _, day, _, weekday = expression.split()
        if day != "*" and weekday != "*":
            raise invalid("Give a day of month or a day of week.", "schedule.expression")
        return expression


class NoNamesNorSundaySeven(Service):
    """Cron fields are numbers, ranges, lists and steps of a star; names, 7 and steps of a range are a 400 (N65)."""

    def read_expression(self, value: object) -> str:
        expression = super().read_expression(value)
        fields = expression.split()
        named = any(letter.isalpha() for letter in expression)
        stepped = any("/" in item and not item.startswith("*/") for f in fields for item in f.split(","))
        if named or stepped or "7" in fields[4]:
            raise invalid("This is no expression that we know.", "schedule.expression")
        return expression


class TrimmedNanoseconds(Service):
    """Times have nine fractional digits without the zeros at their end, and none at a whole second."""

    def instant(self) -> datetime:
        return self.now()

    def render_time(self, at: datetime) -> str:
        whole = super().render_time(at)[:-1]
        digits = f"{at.microsecond:06}{at.microsecond % 997:03}".rstrip("0") if at.microsecond else ""
        return f"{whole}.{digits}Z" if digits else f"{whole}Z"


class TimesInLowerCase(Service):
    """Times are written with t and z, which RFC 3339 allows, and read so as well."""

    def render_time(self, at: datetime) -> str:
        return super().render_time(at).lower()

    def read_span(self, query: Query, bounds: Iterable[str]) -> dict[str, datetime]:
        upper = {
            name: value.upper() if name.startswith("created_at") else value for name, value in query.items()
        }
        return super().read_span(upper, bounds)


class TimesOfNoPlace(Service):
    """Times end in -00:00, which RFC 3339 has for UTC without a place."""

    def render_time(self, at: datetime) -> str:
        return super().render_time(at).replace("Z", ".000-00:00")


class SuffixOfAnotherClock(Service):
    """The suffix of an archived name is four seconds later than archived_at (N123)."""

    def archived_name(self, record: Deployment, at: datetime) -> str:
        return super().archived_name(record, at + timedelta(seconds=4))


class LastRunIsNull(Service):
    """Before the first run last_run_at is null (N73), and the schedule tells its next run as well."""

    def render_schedule(self, record: Deployment) -> Document | None:
        document = super().render_schedule(record)
        if document is None:
            return None
        following = self.upcoming(record)
        next_run = self.render_time(following[0]) if following else None
        return {"last_run_at": None, "next_run_at": next_run, **document}


class CreatedASecondEarlier(Service):
    """created_at is a second before updated_at on a new deployment: two rows were written (N60)."""

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        record = super().apply_create(call, fields)
        return replace(record, created_at=record.created_at - timedelta(seconds=1))
