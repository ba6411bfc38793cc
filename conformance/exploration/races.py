"""Races: requests that arrive together, and whether some order of them explains what came of it.

The documents say nothing of simultaneous requests; that they have an order is implied, so everything here is
at SHOULD level. A race that is not provoked proves nothing: it passes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from conformance.contract.judgement import answered, error_type, shorten
from conformance.contract.lifecycle import Deployment, Model, Operation, Verb, contradictions, created
from conformance.contract.verdict import Blame, Finding, NotJudgedError
from conformance.exploration.registry import Searched, search
from conformance.stories.values import yearly
from conformance.target.api import Api, Created
from conformance.target.creations import created_id, items
from conformance.target.exchange import Exchange, timeline
from conformance.target.target import Request

ORDERED = "pause.races-have-an-order"
ONE_WINS = "pause.one-of-many-wins"
LANE = 40
SPARE_ROUNDS = 3
NOT_FOUND, CONFLICT = 404, 409
PAUSE, UNPAUSE, ARCHIVE = Operation(Verb.PAUSE), Operation(Verb.UNPAUSE), Operation(Verb.ARCHIVE)


@dataclass(frozen=True)
class Round:
    """One race: the state before, what was sent at once, the answers in the same order, and the last read."""

    before: Deployment
    operations: Sequence[Operation]
    answers: Sequence[Exchange]
    read: Exchange


def explanation(model: Model, race: Round, document: Mapping[str, Any]) -> str:
    """Return why no order of the operations explains a race, or an empty string when one does.

    `document` is the deployment as it reads afterwards. The answers' bodies are not looked at: a target may
    render them after another request was carried out.
    """
    nearest = "no order allows these answers"
    for order in permutations(range(len(race.operations))):
        for state in _states(model, race, order):
            denied = contradictions(state, document)
            if not denied:
                return ""
            names = ", then ".join(race.operations[place].verb for place in order)
            nearest = (
                f"in the order {names}: {denied[0].field} should be {denied[0].expected}, is {denied[0].got}"
            )
    return nearest


def _states(model: Model, race: Round, order: Sequence[int]) -> list[Deployment]:
    """Return the states in which the operations may end in this order, given their answers."""
    states = [race.before]
    for place in order:
        exchange = race.answers[place]
        outcomes = _after(model, states, race.operations[place], exchange)
        states = outcomes or (states if _yielded(race, exchange) else [])
    return states


def _after(
    model: Model, states: Sequence[Deployment], operation: Operation, exchange: Exchange
) -> list[Deployment]:
    """Return the states that may follow one of `states` when an operation is answered so."""
    return [
        outcome.then
        for state in states
        for outcome in model.step(state, operation)
        if outcome.answer.allows(exchange.status, error_type(exchange))
    ]


def _yielded(race: Round, exchange: Exchange) -> bool:
    """Tell whether an operation was refused for another that won: a conflict of states is a 409 (facts, 1.3).

    Stores that detect lost updates answer so, whatever the states before and after.
    """
    refused = exchange.status == CONFLICT and error_type(exchange) in (None, "conflict_error")
    return refused and any(other.succeeded for other in race.answers)


def _archived(race: Round) -> bool:
    """Tell whether an archive was among the operations and was accepted."""
    pairs = zip(race.operations, race.answers, strict=True)
    return any(operation is ARCHIVE and exchange.succeeded for operation, exchange in pairs)


@search("race.pauses")
def pauses(api: Api) -> Searched:
    """Four pauses of one active deployment."""
    return _race(api, [PAUSE] * 4)


@search("race.pause-and-unpause")
def pause_and_unpause(api: Api) -> Searched:
    """A pause and an unpause of one paused deployment."""
    return _race(api, [PAUSE, UNPAUSE], paused=True)


@search("race.unpauses")
def unpauses(api: Api) -> Searched:
    """Three unpauses of one paused deployment."""
    return _race(api, [UNPAUSE] * 3, paused=True)


@search("race.pause-and-archive")
def pause_and_archive(api: Api) -> Searched:
    """A pause and an archive of one active deployment."""
    return _race(api, [PAUSE, ARCHIVE])


@search("race.pause-and-update")
def pause_and_update(api: Api) -> Searched:
    """A pause and an update of one active deployment."""
    return _race(api, [PAUSE, Operation(Verb.UPDATE, {"description": "Changed while it was paused."})])


@search("race.archives")
def archives(api: Api) -> Searched:
    """Two archives of one active deployment, and an update."""
    return _race(api, [ARCHIVE, ARCHIVE, Operation(Verb.UPDATE, {"name": api.body()["name"]})])


@search("race.updates")
def updates(api: Api) -> Searched:
    """Three updates of one deployment: of its description, and of two metadata keys."""
    changes = (
        {"description": "Changed beside another change."},
        {"metadata": {"changed": "beside"}},
        {"metadata": {"another": "beside"}},
    )
    return _race(api, [Operation(Verb.UPDATE, change) for change in changes])


@search("race.creations")
def creations(api: Api) -> Searched:
    """Two creations with one idempotency key."""
    return _repeat(api, lambda number: _create_together(api, number))


def rounds(api: Api) -> int:
    """Return how often a race is run: ten times with the default of 25 examples."""
    return max(1, api.target.settings.examples * 2 // 5)


def _repeat(api: Api, run: Callable[[int], Finding | None]) -> Searched:
    """Run a race until it breaks something, as often as the options say.

    A round whose answers cannot be judged, such as one that the gateway throttled, says nothing: a few are
    run again. Raises NotJudgedError when every round was like that, and when the run itself may not go on.
    """
    spoiled: list[NotJudgedError] = []
    told = 0
    for number in range(rounds(api) + SPARE_ROUNDS):
        if number - len(spoiled) >= rounds(api):
            break
        try:
            finding = run(number)
        except NotJudgedError as error:
            if error.blame is Blame.HARNESS:
                raise
            spoiled.append(error)
            continue
        told += 1
        if finding:
            return Searched((finding,), told)
    if not told:
        raise spoiled[0]
    return Searched((), told)


def _race(api: Api, operations: Sequence[Operation], *, paused: bool = False) -> Searched:
    def run(number: int) -> Finding | None:
        first = number % len(operations)  # what is sent first tends to arrive first
        return _run_once(api, [*operations[first:], *operations[:first]], paused=paused)

    searched = _repeat(api, run)
    if searched.findings:
        for order in {repr(order): order for order in permutations(operations)}.values():
            _need_it_in_turn(api, order, paused=paused)
    return searched


def _need_it_in_turn(api: Api, operations: Sequence[Operation], *, paused: bool) -> None:
    """Raise NotJudgedError when one request after another is not answered as documented either.

    That breaks another promise, and says nothing of requests that arrive together.
    """
    model = Model(api.target.profile.refusals)
    made, before = _ready(api, model, paused=paused)
    states = [before]
    for operation in operations:
        exchange = answered(api.volley([_request(api, made.id, operation)])[0])
        states = _after(model, states, operation, exchange)
        if not states:
            why = f"alone too, {exchange.label} is answered {exchange.summary()}"
            raise NotJudgedError(Blame.PRECONDITION, why)

    def explained(document: Mapping[str, Any]) -> bool:
        return any(not contradictions(state, document) for state in states)

    read = answered(api.get_until(made.id, explained))
    api.archive(made.id, label="archive after requests in turn")
    if not (isinstance(read.json, dict) and explained(read.json)):
        raise NotJudgedError(Blame.PRECONDITION, f"one after another they end as wrongly: {read.summary()}")


def _ready(api: Api, model: Model, *, paused: bool) -> tuple[Created, Deployment]:
    """Create a deployment, pause it if it has to be; return it and its state."""
    body = api.body(schedule=yearly())
    made = api.create_deployment(**body)
    before = created({**body, "initial_events": []}).forgetting("initial_events")
    if not paused:
        return made, before
    answered(api.pause(made.id))
    return made, model.step(before, PAUSE)[0].then


def _run_once(api: Api, operations: Sequence[Operation], *, paused: bool) -> Finding | None:
    model = Model(api.target.profile.refusals)
    made, before = _ready(api, model, paused=paused)
    answers = api.volley([_request(api, made.id, operation) for operation in operations])
    for exchange in answers:
        answered(exchange)
    race = Round(before, operations, answers, answers[0])
    read = api.get_until(made.id, lambda document: not explanation(model, race, document))
    document = answered(read).json
    if read.status == NOT_FOUND and _archived(race):
        return None  # what came of it is out of sight: that archived ones are found is a SHOULD (N129)
    why = explanation(model, race, document) if isinstance(document, dict) else "the read was no object"
    api.archive(made.id, label="archive after the race")
    return _finding(api, race, read, why, made.exchange.number) if why else None


def _request(api: Api, deployment_id: str, operation: Operation) -> Request:
    path = f"/deployments/{deployment_id}"
    if operation.verb is Verb.UPDATE:
        return api.request("POST", path, label="update", body=dict(operation.changes))
    return api.request("POST", f"{path}/{operation.verb}", label=str(operation.verb))


def _finding(api: Api, race: Round, read: Exchange, why: str, first: int) -> Finding:
    only_pauses = all(operation is PAUSE for operation in race.operations)
    winners = sum(exchange.succeeded for exchange in race.answers)
    exchanges = [e for e in api.target.exchanges(api.story) if first <= e.number <= read.number]
    story = f"{lanes(race.answers)}\n{why}\n\n{timeline(exchanges, [e.number for e in race.answers])}"
    replay = json.dumps({"operations": [operation.verb for operation in race.operations]})
    if only_pauses and winners != 1:
        return Finding(ONE_WINS, "one pause of several to answer 200", f"{winners} did", story, replay)
    got = ", ".join(f"{op.verb} → {e.summary()}" for op, e in zip(race.operations, race.answers, strict=True))
    return Finding(
        ORDERED, "answers and state that some order explains", shorten(f"{got}; {why}"), story, replay
    )


def lanes(answers: Sequence[Exchange]) -> str:
    """Draw who was sent when and answered when: a lane for each request, released together at the left."""
    longest = max(exchange.seconds for exchange in answers) or 1.0
    return "\n".join(
        f"  {exchange.label:<10} |{'-' * round(LANE * exchange.seconds / longest):<{LANE}}> "
        f"{exchange.seconds * 1000:7.2f} ms  {exchange.summary()}"
        for exchange in answers
    )


def _create_together(api: Api, number: int) -> Finding | None:
    body = api.body()
    key = f"{api.target.run_id}-{number}"
    marks = [api.creations.announce(body) for _ in range(2)]
    request = api.request("POST", "/deployments", label="create", body=body, headers={"idempotency-key": key})
    answers = api.volley([request, request])
    for mark, exchange in zip(marks, answers, strict=True):
        api.creations.settle(mark, exchange)
    made = {created_id(answered(exchange)) for exchange in answers} - {None}
    listed = api.list({"limit": 100}, label="look for what both made")
    made |= {str(item.get("id")) for item in items(listed) if item.get("description") == body["description"]}
    for deployment_id in sorted(filter(None, made)):
        api.archive(deployment_id, label="archive after the race")
    if len(made) <= 1:
        return None
    story = f"{lanes(answers)}\n\n{timeline([*answers, listed], [e.number for e in answers])}"
    got = f"{len(made)} deployments: {', '.join(sorted(filter(None, made)))}"
    replay = json.dumps({"operations": ["create", "create"]})
    return Finding(
        "idempotency.create-is-replayed", "one deployment of two creations with one key", got, story, replay
    )
