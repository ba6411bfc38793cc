"""Whether some order of the requests of a race explains their answers and what came of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import permutations
from typing import Any

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.contract.judgement import error_type
from conformance.contract.lifecycle import (
    Contradiction,
    DeploymentState,
    Model,
    Operation,
    adopt,
    contradictions,
    deniable,
    model_of,
)


@dataclass(frozen=True)
class Round:
    """One race: the state before, what was sent at once, and the answers in the same order."""

    before: DeploymentState
    operations: Sequence[Operation]
    answers: Sequence[Exchange]


def model_for(api: Api) -> Model:
    """Return the model of the target's vendor, which leaves open what the user accepts."""
    return model_of(api.target.profile, api.target.settings.open_promises)


def denied(
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
    for order, state in endings(model, race):
        wrong = denied(model, state, race.operations, document)
        if not wrong:
            return _renamed_again(model, race, document)
        names = ", then ".join(race.operations[place].verb for place in order)
        nearest = f"in the order {names}: {wrong[0].field} should be {wrong[0].expected}, is {wrong[0].got}"
    return nearest


def _renamed_again(model: Model, race: Round, document: Mapping[str, Any]) -> str:
    """Return why no order explains a name, or an empty string: one archive alone appends its suffix.

    In an order in which an update comes last its name may be anything; each archive but one was refused.
    """
    forgiven = any(deniable(operation, "name") & model.accepted for operation in race.operations)
    if not model.renames or forgiven:
        return ""
    sent = (operation.changes.get("name") for operation in race.operations)
    names = filter(None, (race.before.fields.get("name"), *sent))
    again = "|".join(re.escape(str(name)) + r"(?:_archived_\d+){2,}" for name in names)
    got = str(document.get("name"))
    return f"the name has the suffix of an archive twice: {got}" if re.fullmatch(again, got) else ""


def endings(model: Model, race: Round) -> Iterator[tuple[Sequence[int], DeploymentState]]:
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
        outcomes = states_after(model, states, race.operations[place], exchange)
        states = outcomes or (states if place != first and _yielded(exchange) else [])
    return states


def states_after(
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


def reached(model: Model, race: Round, document: Mapping[str, Any]) -> DeploymentState:
    """Return the state in which the operations of an explained race ended."""
    explained = (
        state for _, state in endings(model, race) if not denied(model, state, race.operations, document)
    )
    state = next(explained)
    return adopt(state, document) if contradictions(state, document) else state
