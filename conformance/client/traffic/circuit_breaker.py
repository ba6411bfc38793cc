"""When a target counts as gone: so many requests in a row without a use, or too long a wait for nothing."""

from __future__ import annotations

import re
import threading
from http import HTTPStatus

from conformance.client.exchange import Failure
from conformance.contract.verdict import Blame

GIVE_UP_AFTER = 6
"""This many requests in a row without a usable answer, over all threads: the target counts as gone."""
FAILING_AFTER, FAILING_ROUTES = 20, 4
"""This many in a row that got a 5xx or no answer, to so many routes: it is there, but nothing works."""
MOST_TIMEOUTS = 20
"""For how many whole timeouts, all threads together, the run waits in vain."""
_PARTS = re.compile(r"(?<=/deployments/)[^/?]+|(?<=/runs/)[^/?]+|(?<=/deployment_runs/)[^/?]+|\?.*")


class Breaker:
    """Counts what came of requests, over all threads; `opened` while the target counts as gone.

    `cause` says why it was given up first, if it was.

    A 500 is an answer, and judged: it counts where nothing works, not where a route or two are broken.
    `timeout` is that of one request, in seconds.
    """

    def __init__(self, timeout: float) -> None:
        self._lock = threading.Lock()
        self._patience = MOST_TIMEOUTS * timeout
        self._unusable = 0
        self._failing: list[str] = []
        self.opened: Failure | None = None
        self.cause = ""

    def usable(self, status: int, method: str, path: str) -> None:
        """Note an answer of the API itself, be it a 500."""
        with self._lock:
            self._unusable = 0
            if status < HTTPStatus.INTERNAL_SERVER_ERROR:
                self._failing.clear()
                return
            self._fail(method, path, Failure(Blame.TARGET, f"{status}"))

    def unusable(self, failure: Failure, seconds: float, method: str, path: str) -> None:
        """Note that no usable answer came, and how long it was waited for."""
        with self._lock:
            self._unusable += 1
            self._patience -= seconds
            if self._unusable >= GIVE_UP_AFTER:
                self._open(f"{self._unusable} requests in a row got no usable answer", failure)
            elif self._patience < 0:
                self._open("waiting for requests that got no answer took too long", failure)
            self._fail(method, path, failure)

    def open(self, why: str, failure: Failure) -> None:
        """Give the target up; `failure` is the last answer."""
        with self._lock:
            self._open(why, failure)

    def half_open(self) -> None:
        """Let requests through again, until the first that gets no usable answer."""
        with self._lock:
            if self.opened:
                self.opened, self._unusable = None, GIVE_UP_AFTER - 1
                self._failing.clear()

    def _fail(self, method: str, path: str, failure: Failure) -> None:
        self._failing.append(f"{method} {_PARTS.sub('', path)}")
        routes = len(set(self._failing))
        if len(self._failing) >= FAILING_AFTER and routes >= FAILING_ROUTES:
            self._open(f"{len(self._failing)} requests in a row, to {routes} routes, failed", failure)

    def _open(self, why: str, failure: Failure) -> None:
        if not self.opened:
            given_up = f"the target was given up: {why}; the last: {failure.text}"
            self.cause = self.cause or given_up
            self.opened = Failure(failure.blame, f"not sent: {given_up}", sent=False)
