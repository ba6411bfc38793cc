"""Judging a listing of upcoming runs against its schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from conformance.contract.schedule.cron import parse
from conformance.contract.schedule.occurrences import occurrences
from conformance.contract.schedule.policy import ALL_POLICIES
from conformance.contract.schedule.zone import find_zone


def explain(
    expression: str, timezone: str, listed: Sequence[datetime], *, not_before: datetime, not_after: datetime
) -> str | None:
    """Say in one line why no policy yields the listing `listed`, or None when one does (N70, N114).

    The listing must be whole minutes, ascending and distinct, each strictly later than the server's clock,
    each a run of the schedule, and no run may be missing between the clock and the last entry. How many
    entries there are is not judged: an empty listing is explained. Any first part of a listing can be judged
    alone, for instance the part near enough that editions of the time zone database agree on it.

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
    cron, zone = parse(expression), find_zone(timezone)
    if not listed:
        return None
    ill_formed = _ill_formed(listed, not_before)
    if ill_formed:
        return ill_formed
    best_index, best_expected = -1, None
    for policy in ALL_POLICIES:
        difference = _first_difference(listed, occurrences(cron, zone, not_before, policy), not_after)
        if difference is None:
            return None
        if difference[0] > best_index:
            best_index, best_expected = difference
    expected = _show(best_expected, zone) if best_expected else "no run"
    got = _show(listed[best_index], zone)
    return f"expected {expected} as entry {best_index + 1} of {expression!r} in {timezone}, got {got}"


def _ill_formed(listed: Sequence[datetime], clock: datetime) -> str | None:
    """Judge what needs no schedule: whole minutes, later than the clock, ascending, distinct."""
    for instant in listed:
        if instant.second or instant.microsecond:
            return f"expected whole minutes, got {_text(instant)}"
    if listed[0] <= clock:
        return f"expected entries later than the clock, {_text(clock)}, got {_text(listed[0])}"
    for earlier, later in pairwise(listed):
        if later <= earlier:
            return f"expected ascending, distinct entries, got {_text(later)} after {_text(earlier)}"
    return None


def _first_difference(
    listed: Sequence[datetime], runs: Iterator[datetime], not_after: datetime
) -> tuple[int, datetime | None] | None:
    """Return the index of the first entry that is not the next of `runs`, and the run that was due there."""
    due = next(runs, None)
    # Runs within the clock's bounds may have passed when the server looked.
    while due is not None and due != listed[0] and due <= not_after:
        due = next(runs, None)
    for index, entry in enumerate(listed):
        if entry != due:
            return index, due
        due = next(runs, None)
    return None


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _show(instant: datetime, zone: ZoneInfo) -> str:
    try:
        return f"{_text(instant)} ({instant.astimezone(zone):%a %H:%M} there)"
    except OverflowError:  # at the ends of Python's calendar an instant may have no local time
        return _text(instant)
