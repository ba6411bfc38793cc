"""The server's sense of time: one replaceable object."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the server what time it is."""

    def now(self) -> datetime:
        """Return the present instant as an aware datetime in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's present instant in UTC."""
        return datetime.now(UTC)


class ScaledClock:
    """A clock that starts with the machine's and runs `scale` times as fast, so that minutes take seconds.

    Raises ValueError unless `scale` is a number above 0.
    """

    def __init__(self, scale: float) -> None:
        if not (math.isfinite(scale) and scale > 0):
            raise ValueError(f"the time scale is {scale}; it must be a number above 0, such as 60")
        self._scale = scale
        self._start = datetime.now(UTC)
        self._started = time.monotonic()

    def now(self) -> datetime:
        """Return the present instant of a server whose time is scaled."""
        return self._start + timedelta(seconds=(time.monotonic() - self._started) * self._scale)
