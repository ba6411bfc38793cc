"""Two runs and many: what differs, and how it is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.cli import main
from conformance.report import RunResult, junit, markdown, result_json, terminal
from conformance.report.comparing.comparison import Comparison, as_document, as_markdown, as_text, compare
from conformance.report.comparing.saved import SavedResult, parsed, read_result
from conformance.report.files import ReportError

Run = Callable[..., RunResult]
SCHEMAS = Path(__file__).parents[2] / "schemas" / "report"
FAILED, WARNED, PASSED, LOST = (
    "pause.second-is-conflict",
    "list.newest-first",
    "get.returns-it",
    "runs.list-newest-first",
)


def saved(result: RunResult) -> SavedResult:
    return parsed(json.loads(result_json(result)))


def with_verdict(result: RunResult, requirement: str, **changes: Any) -> RunResult:  # noqa: ANN401 (any field)
    rows = [
        replace(row, verdict=replace(row.verdict, **changes)) if row.requirement.id == requirement else row
        for row in result.judged
    ]
    return replace(result, judged=rows)


@pytest.fixture
def difference(run: Run) -> Comparison:
    old = with_verdict(run("pass", "fail", "warn", "not-judged"), WARNED, outcome="pass")
    old = with_verdict(with_verdict(old, LOST, outcome="pass", blame=None), PASSED, outcome="fail")
    return compare(saved(old), saved(replace(run("pass", "fail", "warn", "not-judged"), seconds=9.5)))


def test_each_difference_has_its_name(difference: Comparison) -> None:
    assert difference.sections == {
        "newly_broken": (), "newly_warned": (WARNED,), "changed": (), "newly_unjudged": (LOST,), "mended": (PASSED,),
    }  # fmt: skip
    assert difference.footprint["seconds"] == (2.4, 9.5)


def test_what_was_not_there_before_may_be_newly_broken(run: Run) -> None:
    assert compare(saved(run("pass")), saved(run("pass", "fail"))).newly_broken == (FAILED,)


def test_a_run_like_the_one_before_differs_in_nothing(run: Run) -> None:
    every = run("pass", "fail", "warn", "advisory", "observed", "not-applicable", "not-judged")
    same = compare(saved(every), saved(every))
    assert not any(same.sections.values())
    assert as_text(same).endswith("no verdict changed")


def test_broken_in_another_way_is_a_change_and_an_id_is_none(run: Run) -> None:
    old = with_verdict(run("fail"), FAILED, got="200 of dep_01a22a88b1477021bc6d96e6ac969008")
    same = with_verdict(run("fail"), FAILED, got="200 of dep_99a22a88b1477021bc6d96e6ac969008")
    assert compare(saved(old), saved(same)).changed == ()
    assert compare(saved(old), saved(with_verdict(run("fail"), FAILED, got="500"))).changed == (FAILED,)


def test_text_markdown_and_json_say_the_same(difference: Comparison) -> None:
    jsonschema.validate(as_document(difference), json.loads((SCHEMAS / "comparison.schema.json").read_text()))
    for text in (as_text(difference), as_markdown(difference)):
        assert [one for one in (WARNED, LOST, PASSED, "mended", "seconds 2.4 → 9.5") if one not in text] == []
    assert "got depl_1 first" in as_text(difference)
    assert max(map(len, as_text(difference).splitlines())) <= 100


def test_every_report_has_the_comparison(
    difference: Comparison, run: Run, result_schema: dict[str, Any]
) -> None:
    result = replace(run("pass", "warn"), comparison=difference)
    document = json.loads(result_json(result))
    jsonschema.validate(document, result_schema)
    assert document["comparison"]["mended"] == [PASSED]
    for text in (terminal(result, colour=False), markdown(result), junit(result).decode()):
        assert "1 newly warned, 1 newly unjudged, 1 mended" in text


def test_texts_of_a_report_break_no_markup(run: Run) -> None:
    evil = "`</code><script>\n::error::\x1b[2J"
    old = replace(with_verdict(run("pass", "fail"), FAILED, got="x"), started_at=evil, target=evil)
    found = compare(saved(old), saved(with_verdict(run("pass", "fail"), FAILED, got=evil)))
    for text in (as_text(found), as_markdown(found)):
        assert "\x1b" not in text
        assert not re.search("^::", text, re.MULTILINE)
    assert "`</code>" not in as_markdown(found)


def written(folder: Path, result: RunResult) -> str:
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(result_json(result))
    return str(folder)


def test_the_command_fails_on_what_is_newly_broken(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = written(tmp_path / "old", run("pass")), written(tmp_path / "new", run("pass", "fail"))
    assert main(["compare", old, new]) == 1
    assert f"newly broken: {FAILED}: expected 409 conflict_error; got 200" in capsys.readouterr().out
    assert main(["compare", new, f"{old}/result.json", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["newly_broken"] == []
    assert main(["compare", old, str(tmp_path / "nowhere")]) == 2
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": "9"}', "<html>", "[" * 100_000])
def test_what_is_no_report_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(ReportError, match="is no report of a run"):
        read_result(tmp_path)


def test_a_history_has_a_line_and_a_bar_for_each_run(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    written(
        tmp_path / "b", run("pass", "fail", started_at="2026-07-15T08:30:00Z", target="https://a.example/<b>")
    )
    written(tmp_path / "a", run("pass"))
    assert main(["history", str(tmp_path)]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["started", "result", "target", "judged"]
    assert [line.split()[:2] for line in lines] == [
        ["2026-07-14T08:30:00Z", "PASS"],
        ["2026-07-15T08:30:00Z", "FAIL"],
    ]
    assert main(["history", str(tmp_path), "--format", "html"]) == 0
    page = capsys.readouterr().out
    assert page.count("<rect ") == 2 * 5
    assert "<b>" not in page
    assert not re.search(r"https?://(?!a\.example|api\.example)|<script|src=|href=", page)
    assert main(["history", str(tmp_path / "nowhere")]) == 2


@pytest.mark.parametrize("version", ["2.0", "2.99"])
def test_reports_of_one_major_version_are_read(run: Run, version: str) -> None:
    """Else the first night after an update of the suite could not be compared with the one before."""
    document = {**json.loads(result_json(run("fail"))), "schema_version": version}
    assert parsed(document).rows[FAILED].broken


def test_reports_of_another_major_version_are_not(run: Run) -> None:
    document = {**json.loads(result_json(run("fail"))), "schema_version": "1.9"}
    with pytest.raises(ValueError, match=r"'1.9'; this suite reads 2.x"):
        parsed(document)
