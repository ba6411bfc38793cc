"""Races: what they cost, and from which states they start."""

from __future__ import annotations

import pytest

from conformance.config.footprint import FOOTPRINTS
from conformance.reference import NEW
from tests.bench.costs import measure

SMALL = FOOTPRINTS["small"]


@pytest.mark.parametrize("name", ["race.pauses", "race.pause-and-unpause", "race.updates"])
def test_one_deployment_serves_every_round(name: str) -> None:
    cost = measure(NEW, [name])[name]
    assert cost.created == 1
    assert cost.get >= SMALL.rounds


def test_what_is_archived_serves_no_other_round() -> None:
    cost = measure(NEW, ["race.archives"])["race.archives"]
    assert cost.created == SMALL.final_rounds


def test_what_one_race_leaves_serves_another() -> None:
    races = ["race.creations", "race.pauses", "race.updates", "race.archives"]
    costs = measure(NEW, races)
    assert sum(cost.created for cost in costs.values()) < sum(
        measure(NEW, [name])[name].created for name in races
    )
