"""The search over the OpenAPI file: every route as the file has it, and one step beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from conformance.client.answers import created_id, items
from conformance.client.api import Api, Created
from conformance.client.credentials import Auth, Authorization
from conformance.client.exchange import Exchange
from conformance.client.routes import segment
from conformance.contract.comparing import field
from conformance.contract.judgement import answered, broken, expect_error, expect_not_found, expect_success
from conformance.contract.lifecycle import ACTIVE, PAUSED
from conformance.contract.schemas import violations
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.exploration.cases import reader, together
from conformance.suite.exploration.driver import explore, singly, upholding
from conformance.suite.exploration.kept_deployment import Kept, has_room
from conformance.suite.exploration.openapi.promises import CREATE, ROUTES, STORIES
from conformance.suite.exploration.openapi.requests import (
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
from conformance.suite.exploration.registry import Searched, search
from conformance.suite.judging.answers import DOCUMENTED_ERRORS
from conformance.suite.shared.ids import Unknown, unknown_run
from conformance.suite.shared.values import yearly

LATE = (UNAUTHENTICATED, NO_SUCCESS)
"""What may be the end of the deployment where it is carried out all the same."""


class RequestSubjects:
    """The deployment that requests are about, taken when it is first needed; `no_run` is an id of no run.

    `background` are the exchanges that a story of the next request begins with.
    """

    def __init__(self, api: Api) -> None:
        self.background: list[Exchange] = []
        self.no_run: Unknown = unknown_run(api)
        self._api = api
        self._kept: Kept | None = None
        self._status = ACTIVE

    @property
    def kept(self) -> Kept:
        """The deployment; raises NotJudgedError when the target does not make one."""
        if self._kept is None:
            self._kept = Kept.acquire(self._api, has_room)
            self._kept.before()
            self.background[:] = self._kept.background
        return self._kept

    def ready(self, asked: Asked) -> str:
        """Return the id of a deployment in a state in which a request can succeed."""
        kept = self.kept
        action = asked.route.rpartition("/")[2]
        if asked.expects == SUCCESS and action == "unpause" and self._status == ACTIVE:
            self._api.pause(kept.id, label="pause it first")
            _need_paused(self._api.get_until(kept.id, _is_paused))
        elif asked.expects == SUCCESS and action == "pause" and self._status == PAUSED:
            self._api.unpause(kept.id, label="unpause it first")
        return kept.id

    def record(self, asked: Asked, exchange: Exchange) -> None:
        """Keep track of the deployment; one of which nobody knows any more what it is like is given up."""
        action = asked.route.rpartition("/")[2]
        if asked.expects in LATE and exchange.succeeded:
            self.give_up()
        elif asked.expects == SUCCESS and action in ("pause", "unpause"):
            self._status = PAUSED if action == "pause" else ACTIVE
        elif self._kept and not self._kept.is_live:
            self.give_up()

    def give_up(self) -> None:
        """Archive the deployment, unless that is done; the next request gets another."""
        if self._kept:
            self._kept.put_away()
        self._kept, self._status = None, ACTIVE


@search("property.openapi", reads=together(reader(Asked)))
def openapi(api: Api) -> Searched:
    """Requests made from the OpenAPI file are answered as the documents say, and so are wrong ones."""
    from hypothesis import strategies as st

    ground = RequestSubjects(api)
    _ = ground.kept  # a target that cannot even create is asked no more
    try:
        every = _left_by_stories(api, requests(api.known.revision))
        reach, seed = api.target.settings.reach, api.target.settings.seed
        first = deal(every, seed, alike=reach.alike, bodies=reach.bodies)
        return explore(
            api,
            lambda: st.sampled_from(first),
            lambda asked: _try(api, ground, asked[0]),
            first=singly(sorted(first, key=_lateness)),
            background=ground.background,
        )
    finally:
        ground.give_up()


def _left_by_stories(api: Api, every: Iterable[Asked]) -> list[Asked]:
    """Return the requests that no story of this run has sent to the same route already."""
    base = api.target.base_url
    sent = {
        (one.story, f"{one.method} {_route_of(one.path.removeprefix(base))}")
        for one in api.target.exchanges()
    }
    return [asked for asked in every if (STORIES.get(asked.promise), asked.sent_to) not in sent]


def _route_of(path: str) -> str:
    _, kind, *rest = path.split("/")
    rest[2:3] = ["{run_id}"] * len(rest[2:3])
    rest[:1] = ["{id}" if kind == "deployments" else "{run_id}"] * len(rest[:1])
    return "/".join(("", kind, *rest))


def _lateness(asked: Asked) -> int:
    """Return when a request is sent: what may be the end of the deployment last, its archive last of all."""
    action = asked.route.rpartition("/")[2]
    if asked.expects in LATE:
        return 2
    order = {"pause": 1, "unpause": 1, "archive": 3}
    return order.get(action, 0)


def _try(api: Api, ground: RequestSubjects, asked: Asked) -> None:
    exchange = _send(api, ground.ready(asked), ground.no_run.id, asked)
    made = created_id(exchange) if asked.route == CREATE else None
    try:
        with upholding(asked.promise):
            if asked.expects == UNKNOWN:
                kind = api.target.profile.error_types.get(HTTPStatus.NOT_FOUND)
                expect_not_found({str(asked): exchange}, kind, well_formed=ground.no_run.well_formed)
            else:
                EXPECTATIONS[asked.expects](api, exchange, asked)
        _expect_shape(api, exchange, asked)
    finally:
        ground.record(asked, exchange)
        if made:
            _leave(api, asked, Created(made, str(field(exchange.json, "name")), exchange))


def _leave(api: Api, asked: Asked, made: Created) -> None:
    """Let other searches go on with what a creation made, where that has a schedule as they need it."""
    kept = Kept(api, made)
    if asked.expects == SUCCESS and "schedule" in asked.body:
        kept.leave()
    else:
        kept.put_away()


def _is_paused(document: Mapping[str, object]) -> bool:
    return document.get("status") == PAUSED


def _need_paused(read: Exchange) -> None:
    if field(read.json, "status") != PAUSED:
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
    path = template.replace("{id}", segment(subject)).replace("{run_id}", segment(run_id))
    query = f"?{urlencode(filled(asked.query, own))}" if asked.query else ""
    forged = api.target.profile.credentials.value("conformance-unknown")
    callers: Mapping[str, Authorization] = {OWN: Auth.OWN, NONE: Auth.NONE, FORGED: forged}
    who = callers[asked.credentials]
    label, probe = str(asked), asked.expects in (NO_SUCCESS, NO_CRASH)
    sent = filled(asked.body, own)
    if asked.route == CREATE:
        return api.create(sent, label=label, authorization=who, valid=asked.expects == SUCCESS)
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
        expect_error(exchange, status, kind=api.target.profile.error_types.get(status))

    return expect


def _expect_no_success(_: Api, exchange: Exchange, asked: Asked) -> None:
    status = answered(exchange).status or 0
    # 501 may answer a method that nobody offers: which code it is, the documents do not say (N83).
    crashed = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED
    if exchange.succeeded or crashed:
        raise broken(f"4xx to {asked}", exchange.summary(), exchange)


def _expect_no_crash(_: Api, exchange: Exchange, asked: Asked) -> None:
    if (answered(exchange).status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise broken(f"a list, or 4xx, to {asked}", exchange.summary(), exchange)


EXPECTATIONS: Final[Mapping[str, Callable[[Api, Exchange, Asked], None]]] = {
    SUCCESS: _expect_success,
    REFUSAL: _expect_status(HTTPStatus.BAD_REQUEST),
    UNAUTHENTICATED: _expect_status(HTTPStatus.UNAUTHORIZED),
    NO_SUCCESS: _expect_no_success,
    NO_CRASH: _expect_no_crash,
}


def _expect_shape(api: Api, exchange: Exchange, asked: Asked) -> None:
    """Expect the documented shape of an answer to a documented request."""
    revision, schema = api.known.revision, ROUTES[asked.route].schema
    if exchange.probe:
        return
    if exchange.status in DOCUMENTED_ERRORS:
        with upholding("errors.envelope"):
            _expect_schema("error", revision, exchange, exchange.json)
        kind, wanted = field(exchange.json, "error.type"), api.target.profile.error_types.get(exchange.status)
        with upholding("errors.type-matches-status"):
            if wanted and isinstance(kind, str) and kind != wanted:
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
