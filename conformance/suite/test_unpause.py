"""Unpausing: POST /deployments/{id}/unpause."""

from __future__ import annotations

from conformance.contract.judgement import (
    broken,
    expect_error,
    expect_field,
    expect_success,
    expect_unchanged,
)
from conformance.contract.verdict import NotApplicableError
from conformance.stories.pause import PauseManualOnly
from conformance.stories.unpause import UnpauseTwice
from conformance.suite.requirement import requirement
from conformance.suite.states import need, need_listing, need_refusal, need_success
from conformance.suite.test_schedule import clock, upcoming
from conformance.target.target import Target


@requirement("unpause.makes-it-active")
def test_an_unpause_answers_200_and_active(unpause_twice: UnpauseTwice) -> None:
    need(unpause_twice.paused, "status", "paused")
    expect_success(unpause_twice.first)
    expect_field(unpause_twice.first, "status", "active")


@requirement("unpause.clears-reason")
def test_an_unpause_clears_the_reason(unpause_twice: UnpauseTwice) -> None:
    need(unpause_twice.paused, "status", "paused")
    need(unpause_twice.after_first, "status", "active")
    for exchange in (unpause_twice.first, unpause_twice.after_first):
        expect_success(exchange)
        expect_field(exchange, "paused_reason", None)


@requirement("unpause.is-stored")
def test_an_unpause_is_stored(unpause_twice: UnpauseTwice) -> None:
    need(unpause_twice.paused, "status", "paused")
    need_success(unpause_twice.first)
    expect_success(unpause_twice.after_first)
    expect_field(unpause_twice.after_first, "status", "active")


@requirement("unpause.active-is-conflict")
def test_an_unpause_of_an_active_one_is_a_conflict(unpause_twice: UnpauseTwice, target: Target) -> None:
    need(unpause_twice.after_first, "status", "active")
    refusal = target.profile.refusals["unpause-when-active"]
    expect_error(unpause_twice.second, refusal.status, kind=refusal.type)


@requirement("unpause.refused-changes-nothing")
def test_a_refused_unpause_changes_nothing(unpause_twice: UnpauseTwice) -> None:
    need_refusal(unpause_twice.second)
    expect_unchanged(unpause_twice.after_first, unpause_twice.after_second)


@requirement("unpause.next-run-is-in-the-future")
def test_the_next_run_after_an_unpause_is_in_the_future(unpause_twice: UnpauseTwice) -> None:
    need(unpause_twice.paused, "status", "paused")
    need_listing(unpause_twice.created.exchange)
    for exchange in (unpause_twice.first, unpause_twice.after_first):
        expect_success(exchange)
        now, _ = clock(exchange)
        runs = upcoming(exchange)
        if not runs or runs[0] <= now:
            raise broken(f"a first upcoming run after {now:%Y-%m-%dT%H:%M:%SZ}", runs[:1], exchange)


@requirement("unpause.manual-only-has-null-schedule")
def test_a_manual_only_deployment_comes_back_without_a_schedule(pause_manual_only: PauseManualOnly) -> None:
    """Whether it can be paused at all is a weaker promise."""
    if not pause_manual_only.pause.succeeded:
        raise NotApplicableError("the target does not pause a manual-only deployment")
    need(pause_manual_only.paused, "status", "paused")
    for exchange in (pause_manual_only.unpause, pause_manual_only.unpaused):
        expect_success(exchange)
        expect_field(exchange, "schedule", None)
