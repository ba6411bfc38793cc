"""Stories about schedules that the documents promise to accept; none of them fires within months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.creating import Stored, store
from conformance.stories.registry import story
from conformance.stories.values import cron, far_month
from conformance.target.api import Api

DENSE = {
    "every five minutes": ("*/5 * * {month} *", "Asia/Shanghai"),
    "on weekdays": ("30 9 * {month} 1-5", "Asia/Shanghai"),
    "lists, ranges and steps": ("15 6-18/4,20 * {month} *", "Asia/Kolkata"),
    "across the date line": ("10-50/20 23 1-31/7 {month} *", "America/Bogota"),
    "in another season": ("20 21 20-25 {month} *", "America/New_York"),
}
"""Expressions with five runs or more in one month.

New York has another offset half a year from now; its clocks never change from the 20th to the 25th.
"""
SPARSE = {
    "on Sundays": ("0 12 * {month} 0", "Asia/Kathmandu"),
    "yearly": ("0 3 1 {month} *", "Asia/Shanghai"),
    "on the last day": ("0 0 {last} {month} *", "UTC"),
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
    """Deployments are created on schedules of many forms and zones, and read."""
    return Schedules(_stored(api, DENSE), _stored(api, SPARSE))


def _stored(api: Api, schedules: Mapping[str, tuple[str, str]]) -> dict[str, Stored]:
    month = far_month()
    last = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
    return {
        what: store(
            api,
            api.body(schedule=cron(expression.format(month=month, last=last), timezone)),
            f"create with a schedule: {what}",
        )
        for what, (expression, timezone) in schedules.items()
    }
