"""A story about unknown deployments on every route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import story
from conformance.suite.shared.ids import unknown_id, unknown_run


@dataclass(frozen=True)
class ByRoute:
    """Answers by route; `well_formed` if the unknown ids in them look like those that exist."""

    answers: Mapping[str, Exchange]
    well_formed: bool = field(default=True, kw_only=True)


@story()
def unknown_deployment(api: Api) -> ByRoute:
    """Every route that names a deployment is asked for one that does not exist."""
    made_up = unknown_id(api)
    unknown, run = made_up.id, unknown_run(api)
    what = "of an unknown deployment"
    nested: dict[str, Exchange] = {}
    if api.target.routes.nested:  # else a filter by an unknown deployment is no error
        nested = {
            "GET /deployments/{id}/runs": api.runs(unknown, label=f"list runs {what}"),
            "GET /deployments/{id}/runs/{run}": api.get_run(unknown, run.id, label=f"read a run {what}"),
        }
    return ByRoute(
        {
            "GET /deployments/{id}": api.get(unknown, label=f"read {what[3:]}"),
            "POST /deployments/{id}": api.update(unknown, {"description": "new"}, label=f"update {what}"),
            "POST /deployments/{id}/pause": api.pause(unknown, label=f"pause {what}"),
            "POST /deployments/{id}/unpause": api.unpause(unknown, label=f"unpause {what}"),
            "POST /deployments/{id}/archive": api.archive(unknown, label=f"archive {what}"),
            "POST /deployments/{id}/run": api.run(unknown, label=f"run {what}"),
            **nested,
        },
        well_formed=made_up.well_formed and (run.well_formed or not nested),
    )
