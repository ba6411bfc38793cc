"""No odd but legal server is accused of anything; `conformance prove` judges each alone, and lets searches try."""

from __future__ import annotations

import pytest

from tests.proof import Case, Outcome
from tests.proof.table import accusations
from tests.twins.catalogue import load_twins, teams, twin_named

TOGETHER = 3
"""So many twins are one server here: a third of the runs, and freedoms that meet."""
CASES = [
    Case("twin", team.id, team.revisions[number % len(team.revisions)], tiers=("core",))
    for number, team in enumerate(teams(TOGETHER))
]
"""Each team in one revision, in turns."""


def test_every_twin_is_in_a_team() -> None:
    assert sorted(name for case in CASES for name in case.id.split("+")) == sorted(load_twins())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_legal_server_is_not_accused(case: Case, judged: dict[Case, Outcome]) -> None:
    outcome = judged[case]
    found = {name: outcome.messages.get(name, outcome.internal_error) for name in accusations(outcome)}
    assert found == {}, f"{twin_named(case.id).service.__doc__} ({case.revision})"
