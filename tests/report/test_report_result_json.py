"""`result.json` and its schema, checked by two independent validators."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from conformance.report import RunResult, result_json

Run = Callable[..., RunResult]
Schema = dict[str, Any]


def is_valid(document: object, schema: Schema) -> bool:
    verdicts = {
        jsonschema.Draft202012Validator(schema).is_valid(document),
        jsonschema_rs.validator_for(schema).is_valid(document),
    }
    assert len(verdicts) == 1, "the validators disagree"
    return verdicts.pop()


def test_the_schema_is_a_schema(result_schema: Schema) -> None:
    jsonschema.Draft202012Validator.check_schema(result_schema)


def test_the_result_keeps_its_schema(every_outcome: RunResult, result_schema: Schema) -> None:
    assert is_valid(json.loads(result_json(every_outcome)), result_schema)


@pytest.mark.parametrize(
    ("names", "facts"), [("", {}), ("pass", {}), ("not-judged", {}), ("pass", {"internal_error": "boom"})]
)
def test_every_exit_code_keeps_the_schema(names: str, facts: Schema, run: Run, result_schema: Schema) -> None:
    assert is_valid(json.loads(result_json(run(*names.split(), **facts))), result_schema)


@pytest.mark.parametrize("signal", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_stopped_run_is_not_complete(signal: str, run: Run, result_schema: Schema) -> None:
    document = json.loads(result_json(run("pass", ended_by=signal)))
    assert (document["complete"], document["ended_by"], document["exit_code"]) == (False, signal, 3)
    assert is_valid(document, result_schema)
    assert not is_valid(document | {"complete": True}, result_schema)
    assert not is_valid(document | {"exit_code": 0}, result_schema)


def test_the_header_comes_first_and_the_footer_last(every_outcome: RunResult) -> None:
    names = list(json.loads(result_json(every_outcome)))
    assert names[:3] == ["schema_version", "suite_version", "target"]
    assert names[-1] == "complete"


def test_a_file_that_was_cut_off_is_refused(every_outcome: RunResult, result_schema: Schema) -> None:
    text = result_json(every_outcome)
    cut = text[: text.rindex(",")]
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut)
    mended = json.loads(cut + "}")
    assert "complete" not in mended
    assert not is_valid(mended, result_schema)


@pytest.mark.parametrize(
    "change",
    [
        {"complete": False},
        {"colour": "red"},
        {"exit_code": 0},
        {"exit_code": 2},
        {"exit_code": 4},
        {"exit_code": 3, "internal_error": "boom"},
        {"started_at": "yesterday"},
        {"schema_version": "1.0"},
    ],
)
def test_a_result_that_contradicts_itself_is_refused(
    change: Schema, every_outcome: RunResult, result_schema: Schema
) -> None:
    document = json.loads(result_json(every_outcome))
    assert is_valid(document, result_schema)
    assert not is_valid(document | change, result_schema)


@pytest.mark.parametrize(
    ("row", "change"),
    [
        (0, {"verdict": "green"}),
        (0, {"broken": True}),
        (1, {"broken": False}),
        (6, {"blame": None}),
        (6, {"message": ""}),
        (0, {"statements": ["105"]}),
        (0, {"surprise": 1}),
    ],
)
def test_a_requirement_that_contradicts_itself_is_refused(
    row: int, change: Schema, every_outcome: RunResult, result_schema: Schema
) -> None:
    document = json.loads(result_json(every_outcome))
    document["requirements"][row] |= change
    assert not is_valid(document, result_schema)


def test_the_totals_add_up(every_outcome: RunResult) -> None:
    document = json.loads(result_json(every_outcome))
    totals, rows = document["totals"], document["requirements"]
    by_verdict = {
        name: sum(row["verdict"] == name for row in rows) for name in {row["verdict"] for row in rows}
    }
    assert {name: totals[name] for name in by_verdict} == by_verdict
    assert totals["requirements"] == len(rows) == sum(by_verdict.values())
    assert totals["broken"] == sum(row["broken"] for row in rows)
    assert totals["left"] == len(document["left_behind"]) == 1


def test_evidence_is_whole(run: Run) -> None:
    (row,) = json.loads(result_json(run("fail")))["requirements"]
    assert [entry["label"] for entry in row["evidence"]] == ["create a deployment", "pause it again"]
    assert [entry["culprit"] for entry in row["evidence"]] == [False, True]
    assert "\x1b[2J" in row["evidence"][1]["body"]
    assert r"\ud800" in row["evidence"][1]["body"]


def test_a_time_that_is_no_number_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        result_json(run("pass", seconds=float("nan")))
