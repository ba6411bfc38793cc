"""The instants at which a schedule runs, under one policy."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from conformance.contract.schedule.cron import Cron
from conformance.contract.schedule.policy import DayRule, Gap, Overlap, Policy
from conformance.contract.schedule.zone import FIRST_YEAR, LAST_YEAR, Moment, steady_offset

_BARREN_YEARS = 40  # 29 February falls on a given weekday at least once in so many years, also around 2100
_MINGLING = timedelta(days=2)  # clocks have jumped by a whole day; days further apart keep their order


def occurrences(cron: Cron, zone: ZoneInfo, after: datetime, policy: Policy) -> Iterator[datetime]:
    """Yield the runs strictly later than `after` (aware): UTC, ascending, distinct, on whole minutes.

    The iterator ends where no further run comes within forty years, such as for 30 February.
    """
    if not FIRST_YEAR <= after.year <= LAST_YEAR:
        return
    yesterday = after.astimezone(zone).date() - timedelta(days=1)
    for instant in _runs(cron, zone, yesterday, policy):
        if instant > after:
            yield instant


def _runs(cron: Cron, zone: ZoneInfo, start: date, policy: Policy) -> Iterator[datetime]:
    """Yield the runs of the days from `start` on in order, though clocks going back may interleave days."""
    hours, minutes = sorted(cron.hour.values), sorted(cron.minute.values)
    times = [timedelta(hours=hour, minutes=minute) for hour in hours for minute in minutes]
    pending: set[datetime] = set()
    previous = start
    for day in _days(cron, start, policy.day_rule):
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        offset = steady_offset(day, zone)
        if offset is not None or day - previous > _MINGLING:
            yield from sorted(pending)
            pending.clear()
        if offset is not None:
            yield from (midnight - offset + time for time in times)
        else:
            walls = (midnight.replace(tzinfo=None) + time for time in times)
            pending.update(instant for wall in walls for instant in _instants(wall, cron, zone, policy))
            previous = day
    yield from sorted(pending)


def _days(cron: Cron, start: date, rule: DayRule) -> Iterator[date]:
    latest = start.year
    for year in range(start.year, LAST_YEAR + 1):
        if year - latest > _BARREN_YEARS:
            return
        for month in sorted(cron.month.values):
            for number in range(1, monthrange(year, month)[1] + 1):
                day = date(year, month, number)
                if day >= start and _matches(cron, day, rule):
                    latest = year
                    yield day


def _matches(cron: Cron, day: date, rule: DayRule) -> bool:
    by_date = day.day in cron.day.values
    by_weekday = day.isoweekday() % 7 in cron.weekday.values
    starred = cron.day.starred or cron.weekday.starred
    if rule is DayRule.AND or cron.day.open or cron.weekday.open or (rule is DayRule.VIXIE and starred):
        return by_date and by_weekday
    return by_date or by_weekday


def _instants(wall: datetime, cron: Cron, zone: ZoneInfo, policy: Policy) -> tuple[datetime, ...]:
    moment = Moment.of(wall, zone)
    if moment.after < moment.before:
        return _in_gap(moment, cron, zone, policy.gap)
    if moment.before < moment.after:
        return _in_overlap(moment, cron, policy.overlap)
    return (moment.before,)


def _in_gap(moment: Moment, cron: Cron, zone: ZoneInfo, gap: Gap) -> tuple[datetime, ...]:
    if gap is Gap.DEBIAN:
        gap = Gap.NEXT if cron.fixed else Gap.SKIP
    if gap is Gap.SKIP:
        return ()
    return (moment.end_of_gap(zone) if gap is Gap.NEXT else moment.before,)


def _in_overlap(moment: Moment, cron: Cron, overlap: Overlap) -> tuple[datetime, ...]:
    if overlap is Overlap.DEBIAN:
        overlap = Overlap.FIRST if cron.fixed else Overlap.BOTH
    if overlap is Overlap.BOTH:
        return (moment.before, moment.after)
    return (moment.before if overlap is Overlap.FIRST else moment.after,)
