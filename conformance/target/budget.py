"""How many requests and deployments a run may still make; what its clean-up needs is kept back."""

from __future__ import annotations

import threading

LOOK = 1
"""Requests kept back to look for creations that no answer told of."""


class Budget:
    """What is left of `--max-requests` and `--max-created`, over all threads; None is no limit.

    For each deployment one request is kept back that archives it, and what giving back a lent one takes.
    """

    def __init__(self, *, requests: int | None = None, created: int | None = None) -> None:
        self._requests = float("inf") if requests is None else requests
        self._created = float("inf") if created is None else created
        self._lock = threading.Lock()
        self._cleaning = self._announced = False
        self._under_way = self._unknown = self._gone = self._lent = 0
        self._live: set[str] = set()
        self.sent = 0

    def take(self, count: int = 1, *, archives: str = "") -> str:
        """Take leave to send requests, or one that archives a deployment; return what limit forbids it."""
        with self._lock:
            kept = self._kept()
            if archives in self._live:
                kept = 0 if self._cleaning else kept - 1
            if self.sent + count + kept > self._requests:
                return f"--max-requests {self._requests}"
            self.sent += count
            return ""

    def lend(self, requests: int) -> None:
        """Keep back requests that put a lent deployment back as it was."""
        with self._lock:
            self._lent = requests

    def announce(self) -> str:
        """Take leave for a creation and the request that archives it; return the limit that forbids it."""
        with self._lock:
            made = len(self._live) + self._gone + self._under_way + self._unknown
            if made >= self._created:
                return f"--max-created {self._created}"
            first = 0 if self._announced else LOOK
            if self.sent + 2 + first + self._kept() > self._requests:
                return f"--max-requests {self._requests}"
            self._announced = True
            self._under_way += 1
            return ""

    def may_make_room(self) -> bool:
        """Tell whether creations are under way that need not make anything."""
        with self._lock:
            return self._under_way > 0

    def settle(self) -> None:
        """Note that an announced creation is over; what it made was noted before."""
        with self._lock:
            self._under_way = max(0, self._under_way - 1)

    def lose(self) -> None:
        """Note that nobody knows what a creation made."""
        with self._lock:
            self._unknown += 1

    def made(self, deployment_id: str) -> None:
        """Note a deployment of ours."""
        with self._lock:
            self._live.add(deployment_id)

    def archived(self, deployment_id: str) -> None:
        """Note that a deployment of ours needs no request any more."""
        with self._lock:
            self._live.discard(deployment_id)
            self._gone += 1

    def forget(self, deployment_id: str) -> None:
        """Note that a deployment is not ours after all."""
        with self._lock:
            self._live.discard(deployment_id)

    def begin_clean_up(self) -> None:
        """Let those requests be sent that were kept back."""
        with self._lock:
            self._cleaning = True

    def _kept(self) -> int:
        if self._cleaning:
            return len(self._live)
        look = LOOK if self._announced else 0
        return len(self._live) + self._under_way + self._unknown + self._lent + look
