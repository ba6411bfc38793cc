"""Stories about schedules that the documents leave open; those that are accepted fire months from now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from conformance.stories.creating import Refusals, Stored, store, try_creations
from conformance.stories.registry import story
from conformance.stories.values import cron, far_month, yearly
from conformance.target.api import Api

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
ZONES = ("+08:00", "", "utc")
CLOCKS_FORWARD, CLOCKS_BACK = 3, 11
"""The months in which New York's clocks change: at 2:00 on the second and on the first Sunday."""


@story()
def open_dialect(api: Api) -> Refusals:
    """Creations are tried with extensions of the five fields, and with a date that never comes."""
    month = far_month()
    expressions = {
        "@yearly": "@yearly",
        "L": f"0 3 L {month} *",
        "? and #": f"0 3 ? {month} 1#2",
        "names": f"0 3 * {MONTHS[month - 1]} MON",
        "7 as Sunday": f"0 3 * {month} 7",
        "day of month and of week": f"0 3 1 {month} 1",
        "30 February": "0 0 30 2 *",
    }
    return try_creations(
        api, {what: api.body(schedule=cron(text)) for what, text in expressions.items()}, probe=True
    )


@story()
def open_zones(api: Api) -> Refusals:
    """Creations are tried with time zones that are no IANA names."""
    bodies = {f"the zone {zone!r}": api.body(schedule=yearly(timezone=zone)) for zone in ZONES}
    return try_creations(api, bodies, probe=True)


@dataclass(frozen=True)
class ClockChanges:
    """Deployments scheduled for an hour that is skipped or repeated: by what that hour is, if far enough."""

    stored: Mapping[str, Stored]


@story()
def clock_changes(api: Api) -> ClockChanges:
    """Deployments are scheduled for the days around New York's clock changes, in the hour concerned."""
    today = datetime.now(UTC).date()
    hours = {"skipped 02:30": (CLOCKS_FORWARD, 2), "repeated 01:30": (CLOCKS_BACK, 1)}
    return ClockChanges(
        {
            what: store(
                api,
                api.body(schedule=cron(_around_change(today, month, hour), "America/New_York")),
                f"create for the {what}",
                probe=True,
            )
            for what, (month, hour) in hours.items()
            if (month - today.month) % 12 > 1
        }
    )


def _around_change(today: date, month: int, hour: int) -> str:
    """Return an expression for the days around the next change in `month`, half past `hour`."""
    year = today.year + (month < today.month)
    earliest = 8 if month == CLOCKS_FORWARD else 1
    sunday = earliest + (6 - date(year, month, earliest).weekday()) % 7
    return f"30 {hour} {max(sunday - 1, 1)}-{sunday + 1} {month} *"
