"""Races: requests that arrive together, and whether some order of them explains what came of it.

The documents say nothing of simultaneous requests; that they have an order is implied, so everything here is
at SHOULD level. A race that is not provoked proves nothing: it passes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import permutations
from typing import Any

from conformance.client.api import Api, Created
from conformance.client.exchange import Exchange, timeline
from conformance.client.ownership.creations import created_id, items
from conformance.client.ownership.pool import Fits
from conformance.client.target import OutgoingRequest
from conformance.contract.judgement import answered, error_type, expect_object, shorten
from conformance.contract.lifecycle import (
    PAUSED,
    Contradiction,
    DeploymentState,
    Model,
    Operation,
    Verb,
    adopt,
    contradictions,
    created,
    deniable,
    learn,
    model_of,
)
from conformance.contract.timeline import Remark, ShownExchange, Timeline
from conformance.contract.verdict import Blame, Finding, NotJudgedError
from conformance.suite.exploration.allowance import check_room
from conformance.suite.exploration.kept_deployment import Kept, can_be_renamed, has_room
from conformance.suite.exploration.registry import CaseReader, Searched, replays, search
from conformance.suite.shared.values import yearly

ORDERED = "pause.races-have-an-order"
ONE_WINS = "pause.one-of-many-wins"
LANE = 40
KEPT = ("name", "description", "environment_id", "schedule", "metadata")
"""The fields that a race must leave as they were, or as it makes them; servers may complete the others."""
SPARE_ROUNDS = 3
PAUSE, UNPAUSE, ARCHIVE = Operation(Verb.PAUSE), Operation(Verb.UNPAUSE), Operation(Verb.ARCHIVE)


Operations = Callable[[int], Sequence[Operation]]
"""Returns what is sent at once in the round of a number."""


@dataclass(frozen=True)
class Arena:
    """A deployment to race on, and its state."""

    kept: Kept
    state: DeploymentState


@dataclass(frozen=True)
class Round:
    """One race: the state before, what was sent at once, and the answers in the same order."""

    before: DeploymentState
    operations: Sequence[Operation]
    answers: Sequence[Exchange]


def _model(api: Api) -> Model:
    """Return the model of the target's vendor, which leaves open what the user accepts."""
    return model_of(api.target.profile, api.target.settings.open_promises)


def _denied(
    model: Model, state: DeploymentState, operations: Sequence[Operation], document: Mapping[str, Any]
) -> list[Contradiction]:
    """Return what contradicts a state, but for what may be the work of a deviation that is accepted."""
    return [
        found
        for found in contradictions(state, document)
        if not any(deniable(operation, found.field) & model.accepted for operation in operations)
    ]


def explanation(model: Model, race: Round, document: Mapping[str, Any]) -> str:
    """Return why no order of the operations explains a race, or an empty string when one does.

    `document` is the deployment as it reads afterwards. The answers' bodies are not looked at: a target may
    render them after another request was carried out.
    """
    nearest = "no order allows these answers"
    for order, state in _endings(model, race):
        denied = _denied(model, state, race.operations, document)
        if not denied:
            return ""
        names = ", then ".join(race.operations[place].verb for place in order)
        nearest = (
            f"in the order {names}: {denied[0].field} should be {denied[0].expected}, is {denied[0].got}"
        )
    return nearest


def _endings(model: Model, race: Round) -> Iterator[tuple[Sequence[int], DeploymentState]]:
    """Yield the orders that the answers allow, each with a state in which the operations may end in it."""
    for order in permutations(range(len(race.operations))):
        for state in _states(model, race, order):
            yield order, state


def _states(model: Model, race: Round, order: Sequence[int]) -> list[DeploymentState]:
    """Return the states in which the operations may end in this order, given their answers.

    One that is answered as if it were alone comes first: to it the others may have yielded.
    """
    states, first = [race.before], order[0]
    for place in order:
        exchange = race.answers[place]
        outcomes = _after(model, states, race.operations[place], exchange)
        states = outcomes or (states if place != first and _yielded(exchange) else [])
    return states


def _after(
    model: Model, states: Sequence[DeploymentState], operation: Operation, exchange: Exchange
) -> list[DeploymentState]:
    """Return the states that may follow one of `states` when an operation is answered so."""
    return [
        outcome.then
        for state in states
        for outcome in model.step(state, operation)
        if outcome.answer.allows(exchange.status, error_type(exchange))
    ]


def _yielded(exchange: Exchange) -> bool:
    """Tell whether an operation was refused for one that came first: that is a 409 (facts, 1.3).

    Stores that detect lost updates answer so whatever the states before and after, and those that lock what
    is being changed even where the one that came first is refused in its turn.
    """
    return exchange.status == HTTPStatus.CONFLICT and error_type(exchange) in (None, "conflict_error")


def _archived(race: Round) -> bool:
    """Tell whether an archive was among the operations and was accepted."""
    pairs = zip(race.operations, race.answers, strict=True)
    return any(operation is ARCHIVE and exchange.succeeded for operation, exchange in pairs)


def _order_of(verbs: Sequence[str]) -> CaseReader:
    """Return a function that reads in which order the operations of a race were sent, as `_case` wrote it."""

    def read(data: object) -> Sequence[str]:
        order = data.get("operations") if isinstance(data, dict) else None
        if not isinstance(order, list) or sorted(map(str, order)) != sorted(verbs):
            raise ValueError(f"expected as operations, in any order: {', '.join(verbs)}")
        return tuple(order)

    return read


def _case(verbs: Sequence[str]) -> str:
    return json.dumps({"operations": verbs})


@search("race.pauses", reads=_order_of(["pause"] * 4))
def pauses(api: Api) -> Searched:
    """Four pauses of one active deployment."""
    return _race(api, lambda _: [PAUSE] * 4)


@search("race.pause-and-unpause", reads=_order_of(["pause", "unpause"]))
def pause_and_unpause(api: Api) -> Searched:
    """A pause and an unpause of one paused deployment."""
    return _race(api, lambda _: [PAUSE, UNPAUSE], paused=True)


@search("race.unpauses", reads=_order_of(["unpause", "unpause", "update"]))
def unpauses(api: Api) -> Searched:
    """Two unpauses of one paused deployment, and an update."""

    def operations(number: int) -> Sequence[Operation]:
        return UNPAUSE, UNPAUSE, _rewriting("unpaused", number)

    return _race(api, operations, paused=True)


@search("race.pause-and-archive", reads=_order_of(["pause", "unpause", "archive"]))
def pause_and_archive(api: Api) -> Searched:
    """A pause, an unpause and an archive of one active deployment."""
    return _race(api, lambda _: [PAUSE, UNPAUSE, ARCHIVE], final=True)


@search("race.pause-and-update", reads=_order_of(["pause", "update"]))
def pause_and_update(api: Api) -> Searched:
    """A pause and an update of one active deployment."""

    def operations(number: int) -> Sequence[Operation]:
        return PAUSE, _rewriting("paused", number)

    return _race(api, operations)


def _rewriting(meanwhile: str, number: int) -> Operation:
    """Return an update of all that a writer beside it may keep of the deployment that it has read."""
    changes = {
        "description": f"Changed while it was {meanwhile}, round {number}.",
        "metadata": {"changed": f"while {meanwhile}, round {number}"},
        "schedule": yearly(minute=number),
    }
    return Operation(Verb.UPDATE, changes)


@search("race.archives", reads=_order_of(["archive", "archive", "update"]))
def archives(api: Api) -> Searched:
    """Two archives of one active deployment, and an update."""

    def operations(_: int) -> Sequence[Operation]:
        return Operation(Verb.UPDATE, {"name": api.body()["name"]}), ARCHIVE, ARCHIVE

    return _race(api, operations, final=True)


@search("race.updates", reads=_order_of(["update"] * 3))
def updates(api: Api) -> Searched:
    """Three updates of one deployment: of its description, and of two metadata keys."""

    def operations(number: int) -> Sequence[Operation]:
        changes = (
            {"description": f"Changed beside another change, round {number}."},
            {"metadata": {"changed": f"in round {number}"}},
            {"metadata": {"another": f"in round {number}"}},
        )
        return [Operation(Verb.UPDATE, change) for change in changes]

    return _race(api, operations)


@search("race.creations", reads=_order_of(["create", "create"]))
def creations(api: Api) -> Searched:
    """Two creations with one idempotency key."""
    return _repeat(api, lambda number: _create_together(api, number), final=True)


def _repeat(api: Api, run: Callable[[int], Finding | None], *, final: bool) -> Searched:
    """Run a race until it breaks something, as often as the footprint says; a `final` one costs more.

    A round whose answers cannot be judged, such as one that the gateway throttled, says nothing: a few are
    run again. Raises NotJudgedError when every round was like that, and when the run itself may not go on.
    """
    accepted: dict[str, Finding] = {}
    spoiled: list[NotJudgedError] = []
    judged = 0
    reach = api.target.settings.reach
    most = reach.final_rounds if final else reach.rounds
    for number in range(most + SPARE_ROUNDS):
        if number - len(spoiled) >= most:
            break
        try:
            check_room(api)
            finding = run(number)
        except NotJudgedError as error:
            if error.blame is Blame.HARNESS:
                raise
            spoiled.append(error)
            continue
        judged += 1
        if finding and finding.requirement not in api.target.settings.open_promises:
            return Searched((finding, *accepted.values()), judged)
        if finding:
            accepted.setdefault(finding.requirement, finding)
    if not judged:
        raise spoiled[0]
    return Searched(tuple(accepted.values()), judged)


