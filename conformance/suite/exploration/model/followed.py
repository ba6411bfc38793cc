"""What the lifecycle predicts of one deployment, beside what the exchanges of stories show of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from conformance.client.answers import body_of
from conformance.client.calls.guarded import SETTLE_SECONDS
from conformance.client.exchange import TOKEN_VARIABLES, Exchange
from conformance.contract import limits
from conformance.contract.comparing import field as field_of
from conformance.contract.comparing import same, shorten
from conformance.contract.judgement import broken, error_type
from conformance.contract.lifecycle import (
    OPEN,
    PAUSED,
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
from conformance.suite.exploration.model.sent import (
    OF_CREATIONS,
    OF_UPDATES,
    another_answer,
    unlike_what_was_sent,
)
from conformance.suite.judging.histories import (
    GATEWAY,
    KEY,
    LATE,
    ROUNDING,
    credentials,
    ended,
    is_refused,
    named,
    repeated,
)

ACTIONS = {"": Verb.UPDATE, "pause": Verb.PAUSE, "unpause": Verb.UNPAUSE, "archive": Verb.ARCHIVE}
SETTLED = timedelta(seconds=SETTLE_SECONDS - 1)
"""How long after a change a read that still shows what was before is no lag that stories wait for."""
REPLAYED = {Verb.UPDATE: "idempotency.update-is-replayed"}
AS_IT_IS = {PAUSED: "update.of-paused-keeps-it-paused"}
"""What an update breaks that is refused although it asks for nothing new, by the status."""
OTHERS = "pause.leaves-others-alone"
UNASKED = "object.refused-is-not-done"


@dataclass(frozen=True)
class Snapshot:
    """What was known of a deployment since the answer to one request that may change it `until` the next."""

    since: datetime
    until: datetime
    state: DeploymentState
    earlier: Sequence[DeploymentState]


@dataclass
class Followed:
    """Goes through the history of one deployment up to the first promise that it breaks: `broken` has both.

    `state` is None while nothing is known. `why` says which promise a read breaks that denies the state,
    and `verb` what was asked last. `changed_at` is when the last accepted change was answered, `asked_at` the
    last request that may change it. Until `unsure_until` a read or list that lags may show what an open
    request made of it, which nothing told. `seen`: a read has shown the last accepted change.
    """

    model: Model
    history: Sequence[Exchange]
    broken: tuple[str, BrokenPromiseError] | None = None
    state: DeploymentState | None = None
    earlier: list[DeploymentState] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    why: str = ""
    changed_at: datetime | None = None
    asked_at: datetime | None = None
    unsure_until: datetime | None = None
    verb: Verb = Verb.READ
    seen: bool = False
    reads: list[Exchange] = field(default_factory=list)

    def follow(self) -> None:
        """Judge every answer and, of the reads after each request, the last: those before it may lag."""
        together, again = _overlapping(self.history), repeated(self.history)
        own = credentials(self.history[0])
        self._expect_sent(self.history[0], OF_CREATIONS)
        self._adopt(self.history[0])
        self.asked_at = ended(self.history[0])
        for exchange in self.history[1:]:
            if exchange.method == "GET":
                alone = _is_read(exchange) and exchange.number not in together
                self.reads += [exchange] if alone else []
                continue
            self._settle(exchange.sent_at)
            if self.broken:
                return
            if exchange.number in together or exchange.retries or exchange.status in (None, *GATEWAY):
                self.state = None
            elif exchange.number in again:
                self._replay(exchange)
            elif credentials(exchange) != own:
                self._refuse_stranger(exchange)
            else:
                self._operate(exchange)
            self.asked_at = ended(exchange)
            if self.state is None:
                self.unsure_until = self.asked_at + SETTLED
        self._settle(datetime.max.replace(tzinfo=self.history[0].sent_at.tzinfo))

    def _accuse(self, requirement: str, error: BrokenPromiseError) -> None:
        """Keep the first promise that is broken; what follows is not known any more."""
        self.broken = self.broken or (requirement, error)
        self.state = None

    def _expect_sent(self, exchange: Exchange, promises: Mapping[str, str]) -> None:
        """Expect an answer to show what its request sent; with a key, it may be that to another request."""
        open_one = exchange.probe or exchange.retries or KEY in exchange.request_headers
        for denied in () if open_one else unlike_what_was_sent(exchange):
            self._accuse(promises[denied.field], _contradicted(denied, exchange))
            return

    # --- requests ------------------------------------------------------------------------------------------

    def _operate(self, exchange: Exchange) -> None:
        operation = _operation(exchange)
        if operation is None or self.state is None or exchange.probe:
            self._try(exchange)
            return
        if operation.verb is not Verb.UPDATE and exchange.request_body and is_refused(exchange):
            self._try(exchange)  # that an action takes a body is a promise of its own, if it is one
            return
        if operation.verb is Verb.ARCHIVE and len(str(self.state.fields.get("name", ""))) > limits.RENAMED:
            self._try(exchange)
            return
        self.verb = operation.verb
        if is_refused(exchange):
            self._refuse(exchange, operation)
        else:
            self._carry_out(exchange, operation)

    def _try(self, exchange: Exchange) -> None:
        """Take what the documents leave open: refused, it is not done; else nothing is known any more."""
        if is_refused(exchange):
            self._suspect(UNASKED)
        elif not exchange.path.endswith("/run"):
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
            self._accuse(promise, another_answer(self.model.step(state, operation)[0], exchange))
        keyed = KEY in exchange.request_headers
        if operation.verb is Verb.UPDATE and not keyed and _asks_for_what_is(state, body_of(exchange)):
            promise = AS_IT_IS.get(state.status, "update.empty-body-changes-nothing")
            self._accuse(promise, broken(f"200 to {exchange.label}", exchange.summary(), exchange))
        open_one = state.archived and operation.verb is not Verb.ARCHIVE
        refused = denied_by_read(operation, refused=True, others=False, undone=False)
        self._suspect(UNASKED if open_one else refused)

    def _carry_out(self, exchange: Exchange, operation: Operation) -> None:
        before, document = self._known(), exchange.json
        outcomes = self.model.step(before, operation)
        found = next((one for one in outcomes if one.answer.shows), None)
        self.state = None
        keyed = KEY in exchange.request_headers  # what a key makes of a request is judged elsewhere
        if found is None and outcomes[0].answer.promise and not keyed:
            self._accuse(outcomes[0].answer.promise, another_answer(outcomes[0], exchange))
        if found is None or not isinstance(document, dict) or not found.answer.promise or before.archived:
            return
        if operation.verb is Verb.UPDATE:
            self._expect_sent(exchange, OF_UPDATES)
        then = found.then.forgetting(*operation.changes)
        for denied in _denials(then, document):
            promise = denied_by_answer(before, operation, denied.field)
            self._accuse(promise, _contradicted(denied, exchange))
            return
        self.earlier.append(before)
        self._adopt(exchange, then)
        self.changed_at, self.seen = ended(exchange), False
        self.why = denied_by_read(operation, refused=False, others=False, undone=True)

    def _refuse_stranger(self, exchange: Exchange) -> None:
        if not is_refused(exchange):
            self.state = None
        second = any(TOKEN_VARIABLES[1] in value for value in exchange.request_headers.values())
        self._suspect("tenancy.other-tenant-is-refused" if second else UNASKED)

    def _replay(self, exchange: Exchange) -> None:
        """A request whose key was sent before has no effect, whatever it is answered."""
        operation = _operation(exchange)
        if is_refused(exchange):
            self._suspect("idempotency.other-body-is-conflict")
        elif operation:
            self._suspect(REPLAYED.get(operation.verb, "idempotency.pause-is-replayed"))
        else:
            self._suspect("idempotency.create-is-replayed")

    def _suspect(self, promise: str) -> None:
        """Blame a request without effect for what reads show now, if the change before it was seen."""
        self.why = promise if self.seen else self.why

    # --- reads ---------------------------------------------------------------------------------------------

    def _settle(self, until: datetime) -> None:
        """Judge the reads since the last request and keep what they leave known."""
        reads, self.reads = self.reads, []
        if self.state is not None and reads:
            self._judge(reads)
        if self.broken:
            return
        settled = bool(reads) and self._is_settled(reads[-1])
        if settled:
            self.seen = True
            self._adopt(reads[-1], self.state)
        since = max(filter(None, (self.asked_at, self.unsure_until)), default=None)
        # Without a read it is not known whether a list denies the list or what came before it.
        if self.state is not None and since and settled:
            self.snapshots.append(Snapshot(since, until, self.state, tuple(self.earlier)))

    def _is_settled(self, read: Exchange) -> bool:
        """Tell whether a read shows the deployment as it is now, as far as can be told: none that lags."""
        if not (read.succeeded and isinstance(read.json, dict)):
            return False
        if self.state is None:
            return self.unsure_until is None or read.sent_at >= self.unsure_until
        return not _denials(self.state, read.json)

    def _judge(self, reads: Sequence[Exchange]) -> None:
        state, last = self._known(), reads[-1]
        made = field_of(self.history[0].json, "created_at")
        at = field_of(last.json, "created_at")
        if last.succeeded and not same(at, made):
            wanted = f"created_at to stay {shorten(made, 80)} in answer to {last.label}"
            self._accuse("object.identity-never-moves", broken(wanted, at, last, at="created_at"))
            return
        if last.status == HTTPStatus.NOT_FOUND and state.archived and any(map(_shows_archived, self.history)):
            self._accuse("archive.can-be-read", broken("200 as before", last.summary(), last))
        if not (last.succeeded and isinstance(last.json, dict)):
            return
        denied = _denials(state, last.json)
        unsure = self.unsure_until is not None and last.sent_at < self.unsure_until
        if not denied or unsure or self._may_lag(last, last.json):
            return
        archived = not state.archived and any(one.field == "archived_at" for one in denied)
        archived = archived and self.verb is not Verb.ARCHIVE
        agreed = archived or any(
            isinstance(one.json, dict) and not _denials(state, one.json) for one in reads[:-1]
        )
        self._accuse(OTHERS if agreed else self.why or OTHERS, _contradicted(denied[0], last))

    def _may_lag(self, read: Exchange, shown: Mapping[str, Any]) -> bool:
        """Tell whether a read shows a state from before the last change, and not so late that it must not."""
        old = any(not _denials(one, shown) for one in self.earlier)
        patience = LATE if self.seen else SETTLED
        return old and self.changed_at is not None and read.sent_at - self.changed_at < patience

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
        state = adopt(then, document)
        # What no lifecycle explains is accused where it began; held against a later answer, it accuses that.
        self.state = None if _denials(state, document) else state
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


def _overlapping(history: Sequence[Exchange]) -> set[int]:
    """Return the numbers of requests during which another one may have changed the deployment."""
    changing = [one for one in history if one.method != "GET"]
    return {
        one.number
        for one in history
        for other in changing
        if one is not other and _meets(one, other) and _meets(other, one)
    }


def _meets(one: Exchange, other: Exchange) -> bool:
    return one.sent_at < ended(other) - ROUNDING


def _asks_for_what_is(state: DeploymentState, body: Mapping[str, Any] | None) -> bool:
    """Tell whether an update sends nothing but values that the deployment has, which no state forbids."""
    if body is None or state.archived:
        return False
    asked = replace(state, fields=body, status=OPEN)
    return not contradictions(asked, {**state.fields, "archived_at": None})


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
    # Names alone: what was sent need not be what the model can merge, nor what may be predicted.
    body = body_of(exchange)
    return None if body is None else Operation(verb, {name: {} for name in body})
