"""Deployments that stories hand on: one at a time, as they must be, and never for ever waited for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.client.api import Api, Created, is_active
from conformance.client.ownership.creations import Creations
from conformance.client.ownership.pool import Kind, Member, Pool
from conformance.client.prerequisites import Prerequisites
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.reference import Call, Document, ReferenceServer, Service
from conformance.suite.exploration.kept_deployment import anyone
from conformance.suite.shared.values import yearly
from tests.client.factory import exchange, target_at
from tests.suite.written import answer

MADE = Created("dep_1", "one", exchange())


def pool(most: int = 1) -> Pool:
    return Pool(most, threading.Event())


def test_the_first_makes_one_and_the_next_gets_it() -> None:
    shared = pool()
    assert shared.acquire(Kind.SCHEDULED, wait=True) is None
    shared.hand_back(Kind.SCHEDULED, MADE)
    assert shared.acquire(Kind.MANUAL_ONLY, wait=True) is None
    assert shared.acquire(Kind.SCHEDULED, wait=True) == Member(MADE)


def test_what_is_in_use_is_waited_for() -> None:
    shared, got = pool(), []
    shared.acquire(Kind.SCHEDULED, wait=True)
    waiting = threading.Thread(target=lambda: got.append(shared.acquire(Kind.SCHEDULED, wait=True)))
    waiting.start()
    shared.hand_back(Kind.SCHEDULED, MADE)
    waiting.join(5)
    assert got == [Member(MADE)]


def test_who_holds_one_waits_for_no_other() -> None:
    shared = pool()
    assert shared.acquire(Kind.SCHEDULED, wait=True) is None
    assert shared.acquire(Kind.SCHEDULED, wait=False) is None


def test_a_lost_one_is_replaced() -> None:
    shared = pool()
    shared.acquire(Kind.SCHEDULED, wait=True)
    shared.lose(Kind.SCHEDULED)
    assert shared.acquire(Kind.SCHEDULED, wait=True) is None


def test_a_stopped_run_waits_no_longer() -> None:
    stopped = threading.Event()
    shared = Pool(1, stopped)
    shared.acquire(Kind.SCHEDULED, wait=True)
    stopped.set()
    with pytest.raises(NotJudgedError, match="the run ended while a deployment was waited for"):
        shared.acquire(Kind.SCHEDULED, wait=True)


def nothing() -> tuple[Created, ...]:
    return ()


def test_an_emptied_pool_has_new_ones_made() -> None:
    shared = pool()
    shared.acquire(Kind.SCHEDULED, wait=True)
    shared.hand_back(Kind.SCHEDULED, MADE)
    shared.shared("three", lambda: (MADE,))
    shared.empty()
    assert shared.acquire(Kind.SCHEDULED, wait=True) is None
    assert shared.shared("three", nothing) == ()


def test_what_several_read_is_made_once_and_tried_again_when_that_fails() -> None:
    shared = pool()

    def fail() -> tuple[Created, ...]:
        raise NotJudgedError(Blame.TARGET, "refused")

    with pytest.raises(NotJudgedError):
        shared.shared("three", fail)
    assert shared.shared("three", lambda: (MADE,)) == (MADE,)
    assert shared.shared("three", nothing) == (MADE,)


def test_what_searches_leave_is_given_once_and_only_if_it_may_fit() -> None:
    shared = pool()
    odd, unread = Member(MADE, answer({"status": "paused"})), Member(replace(MADE, id="dep_2"))
    for one in (odd, unread):
        shared.add(Kind.PLAIN, one)
    assert shared.pick(Kind.SCHEDULED) is None
    taken: list[Member | None] = []

    def pick() -> None:
        taken.append(shared.pick(Kind.PLAIN, lambda shown: shown.get("status") == "active"))

    threads = [threading.Thread(target=pick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in taken if one] == [unread]
    assert shared.pick(Kind.PLAIN) is odd


# --- as stories use it ---------------------------------------------------------------------------------------


class Stage:
    """A server, and clients of several stories that share a pool."""

    def __init__(self, folder: Path, stack: ExitStack, service: type[Service] = Service) -> None:
        self.server = stack.enter_context(ReferenceServer(service))
        self.target = stack.enter_context(
            target_at(self.server.base_url, folder, token=self.server.tokens[0])
        )
        self.pool = Pool(2, self.target.stopped)
        self.creations = Creations(self.target.ledger)

    def story(self, name: str) -> Api:
        known = Prerequisites(agent_id=self.server.agent_id, environment_id=self.server.environment_id)
        return Api(self.target, name, known, self.creations, pool=self.pool)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield Stage(tmp_path, stack)


def told(stage: Stage, name: str, **changes: Any) -> tuple[Api, Created]:  # noqa: ANN401 (values of fields)
    api = stage.story(name)
    return api, api.obtain(**changes)


def test_stories_hand_one_on_and_it_is_active_again(stage: Stage) -> None:
    first, made = told(stage, "first", schedule=yearly())
    first.pause(made.id)
    first.hand_back()
    _, again = told(stage, "second", schedule=yearly())
    assert again.id == made.id
    assert isinstance(again.exchange.json, dict)
    assert again.exchange.json["status"] == "active"
    assert stage.creations.created == 1


def test_a_manual_only_one_is_another(stage: Stage) -> None:
    first, made = told(stage, "first", schedule=yearly())
    first.hand_back()
    assert told(stage, "second")[1].id != made.id


def test_fields_that_are_asked_for_make_a_new_one(stage: Stage) -> None:
    first, made = told(stage, "first", schedule=yearly())
    first.hand_back()
    assert told(stage, "second", schedule=yearly(), metadata={"a": "b"})[1].id != made.id


def test_one_that_was_archived_is_not_handed_on(stage: Stage) -> None:
    first, made = told(stage, "first", schedule=yearly())
    first.archive(made.id)
    first.hand_back()
    second, other = told(stage, "second", schedule=yearly())
    assert other.id != made.id
    second.hand_back()
    assert told(stage, "third", schedule=yearly())[1].id == other.id


def test_a_search_goes_on_with_what_another_left_once_it_is_active(stage: Stage) -> None:
    first = stage.story("first")
    made = first.create_deployment(schedule=yearly())
    first.pause(made.id)
    first.leave(made)
    second = stage.story("second")
    assert second.reuse(lambda shown: shown["status"] == "archived") is None
    left = second.reuse(anyone)
    assert left is not None
    assert left[0] == made
    assert is_active(left[1])
    assert second.reuse(anyone) is None


class ReadsLagBehind(Service):
    """A read within the next two requests shows what was before a pause."""

    def __init__(self, *given: Any) -> None:  # noqa: ANN401 (as the server does)
        super().__init__(*given)
        self.late = 0
        self.before: Document = {}

    def pause(self, call: Call) -> Document:
        self.before = self.render_deployment(self.find(call))
        self.late = 2
        return super().pause(call)

    def get(self, call: Call) -> Document:
        self.late -= 1
        return self.before if self.late >= 0 else super().get(call)


def test_a_read_that_lags_behind_an_earlier_story_does_not_look_active(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stage = Stage(tmp_path, stack, ReadsLagBehind)
        first, made = told(stage, "first", schedule=yearly())
        first.pause(made.id)
        first.hand_back()
        second, again = told(stage, "second", schedule=yearly())
        assert again.id == made.id
        assert second.pause(again.id).status == 200
