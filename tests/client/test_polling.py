"""One loop reads again: until it is enough, the waits are over, or the run ends."""

from __future__ import annotations

import threading
from itertools import repeat

import pytest

from conformance.client.calls.polling import poll, rest
from conformance.contract.verdict import Blame, NotJudgedError


@pytest.mark.parametrize(
    ("enough", "waits", "ends_at", "read", "waited"),
    [
        (1, 5, 99, 1, 0),
        (3, 5, 99, 3, 2),
        (99, 2, 99, 3, 2),  # the last answer is returned although it is not enough
        (99, 0, 99, 1, 0),
        (99, 5, 2, 2, 2),  # the run ended: nothing more is read
    ],
)
def test_it_reads_until_it_is_over(enough: int, waits: int, ends_at: int, read: int, waited: int) -> None:
    reads, slept = [0], list[float]()

    def count() -> int:
        reads[0] += 1
        return reads[0]

    def wait(seconds: float) -> bool:
        slept.append(seconds)
        return len(slept) == ends_at

    assert poll(count, lambda found: found >= enough, repeat(0.5, waits), wait) == read == reads[0]
    assert slept == [0.5] * waited


def test_a_rest_ends_with_the_run() -> None:
    stopped = threading.Event()
    rest(stopped, 0.0, "no answer was waited for")
    stopped.set()
    with pytest.raises(NotJudgedError, match="no answer was waited for") as error:
        rest(stopped, 60.0, "no answer was waited for")
    assert error.value.blame is Blame.HARNESS
