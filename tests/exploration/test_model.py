"""The lifecycle model against hand-written tables, and the walks that it judges."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.contract.lifecycle import (
    ACTIVE,
    OPEN,
    PAUSED,
    Deployment,
    Model,
    Operation,
    Verb,
    contradictions,
    created,
    denied_by_answer,
    denied_by_read,
    learn,
)
from conformance.contract.profile import load_profile
from conformance.contract.verdict import Finding
from conformance.exploration._plans import FLAVOURS, Action, Flavour, Plan, Walk, draw, read_walk, shortest
from conformance.exploration.registry import Searched
from conformance.reference import NEW, OLD, REVISIONS, ReferenceServer, Service
from conformance.reference import Settings as ReferenceSettings
from conformance.session import Session
from conformance.target.settings import Settings
from tests.faults import model as faults

SEARCH = "model.lifecycle"
SCHEDULE = {"type": "cron", "expression": "0 3 1 1 *", "timezone": "UTC"}
MODEL = Model(load_profile("qoder").refusals)
LIVE = created({"name": "one", "description": "", "metadata": {"a": "1", "b": "2"}, "schedule": SCHEDULE})
ON_HOLD = replace(LIVE, status=PAUSED)
GONE = Deployment({"name": "one", "schedule": SCHEDULE}, archived=True)
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


# --- the model -----------------------------------------------------------------------------------------------

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
    (ON_HOLD, ARCHIVE, ["200"], [(OPEN, True)]),
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
    state: Deployment, operation: Operation, answers: list[str], states: list[tuple[str, bool]]
) -> None:
    outcomes = MODEL.step(state, operation)
    assert [str(outcome.answer) for outcome in outcomes] == answers
    assert [(outcome.then.status, outcome.then.archived) for outcome in outcomes] == states


def test_a_vendor_that_documents_no_conflict_may_refuse_or_do_nothing() -> None:
    outcomes = Model({}).step(ON_HOLD, PAUSE)
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
        (GONE, {**ARCHIVED, "archived_at": None}, ["archived_at"]),
        (GONE, {**ARCHIVED, "schedule": SHOWN["schedule"]}, ["schedule.upcoming_runs_at"]),
        (replace(GONE, status=OPEN), {**ARCHIVED, "status": "paused", "paused_reason": REASON}, []),
    ],
)
def test_what_a_document_denies(state: Deployment, document: Mapping[str, Any], denied: list[str]) -> None:
    assert [one.field for one in contradictions(state, document)] == denied


def test_event_content_may_be_text_or_blocks() -> None:
    state = Deployment({"initial_events": [{"type": "user.message", "content": "hello"}]})
    blocks = [{"type": "user.message", "content": [{"type": "text", "text": "hello"}]}]
    assert contradictions(state, {"status": "active", "initial_events": blocks}) == []
    others = [{"type": "user.message", "content": [{"type": "text", "text": "bye"}]}]
    assert contradictions(state, {"status": "active", "initial_events": others})


def test_what_was_open_is_learned() -> None:
    shown = {**ARCHIVED, "status": "paused", "description": "kept"}
    learned = learn(replace(GONE, status=OPEN), shown)
    assert (learned.status, learned.archived) == (PAUSED, True)
    assert learned.fields["description"] == "kept"
    assert contradictions(learned, shown) == []


# --- the plans -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_seed_decides_a_plan(flavour: Flavour) -> None:
    one, again = (draw(flavour, "7", two_tenants=True) for _ in range(2))
    assert one == again
    assert read_walk(json.loads(Walk(one, careful=True).dumped())) == Walk(one, careful=True)
    assert len({draw(flavour, str(seed), two_tenants=True) for seed in range(20)}) > 1
    assert all(action.verb != "foreign" for action in draw(flavour, "7", two_tenants=False))


def test_a_plan_is_made_as_short_as_its_fault_needs() -> None:
    needed = (Action("toggle", 1), Action("update", 1, "name"), Action("archive", 1))

    def breaks(plan: Plan) -> bool:
        return all(action in plan for action in needed)

    noise = draw(FLAVOURS[0], "7", two_tenants=True)
    assert shortest((*noise, needed[0], *noise, *needed[1:], *noise), breaks) == needed


# --- the search ----------------------------------------------------------------------------------------------


def _searched(server: ReferenceServer, folder: Path, seed: int) -> tuple[Searched, int]:
    """Search a running server; return what was found and how many requests that took."""
    logging.getLogger("conformance.reference").setLevel(logging.CRITICAL)
    settings = Settings(
        base_url=server.base_url, token=server.tokens[0], second_token=server.tokens[1], seed=seed,
        revision=server.settings.revision, report_dir=str(folder),
    )  # fmt: skip
    session = Session(settings)
    try:
        evidence = session.runner.evidence(SEARCH)
    finally:
        facts = session.finish()
    assert isinstance(evidence, Searched)
    return evidence, facts.traffic.requests


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_reference_is_not_accused(revision: str, tmp_path: Path) -> None:
    for seed in range(8):
        with ReferenceServer(Service, ReferenceSettings(revision=revision)) as server:
            searched, requests = _searched(server, tmp_path, seed)
        assert searched.findings == (), seed
        assert requests <= 190, seed


NEEDED = {
    faults.ThirdCycleLosesSchedule: ("unpause.next-run-is-in-the-future", 7),
    faults.ArchivedWhilePausedStaysListed: ("archive.hides-from-list", 4),
    faults.DescriptionUnpauses: ("update.of-paused-keeps-it-paused", 3),
    faults.RenamingLosesMetadata: ("update.keeps-what-was-not-sent", 2),
    faults.UnpauseAfterUpdateForgetsSchedule: ("unpause.next-run-is-in-the-future", 4),
    faults.PausePausesTheNewestToo: ("pause.leaves-others-alone", 4),
    faults.RefusedUpdateOfPausedUnpauses: ("errors.refused-changes-nothing", 4),
}
"""What each fault breaks, and the least number of requests that shows it."""


def _steps(finding: Finding) -> int:
    story, _, _ = finding.steps.partition("The contract forbids")
    return len(re.findall(r"^\d+\. ", story, flags=re.MULTILINE))


@pytest.mark.parametrize("service", NEEDED, ids=lambda service: service.__name__)
def test_a_fault_is_found_and_told_in_as_many_steps_as_it_needs(
    service: type[Service], tmp_path: Path
) -> None:
    requirement, steps = NEEDED[service]
    with ReferenceServer(service, ReferenceSettings(revision=NEW)) as server:
        searched, _ = _searched(server, tmp_path, seed=3)
    assert [finding.requirement for finding in searched.findings] == [requirement]
    assert _steps(searched.findings[0]) == steps


@pytest.mark.skipif(not shutil.which("curl"), reason="the script needs curl")
def test_the_script_of_a_finding_shows_the_fault_again(tmp_path: Path) -> None:
    with ReferenceServer(faults.ThirdCycleLosesSchedule, ReferenceSettings(revision=OLD)) as server:
        searched, _ = _searched(server, tmp_path, seed=3)
        _, _, script = searched.findings[0].steps.partition("run this with sh:\n")
        path = tmp_path / "again.sh"
        path.write_text(script, encoding="utf-8")
        answers = [_run(path, server) for _ in range(2)]  # the second time its names must be new as well
    for answer in answers:
        steps = re.split(r"^\d+\. .*\n", answer, flags=re.MULTILINE)[1:]
        assert [step.rstrip().rpartition("\n")[2] for step in steps] == ["-> 200"] * 7
        assert ['"schedule":null' in step for step in steps] == [False] * 6 + [True]


def _run(script: Path, server: ReferenceServer) -> str:
    environment = {**os.environ, "CONFORMANCE_TOKEN": server.tokens[0], "BASE": server.base_url}
    done = subprocess.run(
        ["/bin/sh", str(script)], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout
