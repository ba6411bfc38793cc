"""Routes that read, tried with wrong credentials and unknown ids, where none may be changed."""

from __future__ import annotations

from conformance.contract.mode import Mode
from conformance.stories.credentials import Tried, unknown_token
from conformance.stories.errors import ByRoute
from conformance.stories.ids import Unknown, tracing, unknown_id, unknown_run
from conformance.stories.registry import LITTLE, story
from conformance.target.api import Api
from conformance.target.target import Auth


@story(modes=LITTLE)
def intrusions(api: Api) -> Tried:
    """Every route that reads is tried without and with unknown credentials, on a deployment that exists."""
    token = f"{api.target.profile.auth_scheme} {unknown_token()}"
    return Tried(_try_to_read(api, Auth.NONE), _try_to_read(api, token))


def _try_to_read(api: Api, wrong: Auth | str) -> ByRoute:
    there = api.known.untouched
    return ByRoute(
        {
            "GET /deployments": api.list(authorization=wrong, headers=tracing()),
            "GET /deployments/{id}": api.get(there, authorization=wrong),
            "GET /deployments/{id}/runs": api.runs(there, authorization=wrong),
            "GET /deployment_runs": api.all_runs(authorization=wrong),
        }
    )


@story(modes=(Mode.READ_ONLY,))
def unknown_deployment(api: Api) -> ByRoute:
    """Every route that reads a deployment is asked for one that does not exist."""
    return read_unknown(api, unknown_id(api))


def read_unknown(api: Api, made_up: Unknown) -> ByRoute:
    """Return the answers of every route that reads a deployment to an id of none."""
    what = "of an unknown deployment"
    unknown, run = made_up.id, unknown_run(api)
    return ByRoute(
        {
            "GET /deployments/{id}": api.get(unknown, label=f"read {what[3:]}"),
            "GET /deployments/{id}/runs": api.runs(unknown, label=f"list runs {what}"),
            "GET /deployments/{id}/runs/{run}": api.get_run(unknown, run.id, label=f"read a run {what}"),
        },
        well_formed=made_up.well_formed and run.well_formed,
    )
