"""Runs, as far as none has to be started."""

from __future__ import annotations

from conformance.contract.judgement import expect_not_found
from conformance.stories.pages import ids
from conformance.stories.runs import UnknownRuns
from conformance.suite.requirement import Observe, requirement
from conformance.target.exchange import Exchange
from conformance.target.target import Target

NOT_FOUND = 404


@requirement("runs.unknown-run-is-404")
def test_an_unknown_run_is_404_on_both_routes(unknown_runs: UnknownRuns, target: Target) -> None:
    kind = target.profile.error_types[NOT_FOUND]
    expect_not_found(unknown_runs.by_route, kind, well_formed=unknown_runs.well_formed)


@requirement("runs.retry-trigger")
def test_the_retry_trigger(unknown_runs: UnknownRuns, observe: Observe) -> None:
    observe(seen_runs(unknown_runs.retry_trigger))


@requirement("runs.unknown-deployment-filter")
def test_runs_of_an_unknown_deployment(unknown_runs: UnknownRuns, observe: Observe) -> None:
    observe(seen_runs(unknown_runs.unknown_deployment))


def seen_runs(exchange: Exchange) -> str:
    """Return a list of runs in a few words for an observation."""
    return (
        f"{exchange.summary()} with {len(ids(exchange))} runs" if exchange.succeeded else exchange.summary()
    )
