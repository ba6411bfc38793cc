"""The matrix: what each result says of each requirement, side by side, as JSON and as a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from conformance.cli import main
from conformance.contract.areas import AREAS
from conformance.contract.verdict import Level, Outcome, Verdict
from conformance.report import Judged, RunResult, result_json
from conformance.report.comparing.matrix import STATES, Column, as_json, matrix_of
from conformance.report.comparing.saved import parsed
from conformance.report.html.matrix import matrix_html
from tests.report.conftest import FAILED, PASSED, ROWS, SCHEMAS, make_run

SCHEMA = json.loads((SCHEMAS / "matrix.schema.json").read_text())
SECOND_PAUSE = "pause.second-is-conflict"


def column(result: RunResult, report: str = "") -> Column:
    return Column(parsed(json.loads(result_json(result))), report)


def kept(judged: Judged, level: Level = Level.MUST) -> Judged:
    """The requirement of a judgement, kept at a level."""
    requirement = replace(judged.requirement, level=level)
    return replace(judged, requirement=requirement, verdict=Verdict(requirement.id, Outcome.PASS))


def results() -> Sequence[Column]:
    other = [kept(FAILED, Level.SHOULD), PASSED]
    return [
        column(make_run(*ROWS, target="https://one.example/v1"), "../one/report.html"),
        column(make_run(judged=tuple(other), target="https://two.example", profile="anthropic")),
    ]


def test_a_row_has_the_state_of_each_result() -> None:
    matrix = matrix_of(results())
    rows = {row.id: row for row in matrix.rows}
    assert rows.keys() == {row.requirement.id for row in ROWS.values()}
    document = {row["id"]: row for row in json.loads(as_json(matrix))["requirements"]}
    assert document[SECOND_PAUSE]["cells"] == [
        {"state": "broken", "level": "MUST", "says": "expected 409 conflict_error; got 200", "title": "A second pause is refused as a conflict."},
        {"state": "pass", "level": "SHOULD", "says": "", "title": "A second pause is refused as a conflict."},
    ]  # fmt: skip
    assert document[SECOND_PAUSE]["levels"] == ["MUST", "SHOULD"]
    assert {name for name, row in document.items() if not row["agrees"]} == {SECOND_PAUSE}
    assert document["list.newest-first"]["cells"][1] is None


def test_the_level_of_what_does_not_apply_is_no_level() -> None:
    lower = replace(
        ROWS["not-applicable"], requirement=replace(ROWS["not-applicable"].requirement, level=Level.OBSERVE)
    )
    matrix = matrix_of([column(make_run("pass")), column(make_run(judged=(lower,)))])
    assert [row.levels for row in matrix.rows if row.id == lower.requirement.id] == [()]


def test_areas_stand_in_their_order() -> None:
    areas = [row.area for row in matrix_of(results()).rows]
    assert areas == sorted(areas, key=AREAS.index)


def test_the_same_level_but_another_state_differs_and_so_does_the_reverse() -> None:
    lower = kept(PASSED, Level.SHOULD)
    for one, other, differing in (
        (kept(PASSED), kept(PASSED), 0),
        (kept(PASSED), lower, 1),
        (kept(FAILED), FAILED, 1),
    ):
        matrix = matrix_of([column(make_run(judged=(one,))), column(make_run(judged=(other,)))])
        assert matrix.differing == differing


def test_json_keeps_its_schema_and_counts_states() -> None:
    document = json.loads(as_json(matrix_of(results())))
    jsonschema.validate(document, SCHEMA)
    first, second = document["targets"]
    assert set(first["counts"]) == set(STATES)
    assert sum(first["counts"].values()) == len(ROWS)
    assert (first["report"], second["report"]) == ("../one/report.html", None)


def test_a_state_that_no_suite_writes_is_not_judged() -> None:
    saved = results()[1].result
    rows = {name: replace(row, verdict="splendid") for name, row in saved.rows.items()}
    matrix = matrix_of([Column(replace(saved, rows=rows))])
    jsonschema.validate(json.loads(as_json(matrix)), SCHEMA)
    assert "not judged" in matrix_html(matrix)


def test_versions_of_the_suite_are_not_mixed_silently() -> None:
    one, other = results()
    older = replace(other, result=replace(other.result, suite_version="0.0.1"))
    assert "different versions of the suite" not in matrix_html(matrix_of([one, other]))
    assert "different versions of the suite" in matrix_html(matrix_of([one, older]))
    assert "0.0.1" in json.loads(as_json(matrix_of([one, older])))["suite_versions"]


# --- the command -------------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, result in (("one: a#b", make_run(*ROWS)), ("two", make_run(judged=(kept(FAILED), PASSED)))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "result.json").write_text(result_json(result))
    (tmp_path / "one: a#b" / "report.html").write_text("<p>")
    return tmp_path


def test_the_command_writes_both(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix", "one: a#b", "two/result.json"]) == 0
    out = saved / "reports" / "matrix"
    document = json.loads((out / "matrix.json").read_text())
    jsonschema.validate(document, SCHEMA)
    assert [one["report"] for one in document["targets"]] == ["../../one%3A%20a%23b/report.html", None]
    assert (out / "matrix.html").read_text().startswith("<!doctype html>\n<!-- A matrix of the")
    assert "2 targets, 1 of 7 requirements differ" in capsys.readouterr().out
    assert main(["matrix", "two"]) == 0  # its own files are replaced


def test_files_of_others_stay(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (saved / "matrix.html").write_text("mine")
    assert main(["matrix", "two", "--output", "."]) == 2
    assert "was not written by this suite" in capsys.readouterr().err
    assert (saved / "matrix.html").read_text() == "mine"


def test_what_is_no_result_is_named(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix", "two", "three"]) == 2
    assert "cannot read" in capsys.readouterr().err
    assert not (saved / "reports").exists()
