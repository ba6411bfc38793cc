"""Which minute a scheduled run belongs to, and which minutes follow a change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from conformance.contract.comparing import field
from conformance.contract.schemas import parse_timestamp

MINUTE = timedelta(minutes=1)
NEAR_START = timedelta(seconds=10)
"""How near the start of a minute a change may be too late for it."""


def due_of(run: Mapping[str, object]) -> datetime | None:
    """Return when a run was due or, where it does not say so, when it started; None when it tells neither.

    The revision 2026-07 has `scheduled_at`, 2026-06 only `triggered_at` (fact sheet, section 10).
    """
    times = (parse_timestamp(field(run, path)) for path in TIMES)
    return next((time for time in times if time), None)


TIMES = ("trigger_context.scheduled_at", "triggered_at", "created_at")


def names_its_minute(run: Mapping[str, object]) -> bool:
    """Tell whether a run says for which minute it was due, not only when it started."""
    return parse_timestamp(field(run, TIMES[0])) is not None


def floor(at: datetime) -> datetime:
    """Return the start of the minute of an instant."""
    return at.replace(second=0, microsecond=0)


def first_affected(change: datetime) -> datetime:
    """Return the first start of a minute for which a change cannot have come too late."""
    return floor(change + NEAR_START) + MINUTE
