"""Stories about schedules that the documents promise to accept; none of them fires within days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from conformance.client.answers import created_id
from conformance.client.api import Api, Created
from conformance.suite.engine.registry import story
from conformance.suite.shared.creating import Stored, store, store_by_update
from conformance.suite.shared.values import cron, far_month, furthest

DENSE = {
    "every 25 minutes from the hour on": ("*/25 0-23 * {month} *", "Asia/Shanghai"),
    "on weekdays": ("30 9 * {month} 1-5", "Asia/Shanghai"),
    "lists, ranges and steps": ("15 6-18/4,20 * {month} *", "Asia/Calcutta"),
    "across the date line": ("10-50/20 23 1-31/7 {month} *", "America/Bogota"),
    "in a northern summer": ("20 21 20-25 {north} *", "America/New_York"),
    "in a southern summer": ("40 8 20-25 {south} *", "Australia/Sydney"),
    "by steps of hours and weekdays": ("0 */7 * {month} */2", "Asia/Shanghai"),
}
"""Expressions with five runs or more in one month.

Clocks never change from the 20th to the 25th. Calcutta is another name of a zone, and Etc/GMT+5 lies in the
west.
"""
NO_CITIES = ("Asia/Calcutta", "Etc/GMT+5")
NORTH, SOUTH = (5, 6, 7, 8, 9), (11, 12, 1, 2)
"""Months that are all summer time, in either half of the world."""
LAST_MINUTE = "in the last minute of the year"
SPARSE = {
    "on Sundays": ("0 12 * {month} 0", "Asia/Kathmandu"),
    "by steps of months": ("0 3 {day} */3 *", "Asia/Shanghai"),
    LAST_MINUTE: ("59 23 31 12 *", "America/Port-au-Prince"),
    "yearly": ("0 3 1 {month} *", "Asia/Shanghai"),
    "on the last day": ("0 0 {last} {month} *", "Etc/GMT+5"),
}


@dataclass(frozen=True)
class Schedules:
    """Scheduled deployments by what their expression shows."""

    dense: Mapping[str, Stored]
    sparse: Mapping[str, Stored]

    @property
    def all(self) -> Mapping[str, Stored]:
        """Dense and sparse ones together."""
        return {**self.dense, **self.sparse}


@story()
def schedules(api: Api) -> Schedules:
    """A deployment is created on one schedule and updated to others of many forms and zones, each read."""
    stored: dict[str, Stored] = {}
    made: Created | None = None
    for what, schedule in _written({**DENSE, **SPARSE}).items():
        if made:
            label = f"update to a schedule: {what}"
            stored[what] = store_by_update(api, made.id, {"schedule": schedule}, label)
        else:
            body = api.body(schedule=schedule)
            stored[what] = store(api, body, f"create with a schedule: {what}")
            if found := created_id(stored[what].answer):
                made = Created(found, str(body["name"]), stored[what].answer)
    if made:
        api.leave(made)
    dense, sparse = ({what: stored[what] for what in kind if what in stored} for kind in (DENSE, SPARSE))
    return Schedules(dense, sparse)


def _written(schedules: Mapping[str, tuple[str, str]]) -> dict[str, Mapping[str, object]]:
    """Return the schedules as they are sent: none of them fires within days, the last not within months."""
    month, now = far_month(), datetime.now(UTC)
    if now.timetuple().tm_yday in (1, *range(364, 367)):
        schedules = {what: schedule for what, schedule in schedules.items() if what != LAST_MINUTE}
    last = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
    seasons = {"north": furthest(NORTH), "south": furthest(SOUTH)}
    known = {"month": month, "last": last, "day": (now.day + 14) % 28 + 1, **seasons}
    return {
        what: cron(expression.format(**known), timezone) for what, (expression, timezone) in schedules.items()
    }
