"""The one line that says how a run ended, as every report for people shows it."""

from __future__ import annotations

from collections import Counter

from conformance.contract.mode import Mode
from conformance.contract.verdict import Outcome
from conformance.report.result import Judged, RunResult
from conformance.report.text import one_line

STATES = {0: "PASS", 1: "FAIL", 3: "INCOMPLETE", 4: "ERROR"}


def headline(result: RunResult) -> str:
    """Return the verdict on a run in one safe line."""
    return f"{state(result)} - {facts(result)}"


def state(result: RunResult) -> str:
    """Return in a word or two how a run ended."""
    stopped = f", STOPPED BY {result.ended_by}" if result.stopped else ""
    return f"conformance: {STATES[result.exit_code]}{stopped}"


def facts(result: RunResult) -> str:
    """Return in one safe line what a run judged, and what it did."""
    count, traffic = result.count(), result.traffic
    left = f", {len(traffic.left)} left behind" if traffic.left else ""
    runs = f", {traffic.runs} run{'s' * (traffic.runs > 1)} started" if traffic.runs else ""
    stay = " (they stay in the account)" if traffic.removed else ""
    judged = f"judged {result.judged_count()} of {len(result.judged)}"
    if result.searches:
        judged += f" and {result.searched_count()} of {len(result.searches)} searches"
    counts = {
        "broken": result.broken_count(),
        "warned": sum(warns(result, row) for row in result.judged),
        "not judged": count[Outcome.NOT_JUDGED],
        "not applicable": count[Outcome.NOT_APPLICABLE],
    }
    counts |= Counter(str(standing.state) for standing in result.standings)
    parts = [
        ", ".join([judged, *(f"{number} {name}" for name, number in counts.items())]),
        f"{traffic.requests} request{'s' * (traffic.requests != 1)} in {result.seconds:.1f} s",
        f"created {traffic.created}, archived {traffic.removed}{stay}{left}{runs}",
        one_line(f"{result.target} ({result.profile} {result.revision}, seed {result.seed})"),
    ]
    if result.mode is Mode.READ_ONLY:
        parts.append("read-only: nothing but GET was sent")
    elif result.mode is Mode.LENT:
        back = ", which is NOT GIVEN BACK" if result.not_given_back else ""
        parts.append(one_line(f"on the lent deployment {result.deployment_id} alone{back}"))
    parts += [one_line(text) for text in result.unwritten]
    if not result.certificates_verified:
        parts.append("CERTIFICATES NOT VERIFIED")
    return " | ".join(parts)


def warns(result: RunResult, row: Judged) -> bool:
    """Tell whether a row is a warning and no failure of the run."""
    return row.verdict.outcome is Outcome.WARN and not result.fails(row) and not result.accepts(row)
