"""A proof is released only when it holds everything that this checkout can break."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.catalogue import load_faults
from tests.proof import Case, Outcome
from tests.proof.release import release
from tests.proof.table import Effort, proof_of
from tests.twins.catalogue import load_twins

FAULT, TWIN = "PauseTwiceIsFine", "Plain"
ONE = "pause.second-is-conflict"
Change = Callable[[Any], None]


def _whole() -> Any:  # noqa: ANN401 (JSON)
    """A proof of written outcomes in which every fault was caught and no twin accused."""
    caught = [
        Outcome(
            Case("fault", fault.id, revision), 1, {fault.breaks: "fail"}, {fault.breaks: "broken"}, 10, 0.5
        )
        for fault in load_faults().values()
        for revision in fault.revisions
    ]
    fine = [
        Outcome(Case("twin", twin.id, revision), 0, {ONE: "pass"}, {}, 10, 0.5)
        for twin in load_twins().values()
        for revision in twin.revisions
    ]
    return json.loads(json.dumps(proof_of([*caught, *fine], Effort(seed=0, jobs=1, seconds=1, whole=True))))


WHOLE = _whole()


def _without(part: str, name: str) -> Change:
    def change(proof: Any) -> None:  # noqa: ANN401 (JSON)
        proof[part] = [row for row in proof[part] if row["id"] != name]

    return change


def _row(part: str, name: str, **facts: object) -> Change:
    def change(proof: Any) -> None:  # noqa: ANN401 (JSON)
        next(row for row in proof[part] if row["id"] == name).update(facts)

    return change


def _without_a_revision(proof: Any) -> None:  # noqa: ANN401 (JSON)
    row = next(row for row in proof["faults"] if row["id"] == FAULT)
    row["runs"] = [run for run in row["runs"] if run["revision"] != "2026-06"]


def _of_another_version(proof: Any) -> None:  # noqa: ANN401 (JSON)
    proof["suite_version"] = "0.0.9"


def test_a_whole_proof_makes_the_page(tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_text(json.dumps(WHOLE))
    assert release(tmp_path / "proof.json", tmp_path / "proof.md") == 0
    assert f"| `{ONE}` | MUST | yes | {FAULT}" in (tmp_path / "proof.md").read_text()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_without("requirements", ONE), f"requirement {ONE}: missing"),
        (
            _row("requirements", ONE, state="never seen failing", faults=[]),
            f"requirement {ONE}: never seen failing",
        ),
        (_without("faults", FAULT), f"fault {FAULT}: not judged in revision 2026-07"),
        (_without_a_revision, f"fault {FAULT}: not judged in revision 2026-06"),
        (_row("faults", FAULT, caught=False), f"fault {FAULT}: missed"),
        (_without("twins", TWIN), f"twin {TWIN}: not judged in revision 2026-06"),
        (_row("twins", TWIN, accused=True), f"twin {TWIN}: accused"),
        (_of_another_version, "it is of version 0.0.9"),
        (dict.clear, "it is no proof: "),
    ],
)
def test_a_proof_that_lacks_something_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Change, reason: str
) -> None:
    proof = copy.deepcopy(WHOLE)
    change(proof)
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    assert release(tmp_path / "proof.json", tmp_path / "proof.md") == 1
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "proof.md").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert release(tmp_path / "proof.json", tmp_path / "proof.md") == 1
    assert "No such file" in capsys.readouterr().err
