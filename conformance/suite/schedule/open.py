"""Stories about schedules that the documents leave open; those that are accepted fire months from now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from conformance.client.api import Api
from conformance.suite.engine.registry import story
from conformance.suite.shared.creating import Refusals, Stored, probe_creations, store_by_update
from conformance.suite.shared.values import cron, far_month, yearly

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
ZONES = ("+08:00", "", "utc")
NEW_YORK = "America/New_York"
CLOCKS_FORWARD, CLOCKS_BACK = 3, 11
"""The months in which New York's clocks change: at 2:00 on the second and on the first Sunday."""


@story()
def open_dialect(api: Api) -> Refusals:
    """One deployment is to have extensions of the five fields, and a date that never comes."""
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
    made = api.obtain(schedule=yearly())
    answers = {
        what: api.update(
            made.id, {"schedule": cron(text)}, label=f"update the schedule to {what}", probe=True
        )
        for what, text in expressions.items()
    }
    api.update(made.id, {"schedule": yearly()}, label="update to a schedule as all have it")  # for others
    return Refusals(answers, {})


@story()
def open_zones(api: Api) -> Refusals:
    """Creations are tried with time zones that are no IANA names."""
    bodies = {f"the zone {zone!r}": api.body(schedule=yearly(timezone=zone)) for zone in ZONES}
    return probe_creations(api, bodies)


@dataclass(frozen=True)
class ClockChanges:
    """A deployment scheduled for an hour that is skipped or repeated: by what that hour is, if far enough.

    `steady` has for each the expression without the day of the change, and that day.
    """

    stored: Mapping[str, Stored]
    steady: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@story()
def clock_changes(api: Api) -> ClockChanges:
    """A deployment is scheduled for the days around New York's clock changes, in the hour concerned."""
    today = datetime.now(UTC).date()
    hours = {"skipped 02:30": (CLOCKS_FORWARD, 2), "repeated 01:30": (CLOCKS_BACK, 1)}
    far = {what: when for what, when in hours.items() if (when[0] - today.month) % 12 > 1}
    days = {what: _change(today, month) for what, (month, _) in far.items()}
    made = api.obtain(schedule=yearly()).id
    stored = {
        what: store_by_update(
            api,
            made,
            {"schedule": cron(f"30 {hour} {_around(days[what])} {month} *", NEW_YORK)},
            f"update to the {what}",
            probe=True,
        )
        for what, (month, hour) in far.items()
    }
    steady = {
        what: (f"30 {hour} {_around(days[what], besides=True)} {month} *", days[what].isoformat())
        for what, (month, hour) in far.items()
    }
    return ClockChanges(stored, steady)


def _change(today: date, month: int) -> date:
    """Return the day of the next change in `month`."""
    year = today.year + (month < today.month)
    earliest = 8 if month == CLOCKS_FORWARD else 1
    return date(year, month, earliest + (6 - date(year, month, earliest).weekday()) % 7)


def _around(change: date, *, besides: bool = False) -> str:
    """Return the days of the month around a change, without itself if only those `besides` it are meant."""
    days = range(max(change.day - 1, 1), change.day + 2)
    return ",".join(str(day) for day in days if not besides or day != change.day)
