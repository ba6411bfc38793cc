"""`conformance explain`: everything can be explained, from the data that the suite itself runs on."""

from __future__ import annotations

import json

import jsonschema
import pytest

from conformance.cli import main
from conformance.cli.explanation import BROKEN_FILE, explanation_of, known, statement_of
from conformance.contract.catalogue import load_catalogue
from conformance.contract.schemas import report_schema
from conformance.contract.verdict import Level
from tests.faults.catalogue import UNPROVABLE, mistakes
from tests.suite.broken_answers import broken_answers
from tests.suite.broken_answers import text as written_answers


def explained(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["explain", *words]) == 0
    return capsys.readouterr().out


def test_a_requirement_is_explained_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    told = " ".join(explained(capsys, "pause.second-is-conflict").split())
    for text in (
        "pause.second-is-conflict (MUST: a server that breaks it fails the run)",
        "Pausing a paused deployment is a 409 conflict_error.",
        "(the documents say it plainly) - https://docs.qoder.com/cloud-agents/api/deployments/pause",
        "- qoder: MUST, N105",
        "pause_twice: A scheduled deployment is paused over a second after its creation",
        "What a broken answer looks like - in pause_twice.second expected 409 conflict_error to a second pause got 200",
        'broken 200 {"id": "dep_0196f3a1", "type": "deployment", "status": "paused", "archived_at": null, …}',
        'kept 409 {"type": "error", "error": {"type": "conflict_error", "message": "No."}}',
        "How servers get it wrong - A second pause answers 200.",
        "conformance run --only pause.second-is-conflict",
    ):
        assert text in told


@pytest.mark.parametrize("number", ["N105", "n105"])
def test_a_statement_names_what_judges_it(capsys: pytest.CaptureFixture[str], number: str) -> None:
    assert "pause.second-is-conflict (MUST)" in explained(capsys, number)


def test_a_statement_that_is_not_judged_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert "not judged: message texts are free" in explained(capsys, "N15")


def test_an_unknown_name_is_refused_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "pause.second-is-conflct"]) == 2
    assert "Did you mean pause.second-is-conflict?" in capsys.readouterr().err


def test_everything_can_be_explained_and_keeps_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(explained(capsys, *known(), "--format", "json"))
    jsonschema.validate(found, dict(report_schema("explanation")))
    assert len(found) == len(known())


def test_every_requirement_has_what_is_asked() -> None:
    rows = [explanation_of(row.id) for row in load_catalogue()]
    assert [row.requirement.id for row in rows if not row.stories] == []


def test_every_fault_says_what_it_does_for_a_requirement() -> None:
    told = [mistake for row in load_catalogue() for mistake in explanation_of(row.id).mistakes]
    assert {mistake.fault for mistake in told} == {row["fault"] for row in mistakes()}
    assert all(mistake.text.endswith(".") for mistake in told)


def test_every_promise_that_can_be_broken_says_how() -> None:
    silent = {
        row.id
        for row in load_catalogue()
        if row.level is not Level.OBSERVE and not explanation_of(row.id).mistakes
    }
    assert silent == set(UNPROVABLE)


def test_every_promise_that_can_be_broken_shows_a_broken_answer() -> None:
    bound = [row for row in load_catalogue() if row.level is not Level.OBSERVE]
    assert {row.tier for row in bound if not explanation_of(row.id).broken} == {
        "race"
    }  # a search judges those


def test_the_broken_answers_are_those_of_the_written_tests() -> None:
    assert BROKEN_FILE.read_text("utf-8") == written_answers(), (
        "python -m tests.suite.broken_answers writes it"
    )


def test_a_broken_answer_is_not_the_one_that_keeps_the_promise() -> None:
    told = [answer for answers in broken_answers().values() for answer in answers]
    assert [one for one in told if one.answer == one.promised != ""] == []


def test_a_title_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, "create.name-of-257-is-400").count("A name of 257 characters is a 400.") == 1


def test_the_searches_name_what_they_find() -> None:
    assert {mistake.found_by for mistake in explanation_of("model.lifecycle").mistakes} == {"model.lifecycle"}


def test_strengths_are_words_not_letters(capsys: pytest.CaptureFixture[str]) -> None:
    assert statement_of("N119").strengths == ("P", "S")
    assert "the documents are silent; in part an example or an SDK implies it" in explained(capsys, "N119")
