"""While one story watches, the rest of the run changes nothing; nobody waits for ever, nor for itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conformance.client.target import OutgoingRequest
from conformance.client.traffic.quiescence import Stillness
from tests.client.factory import target_at
from tests.client.rawserver import RawServer, answering, http

AT_ONCE = 0.1
IN_TIME = 5.0


@pytest.fixture
def other() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


def change(stillness: Stillness) -> None:
    with stillness.changing():
        pass


def watch(stillness: Stillness) -> None:
    with stillness.watching():
        pass


def waits(future: Future[Any]) -> bool:
    """Tell whether what another thread does is not done soon."""
    time.sleep(AT_ONCE)
    return not future.done()


def test_a_change_waits_for_whoever_watches(other: ThreadPoolExecutor) -> None:
    stillness = Stillness()
    with stillness.watching():
        changed = other.submit(change, stillness)
        assert waits(changed)
    changed.result(IN_TIME)


def test_whoever_watches_waits_for_a_change(other: ThreadPoolExecutor) -> None:
    stillness = Stillness()
    with stillness.changing():
        watched = other.submit(watch, stillness)
        assert waits(watched)
    watched.result(IN_TIME)


def test_one_watches_at_a_time(other: ThreadPoolExecutor) -> None:
    stillness = Stillness()
    with stillness.watching():
        watched = other.submit(watch, stillness)
        assert waits(watched)
    watched.result(IN_TIME)


def test_whoever_watches_may_change_what_it_watches() -> None:
    stillness = Stillness()
    started = time.monotonic()
    with stillness.watching():
        change(stillness)
    assert time.monotonic() - started < IN_TIME


def test_nobody_waits_for_ever(other: ThreadPoolExecutor) -> None:
    stillness = Stillness(patience=AT_ONCE)
    with stillness.watching():
        other.submit(change, stillness).result(IN_TIME)
        other.submit(watch, stillness).result(IN_TIME)
    with stillness.changing():
        other.submit(watch, stillness).result(IN_TIME)


@pytest.mark.parametrize(("method", "held"), [("GET", False), ("HEAD", False), ("POST", True)])
def test_only_what_changes_something_is_held_back(
    method: str, held: bool, tmp_path: Path, other: ThreadPoolExecutor
) -> None:
    request = OutgoingRequest(method=method, path="/deployments/dep_1", label="any", content=b"")
    with RawServer(answering(http())) as server, target_at(server.url, tmp_path) as target:
        for send in (lambda: target.send("story", request), lambda: target.volley("story", [request])):
            with target.stillness.watching():
                sent = other.submit(send)
                if held:
                    assert waits(sent)
                else:
                    sent.result(IN_TIME)
            sent.result(IN_TIME)
