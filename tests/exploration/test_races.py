"""Races: what they cost, and from which states they start."""

from __future__ import annotations

import pytest

from conformance.config.footprint import FOOTPRINTS
from conformance.contract import limits
from conformance.reference import NEW
from conformance.suite.exploration.kept_deployment import can_be_renamed
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


@pytest.mark.parametrize(("length", "fits"), [(limits.NAME, False), (limits.RENAMED, True)])
def test_what_is_archived_has_room_for_its_suffix(length: int, fits: bool) -> None:
    # What an archive makes of a name of 256 characters is open: it may be cut, or the archive refused (N133).
    assert can_be_renamed({"name": "n" * length}) is fits