def _race(api: Api, operations: Operations, *, paused: bool = False, final: bool = False) -> Searched:
    fits = can_be_renamed if final else has_room
    course = _Course(api, operations, paused=paused, fits=fits)
    try:
        searched = _repeat(api, course.run, final=final)
    finally:
        course.close()
    if any(finding.requirement not in api.target.settings.open_promises for finding in searched.findings):
        for order in {repr(order): order for order in permutations(operations(0))}.values():
            _need_it_in_turn(api, order, fits, paused=paused)
    return searched


def _sorted(operations: Sequence[Operation], order: Sequence[str]) -> Sequence[Operation]:
    """Return operations in the order of their verbs that was saved."""
    left = list(operations)
    return [left.pop(next(n for n, one in enumerate(left) if one.verb == verb)) for verb in order]


class _Course:
    """Runs a race round after round, on one deployment as long as it lives and its state is known.

    What is created stays in the account for ever, and a state that many rounds led to is one more.
    """

    def __init__(self, api: Api, operations: Operations, *, paused: bool, fits: Fits) -> None:
        self._api, self._operations, self._paused, self._fits = api, operations, paused, fits
        self._model = _model(api)
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
        state = _reached(self._model, race, shown)
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


def _reached(model: Model, race: Round, document: Mapping[str, Any]) -> DeploymentState:
    """Return the state in which the operations of an explained race ended."""
    explained = (
        state for _, state in _endings(model, race) if not _denied(model, state, race.operations, document)
    )
    state = next(explained)
    return adopt(state, document) if contradictions(state, document) else state


def _need_it_in_turn(api: Api, operations: Sequence[Operation], fits: Fits, *, paused: bool) -> None:
    """Raise NotJudgedError when one request after another is not answered as documented either.

    That breaks another promise, and says nothing of requests that arrive together.
    """
    model = _model(api)
    arena = _prepare(api, model, _enter(api, fits), paused=paused)
    made, states = arena.kept, [arena.state]
    for operation in operations:
        exchange = answered(api.volley([_request(api, made.id, operation)])[0])
        states = _after(model, states, operation, exchange)
        if not states:
            why = f"alone too, {exchange.label} is answered {exchange.summary()}"
            raise NotJudgedError(Blame.PRECONDITION, why)

    def explained(document: Mapping[str, Any]) -> bool:
        return any(not _denied(model, state, operations, document) for state in states)

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
    path = f"/deployments/{deployment_id}"
    if operation.verb is Verb.UPDATE:
        return api.request("POST", path, label="update", body=dict(operation.changes))
    return api.request("POST", f"{path}/{operation.verb}", label=str(operation.verb))


def _finding(api: Api, race: Round, read: Exchange, why: str, first: int) -> Finding:
    only_pauses = all(operation is PAUSE for operation in race.operations)
    winners = sum(exchange.succeeded for exchange in race.answers)
    exchanges = [e for e in api.target.exchanges(api.story) if first <= e.number <= read.number]
    story = _story(exchanges, race.answers, why)
    replay = _case([operation.verb for operation in race.operations])
    if only_pauses and winners != 1:
        return Finding(ONE_WINS, "one pause of several to answer 200", f"{winners} did", story, replay)
    got = ", ".join(f"{op.verb} → {e.summary()}" for op, e in zip(race.operations, race.answers, strict=True))
    return Finding(
        ORDERED, "answers and state that some order explains", shorten(f"{got}; {why}"), story, replay
    )


def _story(exchanges: Sequence[Exchange], burst: Sequence[Exchange], why: str = "") -> Timeline:
    """Return the exchanges of a round; those of the burst are the culprits, and `why` says what is wrong."""
    numbers = [exchange.number for exchange in burst]
    shown = (
        replace(entry, together=entry.number in numbers) if isinstance(entry, ShownExchange) else entry
        for entry in timeline(exchanges, numbers)
    )
    return (*([Remark(f"{why}\n")] if why else []), *shown)


def _create_together(api: Api, number: int) -> Finding | None:
    body = api.body(schedule=yearly())
    answers = api.create_together(body, 2, headers={"idempotency-key": f"{api.target.run_id}-{number}"})
    made = {created_id(answered(exchange)) for exchange in answers} - {None}
    listed = api.list({"limit": 100}, label="look for what both made")
    made |= {str(item.get("id")) for item in items(listed) if item.get("description") == body["description"]}
    kept = [Kept(api, Created(one, str(body["name"]), answers[0])) for one in sorted(filter(None, made))]
    for one in kept:
        one.leave() if len(kept) == 1 else one.put_away()
    if len(made) <= 1:
        return None
    story = _story([*answers, listed], answers)
    got = f"{len(made)} deployments: {', '.join(sorted(filter(None, made)))}"
    replay = _case(["create", "create"])
    return Finding(
        "idempotency.create-is-replayed", "one deployment of two creations with one key", got, story, replay
    )
