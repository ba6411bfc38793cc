"""Evidence that earlier versions of the suite saved can still be judged.

The file was saved by version 0.1.0 with `--only` for the four rows below and `--tier core,race`, from a reference
server on which all pauses that arrive together win.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.contract.verdict import NotJudgedError
from conformance.evidence import read_evidence
from conformance.suite.exploration.registry import Searched

SAVED = Path(__file__).with_name("saved-by-0.1.0.json.gz")
VERDICTS = {
    "pause.makes-it-paused": "pass",
    "pause.second-is-conflict": "pass",
    "pause.one-of-many-wins": "warn",
    "race.pauses": "warn",
}


def test_every_story_is_read() -> None:
    evidence = read_evidence(SAVED)
    assert evidence.suite_version == "0.1.0"
    (part,) = evidence.parts
    assert [*part.stories] == ["pause_twice", "lifecycle", "pause_cycle", "race.pauses"]
    assert not any(isinstance(told, NotJudgedError) for told in part.stories.values())
    assert isinstance(found := part.stories["race.pauses"], Searched)
    assert [finding.requirement for finding in found.findings] == ["pause.one-of-many-wins"]


def test_the_verdicts_are_those_of_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rejudge", str(SAVED), "--report-dir", str(tmp_path)]) == 0
    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    rows = [*result["requirements"], *result["searches"]]
    assert {row["id"]: row["verdict"] for row in rows} == VERDICTS
    shown = capsys.readouterr().out
    assert "none of 4 verdicts changed" in shown
    assert "no order allows these answers" in shown
    assert "curl -sS -i --globoff -X POST" in shown
