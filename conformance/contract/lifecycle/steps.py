"""What each operation answers and leads to, as the documents describe it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.contract.lifecycle.state import ACTIVE, OPEN, PAUSED, Deployment, Operation, Verb
from conformance.contract.profile import Refusal

SUCCESS = range(200, 300)
OK = range(200, 201)
BAD_REQUEST = range(400, 401)
REFUSED = range(400, 500)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that the documents allow.

    `promise` is the requirement that allows no other, empty where they are silent. `kind` is `error.type` of
    a documented refusal, which an unreadable envelope does not break. `shows`: the body is the deployment.
    """

    statuses: range
    promise: str = ""
    kind: str | None = None

    @property
    def shows(self) -> bool:
        """Whether the body shows the deployment in the state that follows."""
        return self.statuses.start in SUCCESS

    def allows(self, status: int | None, kind: str | None = None) -> bool:
        """Tell whether an answer with this status and `error.type` is this one."""
        return status in self.statuses and (self.kind is None or kind in (None, self.kind))

    def __str__(self) -> str:
        """Return it in a few words, for messages."""
        whole = "4xx" if self.statuses == REFUSED else "2xx" if self.statuses == SUCCESS else ""
        return " ".join(filter(None, (whole or str(self.statuses.start), self.kind)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer and the state that holds after it."""

    answer: Answer
    then: Deployment


@dataclass(frozen=True, slots=True)
class Model:
    """One vendor's lifecycle; `refusals` are the documented answers of `Profile.refusals`, by situation."""

    refusals: Mapping[str, Refusal]

    def step(self, state: Deployment, operation: Operation) -> Sequence[Outcome]:
        """Return all outcomes of an operation that the documents allow, the one they speak of first."""
        if operation.foreign:
            return (Outcome(Answer(REFUSED, "tenancy.other-tenant-is-refused"), state),)
        if operation.verb is Verb.READ:
            promise = "archive.can-be-read" if state.archived else "get.has-the-shape-of-create"
            return (Outcome(Answer(OK, promise), state),)
        if state.archived:
            return tuple(self._of_archived(state, operation))
        return tuple(self._of_live(state, operation))

    def _of_live(self, state: Deployment, operation: Operation) -> Iterator[Outcome]:
        scheduled = state.fields.get("schedule") is not None
        match operation.verb:
            case Verb.UPDATE:
                yield _update(state, operation)
            case Verb.PAUSE if state.status == PAUSED:
                yield from self._conflict(state, "pause-when-paused", "pause.second-is-conflict")
            case Verb.PAUSE:  # N101; N110 promises less of a manual-only one
                promise = "pause.makes-it-paused" if scheduled else "pause.works-without-schedule"
                yield Outcome(Answer(OK, promise), replace(state, status=PAUSED))
            case Verb.UNPAUSE if state.status == ACTIVE:
                yield from self._conflict(state, "unpause-when-active", "unpause.active-is-conflict")
            case Verb.UNPAUSE:
                yield Outcome(Answer(OK, "unpause.makes-it-active"), replace(state, status=ACTIVE))
            case _:
                yield Outcome(Answer(OK, "archive.sets-archived-at"), _archived(state))

    def _of_archived(self, state: Deployment, operation: Operation) -> Iterator[Outcome]:
        """Yield outcomes on an archived deployment: only a second archive is spoken of (N98, N118, N127)."""
        if operation.verb is Verb.ARCHIVE:
            yield from self._conflict(state, "archive-when-archived", "archive.second-is-conflict")
            return
        yield Outcome(Answer(REFUSED), state)
        if operation.verb is Verb.UPDATE:
            if not operation.refused:
                yield Outcome(Answer(SUCCESS), replace(state.forgetting(*operation.changes), status=OPEN))
        else:
            yield Outcome(Answer(SUCCESS), replace(state, status=OPEN))

    def _conflict(self, state: Deployment, situation: str, promise: str) -> Iterator[Outcome]:
        """Yield the documented refusal; a vendor that documents none may refuse or do nothing."""
        refusal = self.refusals.get(situation)
        if refusal:
            yield Outcome(Answer(range(refusal.status, refusal.status + 1), promise, refusal.type), state)
            return
        yield Outcome(Answer(REFUSED), state)
        yield Outcome(Answer(SUCCESS), state)


def _update(state: Deployment, operation: Operation) -> Outcome:
    if operation.refused:
        return Outcome(Answer(BAD_REQUEST, operation.refused), state)
    promise = "update.of-paused-keeps-it-paused" if state.status == PAUSED else "update.returns-full-object"
    return Outcome(Answer(OK, promise), state.written(operation.changes))


def _archived(state: Deployment) -> Deployment:
    """Return the state after archiving: it keeps active (N126), what was paused is open (N130)."""
    status = ACTIVE if state.status == ACTIVE else OPEN
    kept = {name: state.fields[name] for name in ("name", "schedule") if name in state.fields}
    return Deployment(kept, status, archived=True)
