"""A story about unknown deployments on every route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.ids import unknown_id, unknown_run
from conformance.stories.registry import story
from conformance.target.api import Api
from conformance.target.exchange import Exchange


@dataclass(frozen=True)
class ByRoute:
    """Answers by route."""

    answers: Mapping[str, Exchange]


@story()
def unknown_deployment(api: Api) -> ByRoute:
    """Every route that names a deployment is asked for one that does not exist."""
    profile = api.target.profile
    unknown = unknown_id(api, profile.deployment_prefix)
    run = unknown_run(api)
    what = "of an unknown deployment"
    return ByRoute(
        {
            "GET /deployments/{id}": api.get(unknown, label=f"read {what[3:]}"),
            "POST /deployments/{id}": api.update(unknown, {"description": "new"}, label=f"update {what}"),
            "POST /deployments/{id}/pause": api.pause(unknown, label=f"pause {what}"),
            "POST /deployments/{id}/unpause": api.unpause(unknown, label=f"unpause {what}"),
            "POST /deployments/{id}/archive": api.archive(unknown, label=f"archive {what}"),
            "POST /deployments/{id}/run": api.run(unknown, label=f"run {what}"),
            "GET /deployments/{id}/runs": api.runs(unknown, label=f"list runs {what}"),
            "GET /deployments/{id}/runs/{run}": api.get_run(unknown, run, label=f"read a run {what}"),
        }
    )
