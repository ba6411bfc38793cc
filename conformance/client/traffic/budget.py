"""How many requests and deployments a run may still make; what its clean-up needs is kept back."""

from __future__ import annotations

import threading

LOOK = 1
"""Requests kept back to look for creations that no answer told of."""
KEPT = 2
"""Requests kept back for each deployment: a read that shows that it is ours, and its archive."""


class Budget:
    """What is left of `--max-requests` and `--max-created`, over all threads; None is no limit.

    For each deployment one request is kept back that archives it and, until a read has shown that it is
    ours, one for that read; and what giving back a lent one takes.
    """

    def __init__(self, *, requests: int | None = None, created: int | None = None) -> None:
        self._requests = float("inf") if requests is None else requests
        self._created = float("inf") if created is None else created
        self._of_requests, self._of_created = f"--max-requests {requests}", f"--max-created {created}"
        self._lock = threading.Lock()
        self._cleaning = self._announced = False
        self._under_way = self._unknown = self._gone = self._lent = 0
        self._live: dict[str, int] = {}
        self.sent = 0

    def cap(self, *, requests: int, created: int) -> None:
        """Let no run take more than its plan says of any target, where no option sets a limit."""
        planned = "which --plan states as the most on any target"
        if self._requests == float("inf"):
            self._requests, self._of_requests = requests, f"{requests} requests, {planned},"
        if self._created == float("inf"):
            self._created, self._of_created = created, f"{created} creations, {planned},"

    def acquire(self, count: int = 1, *, archives: str = "", reads: str = "") -> str:
        """Take leave to send requests; return what limit forbids it.

        One that `archives` a deployment, or `reads` one that is not known to be ours yet, was kept back.
        """
        with self._lock:
            kept = self._kept()
            if archives in self._live:
                kept = 0 if self._cleaning else kept - self._live[archives]
            elif reads in self._live:
                kept -= self._live[reads] - 1
            if self.sent + count + kept > self._requests:
                return self._of_requests
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
                return self._of_created
            first = 0 if self._announced else LOOK
            if self.sent + 1 + KEPT + first + self._kept() > self._requests:
                return self._of_requests
            self._announced = True
            self._under_way += 1
            return ""

    def short_of(self, *, requests: int, created: int) -> str:
        """Return the limit that leaves less than so many requests or deployments, if any."""
        with self._lock:
            if self.sent + self._kept() + requests > self._requests:
                return self._of_requests
            made = len(self._live) + self._gone + self._under_way + self._unknown
            return self._of_created if made + created > self._created else ""

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
        """Note a deployment that seems to be ours."""
        with self._lock:
            self._live[deployment_id] = KEPT

    def confirmed(self, deployment_id: str) -> None:
        """Note that a deployment is ours, and need not be read for that any more."""
        with self._lock:
            if deployment_id in self._live:
                self._live[deployment_id] = KEPT - 1

    def archived(self, deployment_id: str) -> None:
        """Note that a deployment of ours needs no request any more."""
        with self._lock:
            self._live.pop(deployment_id, None)
            self._gone += 1

    def forget(self, deployment_id: str) -> None:
        """Note that a deployment is not ours after all."""
        with self._lock:
            self._live.pop(deployment_id, None)

    def begin_clean_up(self) -> None:
        """Let those requests be sent that were kept back."""
        with self._lock:
            self._cleaning = True

    def _kept(self) -> int:
        live = sum(self._live.values())
        if self._cleaning:
            return live
        look = LOOK if self._announced else 0
        return live + KEPT * self._under_way + self._unknown + self._lent + look
