"""The Idempotency-Key header."""

from __future__ import annotations

import pytest

from conformance.client.answers import items
from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.contract.answers import VendorAnswers
from conformance.contract.comparing import field, shorten
from conformance.contract.judgement import (
    answered,
    broken,
    expect_field,
    expect_success,
    expect_unchanged,
    refused,
)
from conformance.contract.lifecycle import ACTIVE
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.idempotency.stories import FIRST, OTHER, SINCE, UPDATED, KeyedCreation, KeyedPause
from conformance.suite.judging.list_answers import expect_page
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.judging.states import need, need_allowed, need_success
from conformance.suite.pause.stories import PauseTwice
from conformance.suite.runs.manual_runs import ChosenRuns
from conformance.suite.runs.test_manual_runs import started

CREATED = (200, 201)
TRIGGER = "trigger_context.type"


@requirement("idempotency.create-is-replayed")
@pytest.mark.usefixtures("creatable")
def test_a_repeated_creation_answers_the_first_deployment(keyed_creation: KeyedCreation) -> None:
    first = expect_success(keyed_creation.first, *CREATED)
    for repeated in filter(None, (keyed_creation.second, keyed_creation.third, keyed_creation.late)):
        expect_success(repeated, *CREATED)
        expect_field(repeated, "id", first.get("id"))
        if first.get("status") == ACTIVE:  # since then it was paused, and archived
            expect_field(repeated, "status", ACTIVE)
            expect_field(repeated, "archived_at", first.get("archived_at"))
    expect_page(keyed_creation.listed)
    made = [
        item.get("id")
        for item in items(keyed_creation.listed)
        if item.get("description") == keyed_creation.description
    ]
    if len(made) > 1:
        raise broken("one deployment of one creation and its repetitions", made, keyed_creation.listed)
    updated, after = keyed_creation.updated, keyed_creation.after
    if updated and after and field(updated.json, f"metadata.{SINCE}") == UPDATED:
        expect_field(after, f"metadata.{SINCE}", UPDATED)
        if all(map(refused, keyed_creation.other_bodies.values())):
            expect_unchanged(updated, after)


@requirement("idempotency.other-body-is-conflict")
@pytest.mark.usefixtures("creatable")
def test_a_key_with_another_body_is_a_conflict(
    keyed_creation: KeyedCreation, keyed_pause_if_any: KeyedPause | None, target: Target
) -> None:
    expect_success(keyed_creation.first, *CREATED)
    VendorAnswers(target.profile).expect("reused-idempotency-key", keyed_creation.other_bodies)
    update = keyed_pause_if_any and keyed_pause_if_any.update
    other = update.other if update and _shows(update.between, UPDATED) else None
    if update and other and other.succeeded and not _shows(update.after, FIRST):  # keys of updates count
        VendorAnswers(target.profile).expect("reused-idempotency-key", {other.label: other})
    if update and other and refused(other) and _shows(update.after, OTHER):
        wanted = f"metadata.{SINCE} {UPDATED} after the refusal to {other.label}"
        raise broken(wanted, OTHER, update.between, other, update.after)


def _shows(read: Exchange, value: str) -> bool:
    return bool(field(read.json, f"metadata.{SINCE}") == value)


@requirement("idempotency.pause-is-replayed")
def test_a_repeated_action_answers_the_first_200(
    keyed_pause: KeyedPause, keyed_creation_if_any: KeyedCreation | None
) -> None:
    expect_field(keyed_pause.first, "status", "paused")
    for answer in (keyed_pause.first, keyed_pause.second):
        expect_success(answer)
    expect_field(keyed_pause.second, "id", field(keyed_pause.first.json, "id"))
    expect_field(keyed_pause.second, "status", "paused")
    expect_unchanged(keyed_pause.after_first, keyed_pause.after_second)
    if field(keyed_pause.after_unpause.json, "status") == "active":
        expect_success(keyed_pause.late)
        expect_field(keyed_pause.late, "status", "paused")
        if keyed_pause.awake and field(keyed_pause.after_second.json, "status") == "paused":
            expect_success(keyed_pause.awake)
            expect_field(keyed_pause.awake, "status", "active")
        expect_unchanged(keyed_pause.after_unpause, keyed_pause.after_late)
    if keyed_pause.last and field(keyed_pause.update.after.json, "status") == "paused":
        expect_success(keyed_pause.last)
        expect_field(keyed_pause.last, "status", "paused")
    made = keyed_creation_if_any
    if made and made.archived and made.repeated and made.archived.succeeded:
        expect_success(made.repeated)
        for exchange in (made.repeated, *([made.last] if made.last and made.last.succeeded else [])):
            expect_field(exchange, "name", field(made.archived.json, "name"))


@requirement("idempotency.update-is-replayed")
def test_a_repeated_update_is_not_carried_out_again(keyed_pause: KeyedPause) -> None:
    update = keyed_pause.update
    need_success(update.first)
    need(update.between, f"metadata.{SINCE}", UPDATED)
    expect_success(update.repeated)
    if not _shows(update.after, OTHER):  # another body that is carried out breaks another promise
        expect_field(update.after, f"metadata.{SINCE}", UPDATED)
        expect_field(update.after, "description", field(update.between.json, "description"))


@requirement("idempotency.run-is-replayed")
def test_a_repeated_run_answers_the_first_one(chosen_runs: ChosenRuns) -> None:
    first, repeated = started(chosen_runs.run), chosen_runs.repeated
    if repeated is None:
        raise NotJudgedError(Blame.PRECONDITION, "no run was repeated with its key")
    for again in filter(None, (repeated, chosen_runs.late)):
        if not answered(again).succeeded:
            raise broken(f"the run {first['id']} again", again.summary(), again)
        expect_field(again, "id", first["id"])
    by_hand = [run for run in items(chosen_runs.of_deployment) if field(run, TRIGGER) == "manual"]
    own = [run.get("id") for run in by_hand if run.get("deployment_id") == chosen_runs.created.id]
    if len(own) > 1:
        raise broken("one run of a request and its repetition", own, repeated, chosen_runs.of_deployment)


@requirement("idempotency.new-key-executes")
def test_a_pause_with_another_key_is_a_conflict(
    keyed_pause: KeyedPause, pause_twice: PauseTwice, target: Target
) -> None:
    answers = VendorAnswers(target.profile)
    need(keyed_pause.after_second, "status", "paused")
    need_allowed(pause_twice.second, answers, "pause-when-paused")
    answers.expect("pause-when-paused", {keyed_pause.other_key.label: keyed_pause.other_key})


def keyed_read(before: Exchange, after: Exchange) -> str:
    """Return what became of two reads with one key, between which the status changed, for an observation."""
    states = [field(answer.json, "status") for answer in (before, after)]
    if states == ["active", "paused"]:
        return f"{after.summary()}: ignored"
    again = "the first answer again" if states == ["active", "active"] else shorten(states)
    return f"{after.summary()}: {again}"


globals().update(
    observations(
        observed(
            "idempotency.edge-keys",
            "{}; a refusal ({}) repeated: {}",
            "edge_keys.answers",
            "edge_keys.refused",
            "edge_keys.repeated",
        ),
        observed("idempotency.key-on-get", keyed_read, "keyed_pause.read_before", "keyed_pause.read_after"),
    )
)
