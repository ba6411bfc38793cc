"""A stop: nothing new is sent, what hangs is cut off, the clean-up goes on, and all of it has an end."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from conformance.client.exchange import Exchange
from conformance.client.target import CLEAN_UP, OutgoingRequest, Target
from conformance.client.traffic import limits as manners
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.run.signals import Stopper
from conformance.suite.engine.runner import Runner
from tests.client.factory import api_of, target_at
from tests.client.rawserver import RawServer, answering, http

READ = OutgoingRequest(method="GET", path="/deployments/dep_1", label="read")
WRITE = OutgoingRequest(method="POST", path="/deployments/dep_1/pause", label="pause", content=b"")
Setup = Callable[..., Target]


class Silent:
    """Takes requests and answers none."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.over = threading.Event()

    def __call__(self, _: socket.socket, __: bytes) -> None:
        self.asked.release()
        self.over.wait(60)


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manners, "GRACE_SECONDS", 0.05)


@pytest.fixture
def silent() -> Iterator[Silent]:
    answer = Silent()
    yield answer
    answer.over.set()


@pytest.fixture
def against(tmp_path: Path) -> Iterator[Setup]:
    """Start a raw server and return a target that points to it and waits a minute for answers."""
    with ExitStack() as stack:

        def start(answer: Callable[[socket.socket, bytes], None], **chosen: Any) -> Target:  # noqa: ANN401 (settings)
            server = stack.enter_context(RawServer(answer))
            return stack.enter_context(target_at(server.url, tmp_path, **{"timeout": 60.0, **chosen}))

        yield start


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def cut(sent: Future[Exchange]) -> None:
    failure = sent.result(20).failure
    assert failure is not None
    assert "broken answer" in failure.text


@pytest.mark.parametrize("request_", [READ, WRITE], ids=["GET", "POST"])
def test_a_request_that_hangs_is_cut_off(
    against: Setup, silent: Silent, aside: ThreadPoolExecutor, request_: OutgoingRequest
) -> None:
    target = against(silent)
    sent = aside.submit(target.send, "story", request_)
    assert silent.asked.acquire(timeout=20)
    target.stop("SIGINT")
    cut(sent)
    assert target.requests == 1


def test_a_volley_that_hangs_is_cut_off(against: Setup, silent: Silent, aside: ThreadPoolExecutor) -> None:
    target = against(silent)
    sent = aside.submit(target.volley, "story", [WRITE] * 3)
    for _ in range(3):
        assert silent.asked.acquire(timeout=20)
    target.stop("SIGINT")
    assert [one.failure is not None for one in sent.result(20)] == [True] * 3


def test_what_is_answered_in_the_time_of_grace_counts(
    against: Setup, aside: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manners, "GRACE_SECONDS", 30.0)
    asked = threading.Event()

    def answer(connection: socket.socket, _: bytes) -> None:
        asked.set()
        time.sleep(0.3)
        connection.sendall(http())

    target = against(answer)
    sent = aside.submit(target.send, "story", WRITE)
    assert asked.wait(20)
    target.stop("SIGINT")
    assert sent.result(20).status == 200


def test_nothing_but_the_clean_up_is_sent_afterwards(against: Setup) -> None:
    target = against(answering(http()))
    target.stop("SIGINT")
    assert target.send(CLEAN_UP, READ).failure is not None
    target.begin_clean_up()
    late = target.send("story", READ).failure
    assert late is not None
    assert (late.blame, late.text, late.sent) == (Blame.HARNESS, "not sent: the run was stopped", False)
    assert target.send(CLEAN_UP, WRITE).status == 200


def test_the_clean_up_has_an_end(against: Setup, silent: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manners, "LAST_SECONDS", 0.5)
    target = against(silent)
    target.stop("SIGTERM")
    target.begin_clean_up()
    hung, unsent = target.send(CLEAN_UP, WRITE).failure, target.send(CLEAN_UP, WRITE).failure
    assert hung is not None
    assert hung.blame is Blame.TARGET
    assert unsent is not None
    assert not unsent.sent
    assert target.requests == 1


def test_a_stop_during_the_clean_up_lets_it_go_on(
    against: Setup, aside: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manners, "LAST_SECONDS", 2.0)
    target = against(answering(http()))
    target.begin_clean_up()
    stopping = aside.submit(target.stop, "SIGINT")
    while not target.manners.signal:
        time.sleep(0.01)
    assert [target.send(CLEAN_UP, WRITE).status for _ in range(3)] == [200] * 3
    assert not stopping.done()


def test_a_read_that_was_waited_for_proves_nothing(against: Setup) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        target.stopped.set()
        connection.sendall(http(body=b'{"id": "dep_1", "status": "active"}'))

    target = against(answer)
    with pytest.raises(NotJudgedError) as caught:
        api_of(target).get_until("dep_1", lambda read: read.get("status") == "paused")
    assert caught.value.blame is Blame.HARNESS


def test_how_the_stories_stand_can_be_asked_while_they_are_begun(against: Setup) -> None:
    runner = Runner(against(answering(http())))
    over, told = threading.Event(), Future[object]()

    def begin() -> None:
        for number in range(60_000):
            runner._alone[f"story {number}"] = told
        over.set()

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threading.Thread(target=begin).start()
        while not over.is_set():
            runner.standing()
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize("handled", [True, False], ids=["of a terminal that closes", "under nohup"])
def test_a_hangup_stops_a_run_unless_it_is_to_outlive_its_terminal(handled: bool) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL if handled else signal.SIG_IGN)
    stopped = threading.Event()
    stopper = Stopper(lambda _: stopped.set())
    stopper.watch()
    try:
        with stopper.deferred():
            signal.raise_signal(signal.SIGHUP)
        assert stopped.wait(20 if handled else 0.1) is handled
        assert stopper.name == ("SIGHUP" if handled else "")
    finally:
        stopper.release()
        signal.signal(signal.SIGHUP, before)


def test_a_request_that_hangs_when_the_time_is_over_is_no_fault_of_the_target(
    against: Setup, silent: Silent
) -> None:
    target = against(silent, max_seconds=0.3)
    alone = target.send("story", READ).failure
    together = [one.failure for one in target.volley("story", [WRITE] * 2)]
    for failure in (alone, *together):
        assert failure is not None
        assert failure.blame is Blame.HARNESS
        assert "--max-seconds 0.3 was reached" in failure.text


def test_the_clean_up_after_the_time_of_the_run_has_an_end(
    against: Setup, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manners, "LAST_SECONDS", 0.5)
    target = against(silent, max_seconds=0.1)
    assert target.stopped.wait(20)
    target.begin_clean_up()
    hung, unsent = target.send(CLEAN_UP, WRITE).failure, target.send(CLEAN_UP, WRITE).failure
    assert hung is not None
    assert unsent is not None
    assert not unsent.sent


def test_the_clean_up_of_a_run_that_had_time_left_takes_what_it_needs(against: Setup) -> None:
    target = against(answering(http()), max_seconds=3600.0)
    target.begin_clean_up()
    assert target.manners.seconds_left > 3000
    assert target.send(CLEAN_UP, WRITE).status == 200


def test_a_stop_ends_judging_too(against: Setup) -> None:
    target = against(answering(http()))
    target.manners.clock.check()
    target.stop("SIGTERM")
    with pytest.raises(NotJudgedError, match="SIGTERM ended the run"):
        target.manners.clock.check()
