"""The reports as files, each whole or not there at all."""

from __future__ import annotations

import os
from pathlib import Path

from conformance.report.failures import failures
from conformance.report.junit import junit
from conformance.report.result import RunResult
from conformance.report.result_json import result_json


class ReportError(Exception):
    """A report could not be written; `what` says which and why, `hint` what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"{what} ({hint})")
        self.what = what
        self.hint = hint


def write_reports(result: RunResult, directory: Path) -> list[Path]:
    """Write `junit.xml` and `result.json` into `directory`, made if it is missing, and return their paths.

    What searches found broken is written below `failures/` there, a file for each. A report appears under
    its name only when it is whole. Raises `ReportError` if the directory cannot be made or written to.
    """
    contents = {"junit.xml": junit(result), "result.json": result_json(result).encode()}
    contents |= {name: text.encode() for name, text in failures(result).items()}
    try:
        for name in contents:
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
        return [_replace(directory / name, content) for name, content in contents.items()]
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReportError(
            f"cannot write the reports to {directory}: {reason}",
            "name a directory that can be written with --report-dir",
        ) from error


def _replace(path: Path, content: bytes) -> Path:
    """Write beside `path`, then rename: a reader sees the old file or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path
