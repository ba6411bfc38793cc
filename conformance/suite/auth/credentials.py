"""Stories about credentials: none, unknown ones, and those that the documents leave open."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from dataclasses import field as field_of
from threading import Lock

from conformance.client.api import Api, Created
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field
from conformance.suite.engine.registry import EVERY_MODE, story
from conformance.suite.errors.unknown_ids import ByRoute
from conformance.suite.shared.ids import tracing, unknown_id
from conformance.suite.shared.values import yearly


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


EACH_KIND = ("GET /deployments", "POST /deployments", "POST /deployments/{id}/pause")
"""One that lists, one that creates and one that changes: that each asks for a token is seen without any."""


@dataclass(frozen=True)
class Intrusions(Tried):
    """Every route tried without Authorization, and with a bearer token that nobody was given."""

    nothing: Intrusion
    unknown_token: Intrusion


@story()
def intrusions(api: Api) -> Intrusions:
    """Every route is tried without and with unknown credentials, on two deployments that exist.

    Runs are tried last, when one of them is archived: nothing may start, not even on a target that lets
    everybody in and runs what is paused.
    """
    api.reserve(2)
    active = api.obtain(schedule=yearly())
    paused = api.obtain_any()  # it may be archived
    api.pause(paused.id, label="pause the second deployment")
    before = (
        api.first_read(active, "read"),
        api.get_until(paused.id, lambda state: state.get("status") == "paused"),
    )
    api.wait_for_next_second()
    nothing = _try_every_route(api, Auth.NONE, (active, paused), before)
    token = api.target.profile.credentials.value(unknown_token())
    between = nothing.active[1], nothing.paused[1]
    unknown = _try_every_route(api, token, (active, paused), between)
    with archived_for_good(api, paused.id) as archived:
        if not archived:
            return Intrusions(nothing, unknown)
        return Intrusions(
            _with_run(nothing, api.run(archived, authorization=Auth.NONE)),
            _with_run(unknown, api.run(archived, authorization=token)),
        )


@contextmanager
def archived_for_good(api: Api, deployment_id: str) -> Iterator[str | None]:
    """Archive a deployment that is to be run, unless another story has done so; yield the id of that one.

    None when the target does not say that it is archived. Stories take turns at it: a target may refuse
    requests for one deployment that meet, whoever sends them.
    """

    def archive() -> str | None:
        archived = api.archive(deployment_id, label="archive it, so that it cannot run")
        return deployment_id if archived.succeeded and field(archived.json, "archived_at") else None

    with api.shared("turns at what is archived for good", Lock):
        yield api.shared("archived for good", archive)


def _with_run(tried: Intrusion, run: Exchange) -> Intrusion:
    return replace(tried, answers={**tried.answers, "POST /deployments/{id}/run": run})


def unknown_token() -> str:
    """Return a token in the vendor's form that belongs to nobody."""
    return f"pt-invalid-token-{secrets.token_hex(8)}"


def _try_every_route(
    api: Api, authorization: Auth | str, made: tuple[Created, Created], before: tuple[Exchange, Exchange]
) -> Intrusion:
    active, paused = made
    body = api.body()
    routes = _routes(api, authorization, active=active, paused=paused, body=body)
    if api.asks_musts_alone and authorization is not Auth.NONE:
        routes = {route: routes[route] for route in EACH_KIND}
    answers = {route: call() for route, call in routes.items()}
    return Intrusion(
        answers=answers,
        active=(before[0], api.get(active.id, label="read the active deployment afterwards")),
        paused=(before[1], api.get(paused.id, label="read the paused deployment afterwards")),
        description=body["description"],
    )


def _routes(
    api: Api, authorization: Auth | str, *, active: Created, paused: Created, body: Mapping[str, object]
) -> dict[str, Callable[[], Exchange]]:
    """Return a call for each route but the run, in an order in which none hides the effect of another."""
    wrong = authorization
    return {
        "GET /deployments": lambda: api.list(authorization=wrong, headers=tracing()),
        "GET /deployments/{id}": lambda: api.get(active.id, authorization=wrong),
        "GET /deployments/{id}/runs": lambda: api.runs(active.id, authorization=wrong),
        "GET /deployment_runs": lambda: api.all_runs(authorization=wrong),
        "POST /deployments": lambda: api.create(body, authorization=wrong),
        "POST /deployments/{id}/unpause": lambda: api.unpause(paused.id, authorization=wrong),
        "POST /deployments/{id}": lambda: api.update(
            active.id, {"description": "changed without permission"}, authorization=wrong
        ),
        "POST /deployments/{id}/pause": lambda: api.pause(active.id, authorization=wrong),
        "POST /deployments/{id}/archive": lambda: api.archive(active.id, authorization=wrong),
    }


@dataclass(frozen=True)
class OtherCredentials:
    """Credentials in another place or scheme, and wrong ones for what does not exist.

    `guessed` are answers to tokens that hasty servers take for valid ones, by what they are.
    """

    api_key: Exchange
    basic: Exchange
    no_token: Exchange
    nothing_for_unknown: Exchange
    unknown_for_unknown: Exchange
    guessed: Mapping[str, Exchange] = field_of(default_factory=dict)


GUESSED = {"null": "null", "a JWT without signature": "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."}


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
            label=f"list with {api.target.profile.credentials.scheme} and no token",
            authorization=api.target.profile.credentials.scheme,
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
            authorization=api.target.profile.credentials.value(unknown_token()),
            probe=True,
        ),
        guessed={} if api.asks_musts_alone else _guess(api),
    )


def _guess(api: Api) -> dict[str, Exchange]:
    value = api.target.profile.credentials.value
    return {
        what: api.list({"limit": 1}, label=f"list with the token: {what}", authorization=value(token))
        for what, token in GUESSED.items()
    }
