"""What one story sends: checked before, remembered after, and read again while it lags."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Final, TypedDict, Unpack

from conformance.client.calls.polling import rest
from conformance.client.calls.staleness import Memory
from conformance.client.credentials import Auth, Authorization
from conformance.client.exchange import Exchange
from conformance.client.ownership.borrowed import Lending
from conformance.client.ownership.creations import Creations
from conformance.client.target import OutgoingRequest, Target
from conformance.contract import clock
from conformance.contract.path_ids import spelled

ABSENT: Final = object()
"""As the value of a body field: leave the field out."""
BILLABLE = "billable"
"""The tier in which runs may be started."""
SETTLE_SECONDS = 5.0
"""How long a read may lag behind a write before it counts as wrong (N107: poll up to 5 s)."""
SETTLE_SECONDS_PER_STORY = 20.0


class Variant(TypedDict, total=False):
    """How a request differs from the documented one.

    `label` says what the story does; `body` is sent as JSON, `content` as raw bytes; `headers` are added to
    the documented ones and a header with the value "" is left out; `authorization` says whose credentials;
    `probe` marks a question that the documents leave open. Of creations: `valid` marks one that has to be
    accepted, `may_conflict` one for which a 409 is documented.
    """

    label: str
    body: object
    content: bytes
    headers: Mapping[str, str]
    authorization: Authorization
    probe: bool
    valid: bool
    may_conflict: bool


class Calls:
    """Requests of one story; every answer comes back as an `Exchange`.

    Nothing is sent that could change what is not this run's: `request` and `send` raise NotJudgedError then.
    """

    def __init__(
        self, target: Target, story: str, creations: Creations, *, lending: Lending | None, memory: Memory
    ) -> None:
        self.target = target
        self.story = story
        self.creations = creations
        self._settle_left = SETTLE_SECONDS_PER_STORY
        self._memory = memory
        self._lending = lending

    @property
    def largest_page(self) -> int:
        """The largest page of deployments that every edition of the vendor allows."""
        return self.target.profile.lists.largest_page

    def get(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Read one deployment; a read that lags behind what we did to it is repeated (N107)."""
        return self._until(
            partial(self._read, deployment_id, variant), self._caught_up(deployment_id, variant)
        )

    def get_until(self, deployment_id: str, holds: Callable[[Mapping[str, object]], bool]) -> Exchange:
        """Read a deployment until `holds` is true of it, at most `SETTLE_SECONDS`; return the last read."""
        caught_up = self._caught_up(deployment_id, {})
        return self._until(
            partial(self._read, deployment_id, {}), lambda read: caught_up(read) and _holds(read, holds)
        )

    def _read(self, deployment_id: str, variant: Variant) -> Exchange:
        return self._call("GET", self.target.routes.deployment(deployment_id), variant, "read")

    def _caught_up(self, deployment_id: str, variant: Variant) -> Callable[[Exchange], bool]:
        """Return whether a read shows a deployment of ours as it was at our last change, or later.

        One that cannot be read yet does not, nor one that looks as it did before that change. Others may not
        see it at all, and are never waited for.
        """
        if variant.get("authorization", Auth.OWN) is not Auth.OWN:
            return lambda _: True
        missing_lags = self.creations.is_live(deployment_id) or self._memory.knows(deployment_id)
        return lambda read: (
            not (
                (read.status == HTTPStatus.NOT_FOUND and missing_lags)
                or self._memory.is_outdated(deployment_id, read)
            )
        )

    def list(self, params: Mapping[str, object] | None = None, **variant: Unpack[Variant]) -> Exchange:
        """List deployments; `params` are query parameters."""
        return self._call("GET", self.target.routes.deployments(params), variant, "list")

    def list_until(
        self,
        params: Mapping[str, object],
        holds: Callable[[Mapping[str, object]], bool],
        **variant: Unpack[Variant],
    ) -> Exchange:
        """List until `holds` is true of the page, at most `SETTLE_SECONDS`; return the last page."""
        return self._until(lambda: self.list(params, **variant), lambda page: _holds(page, holds))

    def send(self, method: str, path: str, **variant: Unpack[Variant]) -> Exchange:
        """Send any request below the base URL; POSTs carry the documented Content-Type."""
        return self._call(method, path, variant, method)

    def request(self, method: str, path: str, **variant: Unpack[Variant]) -> OutgoingRequest:
        """Return a request as `send` would send it, for a volley."""
        return self._checked(_request(method, path, variant, method))

    def volley(self, requests: Sequence[OutgoingRequest]) -> Sequence[Exchange]:
        """Send requests so that they arrive together; return their exchanges in the same order."""
        answers = self.target.volley(self.story, requests)
        for request in requests:
            self._memory.forget(_named(request.path))  # which of them came last, nobody knows
        return answers

    def _call(self, method: str, path: str, variant: Variant, label: str, body: object = ABSENT) -> Exchange:
        request = self._checked(_request(method, path, variant, label, body))
        lending = self._lending if self._names_lent(path) else None
        if lending and method != "GET":
            self._read(lending.loan.id, {"label": "look whether somebody else changed it"})
            lending.before_change(path.rpartition("/")[2], request.content)
        exchange = self.target.send(self.story, request)
        with exchange.alone():
            self._learn(request, exchange, lending)
        return exchange

    @clock.unheeded()
    def _learn(self, request: OutgoingRequest, exchange: Exchange, lending: Lending | None) -> None:
        """Keep the books of what was changed, started and shown."""
        if lending:
            lending.answered(exchange)
        if request.method == "POST":
            self._memory.remember(exchange)
        if starts_a_run(request) and exchange.succeeded:
            self.creations.started_a_run()
        if request.method == "GET":
            self._learn_whose(request, exchange)

    def _learn_whose(self, request: OutgoingRequest, exchange: Exchange) -> None:
        """Let what a read or a list shows say which deployments are ours; others may have the same ids."""
        named = _named(request.path)
        if request.authorization is not Auth.OWN:
            self.creations.elsewhere.read(named, request.authorization, exchange)
        elif request.path.partition("?")[0] == "/deployments":
            self.creations.listed(exchange)
        else:
            self.creations.read(named, exchange)

    def confirm(self, deployment_id: str) -> None:
        """Read a new deployment, or look for it in the list, until something shows that it is ours.

        Raises NotJudgedError (target) unless it is: then nothing may change it.
        """
        if self.creations.needs_a_read(deployment_id):
            read = self.get(deployment_id, label="read it before it is changed")
            if self.creations.needs_a_read(deployment_id):
                self.list({"limit": self.largest_page}, label="look for it in the list before it is changed")
            self.creations.check_shown(deployment_id, read)

    def _names_lent(self, path: str) -> bool:
        lent = self._lending and self.target.routes.deployment(self._lending.loan.id)
        return lent is not None and (path == lent or path.startswith((f"{lent}/", f"{lent}?")))

    def _checked(self, request: OutgoingRequest) -> OutgoingRequest:
        """Return a request unless it could change what is not this run's; raises NotJudgedError then."""
        if request.method not in {"GET", "HEAD"} and request.path.startswith("/deployments/"):
            named = _named(request.path)
            self.creations.check_writable(named)
            if starts_a_run(request) and BILLABLE not in self.target.settings.tier:
                self.creations.check_cannot_run(named)
            self.confirm(named)
            self._check_for(request, named)
        return request

    def _check_for(self, request: OutgoingRequest, deployment_id: str) -> None:
        """Raise NotJudgedError if other credentials lead to somebody else's deployment under an id of ours.

        Ids may be counted for each tenant: what they name depends on who asks.
        """
        who = request.authorization
        if who is Auth.OWN or not self.creations.is_made(deployment_id):
            return
        if not self.creations.elsewhere.is_read(deployment_id, who):
            label = "look what its id means to these credentials"
            self.get(deployment_id, label=label, authorization=who, probe=True)
        self.creations.elsewhere.check(deployment_id, who)

    def wait_for_next_second(self) -> None:
        """Wait until timestamps of whole seconds can show a later change (fact sheet, N84 and N106)."""
        self.target.stopped.wait(1.02)

    def wait_until_settled(self) -> None:
        """Wait as long as reads may lag behind what was written until now (N107)."""
        self.target.stopped.wait(SETTLE_SECONDS)

    def _until(self, read: Callable[[], Exchange], settled: Callable[[Exchange], bool]) -> Exchange:
        started = time.monotonic()
        allowed = min(SETTLE_SECONDS, self._settle_left)
        for wait in itertools.chain((0.05, 0.1, 0.2, 0.4, 0.8), itertools.repeat(1.2)):
            began = time.monotonic()
            exchange = read()
            if settled(exchange):
                return exchange  # a target that lags within the bound, always, never runs out of patience
            over = began - started >= allowed
            if exchange.failure or over:
                self._settle_left -= began - started
                return exchange
            left = max(0.0, started + allowed - time.monotonic())
            rest(self.target.stopped, min(wait, left), "the run ended while a read was waited for")
        raise AssertionError  # pragma: no cover (the waits never end)


