"""The Deployments API as one story uses it: a method for each route, creations through the ledger."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypedDict, Unpack
from urllib.parse import quote, unquote, urlencode

from conformance.contract.verdict import Blame, NotJudgedError
from conformance.target.creations import Creations, created_id
from conformance.target.exchange import Exchange
from conformance.target.lending import Lending, Loan
from conformance.target.memory import Memory
from conformance.target.prerequisites import Prerequisites
from conformance.target.target import Auth, Authorization, Request, Target

ABSENT: Final = object()
"""As the value of a body field: leave the field out."""
LARGEST_PAGE = 100
"""The largest page that both revisions allow."""
NOT_FOUND = 404
SETTLE_SECONDS = 5.0
"""How long a read may lag behind a write before it counts as wrong (N107: poll up to 5 s)."""
SETTLE_SECONDS_PER_STORY = 20.0


class Variant(TypedDict, total=False):
    """How a request differs from the documented one.

    `label` says what the story does; `body` is sent as JSON, `content` as raw bytes; `headers` are added to
    the documented ones and a header with the value "" is left out; `authorization` says whose credentials;
    `probe` marks a question that the documents leave open.
    """

    label: str
    body: object
    content: bytes
    headers: Mapping[str, str]
    authorization: Authorization
    probe: bool


@dataclass(frozen=True, slots=True)
class Created:
    """A deployment that a story made: its id, the name asked for, and the exchange that made it."""

    id: str
    name: str
    exchange: Exchange


class Api:
    """The routes of the Deployments API for one story; every answer comes back as an `Exchange`."""

    def __init__(
        self,
        target: Target,
        story: str,
        known: Prerequisites,
        creations: Creations,
        lending: Lending | None = None,
    ) -> None:
        self.target = target
        self.known = known
        self.story = story
        self.creations = creations
        self._counter = itertools.count(1)
        self._settle_left = SETTLE_SECONDS_PER_STORY
        self._memory = Memory()
        self._lending = lending

    # --- deployments -------------------------------------------------------------------------------------

    def body(self, **changes: object) -> dict[str, object]:
        """Return a minimal valid create body with a fresh name; `changes` set fields, `ABSENT` drops one."""
        name = f"conformance-{self.target.run_id}-{self.story.replace('_', '-')}-{next(self._counter)}"
        fields = {
            "name": name,
            "description": f"Made by a conformance run ({name}); it is archived when the run ends.",
            "agent": self.known.agent,
            "environment_id": self.known.environment,
            "initial_events": [self.known.event(f"Event of {name}")],
            **changes,
        }
        return {field: value for field, value in fields.items() if value is not ABSENT}

    def create(self, body: object, /, **variant: Unpack[Variant]) -> Exchange:
        """Send a creation, whatever its body; the ledger has it before and after."""
        marks = self.creations.announce(body)
        exchange = self._call("POST", "/deployments", variant, "create", body)
        self.creations.settle(marks, exchange)
        return exchange

    def create_deployment(self, **changes: object) -> Created:
        """Create a deployment that the story needs.

        Raises NotJudgedError when the target does not make one, or none of our own.
        """
        body = self.body(**changes)
        exchange = self.create(body)
        made = created_id(exchange)
        if not made:
            blame = exchange.failure.blame if exchange.failure else Blame.PRECONDITION
            raise NotJudgedError(
                blame, f"a deployment that the story {self.story} needs was not created: {exchange.summary()}"
            )
        self.creations.check_new(made)
        return Created(made, str(body["name"]), exchange)

    def obtain(self, **changes: object) -> Created:
        """Return an active deployment to pause, unpause and update: a new one, or the one that is lent.

        `changes` set fields of a new one; the lent one takes of them the schedule, if it has one at all.
        Raises NotJudgedError when there is none to be had.
        """
        if self._lending is None:
            return self.create_deployment(**changes)
        return self._borrow(self._lending.loan, changes.get("schedule"))

    def _borrow(self, loan: Loan, schedule: object) -> Created:
        """Make the lent deployment active, on a schedule that does not fire meanwhile."""
        read = self.get(loan.id, label="read the lent deployment")
        self._memory.note(read)
        state = read.json if isinstance(read.json, dict) else {}
        own = state.get("schedule") is not None and not loan.reschedules(state)
        if schedule and own:
            self.update(loan.id, {"schedule": schedule}, label="set a schedule that does not fire meanwhile")
            read = self.get_until(loan.id, loan.reschedules)
            own = not (isinstance(read.json, dict) and loan.reschedules(read.json))
        if state.get("status") == "paused":
            if own and loan.before.get("status") == "paused":
                raise NotJudgedError(
                    Blame.PRECONDITION,
                    "the lent deployment is paused, and its schedule could not be set to one that rests",
                )
            self.unpause(loan.id, label="make the lent deployment active")
            read = self.get_until(loan.id, lambda shown: shown.get("status") == "active")
        if not isinstance(read.json, dict) or read.json.get("status") != "active":
            raise NotJudgedError(
                Blame.PRECONDITION, f"the lent deployment could not be made active: {read.summary()}"
            )
        return Created(loan.id, str(read.json.get("name")), read)

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
        return self._call("GET", _deployment(deployment_id), variant, "read")

    def _caught_up(self, deployment_id: str, variant: Variant) -> Callable[[Exchange], bool]:
        """Return whether a read shows a deployment of ours as it was at our last change, or later.

        One that cannot be read yet does not, nor one that looks as it did before that change. Others may not
        see it at all, and are never waited for.
        """
        if variant.get("authorization", Auth.OWN) is not Auth.OWN:
            return lambda _: True
        missing_lags = self.creations.is_live(deployment_id) or self._memory.knows(deployment_id)
        return lambda read: (
            not ((read.status == NOT_FOUND and missing_lags) or self._memory.is_outdated(deployment_id, read))
        )

    def list(self, params: Mapping[str, object] | None = None, **variant: Unpack[Variant]) -> Exchange:
        """List deployments; `params` are query parameters."""
        return self._call("GET", "/deployments" + _query(params), variant, "list")

    def list_until(
        self,
        params: Mapping[str, object],
        holds: Callable[[Mapping[str, object]], bool],
        **variant: Unpack[Variant],
    ) -> Exchange:
        """List until `holds` is true of the page, at most `SETTLE_SECONDS`; return the last page."""
        return self._until(lambda: self.list(params, **variant), lambda page: _holds(page, holds))

    def update(self, deployment_id: str, body: object, /, **variant: Unpack[Variant]) -> Exchange:
        """Update a deployment with a partial body."""
        return self._call("POST", _deployment(deployment_id), variant, "update", body)

    def pause(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Pause a deployment."""
        return self._act(deployment_id, "pause", variant)

    def unpause(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Unpause a deployment."""
        return self._act(deployment_id, "unpause", variant)

    def archive(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Archive a deployment, which is final."""
        exchange = self._act(deployment_id, "archive", variant)
        if exchange.succeeded:
            self.creations.archived(deployment_id)
        return exchange

    def run(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Run a deployment by hand. This starts billable work unless the request must be refused."""
        return self._act(deployment_id, "run", variant)

    # --- runs and what deployments refer to --------------------------------------------------------------

    def runs(
        self, deployment_id: str, params: Mapping[str, object] | None = None, **variant: Unpack[Variant]
    ) -> Exchange:
        """List the runs of one deployment."""
        return self._call("GET", f"{_deployment(deployment_id)}/runs{_query(params)}", variant, "list runs")

    def get_run(self, deployment_id: str, run_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Read one run of one deployment."""
        path = f"{_deployment(deployment_id)}/runs/{_segment(run_id)}"
        return self._call("GET", path, variant, "read a run")

    def all_runs(self, params: Mapping[str, object] | None = None, **variant: Unpack[Variant]) -> Exchange:
        """List the runs of all deployments."""
        return self._call("GET", f"/deployment_runs{_query(params)}", variant, "list all runs")

    def get_any_run(self, run_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Read one run by its id alone."""
        return self._call("GET", f"/deployment_runs/{_segment(run_id)}", variant, "read a run by id")

    def send(self, method: str, path: str, **variant: Unpack[Variant]) -> Exchange:
        """Send any request below the base URL; POSTs carry the documented Content-Type."""
        return self._call(method, path, variant, method)

    def request(self, method: str, path: str, **variant: Unpack[Variant]) -> Request:
        """Return a request as `send` would send it, for a volley."""
        return self._checked(_request(method, path, variant, method))

    def volley(self, requests: Sequence[Request]) -> Sequence[Exchange]:
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
        if lending:
            lending.note(exchange)
        if method == "POST":
            self._memory.note(exchange)
        if method == "GET" and path.partition("?")[0] == "/deployments":
            self.creations.listed(exchange)
        return exchange

    def _names_lent(self, path: str) -> bool:
        lent = self._lending and _deployment(self._lending.loan.id)
        return lent is not None and (path == lent or path.startswith((f"{lent}/", f"{lent}?")))

    def _checked(self, request: Request) -> Request:
        """Return a request unless it could change what is not this run's; raises NotJudgedError then."""
        if request.method not in {"GET", "HEAD"} and request.path.startswith("/deployments/"):
            self.creations.check_writable(_named(request.path))
        return request

    def wait_for_next_second(self) -> None:
        """Wait until timestamps of whole seconds can show a later change (fact sheet, N84 and N106)."""
        self.target.stopped.wait(1.02)

    def wait_until_settled(self) -> None:
        """Wait as long as reads may lag behind what was written until now (N107)."""
        self.target.stopped.wait(SETTLE_SECONDS)

    def list_refused(self) -> Exchange:
        """List the newest deployments after refused creations; any that was made all the same is ours."""
        exchange = self.list({"limit": LARGEST_PAGE}, label="look for what refused creations left")
        self.creations.adopt(exchange)
        return exchange

    def _act(self, deployment_id: str, action: str, variant: Variant) -> Exchange:
        path = f"{_deployment(deployment_id)}/{action}"
        return self._call("POST", path, variant, action)

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
            if self.target.stopped.wait(min(wait, max(0.0, started + allowed - time.monotonic()))):
                raise NotJudgedError(Blame.HARNESS, "the run ended while a read was waited for")
        raise AssertionError  # pragma: no cover (the waits never end)


def _holds(exchange: Exchange, holds: Callable[[Mapping[str, object]], bool]) -> bool:
    return isinstance(exchange.json, dict) and holds(exchange.json)


def _named(path: str) -> str:
    """Return the id of the deployment that a path names, or an empty text."""
    return unquote("".join(path.split("/")[2:3]), errors="surrogatepass")


def _deployment(deployment_id: str) -> str:
    return f"/deployments/{_segment(deployment_id)}"


def _query(params: Mapping[str, object] | None) -> str:
    return f"?{urlencode(params, errors='surrogatepass')}" if params else ""


def _segment(text: str) -> str:
    """Return one segment of a path; a hostile id may hold anything, even lone surrogates."""
    return quote(text, safe="", errors="surrogatepass")


def _request(method: str, path: str, variant: Variant, label: str, body: object = ABSENT) -> Request:
    headers = {} if method in {"GET", "HEAD"} else {"content-type": "application/json"}
    headers.update({name.lower(): value for name, value in variant.get("headers", {}).items()})
    return Request(
        method=method,
        path=path,
        label=variant.get("label", label),
        headers={name: value for name, value in headers.items() if value},
        content=variant.get("content", _json(variant.get("body", body))),
        authorization=variant.get("authorization", Auth.OWN),
        probe=variant.get("probe", False),
    )


def _json(body: object) -> bytes | None:
    return None if body is ABSENT else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
