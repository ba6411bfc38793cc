"""Stories about runs, as far as none has to be started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.ids import unknown_id, unknown_run
from conformance.stories.registry import EVERY_MODE, story
from conformance.target.api import Api
from conformance.target.exchange import Exchange


@dataclass(frozen=True)
class UnknownRuns:
    """Reads of a run that does not exist by route, and filters that the documents leave open."""

    by_route: Mapping[str, Exchange]
    retry_trigger: Exchange
    unknown_deployment: Exchange


@story(modes=EVERY_MODE)
def unknown_runs(api: Api) -> UnknownRuns:
    """An unknown run is read under a deployment that exists and by its id alone; runs are filtered oddly."""
    profile = api.target.profile
    own = api.known.untouched
    run = unknown_run(api)
    unknown = unknown_id(api, profile.deployment_prefix)
    return UnknownRuns(
        by_route={
            "GET /deployments/{id}/runs/{run}": api.get_run(own, run, label="read an unknown run"),
            "GET /deployment_runs/{run}": api.get_any_run(run, label="read an unknown run by its id"),
        },
        retry_trigger=api.all_runs(
            {"trigger_type": "retry"}, label="list runs with trigger_type=retry", probe=True
        ),
        unknown_deployment=api.all_runs(
            {"deployment_id": unknown}, label="list the runs of an unknown deployment", probe=True
        ),
    )
