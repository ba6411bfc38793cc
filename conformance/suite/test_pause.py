"""Pausing: POST /deployments/{id}/pause."""

from __future__ import annotations

from itertools import chain

from conformance.contract.judgement import (
    broken,
    expect_error,
    expect_field,
    expect_success,
    expect_unchanged,
    field,
)
from conformance.stories.neighbour import Neighbours
from conformance.stories.pause import PauseBodies, PauseCycle, PauseManualOnly, PauseTwice
from conformance.stories.unpause import UnpauseTwice
from conformance.suite.pages import expect_page
from conformance.suite.requirement import Observe, requirement
from conformance.suite.states import need, need_listing, need_refusal, need_success
from conformance.suite.stored import told
from conformance.suite.test_schedule import upcoming
from conformance.suite.times import expect_advanced
from conformance.target.exchange import Exchange
from conformance.target.target import Target

OWN_FIELDS = ("status", "paused_reason", "updated_at")


@requirement("pause.makes-it-paused")
def test_a_pause_answers_200_and_paused(pause_twice: PauseTwice) -> None:
    expect_paused(pause_twice.first)


@requirement("pause.reason-is-manual")
def test_the_reason_of_a_pause_is_manual(pause_twice: PauseTwice) -> None:
    need(pause_twice.after_first, "status", "paused")
    for exchange in (pause_twice.first, pause_twice.after_first):
        expect_success(exchange)
        expect_field(exchange, "paused_reason.type", "manual")


@requirement("pause.needs-no-body")
def test_a_pause_works_without_a_body(pause_twice: PauseTwice) -> None:
    expect_success(pause_twice.first)


@requirement("pause.takes-an-empty-object")
def test_a_pause_takes_an_empty_object(pause_bodies: PauseBodies, pause_twice: PauseTwice) -> None:
    need(pause_twice.after_first, "status", "paused")
    expect_success(pause_bodies.empty_object)
    expect_paused(pause_bodies.after_empty_object)


@requirement("pause.odd-bodies")
def test_odd_bodies_of_a_pause(pause_bodies: PauseBodies, observe: Observe) -> None:
    observe(told({"an unknown field": pause_bodies.unknown_field, "an array": pause_bodies.array}))


@requirement("pause.second-is-conflict")
def test_a_second_pause_is_a_conflict(pause_twice: PauseTwice, target: Target) -> None:
    need(pause_twice.after_first, "status", "paused")
    refusal = target.profile.refusals["pause-when-paused"]
    expect_error(pause_twice.second, refusal.status, kind=refusal.type)


@requirement("pause.refused-changes-nothing")
def test_a_refused_pause_changes_nothing(pause_twice: PauseTwice) -> None:
    need_refusal(pause_twice.second)
    expect_unchanged(pause_twice.after_first, pause_twice.after_second)


@requirement("pause.is-stored")
def test_a_pause_is_stored(pause_twice: PauseTwice) -> None:
    need_success(pause_twice.first)
    expect_paused(pause_twice.after_first)


@requirement("pause.is-listed")
def test_a_paused_deployment_is_listed_as_such(pause_twice: PauseTwice) -> None:
    need(pause_twice.after_first, "status", "paused")
    made = pause_twice.created.id
    if made not in expect_page(pause_twice.listed_paused):
        raise broken(f"{made} in the list of paused ones", "a list without it", pause_twice.listed_paused)
    if made in expect_page(pause_twice.listed_active):
        raise broken(f"no {made} in the list of active ones", "a list with it", pause_twice.listed_active)


@requirement("pause.keeps-upcoming-runs")
def test_upcoming_runs_stay_listed_while_paused(pause_twice: PauseTwice) -> None:
    need_listing(pause_twice.before)
    need(pause_twice.after_first, "status", "paused")
    for exchange in (pause_twice.first, pause_twice.after_first):
        if not upcoming(exchange):
            raise broken("upcoming runs while paused", "none", exchange)


@requirement("pause.changes-only-its-own-fields")
def test_a_pause_changes_only_its_own_fields(pause_twice: PauseTwice) -> None:
    need(pause_twice.after_first, "status", "paused")
    for exchange in (pause_twice.first, pause_twice.after_first):
        expect_unchanged(pause_twice.before, exchange, but=OWN_FIELDS)


@requirement("pause.advances-updated-at")
def test_a_pause_and_an_unpause_move_updated_at(pause_twice: PauseTwice, unpause_twice: UnpauseTwice) -> None:
    need(pause_twice.after_first, "status", "paused")
    need(unpause_twice.after_first, "status", "active")
    expect_advanced(pause_twice.before, pause_twice.after_first)
    expect_advanced(unpause_twice.paused, unpause_twice.after_first)


@requirement("pause.works-without-schedule")
def test_a_manual_only_deployment_can_be_paused(
    pause_manual_only: PauseManualOnly, pause_twice: PauseTwice
) -> None:
    need(pause_twice.after_first, "status", "paused")
    expect_success(pause_manual_only.pause)
    expect_paused(pause_manual_only.paused)
    for exchange in (pause_manual_only.pause, pause_manual_only.paused):
        expect_field(exchange, "schedule", None)


@requirement("pause.leaves-others-alone")
def test_actions_leave_other_deployments_alone(neighbour: Neighbours) -> None:
    for bystander in (neighbour.older, neighbour.younger):
        for after in bystander.after.values():
            expect_unchanged(bystander.before, after)


@requirement("pause.cycle-repeats")
def test_pause_and_unpause_can_be_repeated(
    pause_cycle: PauseCycle, pause_twice: PauseTwice, unpause_twice: UnpauseTwice
) -> None:
    """What does not even work once breaks other promises."""
    need(pause_twice.after_first, "status", "paused")
    need(unpause_twice.after_first, "status", "active")
    for answer in chain(*pause_cycle.turns):
        expect_success(answer)
    for read, status in ((pause_cycle.last_paused, "paused"), (pause_cycle.last_active, "active")):
        expect_success(read)
        expect_field(read, "status", status)
        for part in ("schedule.expression", "schedule.timezone"):
            expect_field(read, part, field(pause_cycle.before.json, part))
    expect_unchanged(unpause_twice.paused, unpause_twice.after_first, but=OWN_FIELDS)


def expect_paused(exchange: Exchange) -> None:
    """Expect a success that shows the deployment paused."""
    expect_success(exchange)
    expect_field(exchange, "status", "paused")
