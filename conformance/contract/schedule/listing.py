"""Judging a listing of upcoming runs against its schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise, product
from zoneinfo import ZoneInfo

from conformance.contract.schedule.cron import Cron, readings
from conformance.contract.schedule.occurrences import occurrences
from conformance.contract.schedule.policy import ALL_POLICIES, Gap, Overlap, Policy
from conformance.contract.schedule.zone import changes_oddly, find_zones
from conformance.contract.schemas.timestamp import timestamp_text

HORIZON = timedelta(days=400)
"""How far ahead editions of the time zone database are taken to agree; later entries are not judged."""
_TIMELESS = ("UTC", "Etc/")
"""How the names of zones begin in which no clock ever changes."""
_DAY = timedelta(days=1)
_EVERY = Policy(Gap.SHIFT, Overlap.BOTH)
"""The policy under which no run is left out because clocks change."""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Why no legal reading of a schedule yields a listing: what was expected of an entry, and the entry."""

    expected: str
    got: str


def foreseeable(listed: Sequence[datetime], timezone: str, clock: datetime) -> list[datetime]:
    """Return the first part of a listing that no new edition of the time zone database moves."""
    if timezone.startswith(_TIMELESS):
        return [*listed]
    return [entry for entry in listed if entry <= clock + HORIZON]


def explain(
    expression: str, timezone: str, listed: Sequence[datetime], *, not_before: datetime, not_after: datetime
) -> Unexplained | None:
    """Say why no legal reading yields the listing `listed`, or None when one does (N70, N114).

    The listing must be whole minutes, ascending and distinct, each strictly later than the server's clock,
    each a run of the schedule, and no run may be missing between the clock and the last entry. How many
    entries there are is not judged: an empty listing is explained. Any first part of a listing can be judged
    alone, such as the `foreseeable` one. Where the databases at hand disagree, and around a change of clocks
    off the hour, nothing is judged.

    `not_before` and `not_after` bound the server's clock when it computed the listing, both inclusive. A run
    within them may be listed or have passed; a run later than both must be listed. An HTTP `Date` has whole
    seconds: a clock that says 12:00:00 may stand at 12:00:00.999, and the listing may be older than it by as
    much as the exchange took; the caller widens the bounds accordingly. The minute in progress has begun: it
    is not later than the clock.

    Raises `CronError` and `ZoneError` for a schedule that cannot be read here, `ValueError` for a datetime
    without a zone and for bounds in the wrong order.
    """
    if any(instant.tzinfo is None for instant in (*listed, not_before, not_after)):
        raise ValueError("a datetime without a zone was given; instants must be aware, best in UTC")
    if not_after < not_before:
        raise ValueError(
            f"not_before {not_before.isoformat()} is later than not_after {not_after.isoformat()}"
        )
    crons, zones = readings(expression), find_zones(timezone)
    if not listed:
        return None
    ill_formed = _ill_formed(listed, not_before)
    if ill_formed:
        return ill_formed
    bounds = not_before, not_after
    wrong = _unexplained(crons, zones, listed, bounds)
    if wrong:
        unsettled = _unsettled_from(crons[0], zones, listed, not_after)
        settled = [entry for entry in listed if unsettled is None or entry < unsettled]
        wrong = _unexplained(crons, zones, settled, bounds) if settled else None
    if wrong is None:
        return None
    due = _show(wrong.due, zones[0]) if wrong.due else "no run"
    expected = f"{due} as entry {wrong.index + 1} of {expression!r} in {timezone}"
    return Unexplained(expected, _show(wrong.entry, zones[0]))


@dataclass(frozen=True, slots=True)
class _Difference:
    """The place in a listing at which something else was due, or nothing."""

    index: int
    entry: datetime
    due: datetime | None


def _unexplained(
    crons: Sequence[Cron],
    zones: Sequence[ZoneInfo],
    listed: Sequence[datetime],
    bounds: tuple[datetime, datetime],
) -> _Difference | None:
    """Return None if a policy yields the listing, else where the one that comes nearest departs from it."""
    nearest: _Difference | None = None
    for cron, zone, policy in product(crons, zones, ALL_POLICIES):
        difference = _first_difference(listed, occurrences(cron, zone, bounds[0], policy), bounds[1])
        if difference is None:
            return None
        if nearest is None or difference.index > nearest.index:
            nearest = difference
    return nearest


def _unsettled_from(
    cron: Cron, zones: Sequence[ZoneInfo], listed: Sequence[datetime], clock: datetime
) -> datetime | None:
    """Return the first instant at which a right listing may look otherwise than any policy says.

    That is a day before databases disagree on a run, or where a run comes near an odd change of clocks.
    """
    each = [islice(occurrences(cron, zone, clock, _EVERY), len(listed) + 1) for zone in zones]
    first, *others = map(frozenset, each)
    apart = {run - _DAY for other in others for run in first ^ other}
    odd = [instant for instant in {*listed, *first} if any(changes_oddly(instant, zone) for zone in zones)]
    return min([*apart, *odd], default=None)


def _ill_formed(listed: Sequence[datetime], clock: datetime) -> Unexplained | None:
    """Judge what needs no schedule: whole minutes, later than the clock, ascending, distinct."""
    for instant in listed:
        if instant.second or instant.microsecond:
            return Unexplained("whole minutes", timestamp_text(instant))
    if listed[0] <= clock:
        return Unexplained(
            f"entries later than the clock, {timestamp_text(clock)}", timestamp_text(listed[0])
        )
    for earlier, later in pairwise(listed):
        if later <= earlier:
            return Unexplained(
                "ascending, distinct entries", f"{timestamp_text(later)} after {timestamp_text(earlier)}"
            )
    return None


def _first_difference(
    listed: Sequence[datetime], runs: Iterator[datetime], not_after: datetime
) -> _Difference | None:
    """Return the first entry that is not the next of `runs`."""
    due = next(runs, None)
    # Runs within the clock's bounds may have passed when the server looked.
    while due is not None and due != listed[0] and due <= not_after:
        due = next(runs, None)
    for index, entry in enumerate(listed):
        if entry != due:
            return _Difference(index, entry, due)
        due = next(runs, None)
    return None


def _show(instant: datetime, zone: ZoneInfo) -> str:
    try:
        return f"{timestamp_text(instant)} ({instant.astimezone(zone):%a %H:%M} there)"
    except OverflowError:  # at the ends of Python's calendar an instant may have no local time
        return timestamp_text(instant)
