"""No odd but legal server is accused of anything; `conformance prove` lets the searches try as well."""

from __future__ import annotations

import pytest

from tests.proof import Case, Outcome
from tests.proof.table import accusations
from tests.twins.catalogue import load_twins

CASES = [
    Case("twin", twin.id, twin.revisions[number % len(twin.revisions)], tiers=("core",))
    for number, twin in enumerate(load_twins().values())
]
"""Each twin in one revision, in turns."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_legal_server_is_not_accused(case: Case, judged: dict[Case, Outcome]) -> None:
    outcome = judged[case]
    found = {name: outcome.messages.get(name, outcome.internal_error) for name in accusations(outcome)}
    assert found == {}, f"{load_twins()[case.id].service.__doc__} ({case.revision})"
