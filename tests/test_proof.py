"""The proof: it judges as `conformance run` does, and its table says what the runs showed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from conformance.config.options import SettingsError
from tests.door import HANGS
from tests.faults.catalogue import load_faults
from tests.judge import judge_server
from tests.proof import Case, Outcome
from tests.proof.command import chosen, line_of
from tests.proof.markdown import markdown
from tests.proof.table import Effort, accusations, proof_of
from tests.twins.catalogue import load_twins

SCHEMA = json.loads(Path("schemas/report/proof.schema.json").read_text())
FAULT, TWIN = "PauseTwiceIsFine", "Plain"
PARTIAL = Effort(seed=0, jobs=2, seconds=1.5, whole=False)
BOTH_WAYS = [
    Case("fault", "PauseWithoutReason", "2026-06", seed=7),
    Case("fault", "ArchivedAreListed", "2026-07", seed=7),
    Case("fault", "RenamingLosesMetadata", "2026-07", seed=7, only=("model.lifecycle",)),
    Case("twin", "ExtraFields", "2026-06", seed=7, only=("object.*", "update.*", "property.ids")),
]


@pytest.mark.parametrize("case", BOTH_WAYS, ids=lambda case: case.id)
def test_it_judges_as_the_command_line_does(case: Case, judged: dict[Case, Outcome]) -> None:
    only = ("--only", ",".join(case.only)) if case.only else ()
    with case.server() as server:
        run = judge_server(server, "--tier", ",".join(case.tiers), "--seed", str(case.seed), *only)
    outcome = judged[case]
    assert outcome.exit_code == run.exit_code
    assert outcome.verdicts == {row["id"]: row["verdict"] for row in run.result["requirements"]}


def outcome(kind: str, name: str, *, exit_code: int = 0, error: str = "", **verdicts: str) -> Outcome:
    """Return a written outcome; in the names of `verdicts`, `__` is a dot and `_` a dash."""
    told = {name.replace("__", ".").replace("_", "-"): verdict for name, verdict in verdicts.items()}
    messages = {name: f"{name} | broken" for name, verdict in told.items() if verdict != "pass"}
    case = Case("twin" if kind == "twin" else "fault", name, "2026-07")
    return Outcome(case, exit_code, told, messages, 10, 0.5, error)


CAUGHT = outcome("fault", FAULT, exit_code=1, pause__second_is_conflict="fail", pause__is_stored="pass")
MISSED = outcome("fault", FAULT, pause__second_is_conflict="pass")
BLUNT = outcome("fault", FAULT, exit_code=1, pause__second_is_conflict="fail", auth__missing_is_401="fail")
CRASHED = outcome("fault", FAULT, exit_code=4, error="KeyError: 'id'", pause__second_is_conflict="fail")
FINE = outcome("twin", TWIN, pause__second_is_conflict="pass")
ACCUSED = outcome("twin", TWIN, exit_code=1, pause__second_is_conflict="fail")
UNJUDGED = outcome("twin", TWIN, exit_code=3, pause__second_is_conflict="not-judged")


@pytest.mark.parametrize(
    ("outcomes", "said", "exit_code"),
    [
        ([CAUGHT, FINE], {"caught": 1, "sharp": 1, "accused": 0, "proven": 1}, 0),
        ([CAUGHT, MISSED], {"caught": 0, "sharp": 0, "proven": 1}, 1),
        ([BLUNT], {"caught": 1, "sharp": 0, "proven": 1}, 0),
        ([CRASHED], {"caught": 1, "sharp": 0}, 0),
        ([ACCUSED], {"twins": 1, "accused": 1, "proven": 0}, 1),
        ([FINE, UNJUDGED], {"twins": 1, "accused": 1}, 1),
    ],
)
def test_the_table_says_what_the_runs_showed(
    outcomes: list[Outcome], said: dict[str, int], exit_code: int
) -> None:
    proof: Any = proof_of(outcomes, PARTIAL)
    assert proof["totals"].items() >= said.items()
    assert proof["exit_code"] == exit_code
    assert is_valid(proof)


def test_a_whole_proof_fails_for_what_was_never_seen_failing() -> None:
    proof: Any = proof_of([CAUGHT], Effort(seed=0, jobs=1, seconds=1, whole=True))
    states = {row["id"]: row["state"] for row in proof["requirements"]}
    assert states["pause.second-is-conflict"] == "proven"
    assert states["pause.is-stored"] == "never seen failing"
    assert proof["exit_code"] == 1


def test_a_failure_elsewhere_proves_nothing() -> None:
    """That a requirement fails for a fault which breaks another one is no proof of it."""
    proof: Any = proof_of([BLUNT], PARTIAL)
    states = {row["id"]: row["state"] for row in proof["requirements"]}
    assert states["auth.missing-is-401"] == "never seen failing"
    assert proof["faults"][0]["runs"][0]["unexpected"] == {
        "auth.missing-is-401": "auth.missing-is-401 | broken"
    }


def is_valid(document: object) -> bool:
    verdicts = {
        jsonschema.Draft202012Validator(SCHEMA).is_valid(document),
        jsonschema_rs.validator_for(SCHEMA).is_valid(document),
    }
    assert len(verdicts) == 1, "the validators disagree"
    return verdicts.pop()


@pytest.mark.parametrize("change", [{"complete": False}, {"exit_code": 3}, {"colour": "red"}, {"totals": {}}])
def test_a_proof_that_is_none_is_refused(change: dict[str, object]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert not is_valid(proof_of([CAUGHT], PARTIAL) | change)


def test_the_page_has_a_row_for_each_and_keeps_its_cells() -> None:
    page = markdown(proof_of([BLUNT, ACCUSED], PARTIAL))
    rows = [line for line in page.splitlines() if line.startswith((f"| {FAULT}", f"| {TWIN}"))]
    assert [row.replace("\\|", "").count("|") for row in rows] == [7, 4]
    assert "auth.missing-is-401 \\| broken" in rows[0]
    assert "| `pause.second-is-conflict` | MUST | yes | PauseTwiceIsFine |" in page


@pytest.mark.parametrize(
    ("found", "word"),
    [(CAUGHT, "SHARP"), (BLUNT, "CAUGHT"), (MISSED, "MISSED"), (FINE, "fine"), (UNJUDGED, "ACCUSED")],
)
def test_a_line_says_what_a_run_proved(found: Outcome, word: str) -> None:
    assert line_of(found).split()[0] == word


def test_another_exit_code_is_an_accusation() -> None:
    assert accusations(outcome("twin", TWIN, exit_code=3)) == {"exit 3"}


def test_names_choose() -> None:
    both = ["2026-06", "2026-07"]
    spoken = {fault.id for fault in load_faults().values() if fault.revisions}
    assert {case.id for case in chosen([], both, [0])} == {*spoken, *load_twins()}
    assert {case.id for case in chosen(["twins"], both, [0])} == {*load_twins()}
    assert chosen([FAULT], both, [3]) == [Case("fault", FAULT, revision, 3) for revision in both]
    with pytest.raises(SettingsError, match="PauseTwiceIsFine"):
        chosen(["PauseTwiceIsFin"], both, [0])


def prove(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conformance", "prove", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=HANGS)


def test_the_command_needs_a_checkout(tmp_path: Path) -> None:
    said = prove(tmp_path)
    assert said.returncode == 2
    assert "needs a checkout" in said.stderr
    assert "Traceback" not in said.stderr


def test_the_command_proves(tmp_path: Path) -> None:
    said = prove(Path.cwd(), "ARunAnswers202", "--revision", "2026-07", "--report-dir", str(tmp_path))
    assert said.returncode == 0, said.stderr
    assert "SHARP   ARunAnswers202" in said.stdout
    assert is_valid(json.loads((tmp_path / "proof.json").read_text()))
    assert "| ARunAnswers202" in (tmp_path / "proof.md").read_text()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_proof_leaves_no_process(tmp_path: Path, sent: signal.Signals) -> None:
    command = [
        sys.executable,
        "-m",
        "conformance",
        "prove",
        "get",
        "--runs",
        "100",
        "--jobs",
        "2",
        "--report-dir",
        str(tmp_path),
    ]
    proving = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert proving.stdout
        assert proving.stdout.readline().startswith("[1/")
        proving.send_signal(sent)
        _, errors = proving.communicate(timeout=HANGS)
        assert proving.returncode == 3
        assert "conformance: stopped\n" in errors  # beside what the processes say that were ended at work
        deadline = time.monotonic() + 10
        while _is_alive(proving.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not _is_alive(proving.pid)
    finally:
        if _is_alive(proving.pid):
            os.killpg(proving.pid, signal.SIGKILL)


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
