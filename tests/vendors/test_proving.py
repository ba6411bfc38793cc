"""`conformance prove --profile`: each profile has a fault for all that it promises, and servers that show some."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.config.options import SettingsError
from conformance.contract.catalogue import REVISIONS
from conformance.vendors import load_profile, shipped
from tests.door import HANGS
from tests.faults.catalogue import load_faults
from tests.proof import Case, Outcome
from tests.proof.command import chosen
from tests.proof.profiles import chosen_of, left_out, promised, revisions_of
from tests.proof.unfit import UNFIT
from tests.twins.catalogue import load_twins

SIXTH = str(Path(__file__).parent / "sixth.toml")
CASES = [
    Case("fault", fault.id, revision, only=(fault.breaks,), stories=fault.shown_by, profile=profile)
    for fault in load_faults().values()
    if not fault.revisions
    for profile in shipped()
    if fault.id in chosen_of(profile)[0]
    for revision in revisions_of(fault, profile)
]
"""Each fault of other vendors, as each whose promise it breaks, judged by what must catch it alone."""
SCHEMA = json.loads(Path("schemas/report/proof.schema.json").read_text())


@pytest.mark.parametrize("profile", [*shipped(), SIXTH], ids=lambda profile: Path(profile).stem)
def test_every_promise_of_a_profile_has_a_fault_under_it(profile: str) -> None:
    faults, _ = chosen_of(profile)
    assert {fault.breaks for fault in faults.values()} == {row.id for row in promised(profile)}


@pytest.mark.parametrize("profile", shipped())
def test_what_is_left_out_is_left_out_for_a_reason(profile: str) -> None:
    faults, twins = chosen_of(profile)
    out = left_out(profile)
    assert {*faults, *twins} | out.keys() == {*load_faults(), *load_twins()}
    assert {*faults, *twins}.isdisjoint(out)
    assert all(out.values())


def test_a_fault_is_judged_in_the_editions_of_the_profile() -> None:
    (case,) = chosen(["NullIsNotSent"], REVISIONS, [3], "anthropic")
    assert (case.revision, case.profile, case.seed) == (
        *load_profile("anthropic").editions.names,
        "anthropic",
        3,
    )
    cases = chosen(["PauseTwiceIsFine"], REVISIONS, [0], "qoder-cn")
    assert [(case.revision, case.profile) for case in cases] == [(one, "qoder-cn") for one in REVISIONS]


@pytest.mark.parametrize(
    ("name", "profile", "reason"),
    [
        (
            "PauseTwiceIsFine",
            "anthropic",
            "pause.second-is-conflict: the profile anthropic does not promise it",
        ),
        ("NullIsNotSent", "qoder", "does not promise it"),
        ("ArchiveTwiceIsFine", "bigmodel", "archive.second-is-conflict: the profile allows it"),
        ("ASecondArchiveIsRefused", "qoder", "it shows in the servers of other vendors alone"),
    ],
)
def test_what_is_no_fault_under_a_profile_is_told(name: str, profile: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        chosen([name], REVISIONS, [0], profile)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.id}-{case.profile}")
def test_a_fault_of_other_vendors_is_caught(case: Case, judged: dict[Case, Outcome]) -> None:
    fault, outcome = load_faults()[case.id], judged[case]
    assert not outcome.internal_error
    assert fault.breaks in outcome.broken(), f"{fault.service.__doc__} ({case.profile})"


def test_what_leaves_a_fault_out_is_a_difference_of_some_vendor() -> None:
    """A name that is none, or a difference that no vendor has, would hide what is to be proven."""
    known = {*load_faults(), *load_twins()}
    profiles = [load_profile(name) for name in shipped()]
    for one in UNFIT:
        assert {*one.names} <= known, one.reason
        assert any(one.differs(profile) for profile in profiles), one.reason


def prove(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conformance", "prove", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)


def test_the_command_proves_a_profile(tmp_path: Path) -> None:
    names = ("NullIsNotSent", "PauseIsOnlyAnswered")
    said = prove(*names, "--profile", "anthropic", "--jobs", "2", "--report-dir", str(tmp_path))
    assert said.returncode == 0, said.stdout + said.stderr
    assert all(f"SHARP   {name} (managed-agents-2026-04-01" in said.stdout for name in names)
    proof: Any = json.loads((tmp_path / "proof.json").read_text())
    jsonschema.validate(proof, SCHEMA)
    assert proof["profile"] == "anthropic"
    assert {row["id"] for row in proof["requirements"]} == {row.id for row in promised("anthropic")}
    states = {row["id"]: row["state"] for row in proof["requirements"]}
    assert states["update.required-fields-cannot-be-cleared"] == "proven"
    page = (tmp_path / "proof.md").read_text()
    assert "PauseTwiceIsFine" in page.partition("## Left out under this profile")[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--profile", "antropic"), "Did you mean anthropic?"),
        (
            ("--profile", "anthropic", "--revision", "2026-07"),
            "2026-07 is no edition of the profile anthropic",
        ),
    ],
)
def test_a_wrong_profile_is_told(words: tuple[str, ...], said: str) -> None:
    opened = prove(*words)
    assert opened.returncode == 2
    assert said in opened.stderr
    assert "Traceback" not in opened.stderr
