"""What each operation answers and leads to, as the documents describe it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.contract.answers import REFUSED, Allowed, VendorAnswers
from conformance.contract.lifecycle.state import ACTIVE, OPEN, PAUSED, DeploymentState, Operation, Verb
from conformance.vendors import Profile

OK = range(200, 201)
BAD_REQUEST = range(400, 401)


OPEN_ANSWER = Allowed(range(100, 600))
"""Any answer at all: what is accepted as broken forbids none."""


@dataclass(frozen=True, slots=True)
class Transition:
    """An answer and the state that holds after it."""

    answer: Allowed
    then: DeploymentState


@dataclass(frozen=True, slots=True)
class Model:
    """One vendor's lifecycle: what its documents allow in answer to each operation, and what follows.

    `renames`: an archive changes the name. `status_once_archived` is that of a deployment that was paused.
    `accepted` are requirements whose deviation is accepted: where one allows a single answer, any is allowed.
    """

    answers: VendorAnswers
    renames: bool
    status_once_archived: str
    accepted: frozenset[str] = frozenset()

    def step(self, state: DeploymentState, operation: Operation) -> Sequence[Transition]:
        """Return all outcomes of an operation that the documents allow, the one they speak of first."""
        outcomes = self._documented(state, operation)
        if outcomes[0].answer.promise in self.accepted:
            return (
                *outcomes,
                Transition(OPEN_ANSWER, state),
                Transition(OPEN_ANSWER, self._carried_out(state, operation)),
            )
        return outcomes

    def _documented(self, state: DeploymentState, operation: Operation) -> Sequence[Transition]:
        if operation.foreign:
            return (Transition(Allowed(REFUSED, "tenancy.other-tenant-is-refused"), state),)
        if operation.verb is Verb.READ:
            promise = "archive.can-be-read" if state.archived else "get.has-the-shape-of-create"
            return (Transition(Allowed(OK, promise), state),)
        if state.archived:
            return tuple(self._of_archived(state, operation))
        return tuple(self._of_live(state, operation))

    def _of_live(self, state: DeploymentState, operation: Operation) -> Iterator[Transition]:
        scheduled = state.fields.get("schedule") is not None
        match operation.verb:
            case Verb.UPDATE:
                yield _update(state, operation)
            case Verb.PAUSE if state.status == PAUSED:
                yield from self._conflict(state, "pause-when-paused", "pause.second-is-conflict")
            case Verb.PAUSE:  # N101; N110 promises less of a manual-only one
                promise = "pause.makes-it-paused" if scheduled else "pause.works-without-schedule"
                yield Transition(Allowed(OK, promise), replace(state, status=PAUSED))
            case Verb.UNPAUSE if state.status == ACTIVE:
                yield from self._conflict(state, "unpause-when-active", "unpause.active-is-conflict")
            case Verb.UNPAUSE:
                yield Transition(Allowed(OK, "unpause.makes-it-active"), replace(state, status=ACTIVE))
            case _:
                yield Transition(Allowed(OK, "archive.sets-archived-at"), self._archived(state))
                if state.status == PAUSED and not self.status_once_archived:  # N130
                    yield Transition(Allowed(REFUSED), state)

    def _of_archived(self, state: DeploymentState, operation: Operation) -> Iterator[Transition]:
        """Yield outcomes on an archived deployment: Qoder speaks of a second archive alone (N98, N118)."""
        if operation.verb is Verb.ARCHIVE:
            yield from self._conflict(state, "archive-when-archived", "archive.second-is-conflict")
            return
        for answer in self.answers.to(f"{operation.verb}-when-archived", "archive.refuses-changes"):
            if not answer.shows:
                yield Transition(answer, state)
            elif not operation.refused:
                yield Transition(answer, replace(state.forgetting(*operation.changes), status=OPEN))

    def _conflict(self, state: DeploymentState, situation: str, promise: str) -> Iterator[Transition]:
        """Yield what may answer an operation that has nothing to do."""
        yield from (Transition(answer, state) for answer in self.answers.to(situation, promise))

    def _archived(self, state: DeploymentState) -> DeploymentState:
        """Return the state after archiving: what was active stays so (N126)."""
        status = ACTIVE if state.status == ACTIVE else self.status_once_archived or OPEN
        kept = {name: state.fields[name] for name in ("name", "schedule") if name in state.fields}
        return DeploymentState(kept, status, archived=True, renamed=self.renames)

    def _carried_out(self, state: DeploymentState, operation: Operation) -> DeploymentState:
        """Return the state after an operation that was carried out, whatever the documents say of it."""
        match operation.verb:
            case Verb.PAUSE:
                return replace(state, status=PAUSED)
            case Verb.UNPAUSE:
                return replace(state, status=ACTIVE)
            case Verb.UPDATE:
                return state.written(operation.changes)
            case Verb.ARCHIVE:
                return state if state.archived else self._archived(state)
        return state


def model_of(profile: Profile, accepted: frozenset[str] = frozenset()) -> Model:
    """Return the lifecycle that a profile describes; `accepted` are requirements as `Model` has them."""
    form = profile.deployments
    return Model(VendorAnswers(profile), form.renamed_by_archive, form.status_once_archived, accepted)


def _update(state: DeploymentState, operation: Operation) -> Transition:
    if operation.refused:
        return Transition(Allowed(BAD_REQUEST, operation.refused), state)
    promise = "update.of-paused-keeps-it-paused" if state.status == PAUSED else "update.returns-full-object"
    return Transition(Allowed(OK, promise), state.written(operation.changes))
