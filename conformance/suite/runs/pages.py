"""Pages of one run of what a deployment has run, and what another tenant sees of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.client.api import Api
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.suite.shared.list_pages import ids


@dataclass(frozen=True)
class RunPages:
    """Lists with limit=1 of what ran twice: under its deployment, what follows there, and among all runs.

    `two_cursors` is the list under its deployment after the newer run and before the older one.
    """

    first: Exchange
    following: Exchange
    among_all: Exchange
    two_cursors: Exchange


def run_pages(api: Api, deployment_id: str, runs: Sequence[str]) -> RunPages | None:
    """List the runs of a deployment one by one, `runs` from the oldest on; None if it has not run twice."""
    if not runs[1:]:
        return None
    one, cursors = {"limit": 1}, {"after_id": runs[-1], "before_id": runs[0]}
    first = api.runs(deployment_id, one, label="list one run")
    last = next(reversed(ids(first)), runs[-1])
    return RunPages(
        first=first,
        following=api.runs(deployment_id, {**one, "after_id": last}, label="list the run after that"),
        among_all=api.all_runs({**one, "deployment_id": deployment_id}, label="list one run among all"),
        two_cursors=api.runs(deployment_id, cursors, label="list runs with after_id and before_id"),
    )


@dataclass(frozen=True)
class ForeignRuns:
    """Another tenant's reads of a run by route, and its lists of runs, the first without a filter."""

    run: str
    reads: Mapping[str, Exchange]
    lists: tuple[Exchange, ...]


def foreign_runs(api: Api, deployment_id: str, run: str) -> ForeignRuns | None:
    """Try to see a run as another tenant; None where the run knows none."""
    if not api.target.settings.provides("second-token-env"):
        return None
    other, label = Auth.SECOND, "as another tenant"
    page = {"limit": api.largest_page}
    own = {**page, "deployment_id": deployment_id}
    return ForeignRuns(
        run=run,
        reads={
            "GET /deployments/{id}/runs/{run}": api.get_run(
                deployment_id, run, authorization=other, label=f"read a run {label}"
            ),
            "GET /deployment_runs/{run}": api.get_any_run(
                run, authorization=other, label=f"read a run by its id {label}"
            ),
        },
        lists=(
            api.all_runs(page, authorization=other, label=f"list runs {label}"),
            api.all_runs(own, authorization=other, label=f"list a deployment's runs {label}", probe=True),
        ),
    )
