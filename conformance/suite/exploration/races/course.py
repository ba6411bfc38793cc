"""A race round after round on one deployment: what is sent at once, and what it broke."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from conformance.client.api import Api
from conformance.client.exchange import Exchange, timeline
from conformance.client.ownership.pool import Fits
from conformance.client.target import OutgoingRequest
from conformance.contract.comparing import shorten
from conformance.contract.judgement import answered, expect_object
from conformance.contract.lifecycle import (
    PAUSED,
    DeploymentState,
    Model,
    Operation,
    Verb,
    created,
    learn,
)
from conformance.contract.timeline import Remark, ShownExchange, Timeline
from conformance.contract.verdict import Blame, Finding, NotJudgedError
from conformance.suite.exploration.kept_deployment import Kept
from conformance.suite.exploration.races.orders import (
    Round,
    denied,
    explanation,
    model_for,
    reached,
    states_after,
)
from conformance.suite.exploration.registry import replays

ORDERED = "pause.races-have-an-order"
ONE_WINS = "pause.one-of-many-wins"
KEPT = ("name", "description", "environment_id", "schedule", "metadata")
"""The fields that a race must leave as they were, or as it makes them; servers may complete the others."""
PAUSE, UNPAUSE, ARCHIVE = Operation(Verb.PAUSE), Operation(Verb.UNPAUSE), Operation(Verb.ARCHIVE)
Operations = Callable[[int], Sequence[Operation]]
"""Returns what is sent at once in the round of a number."""


@dataclass(frozen=True)
class Arena:
    """A deployment to race on, and its state."""

    kept: Kept
    state: DeploymentState


def _archived(race: Round) -> bool:
    """Tell whether an archive was among the operations and was accepted."""
    pairs = zip(race.operations, race.answers, strict=True)
    return any(operation is ARCHIVE and exchange.succeeded for operation, exchange in pairs)


def case_of(verbs: Sequence[str]) -> str:
    """Return the order in which the operations of a race were sent, for a replay."""
    return json.dumps({"operations": verbs})


def _sorted(operations: Sequence[Operation], order: Sequence[str]) -> Sequence[Operation]:
    """Return operations in the order of their verbs that was saved."""
    left = list(operations)
    return [left.pop(next(n for n, one in enumerate(left) if one.verb == verb)) for verb in order]


class Course:
    """Runs a race round after round, on one deployment as long as it lives and its state is known.

    What is created stays in the account for ever, and a state that many rounds led to is one more.
    """

    def __init__(self, api: Api, operations: Operations, *, paused: bool, fits: Fits) -> None:
        self._api, self._operations, self._paused, self._fits = api, operations, paused, fits
        self._model = model_for(api)
        self._replayed = replays(api)
        self._arena: Arena | None = None

    def run(self, number: int) -> Finding | None:
        """Run one round; return what it broke."""
        began = self._api.target.next_number()
        arena = self._arena or _enter(self._api, self._fits)
        arena = _prepare(self._api, self._model, arena, paused=self._paused)
        self._arena = None  # until its state is known again
        race, read = _run_once(self._api, self._model, arena, self._sent(number))
        document = answered(read).json
        if read.status == HTTPStatus.NOT_FOUND and _archived(race):
            return None  # what came of it is out of sight: that archived ones are found is a SHOULD (N129)
        shown = document if isinstance(document, dict) else {}
        why = explanation(self._model, race, shown) if shown else "the read was no object"
        if why:
            arena.kept.put_away()
            return _finding(self._api, race, read, why, began)
        state = reached(self._model, race, shown)
        if state.archived:
            self._api.creations.archived(arena.kept.id)
        else:
            arena.kept.show(read)
            self._arena = replace(arena, state=state)
        return None

    def _sent(self, number: int) -> Sequence[Operation]:
        """Return the operations of a round in the order in which they are sent."""
        sent = self._operations(number)
        if self._replayed:
            return _sorted(sent, self._replayed[number % len(self._replayed)])
        first = number % len(sent)  # what is sent first tends to arrive first
        return [*sent[first:], *sent[:first]]

    def close(self) -> None:
        """Let other searches go on with the deployment that the last round left."""
        if self._arena:
            self._arena.kept.leave()


def need_it_in_turn(api: Api, operations: Sequence[Operation], fits: Fits, *, paused: bool) -> None:
    """Raise NotJudgedError when one request after another is not answered as documented either.

    That breaks another promise, and says nothing of requests that arrive together.
    """
    model = model_for(api)
    arena = _prepare(api, model, _enter(api, fits), paused=paused)
    made, states = arena.kept, [arena.state]
    for operation in operations:
        exchange = answered(api.volley([_request(api, made.id, operation)])[0])
        states = states_after(model, states, operation, exchange)
        if not states:
            why = f"alone too, {exchange.label} is answered {exchange.summary()}"
            raise NotJudgedError(Blame.PRECONDITION, why)

    def explained(document: Mapping[str, Any]) -> bool:
        return any(not denied(model, state, operations, document) for state in states)

    read = answered(api.get_until(made.id, explained))
    made.put_away()
    if not (isinstance(read.json, dict) and explained(read.json)):
        raise NotJudgedError(Blame.PRECONDITION, f"one after another they end as wrongly: {read.summary()}")


def _enter(api: Api, fits: Fits) -> Arena:
    """Take a deployment to race on, in the state that it shows."""
    kept = Kept.acquire(api, fits)
    shown = expect_object(kept.before())
    state = learn(created({}), {name: shown[name] for name in KEPT if name in shown})
    return Arena(kept, replace(state, status=str(shown.get("status"))))


def _prepare(api: Api, model: Model, arena: Arena, *, paused: bool) -> Arena:
    """Pause or unpause a deployment if it has to be; return it as it then is."""
    if paused == (arena.state.status == PAUSED):
        return arena
    operation, act = (PAUSE, api.pause) if paused else (UNPAUSE, api.unpause)
    answered(act(arena.kept.id))
    return replace(arena, state=model.step(arena.state, operation)[0].then)


def _run_once(
    api: Api, model: Model, arena: Arena, operations: Sequence[Operation]
) -> tuple[Round, Exchange]:
    """Send operations at once; return them and the read that shows what came of them."""
    answers = api.volley([_request(api, arena.kept.id, operation) for operation in operations])
    for exchange in answers:
        answered(exchange)
    race = Round(arena.state, operations, answers)
    return race, api.get_until(arena.kept.id, lambda document: not explanation(model, race, document))


def _request(api: Api, deployment_id: str, operation: Operation) -> OutgoingRequest:
    route = api.target.routes.deployment
    if operation.verb is Verb.UPDATE:
        return api.request("POST", route(deployment_id), label="update", body=dict(operation.changes))
    return api.request("POST", route(deployment_id, operation.verb), label=str(operation.verb))


def _finding(api: Api, race: Round, read: Exchange, why: str, first: int) -> Finding:
    only_pauses = all(operation is PAUSE for operation in race.operations)
    winners = sum(exchange.succeeded for exchange in race.answers)
    exchanges = [e for e in api.target.exchanges(api.story) if first <= e.number <= read.number]
    story = story_of(exchanges, race.answers, why)
    replay = case_of([operation.verb for operation in race.operations])
    if only_pauses and winners != 1:
        return Finding(ONE_WINS, "one pause of several to answer 200", f"{winners} did", story, replay)
    got = ", ".join(f"{op.verb} → {e.summary()}" for op, e in zip(race.operations, race.answers, strict=True))
    return Finding(
        ORDERED, "answers and state that some order explains", shorten(f"{got}; {why}"), story, replay
    )


def story_of(exchanges: Sequence[Exchange], burst: Sequence[Exchange], why: str = "") -> Timeline:
    """Return the exchanges of a round; those of the burst are the culprits, and `why` says what is wrong."""
    numbers = [exchange.number for exchange in burst]
    shown = (
        replace(entry, together=entry.number in numbers) if isinstance(entry, ShownExchange) else entry
        for entry in timeline(exchanges, numbers)
    )
    return (*([Remark(f"{why}\n")] if why else []), *shown)
