"""Stories about credentials: none, unknown ones, and those that the documents leave open."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.stories.errors import ByRoute
from conformance.stories.ids import tracing, unknown_id
from conformance.stories.registry import EVERY_MODE, story
from conformance.stories.values import yearly
from conformance.target.api import Api, Created
from conformance.target.exchange import Exchange
from conformance.target.target import Auth


@dataclass(frozen=True)
class Intrusion(ByRoute):
    """Every route tried with wrong credentials, and reads around all of them.

    `description` is that of the creation tried.
    """

    active: tuple[Exchange, Exchange]
    paused: tuple[Exchange, Exchange]
    description: object


@dataclass(frozen=True)
class Tried:
    """Routes tried without Authorization, and with a bearer token that nobody was given."""

    nothing: ByRoute
    unknown_token: ByRoute


@dataclass(frozen=True)
class Intrusions(Tried):
    """Every route tried without Authorization, and with a bearer token that nobody was given."""

    nothing: Intrusion
    unknown_token: Intrusion


@story()
def intrusions(api: Api) -> Intrusions:
    """Every route is tried without and with unknown credentials, on two deployments that exist."""
    active = api.create_deployment(schedule=yearly())
    paused = api.create_deployment()
    api.pause(paused.id, label="pause the second deployment")
    before = api.get(active.id), api.get_until(paused.id, lambda state: state.get("status") == "paused")
    api.wait_for_next_second()
    nothing = _try_every_route(api, Auth.NONE, (active, paused), before)
    token = f"{api.target.profile.auth_scheme} {unknown_token()}"
    between = nothing.active[1], nothing.paused[1]
    return Intrusions(nothing, _try_every_route(api, token, (active, paused), between))


def unknown_token() -> str:
    """Return a token in the vendor's form that belongs to nobody."""
    return f"pt-invalid-token-{secrets.token_hex(8)}"


def _try_every_route(
    api: Api, authorization: Auth | str, made: tuple[Created, Created], before: tuple[Exchange, Exchange]
) -> Intrusion:
    active, paused = made
    body = api.body()
    answers = {
        route: call()
        for route, call in _routes(api, authorization, active=active, paused=paused, body=body).items()
    }
    return Intrusion(
        answers=answers,
        active=(before[0], api.get(active.id, label="read the active deployment afterwards")),
        paused=(before[1], api.get(paused.id, label="read the paused deployment afterwards")),
        description=body["description"],
    )


def _routes(
    api: Api, authorization: Auth | str, *, active: Created, paused: Created, body: Mapping[str, object]
) -> dict[str, Callable[[], Exchange]]:
    """Return a call for each route, in an order in which none hides the effect of another.

    The run is tried on a paused deployment, so that not even a target that skips the check starts work.
    """
    wrong = authorization
    return {
        "GET /deployments": lambda: api.list(authorization=wrong, headers=tracing()),
        "GET /deployments/{id}": lambda: api.get(active.id, authorization=wrong),
        "GET /deployments/{id}/runs": lambda: api.runs(active.id, authorization=wrong),
        "GET /deployment_runs": lambda: api.all_runs(authorization=wrong),
        "POST /deployments": lambda: api.create(body, authorization=wrong),
        "POST /deployments/{id}/run": lambda: api.run(paused.id, authorization=wrong),
        "POST /deployments/{id}/unpause": lambda: api.unpause(paused.id, authorization=wrong),
        "POST /deployments/{id}": lambda: api.update(
            active.id, {"description": "changed without permission"}, authorization=wrong
        ),
        "POST /deployments/{id}/pause": lambda: api.pause(active.id, authorization=wrong),
        "POST /deployments/{id}/archive": lambda: api.archive(active.id, authorization=wrong),
    }


@dataclass(frozen=True)
class OtherCredentials:
    """Credentials in another place or scheme, and wrong ones for what does not exist."""

    api_key: Exchange
    basic: Exchange
    no_token: Exchange
    nothing_for_unknown: Exchange
    unknown_for_unknown: Exchange


@story(modes=EVERY_MODE)
def other_credentials(api: Api) -> OtherCredentials:
    """The token travels as x-api-key; Basic is tried; an unknown deployment is read without credentials."""
    unknown = unknown_id(api).id
    return OtherCredentials(
        api_key=api.list(
            {"limit": 1},
            label="list with the token as x-api-key",
            authorization=Auth.NONE,
            headers={"x-api-key": api.target.settings.token},
        ),
        no_token=api.list(
            {"limit": 1},
            label=f"list with {api.target.profile.auth_scheme} and no token",
            authorization=api.target.profile.auth_scheme,
        ),
        basic=api.list({"limit": 1}, label="list with Basic", authorization="Basic bm9ib2R5Og==", probe=True),
        nothing_for_unknown=api.get(
            unknown,
            label="read an unknown deployment without credentials",
            authorization=Auth.NONE,
            probe=True,
        ),
        unknown_for_unknown=api.get(
            unknown,
            label="read an unknown deployment with an unknown token",
            authorization=f"{api.target.profile.auth_scheme} {unknown_token()}",
            probe=True,
        ),
    )
