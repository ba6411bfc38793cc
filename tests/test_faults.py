"""Every fault is caught by the requirement that it breaks; the best known ones by little else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import Level
from tests.faults.catalogue import Fault, load_faults
from tests.judge import judge_service

FAULTS = load_faults()
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
"""Each of these must fail a run, and name at most three requirements beside its own."""
MOST_OTHERS = 3
CASES = [
    pytest.param(fault, fault.revisions[number % len(fault.revisions)], id=fault.id)
    for number, fault in enumerate(FAULTS.values())
]
"""Each fault in one revision, in turns; `python -m tests.faults.prove` judges all in both."""


def _caught(fault: Fault, revision: str) -> set[str]:
    arguments = ("--tier", ",".join(fault.tiers), "--only", fault.found_by or fault.breaks)
    return judge_service(fault.service, revision, *arguments, time_scale=fault.time_scale).broken()


@pytest.fixture(scope="module")
def judged(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[set[str]]]]:
    """What each selected fault broke; several are judged at a time."""
    params = [
        getattr(item, "callspec", None)
        for item in request.session.items
        if item.fspath == request.node.fspath
    ]
    chosen = [spec.params for spec in params if spec and "fault" in spec.params]
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as pool:
        yield {p["fault"].id: pool.submit(_caught, p["fault"], p["revision"]) for p in chosen}


@pytest.mark.parametrize(("fault", "revision"), CASES)
def test_a_fault_is_caught(fault: Fault, revision: str, judged: dict[str, Future[set[str]]]) -> None:
    assert fault.breaks in judged[fault.id].result(), f"{fault.service.__doc__} ({revision})"


@pytest.mark.parametrize("name", PROMINENT)
def test_a_prominent_fault_fails_a_run_and_little_else(name: str) -> None:
    fault = FAULTS[name]
    run = judge_service(fault.service, fault.revisions[-1], "--tier", "core")
    assert run.exit_code == 1
    assert fault.breaks in run.with_verdict("fail")
    others = run.broken() - {fault.breaks}
    assert len(others) <= MOST_OTHERS, others


def test_every_promise_has_been_seen_broken() -> None:
    """A MUST or SHOULD that no fault breaks is a check that was never seen failing."""
    broken = {fault.breaks for fault in FAULTS.values()}
    promised = {row.id for row in load_catalogue() if row.level is not Level.OBSERVE}
    assert promised - broken == set()