def starts_a_run(request: OutgoingRequest) -> bool:
    """Tell whether a request asks for a run, in however odd a way."""
    segments = request.path.partition("?")[0].rstrip("/").split("/")
    return (
        request.method not in {"GET", "HEAD"} and segments[1:2] == ["deployments"] and "run" in segments[3:]
    )


def _holds(exchange: Exchange, holds: Callable[[Mapping[str, object]], bool]) -> bool:
    return isinstance(exchange.json, dict) and holds(exchange.json)


def _named(path: str) -> str:
    """Return the id of the deployment that a path names, or an empty text."""
    return spelled("".join(path.partition("?")[0].split("/")[2:3]))


def _request(method: str, path: str, variant: Variant, label: str, body: object = ABSENT) -> OutgoingRequest:
    headers = {} if method in {"GET", "HEAD"} else {"content-type": "application/json"}
    headers.update({name.lower(): value for name, value in variant.get("headers", {}).items()})
    return OutgoingRequest(
        method=method,
        path=path,
        label=variant.get("label", label),
        headers=headers,
        content=variant.get("content", _json(variant.get("body", body))),
        authorization=variant.get("authorization", Auth.OWN),
        probe=variant.get("probe", False),
    )


def _json(body: object) -> bytes | None:
    return None if body is ABSENT else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
