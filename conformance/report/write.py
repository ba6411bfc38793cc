"""The reports as files, each whole or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.report.failures import failures
from conformance.report.junit import junit
from conformance.report.markdown import MOST_BYTES, markdown
from conformance.report.result import RunResult
from conformance.report.result_json import result_json


class ReportError(Exception):
    """A report could not be written; `what` says which and why, `hint` what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"{what} ({hint})")
        self.what = what
        self.hint = hint


JUNIT, RESULT, SUMMARY = "junit.xml", "result.json", "summary.md"


def prepare(directory: Path) -> None:
    """Make `directory` and see that reports can be written there; take away those of an earlier run.

    Raises `ReportError` if not. A run that is killed then leaves no report that could be taken for its own.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _replace(directory / RESULT, b"{}\n").unlink()
        for name in (JUNIT, SUMMARY):
            (directory / name).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(directory, error) from error


def write_reports(result: RunResult, directory: Path) -> list[Path]:
    """Write `junit.xml`, `result.json` and `summary.md` into `directory`, made if it is missing.

    Returns the paths of all. What searches found broken is written below `failures/` there, a file for each.
    A report appears under its name only when it is whole. Raises `ReportError` if the directory cannot be
    made or written to.
    """
    contents = {
        JUNIT: junit(result),
        RESULT: result_json(result).encode(),
        SUMMARY: markdown(result).encode(),
    }
    contents |= {name: text.encode() for name, text in failures(result).items()}
    try:
        for name in contents:
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
        return [_replace(directory / name, content) for name, content in contents.items()]
    except OSError as error:
        raise _unwritable(directory, error) from error


def _unwritable(directory: Path, error: OSError) -> ReportError:
    reason = error.strerror or str(error)
    return ReportError(
        f"cannot write the reports to {directory}: {reason}",
        "name a directory that can be written with --report-dir",
    )


def append_summary(result: RunResult, path: Path) -> None:
    """Append the summary to the file that a CI system shows beside the job.

    Raises `ReportError` if that cannot be written.
    """
    try:
        with path.open("ab") as file:
            file.write(markdown(result, MOST_BYTES - file.tell()).encode())
    except OSError as error:
        raise ReportError(
            f"cannot write the job's summary to {path}: {error.strerror or error}",
            "GITHUB_STEP_SUMMARY names that file",
        ) from error


def _replace(path: Path, content: bytes) -> Path:
    with replacing(path) as draft:
        draft.write_bytes(content)
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a draft beside `path` that takes its place at the end: a reader sees the old file or the new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
