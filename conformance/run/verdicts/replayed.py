"""What became of the failures that `--replay` tried again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from conformance.contract.failure import SavedFailure
from conformance.contract.verdict import Outcome, Verdict

GONE, THERE, UNTRIED = "gone", "still there", "not tried to the end"


def replayed(failures: Sequence[SavedFailure], verdicts: Mapping[str, Verdict]) -> str:
    """Return one line on failures, by the verdicts of the searches that found them."""
    states = Counter(_state(failure, verdicts.get(failure.search)) for failure in failures)
    said = [f"{number} {state}" for state in (GONE, THERE, UNTRIED) if (number := states[state])]
    text = ", ".join(said) if len(failures) > 1 else next(iter(states))
    return f"replayed {len(failures)} failure{'s' * (len(failures) > 1)}: {text}"


def _state(failure: SavedFailure, verdict: Verdict | None) -> str:
    if verdict is None or verdict.outcome in (Outcome.NOT_JUDGED, Outcome.NOT_APPLICABLE):
        return UNTRIED
    return THERE if any(finding.requirement == failure.requirement for finding in verdict.findings) else GONE
