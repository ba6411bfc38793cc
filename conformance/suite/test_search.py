"""The searches of the exploration, one test each: whatever one finds counts against the promises it names."""

from __future__ import annotations

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.session import FINDINGS, running
from conformance.suite.requirement import MARK


@pytest.mark.parametrize(
    "search_id",
    [
        pytest.param(name, marks=getattr(pytest.mark, MARK)(name), id=name)
        for name in load_catalogue().searches
    ],
)
def test_search(search_id: str, request: pytest.FixtureRequest) -> None:
    """Wait for a search and hand over what it found."""
    searched = running(request.config).runner.evidence(search_id)
    request.node.stash[FINDINGS] = getattr(searched, "findings", ())
