"""The best known faults in default runs: the searches too blame the right promise, and few others."""

from __future__ import annotations

import pytest

from conformance.contract.areas import DEFAULT_TIERS
from tests.faults.catalogue import load_faults
from tests.proof import Case, Outcome
from tests.test_faults import PROMINENT

MOST_OTHERS = 3
FAULTS = load_faults()
CASES = [Case("fault", name, FAULTS[name].revisions[-1], tiers=DEFAULT_TIERS) for name in PROMINENT]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_default_run_names_the_right_promise(case: Case, judged: dict[Case, Outcome]) -> None:
    breaks, outcome = FAULTS[case.id].breaks, judged[case]
    assert outcome.exit_code == 1
    assert outcome.verdicts[breaks] == "fail"
    assert len(outcome.broken() - {breaks}) <= MOST_OTHERS, outcome.broken()
