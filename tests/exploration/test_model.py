"""The walks that the lifecycle model judges."""

from __future__ import annotations

import json
import logging
import math
from pathlib import Path

import pytest

from conformance.config.settings import Settings
from conformance.contract.timeline import ShownExchange
from conformance.reference import NEW, REVISIONS, ReferenceServer, ReferenceSettings, Service
from conformance.report.evidence import written
from conformance.run.session import Session
from conformance.suite.exploration import allowance
from conformance.suite.exploration.model.plans import (
    FLAVOURS,
    Action,
    Flavour,
    Plan,
    PlannedWalk,
    draw,
    read_walk,
    shortest,
)
from conformance.suite.exploration.registry import Searched
from tests.faults import model as faults

SEARCH = "model.lifecycle"


# --- the plans -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_seed_decides_a_plan(flavour: Flavour) -> None:
    one, again = (draw(flavour, "7", two_tenants=True) for _ in range(2))
    assert one == again
    assert read_walk(json.loads(PlannedWalk(one, careful=True).dumped())) == PlannedWalk(one, careful=True)
    assert len({draw(flavour, str(seed), two_tenants=True) for seed in range(20)}) > 1
    assert all(action.verb != "foreign" for action in draw(flavour, "7", two_tenants=False))


def test_a_plan_is_made_as_short_as_its_fault_needs() -> None:
    needed = (Action("toggle", 1), Action("update", 1, "name"), Action("archive", 1))

    def breaks(plan: Plan) -> bool:
        return all(action in plan for action in needed)

    noise = draw(FLAVOURS[0], "7", two_tenants=True)
    assert shortest((*noise, needed[0], *noise, *needed[1:], *noise), breaks) == needed


# --- the search ----------------------------------------------------------------------------------------------


def _searched(
    server: ReferenceServer, folder: Path, seed: int, footprint: str = "small"
) -> tuple[Searched, int]:
    """Search a running server; return what was found and how many requests that took."""
    logging.getLogger("conformance.reference").setLevel(logging.CRITICAL)
    settings = Settings(
        base_url=server.base_url, token=server.tokens[0], second_token=server.tokens[1], seed=seed,
        footprint=footprint,
        revision=server.settings.revision, report_dir=str(folder),
    )  # fmt: skip
    session = Session(settings)
    try:
        evidence = session.runner.evidence(SEARCH)
    finally:
        facts = session.finish()
    assert isinstance(evidence, Searched)
    return evidence, facts.traffic.requests


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_reference_is_not_accused(revision: str, tmp_path: Path) -> None:
    for seed in range(8):
        with ReferenceServer(Service, ReferenceSettings(revision=revision)) as server:
            searched, requests = _searched(server, tmp_path, seed)
        assert searched.findings == (), seed
        assert requests <= 200, seed


NEEDED = {
    faults.ThirdCycleLosesSchedule: ("unpause.next-run-is-in-the-future", 8),
    faults.ArchivedWhilePausedStaysListed: ("archive.hides-from-list", 5),
    faults.DescriptionUnpauses: ("update.of-paused-keeps-it-paused", 4),
    faults.RenamingLosesMetadata: ("update.keeps-what-was-not-sent", 3),
    faults.UnpauseAfterUpdateForgetsSchedule: ("unpause.next-run-is-in-the-future", 5),
    faults.PausePausesTheNewestToo: ("pause.leaves-others-alone", 5),
    faults.RefusedUpdateOfPausedUnpauses: ("errors.refused-changes-nothing", 5),
}
"""What each fault breaks, and the least number of requests that shows it; one reads that it is ours."""


@pytest.mark.parametrize("service", NEEDED, ids=lambda service: service.__name__)
def test_a_fault_is_found_and_told_in_as_many_steps_as_it_needs(
    service: type[Service], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "SECONDS", math.inf)  # on a busy machine the usual ones are not enough
    requirement, steps = NEEDED[service]
    with ReferenceServer(service, ReferenceSettings(revision=NEW)) as server:
        searched, _ = _searched(server, tmp_path, seed=3, footprint="normal")
    assert [finding.requirement for finding in searched.findings] == [requirement]
    story = [step for step in searched.findings[0].steps if isinstance(step, ShownExchange)]
    assert [step.step for step in story] == [*range(1, steps + 1)]
    assert story[0].label.startswith("create ")
    assert all(step.gist and step.command.startswith("curl ") for step in story)
    assert len(written(tuple(story)).splitlines()) == 3 * steps
