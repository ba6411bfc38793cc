"""What computes at length heeds the clock of its run, and ends as not judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from conformance.client.exchange import Packed, PackedText
from conformance.contract import clock
from conformance.contract.clock import TimeLimit
from conformance.contract.comparing import changes
from conformance.contract.schemas import violations
from conformance.contract.verdict import Blame, NotJudgedError


@pytest.fixture(autouse=True)
def _afterwards() -> Iterator[None]:
    yield
    clock.heed(None)


def over(why: str = "--max-seconds 20") -> TimeLimit:
    ended = TimeLimit()
    ended.end_in(-1, why)
    return ended


DEAR = {
    "a large document is read": lambda: Packed(json.dumps({"id": "dep_1"}).encode()).unpacked(),
    "states are compared": lambda: changes({"name": "a"}, {"name": "b"}),
    "a schema is applied": lambda: violations("deployment", "2026-07", {"id": "dep_1"}),
}


@pytest.mark.parametrize("act", DEAR.values(), ids=DEAR)
def test_what_may_be_dear_ends_with_the_time(act: Callable[[], object]) -> None:
    act()
    clock.heed(over())
    with pytest.raises(NotJudgedError, match="--max-seconds 20 ended the run before") as ended:
        act()
    assert ended.value.blame is Blame.HARNESS
    clock.heed(None)
    act()


def test_a_clock_without_an_end_or_before_it_lets_everything_go_on() -> None:
    running = TimeLimit()
    clock.heed(running)
    clock.check()
    running.end_in(60, "--max-seconds 1")
    clock.check()


def test_the_earliest_end_stands() -> None:
    running = over("SIGINT")
    running.end_in(60, "--max-seconds 1")
    with pytest.raises(NotJudgedError, match="SIGINT"):
        running.check()


def test_reports_can_be_written_when_the_time_is_over() -> None:
    text = PackedText("a long body")
    clock.heed(over())
    assert text.unpacked() == "a long body"
