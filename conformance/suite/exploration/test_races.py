"""Promises that only a race can break: their searches judge them, here their findings count."""

from __future__ import annotations

import pytest

from conformance.contract.verdict import BrokenPromiseError
from conformance.suite.exploration.registry import Searched, load_searches
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.running import running

SEARCHES = {
    "pause.one-of-many-wins": ("race.pauses",),
    "pause.races-have-an-order": tuple(
        name for name in load_searches() if name.startswith("race.") and name != "race.creations"
    ),
}
"""Which searches may find a requirement broken."""


def expect_nothing_found(request: pytest.FixtureRequest, requirement_id: str) -> None:
    """Expect that no search found a requirement broken; the finding itself has the story."""
    for name in SEARCHES[requirement_id]:
        searched = running(request.config).runner.evidence(name)
        for finding in searched.findings if isinstance(searched, Searched) else ():
            if finding.requirement == requirement_id:
                raise BrokenPromiseError(finding.expected, finding.got)


@requirement("pause.one-of-many-wins")
def test_one_of_many_pauses_wins(request: pytest.FixtureRequest) -> None:
    expect_nothing_found(request, "pause.one-of-many-wins")


@requirement("pause.races-have-an-order")
def test_what_arrives_together_has_an_order(request: pytest.FixtureRequest) -> None:
    expect_nothing_found(request, "pause.races-have-an-order")
