"""Property search over bodies where none is needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field
from conformance.contract.judgement import broken, expect_field, expect_success, expect_unchanged
from conformance.suite.errors.odd_requests import UNREADABLE
from conformance.suite.exploration.cases import reader, together
from conformance.suite.exploration.driver import explore, upholding
from conformance.suite.exploration.kept_deployment import Kept
from conformance.suite.exploration.registry import Searched, search

REQUESTS = 2
"""How many requests an example takes."""
REFUSED = (400, 401, 403, 404, 405, 406, 409, 411, 413, 415, 422)
"""Refusals with which nothing may change."""
BODIES: Mapping[str, bytes] = {
    **UNREADABLE,
    "unknown fields": b'{"reason":"lunch","until":12,"force":true}',
    "fields of the deployment": b'{"status":"active","paused_reason":null,"archived_at":null,"name":""}',
    "a huge object": json.dumps({f"key {n}": "value" * 10 for n in range(1_500)}).encode(),
}
TYPES = ("application/json", "", "text/plain", "application/xml", "application/x-www-form-urlencoded",
         "multipart/form-data; boundary=x", "application/json; charset=utf-16", "*/*")  # fmt: skip


@dataclass(frozen=True)
class ActionEffect:
    """What an action makes of a deployment: `done` tells whether it was carried out, `fields` are then so.

    Each field has the promise that it is so. `stores`, `keeps` and `only` are the promises that what was
    answered is stored, that a refusal changes nothing and that no other fields move (None where the documents
    promise nothing). After a `final` action the deployment may be out of sight.
    """

    done: Callable[[Mapping[str, object]], bool]
    fields: Mapping[str, tuple[object, str]]
    stores: str
    keeps: str
    only: str | None = None
    final: bool = False


OUTCOMES: Mapping[str, ActionEffect] = {
    "pause": ActionEffect(
        lambda read: read.get("status") == "paused",
        {"paused_reason.type": ("manual", "pause.reason-is-manual")},
        "pause.is-stored",
        "pause.refused-changes-nothing",
        "pause.changes-only-its-own-fields",
    ),
    "unpause": ActionEffect(
        lambda read: read.get("status") == "active",
        {"paused_reason": (None, "unpause.clears-reason"), "archived_at": (None, "unpause.is-stored")},
        "unpause.is-stored",
        "unpause.refused-changes-nothing",
    ),
    "archive": ActionEffect(
        lambda read: read.get("archived_at") is not None,
        {},
        "archive.is-stored",
        "archive.refused-changes-nothing",
        final=True,
    ),
}


ALWAYS = (
    ("pause", "an array"),
    ("pause", "unknown fields"),
    ("pause", "fields of the deployment"),
    ("pause", "a deep nesting"),
    ("unpause", "not JSON"),
    ("unpause", "unknown fields"),
    ("archive", "not JSON"),
    ("archive", "unknown fields"),
)
"""What belongs to every run: an action and its body."""


@dataclass(frozen=True)
class OddBody:
    """An action, a body that it does not need, and the type that the body claims to have."""

    action: str
    body: str
    content_type: str

    def __post_init__(self) -> None:
        if self.action not in OUTCOMES or self.body not in BODIES or self.content_type not in TYPES:
            raise ValueError(f"unknown: {self!r:.120}")

    def __str__(self) -> str:
        return f"{self.action} with {self.body} as {self.content_type or 'nothing'}"


@search("property.odd-bodies", reads=together(reader(OddBody)))
def odd_bodies(api: Api) -> Searched:
    """Whatever body an action carries, it is carried out wholly or not at all."""
    from hypothesis import strategies as st

    def strategy() -> st.SearchStrategy[OddBody]:
        outcomes, odd = st.sampled_from([*OUTCOMES]), st.sampled_from([*BODIES])
        return st.builds(OddBody, outcomes, odd, st.sampled_from(TYPES))

    first = [OddBody(*one, TYPES[0]) for one in ALWAYS]
    reach = api.target.settings.reach
    archives = reach.archives - sum(one.action == "archive" for one in first)
    ground = ReusedDeployment(api)
    try:
        return explore(
            api,
            strategy,
            lambda odd: _act_on_each(api, ground, odd),
            first=[first],
            background=ground.background,
            grouped=lambda drawn: [_with_few_archives(drawn, archives)],
            count=max(1, (reach.examples - len(first)) // REQUESTS),
        )
    finally:
        ground.leave()


def _with_few_archives(drawn: Sequence[OddBody], most: int) -> Sequence[OddBody]:
    """Return bodies of which at most so many end a deployment."""
    archives = [one for one in drawn if one.action == "archive"]
    return [one for one in drawn if one not in archives[max(0, most) :]]


class ReusedDeployment:
    """The deployment that is paused and unpaused again and again, until it is archived or found odd.

    `background` are the exchanges that a story of the next example begins with.
    """

    def __init__(self, api: Api) -> None:
        self.background: list[Exchange] = []
        self._api = api
        self._kept: Kept | None = None

    @property
    def kept(self) -> Kept:
        """The deployment, taken when it is first needed."""
        if self._kept is None:
            self._kept = Kept.acquire(self._api)
        return self._kept

    def before(self) -> Exchange:
        """Return how the deployment was read last; what is judged next begins there."""
        shown = self.kept.before()
        self.background[:] = self.kept.background
        return self.kept.show(shown)

    def ready(self, action: str) -> Exchange:
        """Return a read of the deployment in a state in which an action can be carried out."""
        status = field(self.before().json, "status")
        if action == "unpause" and status == "active":
            self._api.pause(self.kept.id, label="pause it first")
        elif action != "unpause" and status == "paused":
            self._api.unpause(self.kept.id, label="unpause it first")
        else:
            return self.before()
        self.kept.after("read before")
        return self.before()

    def give_up(self) -> None:
        """Archive the deployment; the next example gets another."""
        if self._kept:
            self._kept.put_away()
        self._kept = None

    def leave(self) -> None:
        """Let other searches go on with the deployment, if it is there and as it should be."""
        if self._kept:
            self._kept.leave()


def _act_on_each(api: Api, ground: ReusedDeployment, odd: Sequence[OddBody]) -> None:
    """Carry out actions with odd bodies, each when the deployment is ready for it; archives come last."""
    left = sorted(odd, key=lambda one: one.action == "archive")
    while left:
        wanted = "unpause" if field(ground.before().json, "status") == "paused" else "pause"
        now = next((one for one in left if one.action == wanted), left[0])
        left.remove(now)
        _act(api, ground, now)


def _act(api: Api, ground: ReusedDeployment, odd: OddBody) -> None:
    before, since = ground.ready(odd.action), api.target.next_number()
    act = {"pause": api.pause, "unpause": api.unpause, "archive": api.archive}[odd.action]
    headers = {"content-type": odd.content_type}
    whole = False
    try:
        exchange = act(ground.kept.id, label=str(odd), content=BODIES[odd.body], headers=headers, probe=True)
        read = _judge(api, ground.kept.id, odd, since, before, exchange)
        whole = odd.action != "archive" or not exchange.succeeded
        ground.kept.show(read)
    finally:
        if not whole:  # nobody knows what it is like now
            ground.give_up()


def _judge(api: Api, made: str, odd: OddBody, since: int, before: Exchange, exchange: Exchange) -> Exchange:  # noqa: PLR0917 (what is judged, and of what)
    """Expect the full state after a success, the state before after a refusal, else either of both.

    Return the read that shows it.
    """
    outcome = OUTCOMES[odd.action]
    done = exchange.succeeded
    read = api.get_until(made, outcome.done) if done else api.get(made, label="read after")
    if done and outcome.final and read.status == HTTPStatus.NOT_FOUND:
        return read  # that an archived deployment can be read is a weaker promise (N129)
    refused = exchange.status in REFUSED
    if done or (not refused and outcome.done(expect_success(read))):
        with upholding(outcome.stores, odd, since):
            if not outcome.done(expect_success(read)):
                shown = "archived_at" if outcome.final else "status"
                raise broken(
                    "the action to be carried out, as its answer says", read.summary(), read, at=shown
                )
        for path, (wanted, promise) in outcome.fields.items():
            with upholding(promise, odd, since):
                expect_field(read, path, wanted)
        with upholding(outcome.only or outcome.stores, odd, since):
            if outcome.only:
                expect_unchanged(before, read, but=("status", "paused_reason", "updated_at"))
    else:
        with upholding(outcome.keeps, odd, since):
            expect_unchanged(before, read)
    return read
