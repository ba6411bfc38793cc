"""What a search may say of a deployment that no page of a list shows."""

from __future__ import annotations

import pytest

from conformance.contract.lifecycle import DeploymentState
from conformance.suite.exploration.model.listing import Listed, Look
from conformance.vendors import load_profile
from tests.suite.written import answer

PAUSED = Listed("depl_1", "A", DeploymentState({}, "paused"), {"created_at": "2026-07-01T02:00:00Z"})


@pytest.mark.parametrize(
    ("profile", "said", "is_missing"),
    [
        ("anthropic", {"next_page": None}, True),
        ("anthropic", {"next_page": "more"}, False),
        ("anthropic", {}, False),
        ("qoder", {"has_more": False}, True),
        ("qoder", {"has_more": True, "next_page": "more"}, False),
        ("qoder", {"has_more": True, "next_page": None}, True),
    ],
)
def test_only_a_page_that_says_that_it_is_the_last_shows_that_one_is_missing(
    profile: str, said: dict[str, object], is_missing: bool
) -> None:
    page = answer({"data": [], **said})
    look = Look({"status": "paused"}, [PAUSED], [page], load_profile(profile).lists)
    assert bool(look.misplaced) is is_missing
