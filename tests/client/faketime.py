"""A clock that stands still but for the waits of whoever looks at it."""

from __future__ import annotations


class FakeTime:
    """Called it tells seconds; `wait` lets them pass and is never cut short."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waited = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float | None = None) -> bool:
        self.now += seconds or 0.0
        self.waited += seconds or 0.0
        return False
