"""Deployments that the stories of a small run hand on: who gets them when, and what they are made before."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.client.api import Api, Created
from conformance.client.ownership.creations import Creations
from conformance.client.ownership.pool import Member
from conformance.client.ownership.stock import Stock, Turn
from conformance.client.prerequisites import Prerequisites
from conformance.client.rich_values import NAME, Riches
from conformance.client.target import Target
from conformance.contract.comparing import field
from conformance.contract.verdict import NotJudgedError
from conformance.reference import ApiError, Deployment, ReferenceServer, Service
from conformance.suite.shared.values import yearly
from tests.client.factory import exchange, target_at

SOON = 5.0


def member(name: str) -> Member:
    return Member(Created(name, name, exchange()))


def anyone(_: Member) -> bool:
    return True


def names(members: list[Member]) -> list[str]:
    return [one.made.id for one in members]


def filled(*there: str, makers: tuple[str, ...] = ()) -> Stock:
    stock = Stock(threading.Event())
    stock.expect((), makers=makers, listing=())
    stock.add(*map(member, there))
    return stock


class Waiter:
    """Takes of a stock in a thread of its own."""

    def __init__(
        self, stock: Stock, count: int, turn: Turn, suits: Callable[[Member], bool] = anyone
    ) -> None:
        self.got: list[str] | None = None
        self._thread = threading.Thread(target=self._take, args=(stock, count, turn, suits), daemon=True)
        self._thread.start()
        time.sleep(0.05)  # so that it asks before the next one does

    def _take(self, stock: Stock, count: int, turn: Turn, suits: Callable[[Member], bool]) -> None:
        self.got = names(stock.take(count, turn, suits))

    def join(self) -> list[str] | None:
        self._thread.join(SOON)
        return self.got


def test_what_suits_best_is_given_and_the_oldest_first() -> None:
    stock = filled("a", "b", "c")
    assert names(stock.take(2, Turn.CHANGING, lambda one: one.made.id != "a")) == ["b", "c"]
    assert names(stock.take(1, Turn.CHANGING, lambda one: one.made.id != "a")) == ["a"]


def test_what_is_to_be_made_and_what_is_in_use_is_waited_for() -> None:
    stock = filled(makers=("bare_creation",))
    waiting = Waiter(stock, 1, Turn.CHANGING)
    assert waiting.got is None
    stock.add(member("a"))
    assert waiting.join() == ["a"]
    stock.ended("bare_creation")
    next_one = Waiter(stock, 1, Turn.CHANGING)
    assert next_one.got is None
    stock.give_back([member("a")], 1)
    assert next_one.join() == ["a"]


def test_where_nothing_comes_any_more_the_story_makes_its_own() -> None:
    stock = filled("a")
    assert names(stock.take(3, Turn.ARCHIVING, anyone)) == ["a"]


def test_a_story_that_needs_less_goes_first_where_there_is_too_little_for_another() -> None:
    stock = filled("a", makers=("whole_creation",))
    many, few = Waiter(stock, 2, Turn.CHANGING), Waiter(stock, 1, Turn.CHANGING)
    assert (many.got, few.join()) == (None, ["a"])
    stock.add(member("b"), member("c"))
    assert many.join() == ["b", "c"]


def test_stories_that_archive_let_others_go_first_and_those_of_them_that_need_more() -> None:
    stock = filled(makers=("whole_creation",))
    one = Waiter(stock, 1, Turn.ARCHIVING)
    two = Waiter(stock, 2, Turn.ARCHIVING)
    changing = Waiter(stock, 2, Turn.CHANGING)
    stock.add(member("a"))
    assert (one.got, two.got, changing.got) == (None, None, None)
    stock.add(member("b"))
    assert changing.join() == ["a", "b"]
    stock.give_back([member("a"), member("b")], 2)
    assert two.join() == ["a", "b"]
    assert one.got is None
    stock.give_back([member("b")], 2)
    assert one.join() == ["b"]


def test_stories_that_archive_wait_for_what_others_are_going_to_leave() -> None:
    stock = filled()
    stock.expect(("pause_twice", "archive_twice"), makers=(), listing=())
    archiving = Waiter(stock, 1, Turn.ARCHIVING)
    assert archiving.got is None
    assert Waiter(stock, 1, Turn.CHANGING).join() == []
    stock.give_back([member("a")], 1)
    stock.ended("pause_twice")
    assert archiving.join() == ["a"]


def test_lists_come_first() -> None:
    stock = filled("a", makers=("whole_creation",))
    lists, changing = Waiter(stock, 2, Turn.LISTING), Waiter(stock, 1, Turn.CHANGING)
    assert (lists.got, changing.got) == (None, None)
    stock.add(member("b"), member("c"))
    assert (lists.join(), changing.join()) == (["a", "b"], ["c"])


def test_one_that_must_be_as_it_was_made_is_waited_for_before_others_change_it() -> None:
    stock = filled("a", makers=("bare_creation",))
    as_made = Waiter(stock, 1, Turn.AS_MADE, lambda one: one.made.id == "b")
    changing = Waiter(stock, 1, Turn.CHANGING)
    assert (as_made.got, changing.got) == (None, None)
    stock.add(member("b"))
    assert (as_made.join(), changing.join()) == (["b"], ["a"])


def test_what_lists_show_comes_back_when_the_last_of_them_is_told() -> None:
    stock = filled("a")
    stock.expect((), makers=(), listing=("listings", "page_walk"))
    stock.keep_listed(map(member, names(stock.take(1, Turn.CHANGING, anyone))))
    waiting = Waiter(stock, 1, Turn.CHANGING)
    stock.ended("listings")
    assert waiting.got is None
    stock.ended("page_walk")
    assert waiting.join() == ["a"]


def test_a_stopped_run_waits_no_longer() -> None:
    stopped = threading.Event()
    stock = Stock(stopped)
    stock.expect((), makers=("bare_creation",), listing=())
    stopped.set()
    with pytest.raises(NotJudgedError, match="the run ended while a deployment was waited for"):
        stock.take(1, Turn.CHANGING, anyone)


# --- as stories use it ---------------------------------------------------------------------------------------


class RefusesUpdates(Service):
    """No update is accepted."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        raise ApiError(400, "invalid_request_error", "not today")


