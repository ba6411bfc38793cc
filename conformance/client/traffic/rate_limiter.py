"""How fast requests follow each other: no faster than the user says, nor than the target bears."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

SECOND = 1.0
TRANSIT = 0.5
"""Seconds that a request may travel to the target: later it counts as arrived, answered or not."""
LOOK_AGAIN = 0.05
SLOWER, FASTER = 0.8, 0.05
"""What a refusal multiplies the rate by, and the part of it that a second of good answers adds."""
SLOWEST, UNKNOWN = 1.0, 10.0
"""Requests per second: what refusals never slow down below, and what is taken for too fast at first."""


@dataclass(slots=True)
class Permit:
    """Leave to send some requests at a moment; `until` they may be in any second that begins after it."""

    moment: float
    count: int
    until: float


class Pace:
    """When the next requests may leave, over all threads; `rate` in requests per second, None for no limit.

    Requests are spread evenly, and no second at the target sees more than the rate, however they are delayed
    on the way: the place of a request in that second is taken until a second after its answer. Refusals of
    the target slow all threads down, good answers let them go faster again, up to the rate. `clock` tells
    seconds.
    """

    def __init__(self, rate: float | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._most = self._rate = float("inf") if rate is None else rate
        self._turn, self._lock = threading.Lock(), threading.Lock()
        self._permits: deque[Permit] = deque()
        self._accepted: deque[float] = deque()
        self._next = self._held = self._slowed = float("-inf")

    @property
    def rate(self) -> float:
        """Requests per second at present; infinite without a limit."""
        return self._rate

    def allows(self, count: int) -> bool:
        """Tell whether this many requests may ever arrive together."""
        return count <= max(1, self._most)

    def acquire(self, count: int, wait: Callable[[float], bool]) -> Permit | None:
        """Wait until this many requests may leave together; `wait` takes seconds, and ends it with true.

        Returns None then. Whoever is first is served first, so that many at once are not kept waiting by
        single ones.
        """
        with self._turn:
            while True:
                with self._lock:
                    left = self._left(count)
                    if left <= 0:
                        return self._grant(count)
                if wait(left):
                    return None

    def answered(self, permit: Permit, *, accepted: bool) -> None:
        """Note that what a permit was for has been answered; `accepted` by the gateway, whatever it said."""
        with self._lock:
            now = self._clock()
            permit.until = min(permit.until, now + self._period())
            if accepted:
                self._accepted.extend([now] * permit.count)
                self._rate = min(self._most, self._rate + FASTER * permit.count)

    def hold(self, seconds: float) -> float:
        """Let nobody send for this long from now; return by how much that is longer than was held already."""
        with self._lock:
            now = self._clock()
            longer = max(0.0, now + seconds - max(self._held, now))
            self._held = max(self._held, now + seconds)
            return longer

    def slow_down(self, permit: Permit) -> None:
        """Send slower from now on; refusals of what left before the last slowing say nothing new."""
        with self._lock:
            if permit.moment < self._slowed:
                return
            self._slowed = self._clock()
            self._forget()
            known = self._rate if self._rate < float("inf") else max(len(self._accepted), UNKNOWN)
            self._rate = max(min(SLOWEST, self._most), SLOWER * known)

    def _left(self, count: int) -> float:
        """Return the seconds until another look is worth it; 0 when the requests may leave."""
        now = self._clock()
        self._forget()
        moment = max(self._held, self._next)
        if now < moment:
            return moment - now
        busy = sum(permit.count for permit in self._permits)
        if not busy or busy + count <= self._places():
            return 0.0
        return min(LOOK_AGAIN, max(min(permit.until for permit in self._permits) - now, 0.001))

    def _grant(self, count: int) -> Permit:
        now = self._clock()
        permit = Permit(now, count, now + self._period() + TRANSIT)
        if self._rate < float("inf"):
            self._next = now + count / self._rate
            self._permits.append(permit)
        return permit

    def _forget(self) -> None:
        now = self._clock()
        self._permits = deque(permit for permit in self._permits if permit.until > now)
        while self._accepted and self._accepted[0] <= now - SECOND:
            self._accepted.popleft()

    def _places(self) -> float:
        return max(1.0, self._rate // 1)

    def _period(self) -> float:
        """Return how long a place is taken: a second, longer where even one request a second is too many."""
        return max(SECOND, 1.0 / self._rate)
