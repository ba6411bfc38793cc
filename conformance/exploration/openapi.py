"""The search over the OpenAPI file: every route as the file has it, and one step beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from conformance.contract.judgement import (
    answered,
    broken,
    expect_error,
    expect_not_found,
    expect_success,
    field,
)
from conformance.contract.schemas import violations
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.exploration._cases import reader
from conformance.exploration._openapi import (
    FORGED,
    NO_CRASH,
    NO_SUCCESS,
    NONE,
    OWN,
    REFUSAL,
    SUCCESS,
    UNAUTHENTICATED,
    UNKNOWN,
    Asked,
    deal,
    filled,
    requests,
)
from conformance.exploration._promises import CREATE, ROUTES
from conformance.exploration.registry import Searched, search
from conformance.stories.ids import Unknown, unknown_run
from conformance.stories.values import yearly
from conformance.target.api import Api
from conformance.target.creations import created_id, items
from conformance.target.exchange import Exchange
from conformance.target.target import Auth, Authorization

REQUESTS_PER_EXAMPLE = 6
"""One request is less than an example of other searches: with 25 examples nearly all that there are."""
BAD_REQUEST, NOT_FOUND, SERVER_ERROR = 400, 404, 500
NOT_IMPLEMENTED = 501
"""A method that nobody offers may be answered so: which code it is, the documents do not say (N83)."""
KNOWN_ERRORS = (400, 401, 403, 404, 409, 500)
ACTIONS = ("/pause", "/unpause", "/archive")


@dataclass(frozen=True)
class Ground:
    """The deployments that requests are about.

    One is read and updated, one asked for without valid credentials, and one with methods that are not
    documented: that may be the end of it. `no_run` is an id of no run.
    """

    kept: str
    guarded: str
    spare: str
    no_run: Unknown


@search("property.openapi", reads=reader(Asked))
def openapi(api: Api) -> Searched:
    """Requests made from the OpenAPI file are answered as the documents say, and so are wrong ones."""
    from hypothesis import strategies as st

    from conformance.exploration._explore import explore

    made = [api.create_deployment(schedule=yearly()) for _ in range(3)]
    ground = Ground(made[0].id, made[1].id, made[2].id, unknown_run(api))
    api.get(ground.kept, label="read it first")
    api.get(ground.guarded, label="read the other first")
    try:
        every = requests(api.known.revision)  # costly: not for a target that cannot even create
        first = deal(every, api.target.settings.seed, api.target.settings.examples * REQUESTS_PER_EXAMPLE)
        return explore(
            api,
            st.sampled_from(every),
            lambda asked: _try(api, ground, asked),
            first=first,
            background=[one.exchange for one in made],
        )
    finally:
        for one in made:
            if api.creations.is_live(one.id):
                api.archive(one.id, label="archive it")


def _try(api: Api, ground: Ground, asked: Asked) -> None:
    from conformance.exploration._explore import upholding

    with _subject(api, ground, asked) as subject:
        exchange = _send(api, subject, ground.no_run.id, asked)
        try:
            with upholding(asked.promise):
                if asked.expects == UNKNOWN:
                    kind = api.target.profile.error_types[NOT_FOUND]
                    expect_not_found({str(asked): exchange}, kind, well_formed=ground.no_run.well_formed)
                else:
                    EXPECTATIONS[asked.expects](api, exchange, asked)
            _expect_shape(api, exchange, asked)
        finally:
            made = created_id(exchange) if asked.route == CREATE else None
            if made:
                api.archive(made, label="archive it")


@contextmanager
def _subject(api: Api, ground: Ground, asked: Asked) -> Iterator[str]:
    """Yield the id that a request names; an action that is to succeed has a deployment of its own."""
    if not (asked.expects == SUCCESS and asked.route.endswith(ACTIONS)):
        others = {UNAUTHENTICATED: ground.guarded, NO_SUCCESS: ground.spare}
        yield others.get(asked.expects, ground.kept)
        return
    made = api.create_deployment(schedule=yearly())
    try:
        if asked.route.endswith("/unpause"):
            api.pause(made.id, label="pause it first")
            _need_paused(api.get_until(made.id, _is_paused))
        yield made.id
    finally:
        if api.creations.is_live(made.id):
            api.archive(made.id, label="archive it")


def _is_paused(document: Mapping[str, object]) -> bool:
    return document.get("status") == "paused"


def _need_paused(read: Exchange) -> None:
    if field(read.json, "status") != "paused":
        raise NotJudgedError(Blame.PRECONDITION, f"none is paused that could be unpaused: {read.summary()}")


def _send(api: Api, subject: str, run_id: str, asked: Asked) -> Exchange:
    method, template = asked.route.split(" ")
    body = api.body()
    own: Mapping[str, Any] = {
        "$id": subject,
        "$name": body["name"],
        "$description": body["description"],
        "$agent": body["agent"],
        "$environment": body["environment_id"],
        "$event": api.known.event("Event of a search"),
        "$expression": yearly()["expression"],
    }
    path = template.replace("{id}", subject).replace("{run_id}", run_id)
    query = f"?{urlencode(filled(asked.query, own))}" if asked.query else ""
    forged = f"{api.target.profile.auth_scheme} conformance-unknown"
    callers: Mapping[str, Authorization] = {OWN: Auth.OWN, NONE: Auth.NONE, FORGED: forged}
    who = callers[asked.credentials]
    label, probe = str(asked), asked.expects in (NO_SUCCESS, NO_CRASH)
    sent = filled(asked.body, own)
    if asked.route == CREATE:
        return api.create(sent, label=label, authorization=who)
    if template.endswith("/archive") and not asked.method:
        return api.archive(subject, label=label, authorization=who)
    given = {} if sent is None else {"body": sent}
    return api.send(
        asked.method or method, path + query, label=label, authorization=who, probe=probe, **given
    )


# --- what is expected ------------------------------------------------------------------------------------


def _expect_success(_: Api, exchange: Exchange, asked: Asked) -> None:
    expect_success(exchange, *((200, 201) if asked.route == CREATE else (200,)))


def _expect_status(status: int) -> Callable[[Api, Exchange, Asked], None]:
    def expect(api: Api, exchange: Exchange, _: Asked) -> None:
        expect_error(exchange, status, kind=api.target.profile.error_types[status])

    return expect


def _expect_no_success(_: Api, exchange: Exchange, asked: Asked) -> None:
    status = answered(exchange).status or 0
    if exchange.succeeded or (status >= SERVER_ERROR and status != NOT_IMPLEMENTED):
        raise broken(f"4xx to {asked}", exchange.summary(), exchange)


def _expect_no_crash(_: Api, exchange: Exchange, asked: Asked) -> None:
    if (answered(exchange).status or 0) >= SERVER_ERROR:
        raise broken(f"a list, or 4xx, to {asked}", exchange.summary(), exchange)


EXPECTATIONS: Final[Mapping[str, Callable[[Api, Exchange, Asked], None]]] = {
    SUCCESS: _expect_success,
    REFUSAL: _expect_status(BAD_REQUEST),
    UNAUTHENTICATED: _expect_status(401),
    NO_SUCCESS: _expect_no_success,
    NO_CRASH: _expect_no_crash,
}


def _expect_shape(api: Api, exchange: Exchange, asked: Asked) -> None:
    """Expect the documented shape of an answer to a documented request."""
    from conformance.exploration._explore import upholding

    revision, schema = api.known.revision, ROUTES[asked.route].schema
    if exchange.probe:
        return
    if exchange.status in KNOWN_ERRORS:
        with upholding("errors.envelope"):
            _expect_schema("error", revision, exchange, exchange.json)
        kind, wanted = field(exchange.json, "error.type"), api.target.profile.error_types[exchange.status]
        with upholding("errors.type-matches-status"):
            if isinstance(kind, str) and kind != wanted:
                raise broken(f"{wanted} with status {exchange.status}", kind, exchange)
    elif exchange.succeeded and schema:
        with upholding("object.matches-schema" if schema == "deployment" else "list.envelope"):
            _expect_schema(schema, revision, exchange, exchange.json)
        if schema == "deployment-list":
            with upholding("object.matches-schema"):
                for item in items(exchange):
                    _expect_schema("deployment", revision, exchange, item)


def _expect_schema(kind: str, revision: str, exchange: Exchange, document: object) -> None:
    for found in violations(kind, revision, document):
        raise broken(
            f"the documented {kind} in answer to {exchange.label}", f"{found.path}: {found.message}", exchange
        )
