"""Pausing: POST /deployments/{id}/pause."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.contract.comparing import MISSING, changes, field
from conformance.contract.judgement import (
    broken,
    expect_field,
    expect_object,
    expect_success,
    expect_unchanged,
)
from conformance.suite.judging.histories import begins, histories, unasked
from conformance.suite.judging.list_answers import expect_page
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.judging.states import need, need_listing, need_readable, need_success
from conformance.suite.judging.times import expect_advanced
from conformance.suite.object.whole_life import Lifecycle
from conformance.suite.pause.bystanders import Neighbours
from conformance.suite.pause.repeated import expect_conflict, expect_nothing_changed
from conformance.suite.pause.stories import PauseBodies, PauseCycle, PauseManualOnly, PauseTwice
from conformance.suite.schedule.test_schedule import upcoming
from conformance.suite.shared.list_pages import lost_runs
from conformance.suite.unpause.stories import UnpauseTwice
from conformance.suite.update.accepted import Rescheduling

Exchanges = tuple[Exchange, ...]
OWN_FIELDS = ("status", "paused_reason", "updated_at")


@requirement("pause.makes-it-paused")
def test_a_pause_answers_200_and_paused(
    pause_twice: PauseTwice, unpause_twice_if_any: UnpauseTwice | None
) -> None:
    expect_paused(pause_twice.first)
    later = unpause_twice_if_any
    if later and later.pause and field(later.after_third.json, "status") == "active":
        expect_paused(later.pause)


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


@requirement("pause.second-is-conflict")
def test_a_second_pause_is_a_conflict(
    pause_twice: PauseTwice,
    lifecycle_if_any: Lifecycle | None,
    pause_cycle_if_any: PauseCycle | None,
    target: Target,
) -> None:
    expect_conflict("pause", pause_twice, lifecycle_if_any, pause_cycle_if_any, target)


@requirement("pause.refused-changes-nothing")
def test_a_refused_pause_changes_nothing(pause_twice: PauseTwice, lifecycle_if_any: Lifecycle | None) -> None:
    expect_nothing_changed("pause", pause_twice, lifecycle_if_any)


@requirement("pause.again-keeps-it-paused")
def test_a_second_pause_keeps_it_paused(pause_twice: PauseTwice) -> None:
    need(pause_twice.after_first, "status", "paused")
    need_readable(pause_twice.after_third)
    answers = (one for one in (pause_twice.second, pause_twice.third) if one.succeeded)
    for shown in (*answers, pause_twice.after_third):
        expect_field(shown, "status", "paused")
        expect_field(shown, "paused_reason.type", "manual")


@requirement("pause.clears-next-run")
def test_a_paused_deployment_has_no_next_run(pause_twice: PauseTwice) -> None:
    need(pause_twice.after_first, "status", "paused")
    if field(pause_twice.after_first.json, "schedule.next_run_at") is not MISSING:
        expect_field(pause_twice.after_first, "schedule.next_run_at", None)


@requirement("pause.is-stored")
def test_a_pause_is_stored(pause_twice: PauseTwice) -> None:
    need_success(pause_twice.first)
    for read in (pause_twice.after_first, *pause_twice.later):
        expect_paused(read)


@requirement("pause.is-listed")
def test_a_paused_deployment_is_listed_as_such(
    pause_twice: PauseTwice, pause_cycle_if_any: PauseCycle | None
) -> None:
    need(pause_twice.after_first, "status", "paused")
    made = pause_twice.created.id
    if made not in expect_page(pause_twice.listed_paused):
        raise broken(f"{made} in the list of paused ones", "a list without it", pause_twice.listed_paused)
    if made in expect_page(pause_twice.listed_active):
        raise broken(f"no {made} in the list of active ones", "a list with it", pause_twice.listed_active)
    cycle = pause_cycle_if_any
    if cycle and cycle.listed and field(cycle.last_paused.json, "status") == "paused":
        again = str(field(cycle.last_paused.json, "id"))
        if again not in expect_page(cycle.listed):
            raise broken(f"{again}, paused again, in the list of paused ones", "none", cycle.listed)


@requirement("pause.keeps-upcoming-runs")
def test_upcoming_runs_stay_listed_while_paused(
    pause_twice: PauseTwice, rescheduling_if_any: Rescheduling | None
) -> None:
    need_listing(pause_twice.before)
    need(pause_twice.after_first, "status", "paused")
    for exchange in (pause_twice.first, pause_twice.after_first):
        if not upcoming(exchange):
            raise broken("upcoming runs while paused", "none", exchange)
    other = rescheduling_if_any and rescheduling_if_any.while_paused
    if other and other.answer.succeeded and other.after.succeeded and not upcoming(other.after):
        raise broken("upcoming runs of the schedule that was set while paused", "none", other.after)


@requirement("pause.changes-only-its-own-fields")
def test_a_pause_changes_only_its_own_fields(
    pause_twice: PauseTwice, lifecycle_if_any: Lifecycle | None
) -> None:
    need(pause_twice.after_first, "status", "paused")
    for exchange in (pause_twice.first, pause_twice.after_first):
        expect_unchanged(pause_twice.before, exchange, but=OWN_FIELDS)
    life = lifecycle_if_any
    if life and field(life.before_paused_update.json, "status") == "paused":
        expect_unchanged(life.before_pause, life.before_paused_update, but=OWN_FIELDS)


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
def test_actions_leave_other_deployments_alone(
    neighbour: Neighbours, every_exchange: Exchanges, disturbed: Exchanges
) -> None:
    for bystander in (neighbour.older, neighbour.younger):
        for after in bystander.after.values():
            expect_unchanged(bystander.before, after)
            if lost_runs(bystander.before.json, after.json):
                raise broken("upcoming runs as before", "none", bystander.before, after)
    # What disturbed the stories need not be what is done beside the bystanders.
    for history in histories((*every_exchange, *disturbed)).values() if disturbed else ():
        for answer, read in unasked(history) if begins(history) else ():
            changed = changes(expect_object(answer), expect_object(read), but=("initial_events",))
            wanted = f"nothing to have changed of what no request named ({read.label})"
            raise broken(wanted, "; ".join(changed), answer, read)


@requirement("pause.cycle-repeats")
def test_pause_and_unpause_can_be_repeated(
    pause_cycle: PauseCycle,
    pause_twice: PauseTwice,
    unpause_twice: UnpauseTwice,
    lifecycle_if_any: Lifecycle | None,
    rescheduling_if_any: Rescheduling | None,
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
    expect_like_the_first(pause_cycle)
    for exchange in (unpause_twice.first, unpause_twice.after_first):
        expect_unchanged(unpause_twice.paused, exchange, but=OWN_FIELDS)
    for before, after in unpauses(lifecycle_if_any, rescheduling_if_any):
        if [field(one.json, "status") for one in (before, after)] == ["paused", "active"]:
            expect_unchanged(before, after, but=OWN_FIELDS)


def unpauses(
    life: Lifecycle | None, rescheduling: Rescheduling | None
) -> Iterator[tuple[Exchange, Exchange]]:
    """Yield the reads around unpauses that came after an update."""
    if life:
        yield life.paused_again.after, life.unpaused
    if rescheduling and rescheduling.resumed and rescheduling.resumed.answer.succeeded:
        yield rescheduling.resumed.before, rescheduling.resumed.after


def expect_like_the_first(cycle: PauseCycle) -> None:
    """Expect each turn to be answered like the first one, and as many upcoming runs to be listed at last."""
    first, *others = cycle.turns
    for turn in others:
        for once, again in zip(first, turn, strict=True):
            expect_unchanged(once, again, but=("updated_at",))
    if field(cycle.before.json, "schedule") is None:
        return  # a lent deployment may be manual-only
    last = cycle.turns[-1]
    wanted, got = (len(upcoming(turn[1])) for turn in (first, last))
    if got < wanted:
        raise broken(f"{wanted} upcoming runs after the last turn", f"{got}", first[1], last[1])


def expect_paused(exchange: Exchange) -> None:
    """Expect a success that shows the deployment paused."""
    expect_success(exchange)
    expect_field(exchange, "status", "paused")


globals().update(
    observations(
        observed("pause.again-is-answered", "{}; a third one: {}", "pause_twice.second", "pause_twice.third"),
        observed(
            "pause.odd-bodies",
            "an unknown field: {}; an array: {}",
            "pause_bodies.unknown_field",
            "pause_bodies.array",
        ),
    )
)
