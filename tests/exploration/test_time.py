"""The tiers that take time or money, against a reference server whose clock runs fast."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.reference import REVISIONS, ApiError, Call, Document, Run, Service
from tests.faults.catalogue import load_faults
from tests.faults.time import FiresAfterArchive, FiresWhilePaused, ReplaysAfterUnpause
from tests.judge import judge_service, run_conformance

TIERS = ("time", "billable")
LONG_BEFORE_A_FIRING = 100.0
"""Seconds in which such a run ends even on a busy machine; a firing alone is waited for twice as long."""


class Patient(Service):
    """Its runs take so long that a second one always finds the first under way."""

    run_seconds = 3600.0


class IndexesLate(Patient):
    """A filter of a list of runs finds a run about two seconds after the list without it does."""

    def late(self, run: Run) -> bool:
        return self.now() - run.created_at < timedelta(seconds=2.5)

    def matches_trigger(self, run: Run, trigger: str | None) -> bool:
        return super().matches_trigger(run, trigger) and not (trigger and self.late(run))

    def matches_error(self, run: Run, *, has_error: bool | None) -> bool:
        found = super().matches_error(run, has_error=has_error)
        return found and not (has_error is not None and self.late(run))


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("tier", "scale", "service"),
    [("time", 60, Patient), ("billable", 1, Patient), ("billable", 1, IndexesLate)],
)
def test_a_conforming_server_keeps_all_promises_of_a_tier(
    tier: str, scale: float, service: type[Service], revision: str
) -> None:
    run = judge_service(service, revision, "--tier", tier, time_scale=scale)
    assert run.exit_code == 0, run.output
    judged = run.with_verdict("pass") | run.with_verdict("observed")
    promised = {row.id for row in load_catalogue() if row.tier == tier and revision in row.revisions}
    assert judged == promised
    assert run.result["totals"]["created"] == run.result["totals"]["removed"]


@pytest.mark.parametrize(
    ("service", "broken"),
    [
        (FiresWhilePaused, "pause.stops-firing"),
        (ReplaysAfterUnpause, "unpause.replays-nothing"),
        (FiresAfterArchive, "archive.stops-firing"),
    ],
)
def test_a_fault_that_shows_in_time_is_found(service: type[Service], broken: str) -> None:
    found = judge_service(service, REVISIONS[-1], "--tier", "time", time_scale=60).broken()
    assert {broken} <= found <= {broken, *load_faults()[service.__name__].also}


class NoRunsOfOne(Service):
    """The runs of a deployment cannot be listed: there is no such route."""

    def list_runs(self, call: Call) -> Document:
        raise ApiError(404, "not_found_error", "The path does not exist.")


def test_where_firings_cannot_be_seen_nothing_is_waited_for() -> None:
    started = time.monotonic()
    run = judge_service(
        NoRunsOfOne, REVISIONS[-1], "--tier", "time", "--only", "pause.*,schedule.*,unpause.*"
    )
    assert run.exit_code == 3, run.output
    assert time.monotonic() - started < LONG_BEFORE_A_FIRING
    unjudged = [row for row in run.result["requirements"] if row["verdict"] == "not-judged"]
    assert {row["blame"] for row in unjudged} == {"precondition"}
    assert {row["message"] for row in unjudged} == {
        "no firing can be watched: list what fired answered 404 not_found_error"
    }


def test_without_the_tier_nothing_of_it_is_told() -> None:
    run = run_conformance(
        "--reference", "--only", "pause.stops-firing,runs.starts,transport.routes-under-base"
    )
    assert run.exit_code == 0
    assert run.with_verdict("not-applicable") == {"pause.stops-firing", "runs.starts"}
    assert run.message("pause.stops-firing") == "judged with --tier time"
    assert run.result["totals"]["created"] == 1
