"""The lifecycle model against hand-written tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from conformance.contract.answers import Allowed
from conformance.contract.catalogue import load_catalogue
from conformance.contract.lifecycle import (
    ACTIVE,
    OPEN,
    PAUSED,
    DeploymentState,
    Operation,
    Verb,
    contradictions,
    created,
    denied_by_answer,
    denied_by_read,
    learn,
    misplaced,
    model_of,
)
from conformance.vendors import load_profile

SCHEDULE = {"type": "cron", "expression": "0 3 1 1 *", "timezone": "UTC"}
QODER = load_profile("qoder")
MODEL = model_of(QODER)
LIVE = created({"name": "one", "description": "", "metadata": {"a": "1", "b": "2"}, "schedule": SCHEDULE})
ON_HOLD = replace(LIVE, status=PAUSED)
GONE = DeploymentState({"name": "one", "schedule": SCHEDULE}, archived=True, renamed=True)
SHOWN: Mapping[str, Any] = {
    "name": "one", "description": None, "metadata": {"a": "1", "b": "2", "cas_config": {"stats": 1}},
    "schedule": {**SCHEDULE, "upcoming_runs_at": ["2027-01-01T03:00:00Z"]}, "status": "active",
    "paused_reason": None, "archived_at": None,
}  # fmt: skip
REASON = {"type": "manual"}
ARCHIVED = {
    **SHOWN, "name": "one_archived_1781427523", "archived_at": "2026-06-14T08:58:42Z",
    "schedule": {**SCHEDULE, "upcoming_runs_at": []},
}  # fmt: skip


READ, PAUSE, UNPAUSE, ARCHIVE = (Operation(v) for v in (Verb.READ, Verb.PAUSE, Verb.UNPAUSE, Verb.ARCHIVE))
RENAME = Operation(Verb.UPDATE, {"name": "two"})
BAD = Operation(Verb.UPDATE, {"name": ""}, refused="update.empty-name-is-400")
FOREIGN = Operation(Verb.PAUSE, foreign=True)
TABLE = [
    (LIVE, READ, ["200"], [(ACTIVE, False)]),
    (LIVE, PAUSE, ["200"], [(PAUSED, False)]),
    (LIVE, UNPAUSE, ["409 conflict_error"], [(ACTIVE, False)]),
    (LIVE, ARCHIVE, ["200"], [(ACTIVE, True)]),
    (LIVE, RENAME, ["200"], [(ACTIVE, False)]),
    (LIVE, BAD, ["400"], [(ACTIVE, False)]),
    (LIVE, FOREIGN, ["4xx"], [(ACTIVE, False)]),
    (ON_HOLD, READ, ["200"], [(PAUSED, False)]),
    (ON_HOLD, PAUSE, ["409 conflict_error"], [(PAUSED, False)]),
    (ON_HOLD, UNPAUSE, ["200"], [(ACTIVE, False)]),
    (ON_HOLD, ARCHIVE, ["200", "4xx"], [(OPEN, True), (PAUSED, False)]),
    (ON_HOLD, RENAME, ["200"], [(PAUSED, False)]),
    (ON_HOLD, BAD, ["400"], [(PAUSED, False)]),
    (GONE, READ, ["200"], [(ACTIVE, True)]),
    (GONE, PAUSE, ["4xx", "2xx"], [(ACTIVE, True), (OPEN, True)]),
    (GONE, UNPAUSE, ["4xx", "2xx"], [(ACTIVE, True), (OPEN, True)]),
    (GONE, ARCHIVE, ["409 conflict_error"], [(ACTIVE, True)]),
    (GONE, RENAME, ["4xx", "2xx"], [(ACTIVE, True), (OPEN, True)]),
    (GONE, BAD, ["4xx"], [(ACTIVE, True)]),
]


@pytest.mark.parametrize(("state", "operation", "answers", "states"), TABLE)
def test_every_operation_in_every_state(
    state: DeploymentState, operation: Operation, answers: list[str], states: list[tuple[str, bool]]
) -> None:
    outcomes = MODEL.step(state, operation)
    assert [str(outcome.answer) for outcome in outcomes] == answers
    assert [(outcome.then.status, outcome.then.archived) for outcome in outcomes] == states


def test_a_vendor_that_documents_no_conflict_may_refuse_or_do_nothing() -> None:
    outcomes = model_of(replace(QODER, answers={})).step(ON_HOLD, PAUSE)
    assert [str(outcome.answer) for outcome in outcomes] == ["4xx", "2xx"]
    assert {outcome.then.status for outcome in outcomes} == {PAUSED}


def test_promises_of_the_model_are_in_the_catalogue() -> None:
    named = {outcome.answer.promise for s, o, _, _ in TABLE for outcome in MODEL.step(s, o)} - {""}
    named |= {denied_by_answer(s, o, field) for s, o, _, _ in TABLE for field in (*SHOWN, "archived_at")}
    named |= {
        denied_by_read(o, refused=refused, others=others, undone=undone)
        for _, o, _, _ in TABLE
        for refused in (True, False)
        for others in (True, False)
        for undone in (True, False)
    }
    assert named <= load_catalogue().requirements.keys()


def test_an_update_merges_metadata_and_replaces_the_rest() -> None:
    changes = {"metadata": {"a": None, "c": "3"}, "description": "new"}
    after = LIVE.written(changes)
    assert after.fields["metadata"] == {"b": "2", "c": "3"}
    assert after.fields["description"] == "new"
    assert after.fields["schedule"] == SCHEDULE


@pytest.mark.parametrize(
    ("state", "document", "denied"),
    [
        (LIVE, SHOWN, []),
        (LIVE, {**SHOWN, "status": "paused"}, ["status"]),
        (LIVE, {**SHOWN, "paused_reason": REASON}, ["paused_reason"]),
        (LIVE, {**SHOWN, "description": "x"}, ["description"]),
        (LIVE, {**SHOWN, "metadata": {"a": "1"}}, ["metadata"]),
        (LIVE, {**SHOWN, "schedule": None}, ["schedule"]),
        (LIVE, {**SHOWN, "schedule": {**SCHEDULE, "timezone": "Asia/Tokyo"}}, ["schedule"]),
        (LIVE, {**SHOWN, "archived_at": "2026-06-14T08:58:42Z"}, ["archived_at"]),
        (ON_HOLD, {**SHOWN, "status": "paused", "paused_reason": REASON}, []),
        (ON_HOLD, {**SHOWN, "status": "paused", "paused_reason": {**REASON, "by": "me"}}, []),
        (ON_HOLD, {**SHOWN, "status": "paused"}, ["paused_reason"]),
        (ON_HOLD, SHOWN, ["status"]),
        (GONE, ARCHIVED, []),
        (GONE, {**ARCHIVED, "name": "one"}, ["name"]),
        (GONE, {**ARCHIVED, "schedule": None}, []),
        (replace(GONE, fields={**GONE.fields, "description": "kept"}), ARCHIVED, ["description"]),
        (GONE, {**ARCHIVED, "archived_at": None}, ["archived_at"]),
        (GONE, {**ARCHIVED, "schedule": SHOWN["schedule"]}, ["schedule.upcoming_runs_at"]),
        (replace(GONE, status=OPEN), {**ARCHIVED, "status": "paused", "paused_reason": REASON}, []),
    ],
)
def test_what_a_document_denies(
    state: DeploymentState, document: Mapping[str, Any], denied: list[str]
) -> None:
    assert [one.field for one in contradictions(state, document)] == denied


def test_event_content_may_be_text_or_blocks() -> None:
    state = DeploymentState({"initial_events": [{"type": "user.message", "content": "hello"}]})
    blocks = [{"type": "user.message", "content": [{"type": "text", "text": "hello"}]}]
    assert contradictions(state, {"status": "active", "initial_events": blocks}) == []
    others = [{"type": "user.message", "content": [{"type": "text", "text": "bye"}]}]
    assert contradictions(state, {"status": "active", "initial_events": others})
    assert contradictions(
        state, {"status": "active", "initial_events": [{**blocks[0], "type": "system.message"}]}
    )


def test_what_was_open_is_learned() -> None:
    shown = {**ARCHIVED, "status": "paused", "description": "kept"}
    learned = learn(replace(GONE, status=OPEN), shown)
    assert (learned.status, learned.archived) == (PAUSED, True)
    assert learned.fields["description"] == "kept"
    assert contradictions(learned, shown) == []


@pytest.mark.parametrize(
    ("state", "document", "said"),
    [
        (LIVE, {**SHOWN, "status": "paused"}, ("status", "active", "paused")),
        (LIVE, {n: v for n, v in SHOWN.items() if n != "status"}, ("status", "active", "nothing")),
        (LIVE, {**SHOWN, "paused_reason": REASON}, ("paused_reason", "null", '{"type": "manual"}')),
        (LIVE, {**SHOWN, "archived_at": "soon"}, ("archived_at", "null", "soon")),
        (
            LIVE,
            {**SHOWN, "schedule": None},
            ("schedule", '{"type": "cron", "expression": "0 3 1 1 *", "timezone": "UTC"}', "null"),
        ),
        (ON_HOLD, {**SHOWN, "status": "paused"}, ("paused_reason", '{"type": "manual"}', "null")),
        (
            ON_HOLD,
            {**SHOWN, "status": "paused", "paused_reason": {"type": "error"}},
            ("paused_reason", '{"type": "manual"}', '{"type": "error"}'),
        ),
        (GONE, {**ARCHIVED, "archived_at": None}, ("archived_at", "a timestamp", "null")),
        (
            GONE,
            {**ARCHIVED, "name": "one_archived_1x"},
            ("name", "one_archived_ and digits", "one_archived_1x"),
        ),
        (GONE, {**ARCHIVED, "name": None}, ("name", "one_archived_ and digits", "null")),
        (
            GONE,
            {**ARCHIVED, "schedule": SHOWN["schedule"]},
            ("schedule.upcoming_runs_at", "[]", '["2027-01-01T03:00:00Z"]'),
        ),
    ],
)
def test_what_is_said_of_a_contradiction(
    state: DeploymentState, document: Mapping[str, Any], said: tuple[str, str, str]
) -> None:
    (one,) = contradictions(state, document)
    assert (one.field, one.expected, one.got) == said


def test_long_values_are_cut_where_they_contradict() -> None:
    (one,) = contradictions(DeploymentState({"name": "x" * 130}), {"status": "active", "name": "y" * 130})
    assert (len(one.expected), len(one.got)) == (120, 120)


def test_an_agent_sent_by_its_id_is_shown_with_its_version() -> None:
    shown = {
        "status": "active",
        "agent": {"id": "agent_1", "type": "agent", "version": 1, "name": "of the server"},
    }
    assert contradictions(DeploymentState({"agent": "agent_1"}), shown) == []
    assert (
        contradictions(DeploymentState({"agent": {"id": "agent_1", "type": "agent", "version": 1}}), shown)
        == []
    )
    for other in ("agent_2", {"id": "agent_1", "type": "agent", "version": 2}):
        assert [one.field for one in contradictions(DeploymentState({"agent": other}), shown)] == ["agent"]


def test_only_what_keeps_its_value_is_learned() -> None:
    shown = {
        **SHOWN, "agent": {"id": "agent_1"}, "environment_id": "env_1", "initial_events": [], "resources": [],
        "vault_ids": [], "environment_variables": "A=1", "updated_at": "2026-06-14T08:58:42Z", "extra": 1,
    }  # fmt: skip
    learned = learn(created({"name": "one"}), shown)
    assert learned.status == ACTIVE
    assert learned.fields == {
        "name": "one", "description": None, "agent": {"id": "agent_1"}, "environment_id": "env_1",
        "initial_events": [], "resources": [], "vault_ids": [], "metadata": {"a": "1", "b": "2"},
        "schedule": SCHEDULE, "environment_variables": "A=1",
    }  # fmt: skip
    assert learn(ON_HOLD, shown).status == PAUSED
    assert learn(replace(GONE, status=OPEN), {**ARCHIVED, "status": "lost"}).status == OPEN
    assert learn(GONE, ARCHIVED).fields["name"] == "one"
    assert "name" not in learn(DeploymentState({}, archived=True, renamed=True), ARCHIVED).fields
    kept = DeploymentState({"name": "one"}, archived=True)
    assert learn(kept, {**ARCHIVED, "name": "two"}).fields["name"] == "two"
    assert [one.field for one in contradictions(kept, ARCHIVED)] == ["name"]


def test_a_creation_predicts_what_was_sent() -> None:
    made = created({"name": "one", "agent": "agent_1"})
    assert (made.fields, made.status, made.archived) == (
        {"schedule": None, "metadata": {}, "name": "one"},
        ACTIVE,
        False,
    )
    assert LIVE.forgetting("name", "metadata").fields.keys() == {"description", "schedule"}
    assert DeploymentState({}).written({"metadata": {"a": "1"}}).fields == {"metadata": {"a": "1"}}


@pytest.mark.parametrize(
    ("state", "operation", "promises"),
    [
        (LIVE, READ, ["get.has-the-shape-of-create"]),
        (LIVE, PAUSE, ["pause.makes-it-paused"]),
        (created({}), PAUSE, ["pause.works-without-schedule"]),
        (LIVE, UNPAUSE, ["unpause.active-is-conflict"]),
        (LIVE, ARCHIVE, ["archive.sets-archived-at"]),
        (LIVE, RENAME, ["update.returns-full-object"]),
        (LIVE, BAD, ["update.empty-name-is-400"]),
        (LIVE, FOREIGN, ["tenancy.other-tenant-is-refused"]),
        (ON_HOLD, PAUSE, ["pause.second-is-conflict"]),
        (ON_HOLD, UNPAUSE, ["unpause.makes-it-active"]),
        (ON_HOLD, RENAME, ["update.of-paused-keeps-it-paused"]),
        (GONE, READ, ["archive.can-be-read"]),
        (GONE, ARCHIVE, ["archive.second-is-conflict"]),
        (GONE, RENAME, ["", ""]),
        (GONE, BAD, [""]),
        (GONE, PAUSE, ["", ""]),
    ],
)
def test_the_promise_behind_an_answer(
    state: DeploymentState, operation: Operation, promises: list[str]
) -> None:
    assert [outcome.answer.promise for outcome in MODEL.step(state, operation)] == promises


def test_what_an_archive_leaves_to_predict() -> None:
    (of_live,), (of_paused, refused_paused) = MODEL.step(LIVE, ARCHIVE), MODEL.step(ON_HOLD, ARCHIVE)
    assert of_live.then == DeploymentState(
        {"name": "one", "schedule": SCHEDULE}, ACTIVE, archived=True, renamed=True
    )
    assert of_paused.then == replace(of_live.then, status=OPEN)
    assert refused_paused.then == ON_HOLD
    assert MODEL.step(created({}), ARCHIVE)[0].then.fields == {"schedule": None}
    refused, updated = MODEL.step(GONE, RENAME)
    assert (refused.then, updated.then) == (
        GONE,
        DeploymentState({"schedule": SCHEDULE}, OPEN, archived=True, renamed=True),
    )
    assert MODEL.step(LIVE, BAD)[0].then == MODEL.step(LIVE, FOREIGN)[0].then == LIVE


@pytest.mark.parametrize(
    ("answer", "allowed", "otherwise"),
    [
        (Allowed(range(200, 201)), [(200, None), (200, "any")], [(201, None), (199, None), (None, None)]),
        (Allowed(range(400, 500)), [(400, None), (499, "x")], [(399, None), (500, None)]),
        (
            Allowed(range(409, 410), "p", "conflict_error"),
            [(409, "conflict_error"), (409, None)],
            [(409, "x"), (400, "conflict_error")],
        ),
    ],
)
def test_which_answers_are_allowed(
    answer: Allowed, allowed: list[tuple[int, str | None]], otherwise: list[tuple[int | None, str | None]]
) -> None:
    assert all(answer.allows(*one) for one in allowed)
    assert not any(answer.allows(*one) for one in otherwise)
    assert answer.shows == (answer.statuses.start == 200)


@pytest.mark.parametrize(
    ("state", "operation", "field", "promise"),
    [
        (ON_HOLD, RENAME, "status", "update.of-paused-keeps-it-paused"),
        (LIVE, RENAME, "status", "update.keeps-what-was-not-sent"),
        (LIVE, RENAME, "description", "update.keeps-what-was-not-sent"),
        (LIVE, RENAME, "name", "update.returns-full-object"),
        (LIVE, Operation(Verb.UPDATE, {"metadata": {}}), "metadata", "update.metadata-is-merged"),
        (
            LIVE,
            Operation(Verb.UPDATE, {"initial_events": []}),
            "initial_events",
            "update.events-are-replaced",
        ),
        (LIVE, READ, "name", "get.has-the-shape-of-create"),
        (LIVE, PAUSE, "status", "pause.makes-it-paused"),
        (LIVE, PAUSE, "name", "pause.changes-only-its-own-fields"),
        (ON_HOLD, PAUSE, "status", "pause.makes-it-paused"),
        (ON_HOLD, UNPAUSE, "schedule", "unpause.next-run-is-in-the-future"),
        (ON_HOLD, UNPAUSE, "name", "pause.cycle-repeats"),
        (LIVE, ARCHIVE, "name", "archive.renames"),
        (LIVE, ARCHIVE, "description", "archive.is-stored"),
    ],
)
def test_the_promise_that_an_answer_breaks(
    state: DeploymentState, operation: Operation, field: str, promise: str
) -> None:
    assert denied_by_answer(state, operation, field) == promise


def test_the_promise_that_a_read_breaks() -> None:
    def denied(
        operation: Operation, *, refused: bool = False, others: bool = False, undone: bool = False
    ) -> str:
        return denied_by_read(operation, refused=refused, others=others, undone=undone)

    assert denied(FOREIGN, refused=True) == "tenancy.other-tenant-is-refused"
    assert denied(PAUSE, refused=True, others=True) == "pause.refused-changes-nothing"
    assert denied(PAUSE, others=True) == "pause.leaves-others-alone"
    assert denied(PAUSE, others=True, undone=True) == denied(PAUSE) == "pause.is-stored"
    assert denied(RENAME, undone=True) == "update.is-stored"


@pytest.mark.parametrize(
    ("state", "filters", "promise"),
    [
        (GONE, ["include_archived"], "archive.is-listed-on-request"),
        (GONE, ["status"], "archive.hides-from-list"),
        (ON_HOLD, ["status", "agent_id"], "pause.is-listed"),
        (LIVE, ["status"], "list.status-filter"),
        (LIVE, ["agent_id"], "list.agent-filter"),
        (LIVE, [], "list.after-id-walk"),
    ],
)
def test_the_promise_that_a_list_breaks(state: DeploymentState, filters: list[str], promise: str) -> None:
    assert misplaced(state, filters) == promise
    assert promise in load_catalogue().requirements
