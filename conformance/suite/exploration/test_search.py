"""The searches of the exploration, one test each: whatever one finds counts against the promises it names."""

from __future__ import annotations

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.suite.judging.requirement import MARK
from conformance.suite.judging.running import FINDINGS, running


@pytest.mark.parametrize(
    "search_id",
    [
        pytest.param(name, marks=getattr(pytest.mark, MARK)(name), id=name)
        for name in load_catalogue().searches
    ],
)
def test_search(search_id: str, request: pytest.FixtureRequest) -> None:
    """Wait for a search and hand over what it found."""
    session = running(request.config)
    searched = session.runner.evidence(search_id)
    request.node.stash[FINDINGS] = session.kept(search_id, getattr(searched, "findings", ()))
