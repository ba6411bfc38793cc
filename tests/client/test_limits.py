"""Limits, patience and giving up, each on its own."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from conformance.client.exchange import Failure
from conformance.client.traffic import retry as repeating
from conformance.client.traffic.budget import Budget
from conformance.client.traffic.circuit_breaker import FAILING_AFTER, GIVE_UP_AFTER, MOST_TIMEOUTS, Breaker
from conformance.client.traffic.limits import DEFAULT_RATE, Manners, rate_of
from conformance.client.traffic.retry import Patience, back_off, repeatable_when_lost, stated_wait
from conformance.config.settings import Settings
from conformance.contract.verdict import Blame, NotJudgedError

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
LOST = Failure(Blame.NETWORK, "cannot connect: refused")


# --- what the target asks for ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("9" * 400, 30),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("\xb2", None),
        ("1.5", None),
    ],
)
def test_seconds_of_retry_after(told: str, seconds: float | None) -> None:
    assert stated_wait({"retry-after": told}) == seconds


@pytest.mark.parametrize(("later", "seconds"), [(9, 9), (-5, 0), (9999, 30)])
def test_a_date_counts_from_the_date_of_the_answer(later: int, seconds: float) -> None:
    until = format_datetime(NOON + timedelta(seconds=later), usegmt=True)
    assert stated_wait({"retry-after": until, "date": format_datetime(NOON, usegmt=True)}) == seconds


def test_a_date_counts_from_now_where_the_answer_has_none() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    assert stated_wait({"retry-after": until}) == pytest.approx(20, abs=3)


@pytest.mark.parametrize("told", ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_odd_dates_do_no_harm(told: str) -> None:
    assert stated_wait({"retry-after": told}) in (30.0, None)


def test_back_off_doubles_with_jitter_and_ends() -> None:
    waits = [back_off(tries) for tries in range(4)]
    assert waits[3] is None
    for wait, least in zip(waits, (1, 2, 4), strict=False):
        assert wait is not None
        assert least <= wait <= least * 1.25
    assert len({back_off(0) for _ in range(20)}) > 1


@pytest.mark.parametrize(
    ("method", "text", "tries", "again"),
    [("GET", "disconnected", 0, True), ("HEAD", "disconnected", 0, True), ("GET", "disconnected", 1, False),
     ("POST", "disconnected", 0, False), ("DELETE", "disconnected", 0, False),
     ("GET", "cannot connect", 0, False)],
)  # fmt: skip
def test_only_reads_are_repeated_after_a_lost_connection(
    method: str, text: str, tries: int, again: bool
) -> None:
    assert repeatable_when_lost(method, text=text, tries=tries) is again


def test_long_waits_end_and_answers_make_patient_again() -> None:
    patience = Patience()
    assert all(patience.spend(5) for _ in range(100))
    assert patience.spend(30)
    assert patience.spend(30)
    assert not patience.spend(30)
    for _ in range(int(60 / repeating.PATIENCE_REGAINED)):
        patience.regain()
    assert patience.spend(30)


@pytest.mark.parametrize(
    ("url", "rate"),
    [("http://127.0.0.1:1/x", None), ("http://localhost/x", None), ("http://[::1]:80", None),
     ("https://api.example.com/api", DEFAULT_RATE), ("http://10.0.0.1", DEFAULT_RATE)],
)  # fmt: skip
def test_who_is_spared_when_nobody_says(url: str, rate: float | None) -> None:
    assert rate_of(Settings(), url) == rate
    assert rate_of(Settings(rate=3), url) == 3


# --- giving up -------------------------------------------------------------------------------------------------


def test_so_many_without_an_answer_open_it_and_the_cause_is_told() -> None:
    breaker = Breaker(60)
    for _ in range(GIVE_UP_AFTER):
        assert breaker.opened is None
        breaker.unusable(LOST, 0, "GET", "/deployments")
    assert breaker.opened == Failure(
        Blame.NETWORK,
        "not sent: the target was given up: 6 requests in a row got no usable answer; "
        "the last: cannot connect: refused",
        sent=False,
    )


def test_an_answer_between_keeps_it_closed_even_a_500() -> None:
    breaker = Breaker(60)
    for number in range(60):
        breaker.unusable(LOST, 0, "GET", "/deployments")
        if number % 5 == 4:
            breaker.usable(200 if number % 2 else 500, "GET", "/deployments")
    assert breaker.opened is None


def test_one_route_that_fails_is_judged_not_given_up() -> None:
    breaker = Breaker(60)
    for number in range(500):
        breaker.usable(500, "POST", f"/deployments/dep_{number}/pause")
        breaker.usable(502, "GET", f"/deployments/dep_{number}/runs/run_{number}?x={number}")
        breaker.usable(500, "GET", f"/deployment_runs/run_{number}")
    assert breaker.opened is None


def test_a_target_where_nothing_works_is_given_up() -> None:
    breaker = Breaker(60)
    for number in range(FAILING_AFTER):
        assert breaker.opened is None
        breaker.usable(
            500, "POST", ("/deployments", "/deployments/x", "/deployments/x/run", "/y")[number % 4]
        )
    assert breaker.opened is not None
    assert "20 requests in a row, to 4 routes, failed; the last: 500" in breaker.opened.text
    assert breaker.opened.blame is Blame.TARGET


def test_waiting_in_vain_now_and_then_ends_too() -> None:
    breaker = Breaker(10)
    for _ in range(MOST_TIMEOUTS + 1):
        assert breaker.opened is None
        breaker.unusable(LOST, 10, "GET", "/x")
        breaker.usable(200, "GET", "/x")
    assert breaker.opened is not None


def test_half_open_it_lets_through_until_the_next_failure() -> None:
    breaker = Breaker(60)
    breaker.open("told so", LOST)
    breaker.half_open()
    assert breaker.opened is None
    breaker.usable(200, "POST", "/x")
    breaker.unusable(LOST, 0, "POST", "/x")
    assert breaker.opened is None
    breaker.open("again", LOST)
    breaker.half_open()
    breaker.unusable(LOST, 0, "POST", "/x")
    assert breaker.opened is not None


# --- limits ----------------------------------------------------------------------------------------------------


def made(budget: Budget, name: str) -> bool:
    if budget.announce() or budget.acquire():
        return False
    budget.made(name)
    budget.settle()
    return True


@pytest.mark.parametrize("limit", range(1, 30))
def test_whatever_the_limit_all_that_was_made_can_be_archived_within_it(limit: int) -> None:
    budget = Budget(requests=limit)
    names: list[str] = []
    while made(budget, name := f"dep_{len(names)}"):
        names.append(name)
        if len(names) % 3 == 0 and not budget.acquire(archives=name):
            budget.archived(name)
            names[-1] = ""
    assert budget.announce() == f"--max-requests {limit}"
    budget.begin_clean_up()
    assert not budget.acquire()
    assert not any(budget.acquire(archives=name) for name in names if name)
    assert budget.sent <= limit


def test_a_run_that_needs_just_the_limit_has_it() -> None:
    budget = Budget(requests=5)
    assert made(budget, "dep_1")
    assert not budget.acquire()
    assert not budget.acquire(archives="dep_1")
    budget.archived("dep_1")
    assert not budget.acquire()
    assert budget.acquire() == "--max-requests 5"
    budget.begin_clean_up()
    assert not budget.acquire()
    assert budget.acquire() == "--max-requests 5"


def test_no_more_are_made_than_allowed_whatever_becomes_of_them() -> None:
    budget = Budget(created=4)
    assert made(budget, "dep_1")
    budget.archived("dep_1")
    assert made(budget, "dep_2")
    assert not budget.announce()
    budget.lose()
    budget.settle()
    assert not budget.announce()
    assert budget.announce() == "--max-created 4"
    assert budget.may_make_room()
    budget.settle()
    assert not budget.announce()


def test_none_may_be_made_at_all() -> None:
    budget = Budget(created=0)
    assert budget.announce() == "--max-created 0"
    assert not budget.acquire()


def test_a_creation_waits_while_another_may_be_refused() -> None:
    manners = Manners(Settings(max_created=1), "http://127.0.0.1")
    manners.announce()
    threading.Timer(0.1, manners.budget.settle).start()
    manners.announce()
    assert manners.ended_by == ""
    manners.budget.made("dep_1")
    manners.budget.settle()
    with pytest.raises(NotJudgedError, match="--max-created 1 was reached"):
        manners.announce()
    assert manners.stopped.is_set()


# --- the end ---------------------------------------------------------------------------------------------------


def test_a_limit_that_is_reached_when_the_clean_up_has_begun_does_not_close_it() -> None:
    manners = Manners(Settings(), "http://127.0.0.1")
    manners.end("--max-requests 1")
    manners.begin_clean_up()
    manners.end("--max-seconds 1")
    assert not manners.stopped.is_set()
    assert manners.ended_by == "--max-requests 1"
