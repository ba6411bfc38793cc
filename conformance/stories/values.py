"""Values that stories send: schedules that never fire during a run, texts of exact length."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

FAR_WEST = "Pacific/Honolulu", timedelta(hours=-10)
"""A zone whose clocks never change, and how far they are from UTC: hours from where servers usually are."""
HOURS_AROUND = 2


def far_month() -> int:
    """Return the month half a year from now: a schedule bound to it fires neither now nor soon."""
    return (datetime.now(UTC).month + 5) % 12 + 1


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


def padded(text: str, length: int, filling: str = "x") -> str:
    """Return `text` filled up to exactly `length` code points."""
    return text + "".join(islice(cycle(filling), length - len(text)))
