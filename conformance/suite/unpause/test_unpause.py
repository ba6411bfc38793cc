"""Unpausing: POST /deployments/{id}/unpause."""

from __future__ import annotations

from conformance.client.target import Target
from conformance.contract.judgement import broken, expect_field, expect_success
from conformance.contract.schemas import timestamp_text
from conformance.contract.verdict import NotApplicableError
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.judging.states import need, need_listing, need_success
from conformance.suite.object.whole_life import Lifecycle
from conformance.suite.pause.repeated import expect_conflict, expect_nothing_changed
from conformance.suite.pause.stories import PauseCycle, PauseManualOnly
from conformance.suite.schedule.test_schedule import clock, upcoming
from conformance.suite.unpause.stories import UnpauseTwice
from conformance.suite.update.open import OpenUpdates


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
    for read in (unpause_twice.after_first, unpause_twice.later):
        expect_success(read)
        expect_field(read, "status", "active")


@requirement("unpause.active-is-conflict")
def test_an_unpause_of_an_active_one_is_a_conflict(
    unpause_twice: UnpauseTwice,
    lifecycle_if_any: Lifecycle | None,
    pause_cycle_if_any: PauseCycle | None,
    target: Target,
) -> None:
    expect_conflict("unpause", unpause_twice, lifecycle_if_any, pause_cycle_if_any, target)


@requirement("unpause.refused-changes-nothing")
def test_a_refused_unpause_changes_nothing(
    unpause_twice: UnpauseTwice, lifecycle_if_any: Lifecycle | None
) -> None:
    expect_nothing_changed("unpause", unpause_twice, lifecycle_if_any)


@requirement("unpause.next-run-is-in-the-future")
def test_the_next_run_after_an_unpause_is_in_the_future(unpause_twice: UnpauseTwice) -> None:
    need(unpause_twice.paused, "status", "paused")
    need_listing(unpause_twice.created.exchange)
    for exchange in (unpause_twice.first, unpause_twice.after_first):
        expect_success(exchange)
        now, _ = clock(exchange)
        runs = upcoming(exchange)
        if not runs or runs[0] <= now:
            raise broken(
                f"a first upcoming run after {now:%Y-%m-%dT%H:%M:%SZ}",
                list(map(timestamp_text, runs[:1])),
                exchange,
            )


@requirement("unpause.manual-only-has-null-schedule")
def test_a_manual_only_deployment_comes_back_without_a_schedule(
    pause_manual_only: PauseManualOnly, open_updates_if_any: OpenUpdates | None
) -> None:
    """Whether it can be paused at all is a weaker promise, and that null takes a schedule away is none."""
    if not pause_manual_only.pause.succeeded:
        raise NotApplicableError("the target does not pause a manual-only deployment")
    need(pause_manual_only.paused, "status", "paused")
    for exchange in (pause_manual_only.unpause, pause_manual_only.unpaused):
        expect_success(exchange)
        expect_field(exchange, "schedule", None)
    cleared = open_updates_if_any and open_updates_if_any.cleared
    if cleared and cleared.unpause.succeeded:
        expect_field(cleared.unpause, "schedule", None)


globals().update(
    observations(
        observed(
            "unpause.active-answer", "{}; a second one: {}", "unpause_twice.second", "unpause_twice.third"
        )
    )
)
