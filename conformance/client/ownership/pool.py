"""Deployments of the run that stories hand on: each is used by one story at a time, and archived last.

What is created stays in the account for ever. A story that needs some active deployment, to pause, unpause or
update, takes one that another has finished with.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from conformance.client.staleness import Memory
from conformance.contract.verdict import Blame, NotJudgedError

if TYPE_CHECKING:
    from conformance.client.api import Created

WAIT_SECONDS = 0.2
"""How often a story that waits for a deployment looks whether the run has ended."""


class Kind(StrEnum):
    """What a pooled deployment is, for good: an update cannot take a schedule away."""

    SCHEDULED = "scheduled"
    MANUAL_ONLY = "manual-only"


@dataclass(frozen=True, slots=True)
class Lease:
    """A deployment that one story uses for now."""

    kind: Kind
    made: Created


class Pool:
    """At most `most` deployments of each kind; a story that finds them all in use waits for one.

    `stopped` is set when the run ends. `memory` is what the target has said of them: a read that lags behind
    what an earlier story did must not look current to the next.
    """

    def __init__(self, most: int, stopped: threading.Event) -> None:
        self._most = most
        self._stopped = stopped
        self.memory = Memory()
        self._idle: defaultdict[Kind, list[Created]] = defaultdict(list)
        self._members: Counter[Kind] = Counter()
        self._changed = threading.Condition()
        self._shared: dict[str, tuple[Created, ...]] = {}
        self._making = threading.Lock()

    def take(self, kind: Kind, *, wait: bool) -> Created | None:
        """Return an idle deployment, or None when the story is to make one.

        With `wait` false it never waits: a story that holds a deployment must not wait for a second one,
        since others may do the same. Raises NotJudgedError (harness) when the run ends meanwhile.
        """
        with self._changed:
            while not self._idle[kind]:
                if self._members[kind] < self._most or not wait:
                    self._members[kind] += 1
                    return None
                self._changed.wait(WAIT_SECONDS)
                if self._stopped.is_set():
                    raise NotJudgedError(Blame.HARNESS, "the run ended while a deployment was waited for")
            return self._idle[kind].pop()

    def shared(self, name: str, make: Callable[[], tuple[Created, ...]]) -> tuple[Created, ...]:
        """Return what is made once and read by all who ask for it by one name; whoever is first makes it.

        What making it raises is raised for that one alone: the next tries again.
        """
        with self._making:
            if name not in self._shared:
                self._shared[name] = make()
            return self._shared[name]

    def hand_back(self, lease: Lease) -> None:
        """Let others have a deployment."""
        with self._changed:
            self._idle[lease.kind].append(lease.made)
            self._changed.notify()

    def lose(self, kind: Kind) -> None:
        """Count a deployment out: it was not made, or is not fit to be used any more."""
        with self._changed:
            self._members[kind] -= 1
            self._changed.notify()

    def empty(self) -> None:
        """Forget all that are idle or shared: they are being archived."""
        self._shared.clear()
        with self._changed:
            for kind, idle in self._idle.items():
                self._members[kind] -= len(idle)
                idle.clear()
            self._changed.notify_all()
