"""Reports on disk: whole or not at all, and a clear word when they cannot be written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import conformance.report
from conformance.report import ReportError, RunResult, junit, prepare, result_json, write_reports

Run = Callable[..., RunResult]


def test_all_reports_are_written_into_a_new_directory(run: Run, tmp_path: Path) -> None:
    result = run("pass")
    paths = write_reports(result, tmp_path / "a" / "b")
    assert [path.name for path in paths] == ["junit.xml", "result.json", "summary.md"]
    assert paths[0].read_bytes() == junit(result)
    assert paths[1].read_text(encoding="utf-8") == result_json(result)
    assert sorted(paths[0].parent.iterdir()) == sorted(paths)


def test_an_earlier_report_is_replaced(run: Run, tmp_path: Path) -> None:
    write_reports(run("fail"), tmp_path)
    (path, *_) = write_reports(run("pass"), tmp_path)
    assert b"<failure" not in path.read_bytes()


def test_a_report_that_cannot_be_finished_leaves_the_earlier_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_reports(run("pass"), tmp_path)
    before = [path.read_bytes() for path in paths]

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ReportError, match="No space left on device"):
        write_reports(run("fail"), tmp_path)
    assert [path.read_bytes() for path in paths] == before
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_a_directory_that_cannot_be_made_is_a_clear_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReportError) as caught:
        write_reports(run("pass"), tmp_path / "file")
    assert str(tmp_path / "file") in caught.value.what
    assert "--report-dir" in caught.value.hint


def test_reports_of_an_earlier_run_are_taken_away_and_nothing_else_is(run: Run, tmp_path: Path) -> None:
    write_reports(run("pass"), tmp_path)
    (tmp_path / "ledger.jsonl").write_text("{}")
    prepare(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.jsonl"]
    prepare(tmp_path / "new" / "one")
    assert list((tmp_path / "new" / "one").iterdir()) == []


@pytest.mark.parametrize("name", ["junit.xml", "result.json"])
def test_what_would_be_in_the_way_is_noticed_beforehand(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(ReportError, match="--report-dir"):
        prepare(tmp_path)


def test_the_public_names() -> None:
    assert conformance.report.__all__ == [
        "SCHEMA_VERSION", "Judged", "ReportError", "RunResult", "Traffic",
        "append_summary", "junit", "markdown", "prepare", "result_json", "terminal", "write_reports",
    ]  # fmt: skip
