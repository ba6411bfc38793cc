"""The judgements of pause, unpause and archive on written exchanges: what they accuse, leave alone, do not judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import BrokenPromiseError, Level, NotApplicableError, NotJudgedError
from tests.suite.judging import Edits, judge, judgements
from tests.suite.written import (
    ARCHIVED,
    ARCHIVED_AT,
    DEPLOYMENT,
    NAME,
    PAUSED,
    SILENT,
    SUFFIX,
    Edit,
    answer,
    becoming,
    deployment,
    error,
    page,
    repeated,
    showing,
)

AREAS = ("pause", "unpause", "archive")
ELSEWHERE = {"pause.one-of-many-wins", "pause.races-have-an-order"}
"""Judged by races, not by stories."""
REQUIREMENTS = sorted(
    row.id
    for row in load_catalogue().requirements.values()
    if row.area in AREAS and row.level is not Level.OBSERVE and row.tier == "core" and row.id not in ELSEWHERE
)
TOUCHED = showing("updated_at", "2026-07-01T02:00:30Z")
PLAIN_404 = becoming(answer("not found", 404))
OTHER_CONFLICT = becoming(error(kind="invalid_request_error"))
CRASH, OK = becoming(error(500, "api_error")), becoming(deployment(**PAUSED))
GONE = becoming(error(404, "not_found_error"))

BROKEN: list[tuple[str, str, Edit, str]] = [
    ("pause.makes-it-paused", "pause_twice.first", CRASH, "500"),
    ("pause.makes-it-paused", "pause_twice.first", becoming(deployment()), "active"),
    ("pause.makes-it-paused", "pause_twice.first", becoming(answer(deployment().json, 202)), "202"),
    ("pause.makes-it-paused", "pause_twice.first", becoming(answer([])), "[]"),
    ("pause.reason-is-manual", "pause_twice.first", showing("paused_reason", None), "nothing"),
    ("pause.reason-is-manual", "pause_twice.first", showing("paused_reason.type", "user"), "user"),
    ("pause.reason-is-manual", "pause_twice.after_first", showing("paused_reason", {}), "nothing"),
    ("pause.needs-no-body", "pause_twice.first", becoming(error(400, "invalid_request_error")), "400"),
    ("pause.takes-an-empty-object", "pause_bodies.empty_object", becoming(error(400)), "400"),
    ("pause.takes-an-empty-object", "pause_bodies.after_empty_object", becoming(deployment()), "active"),
    ("pause.second-is-conflict", "pause_twice.second", OK, "200"),
    ("pause.second-is-conflict", "pause_twice.second", OTHER_CONFLICT, "invalid_request_error"),
    ("pause.second-is-conflict", "pause_twice.second", becoming(error(400)), "400"),
    ("pause.refused-changes-nothing", "pause_twice.after_second", TOUCHED, "updated_at"),
    ("pause.refused-changes-nothing", "pause_twice.after_second", becoming(deployment()), "status"),
    ("pause.is-stored", "pause_twice.after_first", becoming(deployment()), "active"),
    ("pause.is-stored", "pause_twice.after_first", GONE, "404"),
    ("pause.is-listed", "pause_twice.listed_paused", becoming(page()), "without"),
    ("pause.is-listed", "pause_twice.listed_active", becoming(page(DEPLOYMENT)), "with it"),
    ("pause.is-listed", "pause_twice.listed_paused", becoming(answer({"data": None})), "None"),
    ("pause.keeps-upcoming-runs", "pause_twice.first", showing("schedule.upcoming_runs_at", []), "none"),
    ("pause.keeps-upcoming-runs", "pause_twice.after_first", showing("schedule", None), "nothing"),
    ("pause.changes-only-its-own-fields", "pause_twice.first", showing("name", "other"), "name"),
    ("pause.changes-only-its-own-fields", "pause_twice.after_first", showing("schedule", None), "schedule"),
    ("pause.changes-only-its-own-fields", "pause_twice.after_first", showing("created_at", ARCHIVED_AT), "created"),
    ("pause.works-without-schedule", "pause_manual_only.pause", becoming(error(400)), "400"),
    ("pause.works-without-schedule", "pause_manual_only.paused", showing("status", "active"), "active"),
    ("pause.works-without-schedule", "pause_manual_only.paused", showing("schedule", {}), "{}"),
    ("pause.leaves-others-alone", "neighbour.older.after.pause", becoming(deployment(**PAUSED)), "paused"),
    ("pause.leaves-others-alone", "neighbour.younger.after.archive", TOUCHED, "updated_at"),
    ("pause.leaves-others-alone", "neighbour.younger.after.unpause", GONE, "404"),
    ("pause.cycle-repeats", "pause_cycle.turns.2.0", becoming(error()), "409"),
    ("pause.cycle-repeats", "pause_cycle.turns.1.1", CRASH, "500"),
    ("pause.cycle-repeats", "pause_cycle.last_paused", showing("status", "active"), "active"),
    ("pause.cycle-repeats", "pause_cycle.last_active", showing("schedule", None), "nothing"),
    ("pause.cycle-repeats", "pause_cycle.last_active", showing("schedule.timezone", "UTC"), "UTC"),
    ("unpause.makes-it-active", "unpause_twice.first", CRASH, "500"),
    ("unpause.makes-it-active", "unpause_twice.first", OK, "paused"),
    ("unpause.clears-reason", "unpause_twice.first", showing("paused_reason", {"type": "manual"}), "manual"),
    ("unpause.clears-reason", "unpause_twice.after_first", showing("paused_reason", {}), "{}"),
    ("unpause.is-stored", "unpause_twice.after_first", OK, "paused"),
    ("unpause.active-is-conflict", "unpause_twice.second", becoming(deployment()), "200"),
    ("unpause.active-is-conflict", "unpause_twice.second", OTHER_CONFLICT, "invalid_request_error"),
    ("unpause.refused-changes-nothing", "unpause_twice.after_second", TOUCHED, "updated_at"),
    (
        "unpause.next-run-is-in-the-future",
        "unpause_twice.first",
        showing("schedule.upcoming_runs_at", ["2026-07-01T01:00:00Z"]),
        "2026",
    ),
    (
        "unpause.next-run-is-in-the-future",
        "unpause_twice.after_first",
        showing("schedule.upcoming_runs_at", []),
        "[]",
    ),
    ("unpause.manual-only-has-null-schedule", "pause_manual_only.unpause", showing("schedule", {}), "{}"),
    ("unpause.manual-only-has-null-schedule", "pause_manual_only.unpaused", CRASH, "500"),
    ("archive.sets-archived-at", "archive_twice.first", showing("archived_at", None), "None"),
    ("archive.sets-archived-at", "archive_twice.first", showing("archived_at", "today"), "today"),
    ("archive.sets-archived-at", "archive_twice.first", CRASH, "500"),
    ("archive.is-stored", "archive_twice.after_first", becoming(deployment()), "None"),
    ("archive.is-stored", "archive_twice.after_first", showing("name", NAME), NAME),
    ("archive.clears-upcoming-runs", "archive_twice.first", showing("schedule", DEPLOYMENT["schedule"]), "2027"),
    ("archive.clears-upcoming-runs", "archive_twice.after_first", showing("schedule", None), "nothing"),
    ("archive.renames", "archive_twice.first", showing("name", NAME), NAME),
    ("archive.renames", "archive_twice.after_first", showing("name", f"{NAME}_archived"), "_archived"),
    ("archive.renames", "archive_twice.first", showing("name", f"{NAME}_archived_{SUFFIX + 6}"), str(SUFFIX + 6)),
    ("archive.renames", "archive_twice.first", showing("name", f"{NAME}_archived_{SUFFIX}000"), "000"),
    ("archive.frees-the-name", "archive_twice.same_name", becoming(error()), "409"),
    ("archive.hides-from-list", "archive_twice.hiding.", becoming(page(DEPLOYMENT)), "with it"),
    ("archive.hides-from-list", "archive_twice.hiding.status=active", becoming(page(DEPLOYMENT)), "with it"),
    ("archive.hides-from-list", "archive_paused.listed_paused", becoming(page(DEPLOYMENT)), "with it"),
    ("archive.is-listed-on-request", "archive_twice.listed", becoming(page()), "no such item"),
    ("archive.keeps-status-active", "archive_twice.first", showing("status", "archived"), "archived"),
    ("archive.keeps-status-active", "archive_twice.after_first", showing("paused_reason", {}), "{}"),
    ("archive.second-is-conflict", "archive_twice.second", becoming(deployment(**ARCHIVED)), "200"),
    ("archive.second-is-conflict", "archive_twice.second", OTHER_CONFLICT, "invalid_request_error"),
    ("archive.second-is-conflict", "archive_twice.second", becoming(error(404, "not_found_error")), "404"),
    ("archive.refused-changes-nothing", "archive_twice.after_second", TOUCHED, "updated_at"),
    ("archive.can-be-read", "archive_twice.after_first", GONE, "404"),
    ("archive.can-be-read", "archive_twice.after_second", showing("id", "dep_other"), "dep_other"),
    ("archive.runs-stay-readable", "archive_twice.runs", GONE, "404"),
    ("archive.runs-stay-readable", "archive_twice.runs", becoming(answer({"data": "none"})), "none"),
]  # fmt: skip
"""Which requirement, what is answered otherwise and how, and a word of what the message says was got."""

LEGAL: list[tuple[str, str, Edit]] = [
    ("pause.makes-it-paused", "pause_twice.first", showing("trace", {"by": "us"})),
    ("pause.reason-is-manual", "pause_twice.first", showing("paused_reason", {"type": "manual", "by": "us"})),
    ("pause.second-is-conflict", "pause_twice.second", becoming(answer("conflict", 409))),
    ("pause.second-is-conflict", "pause_twice.second", repeated(error())),
    ("pause.refused-changes-nothing", "pause_twice.after_second", showing("updated_at", "2026-07-01T02:00:05.3Z")),
    ("pause.refused-changes-nothing", "pause_twice.after_second", showing("schedule.upcoming_runs_at", [])),
    ("pause.changes-only-its-own-fields", "pause_twice.first", TOUCHED),
    ("pause.leaves-others-alone", "neighbour.older.after.update", showing("schedule.last_run_at", ARCHIVED_AT)),
    ("pause.leaves-others-alone", "neighbour.older.after.update", showing("revision", 7)),
    ("pause.is-listed", "pause_twice.listed_paused", becoming(page({**DEPLOYMENT, **PAUSED}, {"id": "dep_2"}))),
    ("unpause.active-is-conflict", "unpause_twice.second", becoming(answer("conflict", 409))),
    ("archive.renames", "archive_twice.first", showing("name", f"{NAME}_archived_{SUFFIX + 5}")),
    ("archive.second-is-conflict", "archive_twice.second", repeated(error())),
    ("archive.frees-the-name", "archive_twice.same_name", becoming(answer({"id": "dep_2"}, 201))),
    ("archive.is-stored", "archive_twice.after_first", showing("archived_at", "2026-07-01T02:00:09.4Z")),
]  # fmt: skip
"""Answers that look odd, and break nothing."""

UNJUDGED: list[tuple[str, str, Edit]] = [
    ("pause.makes-it-paused", "pause_twice.first", SILENT),
    ("pause.makes-it-paused", "pause_twice.first", becoming(answer(None, 429))),
    ("pause.makes-it-paused", "pause_twice.first", becoming(answer(None, 503))),
    ("pause.makes-it-paused", "pause_twice.first", repeated(error())),
    ("pause.reason-is-manual", "pause_twice.after_first", becoming(deployment())),
    ("pause.takes-an-empty-object", "pause_twice.after_first", becoming(deployment())),
    ("pause.second-is-conflict", "pause_twice.after_first", becoming(deployment())),
    ("pause.second-is-conflict", "pause_twice.second", SILENT),
    ("pause.refused-changes-nothing", "pause_twice.second", OK),
    ("pause.is-stored", "pause_twice.first", CRASH),
    ("pause.is-listed", "pause_twice.after_first", becoming(deployment())),
    ("pause.keeps-upcoming-runs", "pause_twice.after_first", becoming(deployment())),
    ("pause.keeps-upcoming-runs", "pause_twice.before", showing("schedule", None)),
    ("pause.changes-only-its-own-fields", "pause_twice.after_first", becoming(deployment())),
    ("pause.works-without-schedule", "pause_twice.after_first", becoming(deployment())),
    ("pause.cycle-repeats", "pause_twice.after_first", becoming(deployment())),
    ("pause.cycle-repeats", "unpause_twice.after_first", OK),
    ("unpause.makes-it-active", "unpause_twice.paused", becoming(deployment())),
    ("unpause.clears-reason", "unpause_twice.after_first", OK),
    ("unpause.is-stored", "unpause_twice.first", CRASH),
    ("unpause.is-stored", "unpause_twice.paused", becoming(deployment())),
    ("unpause.active-is-conflict", "unpause_twice.after_first", OK),
    ("unpause.refused-changes-nothing", "unpause_twice.second", becoming(deployment())),
    ("unpause.next-run-is-in-the-future", "unpause_twice.paused", becoming(deployment())),
    ("unpause.manual-only-has-null-schedule", "pause_manual_only.paused", showing("status", "active")),
    ("archive.is-stored", "archive_twice.first", CRASH),
    ("archive.frees-the-name", "archive_twice.after_first", becoming(deployment())),
    ("archive.frees-the-name", "archive_twice.same_name", becoming(answer(None, 429))),
    ("archive.hides-from-list", "archive_twice.after_first", becoming(deployment())),
    ("archive.is-listed-on-request", "archive_twice.after_first", becoming(deployment())),
    ("archive.second-is-conflict", "archive_twice.after_first", becoming(deployment())),
    ("archive.refused-changes-nothing", "archive_twice.second", becoming(deployment(**ARCHIVED))),
    ("archive.runs-stay-readable", "archive_twice.after_first", becoming(deployment())),
]  # fmt: skip
"""What hides the answer, or is missing before it."""

INAPPLICABLE: list[tuple[str, str, Edit]] = [
    ("pause.keeps-upcoming-runs", "pause_twice.before", showing("schedule.upcoming_runs_at", [])),
    ("unpause.next-run-is-in-the-future", "unpause_twice.created.exchange", showing("schedule.upcoming_runs_at", [])),
    ("unpause.manual-only-has-null-schedule", "pause_manual_only.pause", becoming(error(400))),
    ("archive.is-stored", "archive_twice.after_first", GONE),
    ("archive.refused-changes-nothing", "archive_twice.after_first", GONE),
]  # fmt: skip
"""Where the documents leave the target free, and nothing is promised then."""


def rows(table: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Return a table for pytest, each row named by what is answered."""
    return [pytest.param(*row, id=f"{row[0]} {row[1]} {row[2].words}"[:150]) for row in table]


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_what_the_documents_show_is_accepted(requirement: str) -> None:
    judge(requirement, {})


