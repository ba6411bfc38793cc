"""Reading again until an answer is enough: the loop of stories that wait for what a target does by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from conformance.contract.verdict import Blame, NotJudgedError

T = TypeVar("T")


def rest(stopped: threading.Event, seconds: float, why: str = "the run was stopped") -> None:
    """Wait for seconds; raises NotJudgedError (harness) that says `why` when the run ends meanwhile."""
    if stopped.wait(seconds):
        raise NotJudgedError(Blame.HARNESS, why)


def poll(
    read: Callable[[], T],
    enough: Callable[[T], bool],
    waits: Iterable[float],
    wait: Callable[[float], object],
) -> T:
    """Read until what was read is enough, and return the last that was read, enough or not.

    `waits` are the seconds between two reads. `wait` waits so long and returns something true when the run
    ends meanwhile: then nothing more is read. Lags within a bound are `Api.get_until`'s to wait for.
    """
    found = read()
    for seconds in waits:
        if enough(found) or wait(seconds):
            break
        found = read()
    return found
