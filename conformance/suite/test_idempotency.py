"""The Idempotency-Key header."""

from __future__ import annotations

from conformance.contract.judgement import (
    answered,
    broken,
    expect_error,
    expect_errors,
    expect_field,
    expect_success,
    expect_unchanged,
    field,
    shorten,
)
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.stories.idempotency import EdgeKeys, KeyedCreation, KeyedPause
from conformance.stories.manual_runs import ChosenRuns
from conformance.stories.pause import PauseTwice
from conformance.suite.pages import expect_page
from conformance.suite.requirement import Observe, requirement
from conformance.suite.states import need, need_error
from conformance.suite.test_manual_runs import started
from conformance.target.creations import items
from conformance.target.target import Target

CREATED = (200, 201)
TRIGGER = "trigger_context.type"


@requirement("idempotency.create-is-replayed")
def test_a_repeated_creation_answers_the_first_deployment(keyed_creation: KeyedCreation) -> None:
    first = expect_success(keyed_creation.first, *CREATED)
    for repeated in (keyed_creation.second, keyed_creation.third):
        expect_success(repeated, *CREATED)
        expect_field(repeated, "id", first.get("id"))
    expect_page(keyed_creation.listed)
    made = [
        item.get("id")
        for item in items(keyed_creation.listed)
        if item.get("description") == keyed_creation.description
    ]
    if len(made) > 1:
        raise broken("one deployment of one creation and its repetitions", made, keyed_creation.listed)


@requirement("idempotency.other-body-is-conflict")
def test_a_key_with_another_body_is_a_conflict(keyed_creation: KeyedCreation, target: Target) -> None:
    expect_success(keyed_creation.first, *CREATED)
    refusal = target.profile.refusals["reused-idempotency-key"]
    expect_errors(keyed_creation.other_bodies, refusal.status, kind=refusal.type)


@requirement("idempotency.pause-is-replayed")
def test_a_repeated_pause_answers_the_first_200(keyed_pause: KeyedPause) -> None:
    expect_field(keyed_pause.first, "status", "paused")
    for answer in (keyed_pause.first, keyed_pause.second):
        expect_success(answer)
    expect_field(keyed_pause.second, "id", field(keyed_pause.first.json, "id"))
    expect_field(keyed_pause.second, "status", "paused")
    expect_unchanged(keyed_pause.after_first, keyed_pause.after_second)


@requirement("idempotency.run-is-replayed")
def test_a_repeated_run_answers_the_first_one(chosen_runs: ChosenRuns) -> None:
    first, repeated = started(chosen_runs.run), chosen_runs.repeated
    if repeated is None:
        raise NotJudgedError(Blame.PRECONDITION, "no run was repeated with its key")
    if not answered(repeated).succeeded:
        raise broken(f"the run {first['id']} again", repeated.summary(), repeated)
    expect_field(repeated, "id", first["id"])
    by_hand = [run for run in items(chosen_runs.of_deployment) if field(run, TRIGGER) == "manual"]
    own = [run.get("id") for run in by_hand if run.get("deployment_id") == chosen_runs.created.id]
    if len(own) > 1:
        raise broken("one run of a request and its repetition", own, repeated, chosen_runs.of_deployment)


@requirement("idempotency.new-key-executes")
def test_a_pause_with_another_key_is_a_conflict(
    keyed_pause: KeyedPause, pause_twice: PauseTwice, target: Target
) -> None:
    refusal = target.profile.refusals["pause-when-paused"]
    need(keyed_pause.after_second, "status", "paused")
    need_error(pause_twice.second, refusal.status, refusal.type)
    expect_error(keyed_pause.other_key, refusal.status, kind=refusal.type)


@requirement("idempotency.edge-keys")
def test_keys_of_unusual_length(edge_keys: EdgeKeys, observe: Observe) -> None:
    answers = [f"{which}: {answer.summary()}" for which, answer in edge_keys.answers.items()]
    refused = f"a refusal ({edge_keys.refused.summary()}) repeated: {edge_keys.repeated.summary()}"
    observe("; ".join([*answers, refused]))


@requirement("idempotency.key-on-get")
def test_a_key_on_get(keyed_pause: KeyedPause, observe: Observe) -> None:
    states = [field(answer.json, "status") for answer in (keyed_pause.read_before, keyed_pause.read_after)]
    after = keyed_pause.read_after.summary()
    if states == ["active", "paused"]:
        observe(f"{after}: ignored")
    else:
        observe(f"{after}: {'the first answer again' if states == ['active', 'active'] else shorten(states)}")
