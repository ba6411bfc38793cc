"""The walks that the lifecycle model judges."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance.contract.verdict import Finding
from conformance.exploration._plans import FLAVOURS, Action, Flavour, Plan, Walk, draw, read_walk, shortest
from conformance.exploration.registry import Searched
from conformance.reference import NEW, OLD, REVISIONS, ReferenceServer, Service
from conformance.reference import Settings as ReferenceSettings
from conformance.session import Session
from conformance.target.settings import Settings
from tests.faults import model as faults
from tests.faults.list_pages import ArchivedOnTheNextPage

SEARCH = "model.lifecycle"


# --- the plans -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_seed_decides_a_plan(flavour: Flavour) -> None:
    one, again = (draw(flavour, "7", two_tenants=True) for _ in range(2))
    assert one == again
    assert read_walk(json.loads(Walk(one, careful=True).dumped())) == Walk(one, careful=True)
    assert len({draw(flavour, str(seed), two_tenants=True) for seed in range(20)}) > 1
    assert all(action.verb != "foreign" for action in draw(flavour, "7", two_tenants=False))


def test_a_plan_is_made_as_short_as_its_fault_needs() -> None:
    needed = (Action("toggle", 1), Action("update", 1, "name"), Action("archive", 1))

    def breaks(plan: Plan) -> bool:
        return all(action in plan for action in needed)

    noise = draw(FLAVOURS[0], "7", two_tenants=True)
    assert shortest((*noise, needed[0], *noise, *needed[1:], *noise), breaks) == needed


# --- the search ----------------------------------------------------------------------------------------------


def _searched(server: ReferenceServer, folder: Path, seed: int) -> tuple[Searched, int]:
    """Search a running server; return what was found and how many requests that took."""
    logging.getLogger("conformance.reference").setLevel(logging.CRITICAL)
    settings = Settings(
        base_url=server.base_url, token=server.tokens[0], second_token=server.tokens[1], seed=seed,
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
        assert requests <= 190, seed


NEEDED = {
    faults.ThirdCycleLosesSchedule: ("unpause.next-run-is-in-the-future", 7),
    faults.ArchivedWhilePausedStaysListed: ("archive.hides-from-list", 4),
    faults.DescriptionUnpauses: ("update.of-paused-keeps-it-paused", 3),
    faults.RenamingLosesMetadata: ("update.keeps-what-was-not-sent", 2),
    faults.UnpauseAfterUpdateForgetsSchedule: ("unpause.next-run-is-in-the-future", 4),
    faults.PausePausesTheNewestToo: ("pause.leaves-others-alone", 4),
    faults.RefusedUpdateOfPausedUnpauses: ("errors.refused-changes-nothing", 4),
}
"""What each fault breaks, and the least number of requests that shows it."""


def _steps(finding: Finding) -> int:
    story, _, _ = finding.steps.partition("The contract forbids")
    return len(re.findall(r"^\d+\. ", story, flags=re.MULTILINE))


@pytest.mark.parametrize("service", NEEDED, ids=lambda service: service.__name__)
def test_a_fault_is_found_and_told_in_as_many_steps_as_it_needs(
    service: type[Service], tmp_path: Path
) -> None:
    requirement, steps = NEEDED[service]
    with ReferenceServer(service, ReferenceSettings(revision=NEW)) as server:
        searched, _ = _searched(server, tmp_path, seed=3)
    assert [finding.requirement for finding in searched.findings] == [requirement]
    assert _steps(searched.findings[0]) == steps


@pytest.mark.skipif(not shutil.which("curl"), reason="the script needs curl")
def test_the_script_of_a_finding_shows_the_fault_again(tmp_path: Path) -> None:
    with ReferenceServer(faults.ThirdCycleLosesSchedule, ReferenceSettings(revision=OLD)) as server:
        searched, _ = _searched(server, tmp_path, seed=3)
        _, _, script = searched.findings[0].steps.partition("run this with sh:\n")
        path = tmp_path / "again.sh"
        path.write_text(script, encoding="utf-8")
        answers = [_run(path, server) for _ in range(2)]  # the second time its names must be new as well
    for answer in answers:
        assert answer.stderr == ""
        steps = re.split(r"^\d+\. .*\n", answer.stdout, flags=re.MULTILINE)[1:]
        assert [step.rstrip().rpartition("\n")[2] for step in steps] == ["-> 200"] * 7
        assert ['"schedule":null' in step for step in steps] == [False] * 6 + [True]


@pytest.mark.skipif(not shutil.which("curl"), reason="the script needs curl")
def test_a_script_goes_on_with_its_own_list(tmp_path: Path) -> None:
    with ReferenceServer(ArchivedOnTheNextPage, ReferenceSettings(revision=NEW)) as server:
        searched, _ = _searched(server, tmp_path, seed=3)
        _, _, script = searched.findings[0].steps.partition("run this with sh:\n")
        path = tmp_path / "again.sh"
        path.write_text(script, encoding="utf-8")
        alone = _run(path, server)
        server.seed(count=1)
        answers = [_run(path, server) for _ in range(2)]
    assert "answered no next_page" in alone.stderr
    for answer in answers:
        assert answer.stderr == ""
        steps = re.split(r"^\d+\. .*\n", answer.stdout, flags=re.MULTILINE)[1:]
        archived, page = (json.loads(step.partition("\n")[0]) for step in (steps[1], steps[-1]))
        assert archived["id"] in [item["id"] for item in page["data"]]


def _run(script: Path, server: ReferenceServer) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CONFORMANCE_TOKEN": server.tokens[0], "BASE": server.base_url}
    return subprocess.run(
        ["/bin/sh", str(script)], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
