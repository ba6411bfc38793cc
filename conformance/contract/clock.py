"""How long a run may still compute: whatever reads, compares or validates large documents asks first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from conformance.contract.verdict import Blame, NotJudgedError


class TimeLimit:
    """The moment after which a run judges no further, and what set it; none at first."""

    def __init__(self) -> None:
        self._moment = float("inf")
        self._why = ""

    def end_in(self, seconds: float, why: str) -> None:
        """Judge for so many seconds more; `why` names the limit or the signal. An earlier end stands."""
        moment = time.monotonic() + seconds
        if moment < self._moment:
            self._moment, self._why = moment, why

    def check(self) -> None:
        """Raise NotJudgedError (harness) when the time is over."""
        if time.monotonic() > self._moment:
            raise NotJudgedError(Blame.HARNESS, f"{self._why} ended the run before this was judged")


_heeded: ContextVar[TimeLimit | None] = ContextVar("heeded", default=None)


def heed(clock: TimeLimit | None) -> None:
    """Have this thread compute no longer than a clock allows; None: as long as it takes."""
    _heeded.set(clock)


@contextmanager
def unheeded() -> Iterator[None]:
    """Let the block, or what this decorates, take as long as it takes: books are kept in any case."""
    before = _heeded.set(None)
    try:
        yield
    finally:
        _heeded.reset(before)


def check() -> None:
    """Raise NotJudgedError (harness) when the clock that this thread heeds says so."""
    if clock := _heeded.get():
        clock.check()