def test_each_judgement_has_been_seen_accusing() -> None:
    assert {row[0] for row in BROKEN} == set(REQUIREMENTS) <= set(judgements())


@pytest.mark.parametrize(("requirement", "way", "edit", "got"), rows(BROKEN))
def test_a_broken_promise_is_told(requirement: str, way: str, edit: Edit, got: str) -> None:
    with pytest.raises(BrokenPromiseError) as caught:
        judge(requirement, {way: edit})
    assert got in caught.value.got
    assert caught.value.culprits


@pytest.mark.parametrize(("requirement", "way", "edit"), rows(LEGAL))
def test_what_is_legal_is_accepted(requirement: str, way: str, edit: Edit) -> None:
    judge(requirement, {way: edit})


@pytest.mark.parametrize(("requirement", "way", "edit"), rows(UNJUDGED))
def test_what_cannot_be_told_is_not_judged(requirement: str, way: str, edit: Edit) -> None:
    with pytest.raises(NotJudgedError):
        judge(requirement, {way: edit})


@pytest.mark.parametrize(("requirement", "way", "edit"), rows(INAPPLICABLE))
def test_what_nobody_promises_does_not_apply(requirement: str, way: str, edit: Edit) -> None:
    with pytest.raises(NotApplicableError):
        judge(requirement, {way: edit})


def test_lists_of_archived_ones_are_judged_where_they_cannot_be_read() -> None:
    edits: Edits = {"archive_twice.after_first": GONE, "archive_twice.listed": becoming(page())}
    with pytest.raises(BrokenPromiseError):
        judge("archive.is-listed-on-request", edits)
