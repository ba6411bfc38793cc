"""`conformance accept` on reports of searches: what one night does not find is not mended."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import Finding, Outcome, Verdict
from conformance.report import Judged, RunResult, result_json
from tests.report.conftest import FAILED, PASSED, make_run

NAME = FAILED.requirement.id
SEARCH = load_catalogue().searches["race.pauses"]
FOUND = Finding(NAME, FAILED.verdict.expected, FAILED.verdict.got)
ACCEPTING = ("--requirement", NAME, "--reason", "known", "--expires", "2099-01-31")


def entries(folder: Path, result: RunResult, *words: str) -> list[str | None]:
    """Which search found each accepted deviation, after the command read a report."""
    (folder / "result.json").write_text(result_json(result))
    file = folder / "accepted.toml"
    assert main(["accept", str(folder), "--file", str(file), *words]) == 0
    return [one.get("found_by") for one in tomllib.loads(file.read_text()).get("accepted", [])]


@pytest.mark.parametrize(("findings", "by", "left"), [((FOUND,), "race.pauses", 1), ((), None, 0)])
def test_prune_leaves_what_a_search_may_find_tomorrow(
    tmp_path: Path, findings: tuple[Finding, ...], by: str | None, left: int
) -> None:
    search = Judged(SEARCH, Verdict(SEARCH.id, Outcome.FAIL if findings else Outcome.PASS, findings=findings))
    assert entries(tmp_path, make_run("fail", searches=(search,)), *ACCEPTING) == [by]
    kept = Judged(FAILED.requirement, replace(PASSED.verdict, requirement=NAME))
    assert len(entries(tmp_path, make_run(judged=(kept,)), "--prune")) == left
