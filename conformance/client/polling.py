"""Reading again until an answer is enough: the loop of stories that wait for what a target does by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


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
