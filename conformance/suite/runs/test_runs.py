"""Runs, as far as none has to be started."""

from __future__ import annotations

from http import HTTPStatus

from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.contract.judgement import expect_errors, expect_not_found
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.list.listing import UnknownPages
from conformance.suite.runs.stories import UnknownRuns
from conformance.suite.shared.list_pages import ids


@requirement("runs.unknown-run-is-404")
def test_an_unknown_run_is_404_on_both_routes(unknown_runs: UnknownRuns, target: Target) -> None:
    kind = target.profile.error_types.get(HTTPStatus.NOT_FOUND)
    expect_not_found(unknown_runs.by_route, kind, well_formed=unknown_runs.well_formed)


@requirement("runs.unknown-page-is-400")
def test_an_unknown_page_of_runs_is_refused(unknown_pages: UnknownPages) -> None:
    expect_errors({"page=unknown": unknown_pages.of_runs}, HTTPStatus.BAD_REQUEST)


def seen_runs(exchange: Exchange) -> str:
    """Return a list of runs in a few words for an observation."""
    return (
        f"{exchange.summary()} with {len(ids(exchange))} runs" if exchange.succeeded else exchange.summary()
    )


globals().update(
    observations(
        observed("runs.retry-trigger", seen_runs, "unknown_runs.retry_trigger"),
        observed("runs.unknown-deployment-filter", seen_runs, "unknown_runs.unknown_deployment"),
    )
)
