"""Every fault is caught by the requirement that it breaks, in one revision; `conformance prove` does the rest."""

from __future__ import annotations

import pytest

from conformance.contract.catalogue import DEFAULT_PROFILE, load_catalogue
from conformance.vendors import shipped
from tests.faults.catalogue import UNPROVABLE, Fault, load_faults
from tests.proof import Case, Outcome
from tests.proof.profiles import promised
from tests.proof.table import unexpected

FAULTS = load_faults()
CASES = [
    Case(
        "fault",
        fault.id,
        fault.revisions[number % len(fault.revisions)],
        only=(fault.found_by or fault.breaks,),
        stories=fault.shown_by,
    )
    for number, fault in enumerate(fault for fault in FAULTS.values() if fault.revisions)
]
"""Each fault in one revision, in turns, judged by what must catch it alone, and by the stories that show it."""
PROMINENT = (
    "PauseTwiceIsFine",
    "PauseConflictHasAnotherType",
    "PauseWithoutReason",
    "PauseIsOnlyAnswered",
    "RefusedPauseIsCarriedOut",
    "NotFoundIsPlainText",
    "RefusedPauseTouches",
    "UnpauseKeepsReason",
    "ArchiveKeepsItsName",
    "StatusIgnored",
    "TimesWithoutZone",
    "PausePausesAnother",
)
"""The best known faults: each must fail a run, and nothing beyond what it declares."""
WHOLE_RUNS = [Case("fault", name, FAULTS[name].revisions[-1]) for name in PROMINENT]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_fault_is_caught(case: Case, judged: dict[Case, Outcome]) -> None:
    fault, outcome = FAULTS[case.id], judged[case]
    assert outcome.internal_error == ""
    assert fault.breaks in outcome.broken(), f"{fault.service.__doc__} ({case.revision})"


@pytest.mark.parametrize("case", WHOLE_RUNS, ids=lambda case: case.id)
def test_a_prominent_fault_fails_a_run_and_little_else(case: Case, judged: dict[Case, Outcome]) -> None:
    fault, outcome = FAULTS[case.id], judged[case]
    assert outcome.internal_error == ""
    assert outcome.exit_code == 1
    assert outcome.verdicts[fault.breaks] == "fail"
    assert unexpected(fault, outcome) == set()


def test_every_promise_has_been_seen_broken() -> None:
    """A MUST or SHOULD that no fault breaks is a check that was never seen failing."""
    broken = {fault.breaks for fault in FAULTS.values() if fault.revisions}
    assert {row.id for row in promised(DEFAULT_PROFILE)} - broken == set(UNPROVABLE)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.id)
def test_a_fault_names_promises_and_says_what_it_does(fault: Fault) -> None:
    profiles = [DEFAULT_PROFILE] if fault.revisions else shipped()
    names = {row.id for profile in profiles for row in promised(profile)}
    assert {fault.breaks, *fault.also} <= names
    assert fault.breaks not in fault.also
    assert fault.found_by in {"", *load_catalogue().searches}
    assert fault.service.__doc__
