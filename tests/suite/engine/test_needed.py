"""A story that no judgement needs is never told by a run: what it asks of a target would be asked in tests alone."""

from __future__ import annotations

import pytest

from conformance.contract.mode import Mode
from conformance.suite.engine.registry import load_stories
from tests.faults.catalogue import load_faults
from tests.proof.engine import collect


@pytest.fixture(scope="module")
def needed() -> set[str]:
    return {name for judgement in collect() for name in judgement.stories}


@pytest.mark.parametrize("mode", Mode)
def test_some_judgement_needs_each_story(mode: Mode, needed: set[str]) -> None:
    assert sorted(load_stories(mode).keys() - needed) == []


def test_what_shows_a_fault_is_told_by_a_run(needed: set[str]) -> None:
    assert {fault.id: fault.shown_by for fault in load_faults().values() if {*fault.shown_by} - needed} == {}
