"""Plays a plan against a target beside the lifecycle model, which predicts every answer and read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from conformance.client.answers import created_id
from conformance.client.api import Api
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field
from conformance.contract.judgement import (
    answered,
    broken,
    error_type,
    expect_field,
    expect_object,
    expect_success,
)
from conformance.contract.lifecycle import (
    ACTIVE,
    Contradiction,
    DeploymentState,
    Operation,
    Transition,
    Verb,
    adopt,
    contradictions,
    created,
    denied_by_answer,
    denied_by_read,
    learn,
    model_of,
)
from conformance.contract.schemas import parse_timestamp, timestamp_text
from conformance.suite.exploration.binding import binds
from conformance.suite.exploration.driver import FoundError, upholding
from conformance.suite.exploration.model.bodies import REQUIREMENT_OF, Body, Values
from conformance.suite.exploration.model.listing import Listed, expect_listed
from conformance.suite.exploration.model.plans import LETTERS, Action, Plan
from conformance.suite.exploration.model.sent import another_answer

ROOM = 8
"""How many keys of metadata a deployment may have to which another walk adds more."""


@dataclass
class Slot:
    """A deployment of a walk: what the model knows of it and what the target last showed.

    `before` is the state before the last accepted operation, `last` the last operation, `touched` the turn it
    was in; `others`: operations on other deployments were accepted since it was last seen.
    """

    letter: str
    id: str
    created: Exchange
    state: DeploymentState
    before: DeploymentState
    shown: Mapping[str, Any]
    last: Operation
    refused: bool = False
    others: bool = False
    touched: int = 0
    retired: bool = False


class Machine:
    """One walk: the deployments that it made, each beside its model.

    `body` makes create bodies with names that no other walk uses; `patience` is how many seconds a read may
    lag behind a write. A `careful` walk reads a deployment after each change and before each use after others
    changed: it takes more requests and knows better who changed what. What another walk `left` is taken
    before a deployment is made. A broken promise that the user accepts goes into `accepted`, and the walk
    goes on from what the target then shows.
    """

    def __init__(
        self, api: Api, body: Body, patience: float, *, careful: bool = False, left: Sequence[Slot] = ()
    ) -> None:
        self.api = api
        self.values = Values(body, api.known, api.target.shapes)
        self.model = model_of(api.target.profile)
        self.patience = patience
        self.careful = careful
        self.slots: dict[int, Slot] = {}
        self._left = [*left]
        self.turn = 0
        self.accepted: list[FoundError] = []

    def play(self, plan: Plan) -> None:
        """Do what a plan says, then read every deployment; raises FoundError and NotJudgedError."""
        for self.turn, action in enumerate(plan, start=1):
            with self._going_on(*self.slots if action.verb == "list" else [action.slot]):
                self._act(action)
        for number, slot in sorted(self.slots.items(), key=lambda pair: pair[1].touched):
            with self._going_on(number):
                self._read(slot)

    def leave(self) -> list[Slot]:
        """Return what another walk can go on with, of all that this one had; put the rest away."""
        usable = [slot for slot in self.slots.values() if _is_usable(slot)]
        self._put_away(slot for slot in self.slots.values() if slot not in usable)
        return [*self._left, *usable]

    def put_away(self) -> None:
        """Archive what the walk had and did not archive itself, and what another walk left."""
        self._put_away([*self.slots.values(), *self._left])

    def _put_away(self, slots: Iterable[Slot]) -> None:
        for slot in slots:
            if not slot.state.archived:
                self.api.archive(slot.id, label=f"put {slot.letter} away")

    @contextmanager
    def _going_on(self, *numbers: int) -> Iterator[None]:
        """Go on after a broken promise that is accepted, with the deployments of these slots as they read."""
        try:
            yield
        except FoundError as found:
            if found.requirement not in self.api.target.settings.open_promises:
                raise
            self.accepted.append(found)
            for slot in filter(None, map(self.slots.get, numbers)):
                self._adopt(slot)

    def _adopt(self, slot: Slot) -> None:
        """Take a deployment as it reads; one that cannot be read, or is archived unawares, is left alone."""
        exchange = self.api.get(slot.id, label=f"read {slot.letter} after what is accepted")
        document = exchange.json if exchange.succeeded else None
        if not isinstance(document, dict) or slot.state.archived != (document.get("archived_at") is not None):
            slot.retired = True
            return
        slot.state = slot.before = adopt(slot.state, document)
        slot.shown, slot.last, slot.refused, slot.others = document, Operation(Verb.READ), False, False

    # --- actions -------------------------------------------------------------------------------------------

    def _act(self, action: Action) -> None:
        if action.verb == "list":
            self._list(action.detail)
            return
        slot = self.slots.get(action.slot) or self._make(action.slot)
        if action.verb == "make" or slot.retired:
            return
        slot.touched = self.turn
        self._look([slot])
        if action.verb == "read":
            self._read(slot)
        else:
            self._operate(slot, self._operation(slot, action))

    def _make(self, number: int) -> Slot:
        if self._left:
            slot = _again(self._left.pop(0), LETTERS[number], self.turn)
            self.slots[number] = slot
            return slot
        return self._create(number)

    def _create(self, number: int) -> Slot:
        letter = LETTERS[number]
        body = self.values.creation(scheduled=number % 2 == 0)
        exchange = self.api.create(body, label=f"create {letter}", valid=True)
        with upholding("create.stores-what-was-sent", needed=True):
            document = expect_success(exchange, 200, 201)
        made = created_id(exchange)
        with upholding("create.returns-deployment", needed=True):
            if made is None:
                raise broken("the id of a deployment", document, exchange)
        state = created(body)
        learned = learn(state, document)
        slot = Slot(
            letter, str(made), exchange, learned, learned, document, Operation(Verb.READ), touched=self.turn
        )
        self.slots[number] = slot
        with upholding("create.stores-what-was-sent"):
            _expect_none(contradictions(state, document), exchange)
        return slot

    def _operation(self, slot: Slot, action: Action) -> Operation:
        match action.verb:
            case "toggle":
                return Operation(Verb.PAUSE if slot.state.status == ACTIVE else Verb.UNPAUSE)
            case "update":
                return Operation(Verb.UPDATE, self.values.changes(action.detail, self.turn))
            case "invalid":
                promise = REQUIREMENT_OF[action.detail]
                return Operation(Verb.UPDATE, self.values.invalid(action.detail, self.turn), refused=promise)
            case "foreign":
                return Operation(Verb(action.detail), foreign=True)
        return Operation(Verb(action.verb))

    def _operate(self, slot: Slot, operation: Operation) -> None:
        exchange = self._send(slot, operation)
        outcome = self._outcome(slot, operation, exchange)
        if outcome is None:
            slot.retired = True  # an answer on which the documents say nothing: nothing more is predicted
            return
        slot.last, slot.refused = operation, not outcome.answer.shows
        if slot.refused:
            self._read(slot)
            return
        if not outcome.answer.promise:
            self._expect_archived(slot)
            slot.retired = True
        for other in self.slots.values():
            other.others |= other is not slot
        slot.before, before = slot.state, slot.state
        slot.state = outcome.then
        if outcome.answer.promise:
            self._expect_shown(slot, before, operation, exchange)
            if self.careful:
                self._read(slot)

    def _outcome(self, slot: Slot, operation: Operation, exchange: Exchange) -> Transition | None:
        """Return the outcome that the answer is, None for one that nothing forbids."""
        outcomes = self.model.step(slot.state, operation)
        status, kind = exchange.status, error_type(exchange)
        found = next((one for one in outcomes if one.answer.allows(status, kind)), None)
        if found is None or status != HTTPStatus.CONFLICT:
            answered(exchange)
        promise = outcomes[0].answer.promise
        if found is None and promise:
            with upholding(promise):
                raise another_answer(outcomes[0], exchange)
        return found

    def _send(self, slot: Slot, operation: Operation) -> Exchange:
        verb = operation.verb
        words = [verb, slot.letter]
        if operation.changes:
            words.append(f"({', '.join(operation.changes)})")
        if operation.foreign:
            words.append("as another tenant")
        authorization = Auth.SECOND if operation.foreign else Auth.OWN
        label = " ".join(words)
        if verb is Verb.UPDATE:
            return self.api.update(slot.id, operation.changes, label=label, authorization=authorization)
        send = {Verb.PAUSE: self.api.pause, Verb.UNPAUSE: self.api.unpause, Verb.ARCHIVE: self.api.archive}
        return send[verb](slot.id, label=label, authorization=authorization)

    # --- what answers show ---------------------------------------------------------------------------------

    def _expect_shown(
        self, slot: Slot, before: DeploymentState, operation: Operation, exchange: Exchange
    ) -> None:
        """Expect the answer to an accepted operation to show the state that the model predicts."""
        promise = self.model.step(before, operation)[0].answer.promise
        with upholding(promise, needed=True):
            document = expect_object(exchange)
        denied = [
            (denied_by_answer(before, operation, f.field), f) for f in contradictions(slot.state, document)
        ]
        accepted = self.api.target.settings.open_promises
        for broken_promise, found in sorted(denied, key=lambda pair: pair[0] in accepted):
            with upholding(broken_promise):
                _expect_none([found], exchange)
        self._see(slot, exchange, document)

    def _read(self, slot: Slot) -> None:
        """Read a deployment and expect what the model predicts, at the latest when patience ends."""
        if slot.retired:
            return
        in_time = _until(self.patience)
        exchange = self.api.get_until(
            slot.id, lambda document: not contradictions(slot.state, document) or not in_time()
        )
        promise = self.model.step(slot.state, Operation(Verb.READ))[0].answer.promise
        if not (exchange.succeeded or binds(promise)):
            slot.retired = True  # nobody promises that it can be read
            return
        with upholding(promise, needed=True):
            document = expect_success(exchange)
        if slot.before.archived:
            _expect_still_archived(exchange, document)
        undone = not contradictions(slot.before, document)
        with upholding(denied_by_read(slot.last, refused=slot.refused, others=slot.others, undone=undone)):
            _expect_none(contradictions(slot.state, document), exchange)
        self._see(slot, exchange, document)
        slot.before = slot.state

    def _expect_archived(self, slot: Slot) -> None:
        """Expect an archived deployment to stay so, whatever the target was pleased to accept."""
        if slot.before.archived:
            exchange = self.api.get(slot.id)
            _expect_still_archived(exchange, exchange.json)

    def _see(self, slot: Slot, exchange: Exchange, document: Mapping[str, Any]) -> None:
        """Expect what never moves or never goes back, then take over what is shown."""
        with upholding("object.identity-never-moves"):
            for name in ("id", "type", "created_at"):
                expect_field(exchange, name, field(slot.shown, name))
        with upholding("object.updated-at-never-goes-back"):
            _expect_not_back(slot.shown, document, exchange)
        slot.state = learn(slot.state, document)
        slot.shown, slot.others = document, False

    def _look(self, slots: Iterable[Slot]) -> None:
        """In a careful walk, read what operations on others may have changed."""
        for slot in slots:
            if self.careful and slot.others:
                self._read(slot)

    def _list(self, query: str) -> None:
        self._look(self.slots.values())
        slots = {slot.id: slot for slot in self.slots.values() if not slot.retired}
        if not slots:
            return
        known = [Listed(slot.id, slot.letter, slot.state, slot.shown) for slot in slots.values()]
        agent = str(self.api.known.agent)
        params = {name: agent if name == "agent_id" else value for name, value in parse_qsl(query)}
        stale, pages = expect_listed(self.api, params, known, _until(self.patience))
        for one, denied in stale:
            self._read(slots[one.id])  # when a read denies it as well, another promise is broken
            with upholding("list.items-are-current"):
                wanted = f"{denied.field} of {one.letter} to be {denied.expected} in lists"
                raise broken(wanted, denied.got, *pages)


def _is_usable(slot: Slot) -> bool:
    """Tell whether another walk can go on with a deployment: it is active, and has room for more metadata."""
    state = slot.state
    room = len(state.fields.get("metadata") or ()) <= ROOM
    return state.status == ACTIVE and room and not (state.archived or slot.retired)


def _again(slot: Slot, letter: str, turn: int) -> Slot:
    """Return a deployment as another walk begins with it: others were changed since it was seen."""
    return replace(
        slot, letter=letter, before=slot.state, last=Operation(Verb.READ), refused=False, others=True,
        touched=turn,
    )  # fmt: skip


def _until(patience: float) -> Callable[[], bool]:
    """Return a function that tells whether `patience` seconds from now are not over yet."""
    end = time.monotonic() + patience
    return lambda: time.monotonic() < end


def _expect_none(found: list[Contradiction], exchange: Exchange) -> None:
    for one in found:
        raise broken(
            f"{one.field} to be {one.expected} in answer to {exchange.label}", one.got, exchange, at=one.field
        )


def _expect_still_archived(exchange: Exchange, document: object) -> None:
    with upholding("archive.is-final"):
        if field(document, "archived_at") is None:
            raise broken(f"archived_at still to be set in answer to {exchange.label}", None, exchange)


def _expect_not_back(shown: Mapping[str, Any], document: Mapping[str, Any], exchange: Exchange) -> None:
    earlier, later = parse_timestamp(shown.get("updated_at")), parse_timestamp(document.get("updated_at"))
    if earlier and later and (earlier - later).total_seconds() >= 1:
        raise broken(f"updated_at not before {timestamp_text(earlier)}", document["updated_at"], exchange)
