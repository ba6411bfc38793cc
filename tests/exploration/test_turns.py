"""Searches side by side: one of them makes examples while the others wait for the target."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.client.api import Api
from conformance.suite.exploration.driver import explore
from tests.client.factory import api_of, target_at

SEARCHES = 4


@pytest.fixture
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A client that nobody answers."""
    with target_at("http://127.0.0.1:9", tmp_path_factory.mktemp("target"), examples=5) as target:
        yield api_of(target)


def _side_by_side(
    api: Api, strategy: Callable[[], SearchStrategy[int]], attempt: Callable[[Sequence[int]], None]
) -> list[int]:
    """Run some searches at once; return how many examples each tried."""
    with ThreadPoolExecutor(SEARCHES) as threads:
        running = [threads.submit(explore, api, strategy, attempt) for _ in range(SEARCHES)]
        return [search.result(60).examples for search in running]


def test_one_search_makes_examples_at_a_time(api: Api) -> None:
    making, together = threading.Semaphore(1), list[str]()

    def strategy() -> SearchStrategy[int]:
        _watched("a strategy")
        return st.integers().map(_watched)

    def _watched(made: Any) -> Any:  # noqa: ANN401 (whatever is made)
        if not making.acquire(blocking=False):
            together.append(f"{made} beside another")
            return made
        time.sleep(0.002)  # lets every other thread run
        making.release()
        return made

    assert all(_side_by_side(api, strategy, lambda _: None))
    assert together == []


def test_requests_of_several_searches_are_under_way_at_once(api: Api) -> None:
    first = threading.Barrier(SEARCHES, timeout=30)
    met = threading.local()

    def attempt(_: Sequence[int]) -> None:
        if not hasattr(met, "others"):
            met.others = first.wait()  # raises BrokenBarrierError unless all searches come here

    assert all(_side_by_side(api, st.integers, attempt))
