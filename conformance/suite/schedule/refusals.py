"""Schedules that the documents promise to refuse: a row for each mistake, by the story that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance.suite.shared.invalid_requests import InvalidRequest, Rows
from conformance.suite.shared.values import (
    LONG_MONTHS,
    SCHEDULE_PARTS,
    cron,
    far_month,
    furthest,
    padded,
    yearly,
)

INVALID: Final = {
    "a word as weekday": "0 3 1 {month} foo",
    "four fields": "0 3 1 {month}",
    "the minute 99": "99 3 1 {month} *",
    "the hour 24": "0 24 1 {month} *",
    "the day 32": "0 0 32 {long} *",
    "the month 13": "0 0 1 13 *",
    "the month 0": "0 0 1 0 *",
    "the weekday 8": "0 3 * {month} 8",
    "an empty expression": "",
}
"""Expressions that are no cron. However leniently one is read, it does not fire within months."""


def without(part: str, schedule: Mapping[str, str]) -> dict[str, str]:
    """Return a schedule that lacks a part."""
    return {name: value for name, value in schedule.items() if name != part}


OTHER_TYPE: Final = InvalidRequest(
    "schedule.type-must-be-cron",
    "a schedule of type interval",
    {"schedule": {**yearly(), "type": "interval"}},
)
PARTIAL: Final = tuple(
    InvalidRequest(
        "schedule.missing-field-is-400",
        f"a schedule without {part}",
        {"schedule": without(part, yearly())},
    )
    for part in SCHEDULE_PARTS
)
NO_CRON: Final = tuple(
    InvalidRequest(
        "schedule.invalid-cron-is-400",
        what,
        {"schedule": cron(expression.format(month=far_month(), long=furthest(LONG_MONTHS)))},
    )
    for what, expression in INVALID.items()
)
SIX_FIELDS: Final = InvalidRequest(
    "schedule.six-fields-are-400", "six fields", {"schedule": cron(f"0 0 9 1 {far_month()} *")}
)
NO_ZONE: Final = InvalidRequest(
    "schedule.unknown-zone-is-400",
    "the zone Mars/Olympus",
    {"schedule": yearly(timezone="Mars/Olympus")},
)
EXTENDED: Final = tuple(
    InvalidRequest("schedule.extended-cron-is-400", f"the cron {sign}", {"schedule": cron(expression)})
    for sign, expression in {
        "L": f"0 3 L {far_month()} *",
        "W": f"0 3 15W {far_month()} *",
        "#": f"0 3 * {far_month()} 1#2",
        "?": f"0 3 1 {far_month()} ?",
    }.items()
)
SHORTCUTS: Final = tuple(
    InvalidRequest("schedule.shortcuts-are-400", f"the cron {word}", {"schedule": cron(word)})
    for word in ("@yearly", "@monthly", "@reboot")  # those that are rare: a server may take them all the same
)


def _long(length: int) -> str:
    """Return a cron expression of some length, which repeats its minute."""
    rest = f" 3 1 {far_month()} *"
    minutes = length - len(rest)
    return padded("0" if minutes % 2 else "30", minutes, ",0") + rest


LONG: Final = InvalidRequest(
    "schedule.expression-of-257-is-400",
    "a cron of 257 characters",
    {"schedule": cron(_long(257))},
)
SCHEDULES: Final[Mapping[str, Rows]] = {
    "invalid_schedules": (OTHER_TYPE, *PARTIAL, *NO_CRON, SIX_FIELDS, NO_ZONE, *EXTENDED, *SHORTCUTS, LONG)
}