class Stage:
    """A server, and clients of stories that share a stock."""

    def __init__(self, server: ReferenceServer, target: Target) -> None:
        self.target = target
        self.creations = Creations(target.ledger)
        self.stock = Stock(target.stopped)
        self._makers = 0
        self._known = Prerequisites(agent_id=server.agent_id, environment_id=server.environment_id)

    def story(self, name: str) -> Api:
        riches = Riches(self._known)
        return Api(self.target, name, self._known, self.creations, riches=riches, stock=self.stock)

    def made(self, **fields: object) -> Created:
        """Create a deployment that others may have."""
        self._makers += 1
        api = self.story(f"maker_{self._makers}")
        body = api.body(**fields)
        answer = api.create(body)
        made = Created(str(field(answer.json, "id")), str(body["name"]), answer)
        api.hand_on(made, answer)
        api.hand_back()
        return made


@pytest.fixture
def stage(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    service = getattr(request, "param", Service)
    with (
        ReferenceServer(service) as server,
        target_at(server.base_url, tmp_path, token=server.tokens[0]) as target,
    ):
        yield Stage(server, target)


def test_a_deployment_goes_from_story_to_story_and_is_what_each_needs(stage: Stage) -> None:
    made = stage.made(metadata={"old": "of the creation", "kept": "no"})
    first = stage.story("first")
    got = first.create_deployment(schedule=yearly(), metadata={"kept": "yes"})
    assert got.id == made.id
    assert field(got.exchange.json, "metadata") == {"kept": "yes"}
    assert field(got.exchange.json, "schedule.expression") == yearly()["expression"]
    assert len(got.name) == NAME
    first.pause(got.id)
    first.hand_back()
    second = stage.story("second").obtain(schedule=yearly())
    assert second.id == made.id
    assert field(second.exchange.json, "status") == "active"
    assert stage.creations.created == 1


def test_what_was_archived_is_not_handed_on(stage: Stage) -> None:
    made = stage.made()
    first = stage.story("first")
    first.reserve(1, archiving=True)
    first.archive(first.create_deployment(schedule=yearly()).id)
    first.hand_back()
    assert stage.story("second").obtain(schedule=yearly()).id != made.id
    assert stage.creations.created == 2


def test_a_schedule_is_never_taken_away(stage: Stage) -> None:
    scheduled, manual_only = stage.made(schedule=yearly()), stage.made()
    assert stage.story("first").obtain().id == manual_only.id
    assert stage.story("second").obtain_any().id == scheduled.id


def test_stories_get_what_they_reserve_in_the_order_in_which_it_was_made(stage: Stage) -> None:
    made = [stage.made().id for _ in range(3)]
    api = stage.story("three")
    api.reserve(3, archiving=True)
    assert [api.create_deployment(schedule=yearly()).id, *(api.create_plain().id for _ in "ab")] == made
    assert api.create_plain().id not in made


def test_what_lists_hold_is_of_the_run_until_all_are_told(stage: Stage) -> None:
    made = [stage.made(schedule=yearly()).id for _ in range(4)]
    stage.stock.expect((), makers=(), listing=("page_walk",))
    lists = stage.story("page_walk")
    four = lists.listed()
    assert [one.id for one in four] == made
    shown = [field(lists.get(one).json, "status") for one in made]
    assert shown == ["active", "paused", "active", "paused"]
    assert lists.create_plain().id not in made
    lists.hand_back()
    assert stage.story("later").obtain(schedule=yearly()).id in made


def test_a_long_name_leaves_room_for_what_an_archive_appends(stage: Stage) -> None:
    stage.made(name="n" * 256)
    assert len(stage.story("first").create_plain().name) <= NAME


@pytest.mark.parametrize("stage", [RefusesUpdates], indirect=True)
def test_where_updates_do_nothing_each_story_makes_its_own(stage: Stage) -> None:
    made = stage.made().id
    first, second = stage.story("first"), stage.story("second")
    got = first.create_deployment(schedule=yearly())
    assert got.id != made
    first.hand_back()
    asked = stage.target.requests
    assert second.create_deployment(schedule=yearly()).id not in (made, got.id)
    assert stage.target.requests - asked == 1
