"""The target's own clock: what time it is there, and waiting for an instant on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from conformance.client.calls.polling import poll, rest
from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.contract.judgement import answered
from conformance.contract.schemas import parse_timestamp
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.redaction.logs import PROGRESS

PROGRESS_SECONDS = 60.0
SECOND = timedelta(seconds=1)
DIFFERENT_CLOCK = timedelta(seconds=5)
"""A creation stamped further than this from its Date header was stamped by another clock."""
SHORTEST_WAIT, LONGEST_WAIT = 0.02, 30.0
LOST = (1.0, 3.0)
"""Seconds to wait after a request without an answer."""
PATIENCE = 60.0
"""Seconds of real time that a wait may take beyond twice what it should."""


class TargetClock:
    """Tells the time by which the target stamps its objects.

    The Date header shows how that time passes, be it fast or slow; without one the client's clock does. A
    gateway's clock need not be that of the service behind it: the first creation shows how far they differ.
    """

    def __init__(self, target: Target, creation: Exchange) -> None:
        self._target = target
        self._first = creation
        self._dated = creation.date is not None
        made = parse_timestamp(creation.json.get("created_at")) if isinstance(creation.json, dict) else None
        shift = made - self._shown(creation) if made else timedelta(0)
        self._shift = shift if abs(shift) > DIFFERENT_CLOCK else timedelta(0)
        self._speed = 1.0
        self._reported_at = time.monotonic()

    def at(self, exchange: Exchange) -> datetime:
        """Return the latest instant at which an answer can have been given, on the target's clock."""
        slack = SECOND + timedelta(seconds=exchange.seconds * self._speed)
        return self._shown(exchange) + self._shift + (slack if self._dated else timedelta(0))

    def wait_until(self, instant: datetime, read: Callable[[], Exchange], what: str) -> Exchange:
        """Read until the target's clock has reached an instant; return the last answer.

        `what` says in a progress line what is waited for. Raises NotJudgedError when the run is stopped, when
        no answer comes, and when the target's clock stands still.
        """
        exchange = self._insist(read)
        began, limit = time.monotonic(), None
        while self._shown(exchange) + self._shift < instant:
            left = (instant - self._shown(exchange) - self._shift).total_seconds()
            self._measure(exchange)
            limit = limit or 2 * left / min(self._speed, 1.0) + PATIENCE
            if time.monotonic() - began > limit:
                raise NotJudgedError(Blame.TARGET, f"the target's clock stands still at {exchange.date}")
            self._report(what, instant - timedelta(seconds=left))
            self.rest(min(max(max(left, 1.0) / self._speed, SHORTEST_WAIT), LONGEST_WAIT))
            exchange = self._insist(read)
        return exchange

    def rest(self, seconds: float) -> None:
        """Wait for seconds of real time; raises NotJudgedError when the run is stopped meanwhile."""
        rest(self._target.stopped, seconds)

    def _insist(self, read: Callable[[], Exchange]) -> Exchange:
        """Return an answer; in a watch of minutes a request or two may be lost on the way."""
        return answered(poll(read, lambda exchange: exchange.failure is None, LOST, self.rest))

    def _shown(self, exchange: Exchange) -> datetime:
        return exchange.date or _received(exchange)

    def _measure(self, exchange: Exchange) -> None:
        """Find the highest speed that whole seconds of the Date header allow: no wait is ever too long."""
        real = (_received(exchange) - _received(self._first)).total_seconds()
        if self._dated and real > 0:
            shown = (self._shown(exchange) - self._shown(self._first)).total_seconds()
            self._speed = max(shown + 1, 0.0) / real or 1.0

    def _report(self, what: str, now: datetime) -> None:
        if time.monotonic() - self._reported_at >= PROGRESS_SECONDS:
            self._reported_at = time.monotonic()
            PROGRESS.info("%s; the target's clock shows %s", what, f"{now:%H:%M:%S}Z")


def _received(exchange: Exchange) -> datetime:
    return exchange.sent_at + timedelta(seconds=exchange.seconds)
