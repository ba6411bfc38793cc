"""Values that stories send: schedules that never fire during a run, texts of exact length."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import cycle, islice


def far_month() -> int:
    """Return the month half a year from now: a schedule bound to it fires neither now nor soon."""
    return (datetime.now(UTC).month + 5) % 12 + 1


def yearly(minute: int = 0, hour: int = 3, timezone: str = "Asia/Shanghai") -> dict[str, str]:
    """Return a schedule that fires once a year, about six months from now."""
    return cron(f"{minute} {hour} 1 {far_month()} *", timezone)


def cron(expression: str, timezone: str = "Asia/Shanghai") -> dict[str, str]:
    """Return a schedule object as the create page describes it."""
    return {"type": "cron", "expression": expression, "timezone": timezone}


def padded(text: str, length: int, filling: str = "x") -> str:
    """Return `text` filled up to exactly `length` code points."""
    return text + "".join(islice(cycle(filling), length - len(text)))
