"""What the lifecycle predicts of one deployment, beside what the exchanges of stories show of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from conformance.client.api import SETTLE_SECONDS
from conformance.client.exchange import TOKEN_VARIABLES, Exchange
from conformance.contract.judgement import NOT_FOUND, broken, error_type
from conformance.contract.lifecycle import (
    OPEN,
    Contradiction,
    DeploymentState,
    Model,
    Operation,
    Verb,
    adopt,
    contradictions,
    created,
    denied_by_answer,
    denied_by_read,
)
from conformance.contract.verdict import BrokenPromiseError
from conformance.suite.judging.histories import (
    GATEWAY,
    credentials,
    ended,
    is_refused,
    named,
    overlapping,
    repeated,
)

ACTIONS = {"": Verb.UPDATE, "pause": Verb.PAUSE, "unpause": Verb.UNPAUSE, "archive": Verb.ARCHIVE}
SETTLED = timedelta(seconds=SETTLE_SECONDS - 1)
"""How long after a change a read that still shows what was before is no lag that stories wait for."""
REPLAYED = {Verb.UPDATE: "idempotency.update-is-replayed"}
OTHERS = "pause.leaves-others-alone"
UNASKED = "object.refused-is-not-done"
Accuse = Callable[[str, BrokenPromiseError], None]


@dataclass(frozen=True)
class Snapshot:
    """What was known of a deployment since the answer to one request that may change it `until` the next."""

    since: datetime
    until: datetime
    state: DeploymentState
    earlier: Sequence[DeploymentState]


@dataclass
class Followed:
    """Goes through the history of one deployment; `accuse` is told of each promise that it breaks.

    `state` is None while nothing is known. `why` says which promise a read breaks that denies the state,
    given whether it shows an earlier one; `changed_at` is when the last accepted change was answered.
    """

    model: Model
    history: Sequence[Exchange]
    accuse: Accuse
    state: DeploymentState | None = None
    earlier: list[DeploymentState] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    why: str = ""
    changed_at: datetime | None = None
    reads: list[Exchange] = field(default_factory=list)

    def follow(self) -> None:
        """Judge every answer and, of the reads after each request, the last: those before it may lag."""
        together, again = overlapping(self.history), repeated(self.history)
        own = credentials(self.history[0])
        self._adopt(self.history[0])
        for exchange in self.history[1:]:
            if exchange.method == "GET":
                self.reads += [exchange] if _is_read(exchange) else []
                continue
            self._settle(exchange.sent_at)
            if exchange.number in together or exchange.ambiguous or exchange.status in (None, *GATEWAY):
                self.state = None
            elif exchange.number in again:
                self._replay(exchange)
            elif credentials(exchange) != own:
                self._refuse_stranger(exchange)
            else:
                self._operate(exchange)
        self._settle(datetime.max.replace(tzinfo=self.history[0].sent_at.tzinfo))

    # --- requests ------------------------------------------------------------------------------------------

    def _operate(self, exchange: Exchange) -> None:
        operation = _operation(exchange)
        if operation is None or self.state is None or exchange.probe:
            self._try(exchange)
            return
        if is_refused(exchange):
            self._refuse(exchange, operation)
        else:
            self._carry_out(exchange, operation)

    def _try(self, exchange: Exchange) -> None:
        """Take what the documents leave open: refused, it is not done; else nothing is known any more."""
        if is_refused(exchange):
            self.why = UNASKED
        elif not exchange.url.endswith("/run"):
            self.state = None

    def _refuse(self, exchange: Exchange, operation: Operation) -> None:
        state = self._known()
        outcomes = [one for one in self.model.step(state, operation) if not one.answer.shows]
        whatever = (
            operation.verb is Verb.UPDATE or state.status == OPEN
        )  # whether a body is right is not known here
        promise = self.model.step(state, operation)[0].answer.promise
        allowed = any(one.answer.allows(exchange.status, error_type(exchange)) for one in outcomes)
        if not (whatever or allowed) and promise:
            wanted = self.model.step(state, operation)[0].answer
            self.accuse(promise, broken(f"{wanted} to {exchange.label}", exchange.summary(), exchange))
        open_one = state.archived and operation.verb is not Verb.ARCHIVE
        refused = denied_by_read(operation, refused=True, others=False, undone=False)
        self.why = UNASKED if open_one else refused

    def _carry_out(self, exchange: Exchange, operation: Operation) -> None:
        before, document = self._known(), exchange.json
        outcomes = self.model.step(before, operation)
        found = next((one for one in outcomes if one.answer.shows), None)
        if found is None and outcomes[0].answer.promise:
            wanted = f"{outcomes[0].answer} to {exchange.label}"
            self.accuse(outcomes[0].answer.promise, broken(wanted, exchange.summary(), exchange))
        self.state = None
        if found is None or not isinstance(document, dict) or not found.answer.promise or before.archived:
            return
        # What was sent is judged where it is sent.
        then = found.then.forgetting(*operation.changes)
        for denied in _denials(then, document):
            promise = denied_by_answer(before, operation, denied.field)
            self.accuse(promise, _contradicted(denied, exchange))
        self.earlier.append(before)
        self._adopt(exchange, then)
        self.changed_at = ended(exchange)
        self.why = denied_by_read(operation, refused=False, others=False, undone=True)

    def _refuse_stranger(self, exchange: Exchange) -> None:
        if not is_refused(exchange):
            self.state = None
        second = any(TOKEN_VARIABLES[1] in value for value in exchange.request_headers.values())
        self.why = "tenancy.other-tenant-is-refused" if second else UNASKED

    def _replay(self, exchange: Exchange) -> None:
        """A request whose key was sent before has no effect, whatever it is answered."""
        operation = _operation(exchange)
        if is_refused(exchange):
            self.why = "idempotency.other-body-is-conflict"
        elif operation:
            self.why = REPLAYED.get(operation.verb, "idempotency.pause-is-replayed")
        else:
            self.why = "idempotency.create-is-replayed"

    # --- reads ---------------------------------------------------------------------------------------------

    def _settle(self, until: datetime) -> None:
        """Judge the reads since the last request and keep what they leave known."""
        reads, self.reads = self.reads, []
        if self.state is not None and reads:
            self._judge(reads)
        if reads and isinstance(reads[-1].json, dict) and reads[-1].succeeded:
            self._adopt(reads[-1], self.state)
        if self.state is not None and self.changed_at:
            self.snapshots.append(Snapshot(self.changed_at, until, self.state, tuple(self.earlier)))

    def _judge(self, reads: Sequence[Exchange]) -> None:
        state, last = self._known(), reads[-1]
        if last.status == NOT_FOUND and state.archived and any(map(_shows_archived, self.history)):
            self.accuse("archive.can-be-read", broken("200 as before", last.summary(), last))
        if not (last.succeeded and isinstance(last.json, dict)):
            return
        denied = _denials(state, last.json)
        if not denied or self._may_lag(last, last.json):
            return
        agreed = any(isinstance(one.json, dict) and not _denials(state, one.json) for one in reads[:-1])
        self.accuse(OTHERS if agreed else self.why or OTHERS, _contradicted(denied[0], last))

    def _may_lag(self, read: Exchange, shown: Mapping[str, Any]) -> bool:
        """Tell whether a read shows a state from before the last change, and not so late that it must not."""
        old = any(not _denials(one, shown) for one in self.earlier)
        return old and self.changed_at is not None and read.sent_at - self.changed_at < SETTLED

    def _known(self) -> DeploymentState:
        if self.state is None:
            raise ValueError("nothing is known of the deployment")
        return self.state

    def _adopt(self, exchange: Exchange, then: DeploymentState | None = None) -> None:
        """Take over what an answer shows, whatever was predicted."""
        document = exchange.json
        if not isinstance(document, dict):
            self.state = None
            return
        archived = document.get("archived_at") is not None
        if then is None or then.archived != archived:
            then = replace(created({}), fields={}, archived=archived)
        self.state = adopt(then, document)
        self.changed_at = self.changed_at or ended(exchange)


def denials_in_list(snapshot: Snapshot, item: Mapping[str, Any]) -> Sequence[Contradiction]:
    """Return what an item of a list denies; one that shows a state from before the last change may lag."""
    if any(not _denials(one, item) for one in snapshot.earlier):
        return ()
    return _denials(snapshot.state, item)


def _denials(state: DeploymentState, document: Mapping[str, Any]) -> list[Contradiction]:
    """Return the contradictions in fields that are there: which must be is judged elsewhere."""
    return [one for one in contradictions(state, document) if one.field.partition(".")[0] in document]


def _contradicted(denied: Contradiction, exchange: Exchange) -> BrokenPromiseError:
    wanted = f"{denied.field} to be {denied.expected} in answer to {exchange.label}"
    return broken(wanted, denied.got, exchange, at=denied.field)


def _shows_archived(exchange: Exchange) -> bool:
    document = exchange.json if _is_read(exchange) and exchange.succeeded else None
    return isinstance(document, dict) and document.get("archived_at") is not None


def _is_read(exchange: Exchange) -> bool:
    found = named(exchange)
    return exchange.method == "GET" and found is not None and not found[1]


def _operation(exchange: Exchange) -> Operation | None:
    """Return what a request asks for, None for one that is not of the lifecycle or cannot be told."""
    found = named(exchange)
    if exchange.method != "POST" or found is None or found[1] not in ACTIONS:
        return None
    verb = ACTIONS[found[1]]
    if verb is not Verb.UPDATE:
        return Operation(verb)
    try:
        body = json.loads(exchange.request_body or "")
    except ValueError:
        return None
    return Operation(verb, body) if isinstance(body, dict) else None
