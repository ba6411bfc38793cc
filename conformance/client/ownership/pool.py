"""Deployments of the run that are handed on: each is used by one at a time, and archived last.

What is created stays in the account for ever. A story that needs some active deployment, to pause, unpause or
update, takes one that another has finished with; a search goes on with what others left.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from conformance.client.calls.staleness import Memory
from conformance.contract.verdict import Blame, NotJudgedError

if TYPE_CHECKING:
    from conformance.client.api import Created
    from conformance.client.exchange import Exchange

T = TypeVar("T")
Fits = Callable[[Mapping[str, Any]], bool]
"""Tells of a deployment, as it was read last, whether it will do."""
WAIT_SECONDS = 0.2
"""How often a story that waits for a deployment looks whether the run has ended."""


class Kind(StrEnum):
    """What a pooled deployment is, as far as those care who take one."""

    SCHEDULED = "scheduled"
    MANUAL_ONLY = "manual-only"
    PLAIN = "scheduled, and nothing else"


@dataclass(frozen=True, slots=True)
class Member:
    """A deployment of the pool; `shown` is how it reads, None when it must be read before it is used."""

    made: Created
    shown: Exchange | None = None


class Pool:
    """At most `most` deployments of each kind; a story that finds them all in use waits for one.

    `stopped` is set when the run ends. `memory` is what the target has said of them: a read that lags behind
    what an earlier story did must not look current to the next.
    """

    def __init__(self, most: int, stopped: threading.Event) -> None:
        self._most = most
        self._stopped = stopped
        self.memory = Memory()
        self._idle: defaultdict[Kind, list[Member]] = defaultdict(list)
        self._leased: Counter[Kind] = Counter()
        self._changed = threading.Condition()
        self._shared: dict[str, Any] = {}
        self._making: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def acquire(self, kind: Kind, *, wait: bool) -> Member | None:
        """Lease the deployment that is idle longest, or return None when the story is to make one.

        With `wait` false it never waits: a story that holds a deployment must not wait for a second one,
        since others may do the same. Raises NotJudgedError (harness) when the run ends meanwhile.
        """
        with self._changed:
            while (found := self.pick(kind)) is None and wait and self._leased[kind] >= self._most:
                self._changed.wait(WAIT_SECONDS)
                if self._stopped.is_set():
                    raise NotJudgedError(Blame.HARNESS, "the run ended while a deployment was waited for")
            self._leased[kind] += 1
            return found

    def pick(self, kind: Kind, fits: Fits | None = None) -> Member | None:
        """Return, for good, the deployment that is idle longest and may fit; None when there is none."""
        with self._changed:
            idle = self._idle[kind]
            found = next(
                (member for member in idle if not (fits and member.shown) or fits(_state(member.shown))), None
            )
            if found:
                idle.remove(found)
            return found

    def add(self, kind: Kind, member: Member) -> None:
        """Let others have a deployment."""
        with self._changed:
            self._idle[kind].append(member)
            self._changed.notify()

    def hand_back(self, kind: Kind, made: Created) -> None:
        """Let others have a deployment that was leased."""
        with self._changed:
            self._leased[kind] -= 1
            self.add(kind, Member(made))

    def lose(self, kind: Kind) -> None:
        """Count a leased deployment out: it was not made."""
        with self._changed:
            self._leased[kind] -= 1
            self._changed.notify()

    def shared(self, name: str, make: Callable[[], T]) -> T:
        """Return what is made once and read by all who ask for it by one name; whoever is first makes it.

        What making it raises is raised for that one alone: the next tries again.
        """
        with self._changed:
            making = self._making[name]
        with making:
            if name not in self._shared:
                self._shared[name] = make()
            found: T = self._shared[name]
            return found

    def empty(self) -> None:
        """Forget all that are idle or shared: they are being archived."""
        self._shared.clear()
        with self._changed:
            self._idle.clear()
            self._changed.notify_all()


def _state(shown: Exchange) -> Mapping[str, Any]:
    return shown.json if isinstance(shown.json, dict) else {}
