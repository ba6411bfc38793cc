"""Values that stories send: schedules that never fire during a run, texts of exact length."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

FAR_WEST = "Pacific/Honolulu", timedelta(hours=-10)
"""A zone whose clocks never change, and how far they are from UTC: hours from where servers usually are."""
HOURS_AROUND = 2
SCHEDULE_PARTS = ("type", "expression", "timezone")
"""What is the client's of a schedule; the rest moves with time."""
LONG_AGO = "2020-01-01T00:00:00Z"
LONG_MONTHS = (1, 3, 5, 7, 8, 10, 12)
"""Those of 31 days."""
BEGINNING = 200
"""How much of a name stays when it is changed: more than what marks it as a run's."""


LOOKALIKES: Mapping[str, str] = {
    "empty": "",
    "null": "null",
    "digits": "007",
    "zero": "0",
    "a.switch": "off",
    "moment": "2026-06-14T08:54:22+08:00",
    "document": '{"nested": [1]}',
    "dotted.key": "a path to some",
    "7": "a key of digits",
    "A": "another key than a",
    "__proto__": "a key like others",
    "description": "no field",
}
"""Metadata that is mere text, and looks like something else to those who read it as more than that."""
OTHER_LOOKALIKES: Mapping[str, str] = {
    "power": "1e3",
    "digits": "12345678901234567891",
    "fraction": "1.50",
    "hexadecimal": "0x1F",
    "signed": "-1",
    "formula": "=1+1",
    "dial": "+49 30 1",
    "mention": "@here",
    "quoted": '"quoted"',
    "list": "[]",
    "not a number": "NaN",
    "a[0]": "a key with brackets",
}
"""More of these: no deployment has room for all."""


def far_month() -> int:
    """Return the month half a year from now: a schedule bound to it fires neither now nor soon."""
    return (datetime.now(UTC).month + 5) % 12 + 1


def furthest(months: Iterable[int]) -> int:
    """Return the month whose next first day is the furthest from now."""
    return max(months, key=lambda month: (month - datetime.now(UTC).month) % 12)


def yearly(minute: int = 0, hour: int = 3, timezone: str = "Asia/Shanghai") -> dict[str, str]:
    """Return a schedule that fires once a year, about six months from now."""
    return cron(f"{minute} {hour} 1 {far_month()} *", timezone)


def cron(expression: str, timezone: str = "Asia/Shanghai") -> dict[str, str]:
    """Return a schedule object as the create page describes it."""
    return {"type": "cron", "expression": expression, "timezone": timezone}


def minutes_around(now: datetime) -> dict[str, str]:
    """Return a schedule of every minute for some hours around an instant, in the zone far in the west."""
    timezone, offset = FAR_WEST
    around = ((now + offset).hour + later for later in range(-HOURS_AROUND, HOURS_AROUND + 1))
    return cron(f"* {','.join(str(hour % 24) for hour in around)} * * *", timezone)


def renamed_to(name: str, ending: str) -> str:
    """Return a new name that begins as the old one does and has room for what an archive appends."""
    return f"{name[:BEGINNING]} {ending}"


def escaped(body: object) -> bytes:
    """Return JSON that is written in another way than most: indented, last members first, in ASCII."""
    return json.dumps(_reversed(body), ensure_ascii=True, indent=1).encode()


def _reversed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _reversed(part) for key, part in reversed(value.items())}
    return [_reversed(part) for part in value] if isinstance(value, list) else value


def padded(text: str, length: int, filling: str = "x") -> str:
    """Return `text` filled up to exactly `length` code points."""
    return text + "".join(islice(cycle(filling), length - len(text)))
