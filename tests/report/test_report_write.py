"""Reports on disk: whole or not at all, and a clear word when they cannot be written."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import conformance.report
from conformance.report import (
    ReportError,
    RunResult,
    check_reports,
    clear_reports,
    junit,
    markdown,
    result_json,
    write_reports,
)

Run = Callable[..., RunResult]


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """No file that this process writes grows beyond a size, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_all_reports_are_written_into_a_new_directory(run: Run, tmp_path: Path) -> None:
    result = run("pass")
    paths = write_reports(result, tmp_path / "a" / "b")
    assert [path.name for path in paths] == ["junit.xml", "result.json", "summary.md", "report.html"]
    assert paths[0].read_bytes() == junit(result)
    assert paths[1].read_text(encoding="utf-8") == result_json(result)
    assert sorted(paths[0].parent.iterdir()) == sorted(paths)


def test_an_earlier_report_is_replaced(run: Run, tmp_path: Path) -> None:
    write_reports(run("fail"), tmp_path)
    (path, *_) = write_reports(run("pass"), tmp_path)
    assert b"<failure" not in path.read_bytes()


def test_a_report_that_cannot_be_finished_leaves_the_earlier_one(run: Run, tmp_path: Path) -> None:
    paths = write_reports(run("pass"), tmp_path)
    before = [path.read_bytes() for path in paths]
    with no_file_beyond(100), pytest.raises(ReportError, match="File too large") as caught:
        write_reports(run("fail"), tmp_path)
    assert "junit.xml, result.json, summary.md, report.html" in caught.value.what
    assert [path.read_bytes() for path in paths] == before
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_reports_that_can_be_written_are(run: Run, tmp_path: Path) -> None:
    smallest = len(markdown(run("pass")).encode())
    with (
        no_file_beyond(smallest),
        pytest.raises(ReportError, match=r"junit\.xml, result\.json, report\.html in") as caught,
    ):
        write_reports(run("pass"), tmp_path)
    assert "summary.md" not in caught.value.what
    assert [path.name for path in tmp_path.iterdir()] == ["summary.md"]


def test_a_directory_that_cannot_be_made_is_a_clear_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReportError) as caught:
        write_reports(run("pass"), tmp_path / "file")
    assert str(tmp_path / "file") in caught.value.what
    assert "--report-dir" in caught.value.hint


def test_reports_of_an_earlier_run_are_taken_away_and_nothing_else_is(run: Run, tmp_path: Path) -> None:
    write_reports(run("pass"), tmp_path)
    (tmp_path / "ledger.jsonl").write_text("{}")
    names = (
        "race.pauses-pause.second-is-conflict.json",
        "model.lifecycle-archive.renames.json",
        "of-mine.json",
    )
    found, replayed, own = (tmp_path / "failures" / name for name in names)
    found.parent.mkdir()
    for path in (found, replayed, own):
        path.write_text("{}")
    check_reports(tmp_path)
    clear_reports(tmp_path, kept=[tmp_path / "failures" / ".." / "failures" / replayed.name])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["failures", "ledger.jsonl"]
    assert sorted(found.parent.iterdir()) == sorted([replayed, own])
    check_reports(tmp_path / "new" / "one")
    assert list((tmp_path / "new" / "one").iterdir()) == []


@pytest.mark.parametrize(
    "name", ["junit.xml", "result.json", "summary.md", "report.html", "failures/failure.json"]
)
def test_what_would_be_in_the_way_is_noticed_beforehand(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(ReportError, match="--report-dir"):
        check_reports(tmp_path)


def test_the_public_names() -> None:
    assert conformance.report.__all__ == [
        "SCHEMA_VERSION", "Judged", "ReportError", "RunResult", "Traffic",
        "append_summary", "check_reports", "clear_reports", "junit", "markdown", "result_json", "terminal", "write_reports",
    ]  # fmt: skip
