"""Requests to one target, alone or together, and what becomes of each: an `Answer` or a `Failure`."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import urlsplit

import httpcore

from conformance.client.exchange import Failure
from conformance.client.wire.answer import Answer, Limits, UnusableAnswerError
from conformance.client.wire.burst import Hit, fire
from conformance.client.wire.connecting import NOT_CONNECTED, Way, not_connected, tls_context
from conformance.client.wire.connection import Line, Shot
from conformance.client.wire.open_sockets import Sockets
from conformance.client.wire.proxies import proxy_for
from conformance.client.wire.stream import Deadline
from conformance.contract.verdict import Blame

KEPT_SECONDS = 0.8
"""How long a connection is kept when idle: shorter than servers do, or a write may meet a closed one."""


class Http:
    """Connections to a target, kept and shared by all threads. Redirects are never followed.

    `trust_environment` lets proxies and certificate settings of the environment apply; `insecure` takes any
    certificate. `sockets` gets to know every connection; they are made by `network`.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        trust_environment: bool,
        insecure: bool = False,
        sockets: Sockets | None = None,
        network: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._limits = limits
        self._trust_environment = trust_environment
        self._tls = tls_context(insecure=insecure, trust_environment=trust_environment)
        self._sockets = sockets or Sockets()
        self._network = network or httpcore.SyncBackend()
        self._lock = threading.Lock()
        self._resting: defaultdict[str, list[Line]] = defaultdict(list)

    def way_to(self, url: str) -> Way:
        """Return how connections to a URL come about; raises ValueError for a proxy that cannot be used."""
        proxy = proxy_for(url) if self._trust_environment else None
        return Way(self._limits, self._tls, proxy, self._sockets, self._network)

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        within: float = float("inf"),
    ) -> Answer | Failure:
        """Send one request; return its answer, or why there is no whole one. Raises for no target.

        `within` seconds all must be over, if that is less than the limits allow.
        """
        deadline = Deadline(self._limits, within)
        line = self._ready(url, deadline)
        if isinstance(line, Failure):
            return line
        answer = line.begin(Shot(method, url, headers, content), deadline) or line.answer(deadline)
        if isinstance(answer, Answer) and line.rest():
            with self._lock:
                self._resting[_origin(url)].append(line)
        else:
            line.close()
        return answer

    def volley(self, shots: Sequence[Shot], within: float = float("inf")) -> list[Hit]:
        """Send requests to one target so that they arrive together, each on a connection of its own."""
        return fire(shots, partial(self._ready, fresh=True), Deadline(self._limits, within))

    def _ready(self, url: str, deadline: Deadline, *, fresh: bool = False) -> Line | Failure:
        """Return a connection on which nothing was said that was not asked, or why there is none.

        A `fresh` one carried no request before.
        """
        try:
            while not fresh and (line := self._resting_line(url)):
                if line.is_quiet() and time.monotonic() - line.rests_since < KEPT_SECONDS:
                    return line
                line.close()
            line = Line(url, self.way_to(url), deadline)
            line.is_quiet()  # raises when the target speaks first; a connection that ended shows later
        except UnusableAnswerError as error:
            return Failure(Blame.TARGET, str(error), sent=False)
        except NOT_CONNECTED as error:
            return not_connected(error, self._limits)
        return line

    def _resting_line(self, url: str) -> Line | None:
        with self._lock:
            resting = self._resting[_origin(url)]
            return resting.pop() if resting else None

    def close(self) -> None:
        """Close all connections that no request uses."""
        with self._lock:
            for line in (line for resting in self._resting.values() for line in resting):
                line.close()
            self._resting.clear()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
