"""What refused updates of the schedule describe a lent deployment as is what a sweep takes for a run's own words."""

from __future__ import annotations

import pytest

from conformance.client.ownership.borrowed_lines import strange
from conformance.suite.update.refusals import UPDATES

BESIDE = [row.asked for rows in UPDATES.values() for row in rows if row.beside and "schedule" in row.change]


@pytest.mark.parametrize("asked", BESIDE)
def test_a_sweep_believes_what_an_update_names_beside_its_mistake(asked: str) -> None:
    assert strange({"id": "dep_1", "event": "lending", "sent": {"description": f"beside {asked}"}}) == ""
