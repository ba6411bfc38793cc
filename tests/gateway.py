"""A reference server behind a gateway that lets so many requests a second through and writes down when they come."""

from __future__ import annotations

import time
from collections.abc import Sequence

from conformance.reference import ReferenceSettings, Request, Response, Service


class Gateway(Service):
    """Lets `rate` requests a second through, as many at once after a rest; every `busy`th is a 503.

    What is too much is a 429 with `Retry-After: 1`. The log has when each request came, refused or not.
    """

    rate, busy = 10.0, 50

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.log: list[float] = []
        self.refused = 0
        self._tokens, self._filled = self.rate, time.monotonic()

    async def respond(self, request: Request) -> Response:
        now = time.monotonic()
        self.log.append(now)
        self._tokens = min(self.rate, self._tokens + (now - self._filled) * self.rate)
        self._filled = now
        if self._tokens < 1:
            self.refused += 1
            return Response(429, {"message": "slow down"}, {"retry-after": "1"})
        self._tokens -= 1
        if len(self.log) % self.busy == 0:
            return Response(503, {"message": "busy"}, {})
        return await super().respond(request)


def most_in_a_second(log: Sequence[float]) -> int:
    """Return how many requests came in the fullest second."""
    return max(sum(start <= moment < start + 1 for moment in log) for start in log)
