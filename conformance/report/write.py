"""The reports of a run as files: what is in their way is found beforehand, and each is whole or not there."""

from __future__ import annotations

from collections.abc import Collection
from itertools import product
from pathlib import Path

from conformance.contract.catalogue import load_catalogue
from conformance.contract.failure import FOLDER, file_name
from conformance.report.failures import failures
from conformance.report.files import ReportError, appending, check, check_ours, clear, unwritable, writing
from conformance.report.html import html
from conformance.report.junit import junit
from conformance.report.markdown import MOST_BYTES, markdown
from conformance.report.result import RunResult
from conformance.report.result_json import result_json

JUNIT, RESULT, SUMMARY, HTML = "junit.xml", "result.json", "summary.md", "report.html"
REPORTS = (JUNIT, RESULT, SUMMARY, HTML)
HINT = "name a directory that can be written with --report-dir"


MARKS = {
    JUNIT: b'<testsuites name="conformance"',
    RESULT: b'"suite_version": ',
    SUMMARY: b"## conformance: ",
    HTML: b"<!-- A report of the conformance suite -->",
}
"""What stands at the beginning of each report that the suite wrote."""


def check_reports(directory: Path) -> None:
    """Make `directory` and see that reports can be written there, over none of another program's.

    Raises `ReportError` if not.
    """
    for name in REPORTS:
        check(directory / name, HINT)
        check_ours(directory / name, MARKS[name])
    if (directory / FOLDER).exists():
        check(directory / FOLDER / "failure.json", HINT)


def clear_reports(directory: Path, kept: Collection[Path] = ()) -> None:
    """Take away the reports and failures of an earlier run, but for `kept`: none is taken for the next one's.

    Raises `ReportError` where that is not allowed.
    """
    catalogue = load_catalogue()
    names = {file_name(*pair) for pair in product(catalogue.searches, catalogue.requirements)}
    saved = [path for path in (directory / FOLDER).glob("*.json") if path.name in names]
    untouched = {path.resolve() for path in kept}
    for path in (*(directory / name for name in REPORTS), *saved):
        try:
            if path.resolve() not in untouched:
                clear(path)
        except OSError as error:
            raise unwritable(path, error, HINT) from error


def write_reports(result: RunResult, directory: Path) -> list[Path]:
    """Write all `REPORTS` into `directory`, made if it is missing.

    Returns the paths of all. What searches found broken is written below `failures/` there, a file for each.
    A report appears under its name only when it is whole. Raises `ReportError` that names those that could
    not be written; the others are.
    """
    contents = {
        JUNIT: junit(result),
        RESULT: result_json(result).encode(),
        SUMMARY: markdown(result).encode(),
        HTML: html(result).encode(),
    }
    contents |= {name: text.encode() for name, text in failures(result).items()}
    failed: dict[str, OSError] = {}
    for name, content in contents.items():
        try:
            with writing(directory / name) as stream:
                stream.write(content)
        except OSError as error:
            failed[name] = error
    if failed:
        reason = next(error.strerror or str(error) for error in failed.values())
        raise ReportError(f"cannot write {', '.join(failed)} in {directory}: {reason}", HINT)
    return [directory / name for name in contents]


SUMMARY_HINT = "GITHUB_STEP_SUMMARY names that file: unset it, or let it name one that can be written"


def append_summary(result: RunResult, path: Path) -> None:
    """Append the summary to the file that a CI system shows beside the job.

    Raises `ReportError` if that cannot be written.
    """
    try:
        with appending(path) as stream:
            held = stream.tell() if stream.seekable() else 0
            stream.write(markdown(result, MOST_BYTES - held).encode())
    except OSError as error:
        raise unwritable(path, error, SUMMARY_HINT) from error
