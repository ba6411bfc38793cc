"""Routes that read, tried with wrong credentials and unknown ids, where none may be changed."""

from __future__ import annotations

from conformance.client.api import Api
from conformance.client.credentials import Auth
from conformance.contract.mode import Mode
from conformance.suite.auth.credentials import Tried, unknown_token
from conformance.suite.auth.strangers import Strangers, ask_for_unknown
from conformance.suite.engine.registry import LITTLE, story
from conformance.suite.errors.clients import Clients, read_as_others
from conformance.suite.errors.unknown_ids import ByRoute
from conformance.suite.shared.ids import Unknown, tracing, unknown_id, unknown_run


@story(modes=LITTLE)
def intrusions(api: Api) -> Tried:
    """Every route that reads is tried without and with unknown credentials, on a deployment that exists."""
    token = api.target.profile.credentials.value(unknown_token())
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


@story(modes=LITTLE)
def clients(api: Api) -> Clients:
    """Clients of every kind read an unknown deployment, a malformed id, and a list without credentials."""
    return Clients(read_as_others(api))


@story(modes=LITTLE)
def strangers(api: Api) -> Strangers:
    """Routes that read are asked for an unknown deployment without credentials."""
    return ask_for_unknown(api)


@story(modes=(Mode.READ_ONLY,))
def unknown_deployment(api: Api) -> ByRoute:
    """Every route that reads a deployment is asked for one that does not exist."""
    return read_unknown(api, unknown_id(api))


def read_unknown(api: Api, made_up: Unknown) -> ByRoute:
    """Return the answers of every route that reads a deployment to an id of none."""
    what = "of an unknown deployment"
    unknown, run = made_up.id, unknown_run(api)
    answers = {"GET /deployments/{id}": api.get(unknown, label=f"read {what[3:]}")}
    if api.target.routes.nested:  # else a filter by an unknown deployment is no error
        answers |= {
            "GET /deployments/{id}/runs": api.runs(unknown, label=f"list runs {what}"),
            "GET /deployments/{id}/runs/{run}": api.get_run(unknown, run.id, label=f"read a run {what}"),
        }
    return ByRoute(
        answers,
        well_formed=made_up.well_formed and run.well_formed,
    )
