"""Stories about runs, as far as none has to be started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import EVERY_MODE, story
from conformance.suite.shared.ids import tracing, unknown_id, unknown_run


@dataclass(frozen=True)
class UnknownRuns:
    """Reads of a run that does not exist by route, and filters that the documents leave open.

    `below_one` are lists of runs with a limit below one, by what was asked. `well_formed` tells whether the
    run's id looks like those that exist.
    """

    by_route: Mapping[str, Exchange]
    retry_trigger: Exchange
    unknown_deployment: Exchange
    well_formed: bool = True
    below_one: Mapping[str, Exchange] = field(default_factory=dict)


@story(modes=EVERY_MODE)
def unknown_runs(api: Api) -> UnknownRuns:
    """An unknown run is read under a deployment that exists and by its id alone; runs are listed oddly."""
    own = api.known.untouched
    run = unknown_run(api)
    unknown, routes = unknown_id(api), api.target.routes
    alone = api.get_any_run(run.id, label="read an unknown run by its id", headers=tracing(by_time=True))
    by_route = {routes.named("run"): alone}
    if routes.named("run-of-deployment") not in by_route:  # else its id alone leads to it there as well
        nested = api.get_run(own, run.id, label="read an unknown run", headers=tracing())
        by_route = {routes.named("run-of-deployment"): nested, **by_route}
    return UnknownRuns(
        by_route=by_route,
        retry_trigger=api.all_runs(
            {"trigger_type": "retry"}, label="list runs with trigger_type=retry", probe=True
        ),
        unknown_deployment=api.all_runs(
            {"deployment_id": unknown.id}, label="list the runs of an unknown deployment", probe=True
        ),
        well_formed=run.well_formed,
        below_one={
            f"{route} with limit={limit}": read({"limit": limit}, label=f"list runs with limit={limit}")
            for limit in (0, -1)
            for route, read in (
                (routes.named("runs-of-deployment"), partial(api.runs, own)),
                (routes.named("runs"), api.all_runs),
            )
        },
    )
