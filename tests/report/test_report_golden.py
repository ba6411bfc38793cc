"""The reports of one small run, letter by letter.

After a wanted change: `UPDATE_GOLDEN=1 python -m pytest tests/report`, then read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.report import RunResult, junit, markdown, result_json, terminal

GOLDEN = Path(__file__).parent / "golden"
REPORTS: dict[str, Callable[[RunResult], bytes]] = {
    "junit.xml": junit,
    "result.json": lambda result: result_json(result).encode(),
    "summary.md": lambda result: markdown(result).encode(),
    "terminal.txt": lambda result: terminal(result, colour=False).encode(),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_of_every_outcome_reads_as_agreed(name: str, every_outcome: RunResult) -> None:
    report = REPORTS[name](every_outcome)
    golden = GOLDEN / f"{'strict' if every_outcome.strict else 'lenient'}.{name}"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(report)
    assert report.decode() == golden.read_bytes().decode()


def test_a_report_is_a_pure_function_of_its_result(every_outcome: RunResult) -> None:
    for report in REPORTS.values():
        assert report(every_outcome) == report(every_outcome)
