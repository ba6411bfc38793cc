"""The one frozen result that every report is a function of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.contract.acceptance import BROKEN, AcceptanceState, Standing
from conformance.contract.catalogue import Requirement
from conformance.contract.mode import Mode
from conformance.contract.verdict import Level, Outcome, Verdict
from conformance.report.latency import NO_LATENCY, Latency

if TYPE_CHECKING:
    from conformance.report.comparing.comparison import Comparison  # which reads what this module describes

SCHEMA_VERSION = "2.1"
STOPS = ("SIGINT", "SIGTERM", "SIGHUP")
"""What a run is `ended_by` that somebody stopped."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a run did to its target: requests, runs, deployments created, archived (`removed`) and left."""

    requests: int = 0
    created: int = 0
    removed: int = 0
    left: tuple[str, ...] = ()
    runs: int = 0

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(
            self.requests + other.requests,
            self.created + other.created,
            self.removed + other.removed,
            self.left + other.left,
            self.runs + other.runs,
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A requirement beside its verdict."""

    requirement: Requirement
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class RunResult:
    """One finished run.

    `started_at` is RFC 3339 in UTC, `seconds` the wall time of the run. `notices` are said once to the
    reader: a failed precondition, a missing prerequisite, deployments left on the target.
    `revision_reason` says how the revision was found. `searches` have verdicts of their own; what they found
    is already part of the verdicts of the requirements. `ended_by` names the limit, or the signal, that ended
    the run before all was sent, if one did. `internal_error` is set when the suite itself failed.
    `unwritten` says which reports could not be written, and why.
    `standings` says how the run stands to the deviations that its user accepts.
    `comparison` says what differs from an earlier run, if there is one to compare with.
    `mode` says how much the run could do, `deployment_id` to which deployment alone.
    """

    target: str
    profile: str
    revision: str
    revision_reason: str
    tiers: tuple[str, ...]
    strict: bool
    seed: int
    run_id: str
    started_at: str
    seconds: float
    traffic: Traffic
    judged: Sequence[Judged]
    searches: Sequence[Judged] = ()
    notices: tuple[str, ...] = ()
    ended_by: str = ""
    internal_error: str = ""
    certificates_verified: bool = True
    versions: Mapping[str, str] | None = None
    mode: Mode = Mode.FULL
    deployment_id: str | None = None
    unwritten: tuple[str, ...] = ()
    latency: Latency = NO_LATENCY
    standings: tuple[Standing, ...] = ()
    comparison: Comparison | None = None

    def count(self) -> Counter[Outcome]:
        """Return how many requirements have each outcome."""
        return Counter(row.verdict.outcome for row in self.judged)

    def fails(self, row: Judged) -> bool:
        """Tell whether a verdict counts as broken: a MUST; under `strict` also a SHOULD, unless advisory.

        One that is accepted does not; one that was accepted and is so no more does, whatever its level.
        """
        if (standing := self.standing(row)) and row.verdict.outcome in BROKEN:
            return standing.fails
        if row.verdict.outcome is Outcome.WARN:
            return self.strict and not row.requirement.advisory
        return row.verdict.outcome is Outcome.FAIL

    def standing(self, row: Judged) -> Standing | None:
        """Return how the run stands to the accepted deviation from a requirement, None where none is."""
        found = (
            standing for standing in self.standings if standing.deviation.requirement == row.requirement.id
        )
        return next(found, None)

    def accepts(self, row: Judged) -> bool:
        """Tell whether a broken promise is accepted."""
        standing = self.standing(row)
        return standing is not None and standing.state is AcceptanceState.ACCEPTED

    def judged_count(self) -> int:
        """Return how many requirements were judged, observations included."""
        return _judged(self.judged)

    def searched_count(self) -> int:
        """Return how many searches came to an end."""
        return _judged(self.searches)

    def broken_count(self) -> int:
        """Return how many requirements count as broken (see `fails`)."""
        return sum(self.fails(row) for row in self.judged)

    @property
    def exit_code(self) -> int:
        """Return the exit code of the run: 1 broken, 4 suite failed, 3 incomplete, else 0.

        A promise that was seen broken is broken, whatever else went wrong.
        """
        if self.broken_count() or any(standing.fails for standing in self.standings):
            return 1
        if self.internal_error or self.unwritten:
            return 4
        return 0 if self.complete_run() else 3

    @property
    def not_given_back(self) -> bool:
        """Whether the deployment that was lent may not be as it was."""
        return self.mode is Mode.LENT and bool(self.traffic.left)

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped the run before it was whole."""
        return self.ended_by in STOPS

    def complete_run(self) -> bool:
        """Tell whether the run is whole, something was judged and nothing was left unjudged."""
        if self.stopped or self.not_given_back:
            return False
        outcomes = {row.verdict.outcome for row in (*self.judged, *self.searches)}
        return Outcome.NOT_JUDGED not in outcomes and bool(outcomes - {Outcome.NOT_APPLICABLE})


def _judged(rows: Sequence[Judged]) -> int:
    return sum(row.verdict.outcome not in (Outcome.NOT_JUDGED, Outcome.NOT_APPLICABLE) for row in rows)


def worst_level_first(rows: Sequence[Judged]) -> list[Judged]:
    """Sort rows by level (MUST first), then by requirement id."""
    order = list(Level)
    return sorted(rows, key=lambda row: (order.index(row.requirement.level), row.requirement.id))
