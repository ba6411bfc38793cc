"""Faults of idempotency keys over time: what is kept of them, for how long, and what counts as the same."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from conformance.reference import ApiError, Call, Document, ReferenceSettings, Response, Service
from conformance.reference.errors import conflict
from conformance.reference.store import StoredAnswer
from tests.faults.catalogue import fault

CREATION = "idempotency.create-is-replayed"
PAUSE = "idempotency.pause-is-replayed"
OTHER = "idempotency.other-body-is-conflict"


@fault(breaks=CREATION, hides="sequence")
class TheLastKeyIsKept(Service):
    """Of all keys of an account the last one alone is remembered."""

    def remember(self, call: Call, key: tuple[str, ...], response: Response) -> None:
        call.tenant.answers.clear()
        super().remember(call, key, response)


@fault(breaks=CREATION, hides="time")
class AKeyLivesForASecond(Service):
    """A key is forgotten after a second."""

    def recall(self, call: Call, key: tuple[str, ...]) -> StoredAnswer | None:
        answer = super().recall(call, key)
        late = answer and self.now() - answer.given_at > timedelta(seconds=1)
        return None if late else answer


@fault(breaks="idempotency.new-key-executes", hides="inputs")
class KeysAreCut(Service):
    """Keys are told apart by their first 32 characters: a UUID with hyphens has 36."""

    def idempotency_key(self, call: Call) -> tuple[str, ...] | None:
        key = super().idempotency_key(call)
        return key and (key[0], key[1][:32])


@fault(breaks=PAUSE, hides="sequence")
class AReplayShowsThePresent(Service):
    """A pause repeated with its key is answered with what the deployment has become since."""

    def replay_or_execute(self, call: Call) -> Response:
        response = super().replay_or_execute(call)
        if call.request.operation == "pause" and self.idempotency_key(call):
            return Response(response.status, self.get(call))
        return response


@fault(breaks=OTHER, hides="inputs")
class BodiesOfOneLengthAreOne(Service):
    """Two bodies of one length are taken for the same."""

    def fingerprint(self, call: Call) -> str:
        return str(len(call.request.content))


@fault(breaks=OTHER, hides="sequence")
class TheSecondOtherBodyIsReplayed(Service):
    """Another body is a conflict once; sent again it gets the answer that the key has."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._refused: set[tuple[tuple[str, ...] | None, str]] = set()

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        sent = (self.idempotency_key(call), self.fingerprint(call))
        if sent not in self._refused:
            self._refused.add(sent)
            super().check_same_body(call, answer)


@fault(breaks=CREATION, hides="sequence")
class AnArchiveForgetsTheKeyOfTheCreation(Service):
    """A creation repeated with its key after an archive makes another deployment of the name that is free."""

    def recall(self, call: Call, key: tuple[str, ...]) -> StoredAnswer | None:
        answer = super().recall(call, key)
        made = answer.response.document if answer else None
        if call.request.operation == "create" and isinstance(made, dict):
            return None if call.tenant.deployments[made["id"]].archived_at else answer
        return answer


@fault(breaks=CREATION, hides="sequence")
class AReplayUsesUpTheKey(Service):
    """A key replays once: the third request with it is executed."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        super().check_same_body(call, answer)
        call.tenant.answers = {key: kept for key, kept in call.tenant.answers.items() if kept is not answer}


@fault(breaks="idempotency.run-is-replayed", hides="sequence", tiers=("billable",))
class ARunIsReplayedWhileActiveAlone(Service):
    """A run repeated with its key after a pause is a conflict: the state is looked at before the key."""

    def replay_or_execute(self, call: Call) -> Response:
        if call.request.operation == "run":
            self.check_runnable(self.find(call))
        return super().replay_or_execute(call)


@fault(breaks=OTHER, hides="side effect")
class AConflictingUpdateIsCarriedOut(Service):
    """An update with a used key and another body is a conflict, and is carried out."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        try:
            super().check_same_body(call, answer)
        except ApiError:
            if call.request.operation == "update":
                with suppress(ApiError):
                    self.update(call)
            raise


@fault(breaks="update.event-types-are-stored", hides="sequence")
class ABodySentBeforeIsNoUpdate(Service):
    """An update whose body was sent before is answered as then, and not carried out: so none leads back."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._answered: dict[tuple[str, str], Document] = {}

    def update(self, call: Call) -> Document:
        sent = (call.deployment_id, self.fingerprint(call))
        if not call.body:
            return super().update(call)
        if sent not in self._answered:
            self._answered[sent] = super().update(call)
        return self._answered[sent]


@fault(breaks="idempotency.update-is-replayed", hides="sequence")
class APauseEndsTheKeyOfAnUpdate(Service):
    """An update repeated with its key is refused when a pause came in between."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        super().check_same_body(call, answer)
        if call.request.operation == "update" and self.find(call).status == "paused":
            raise conflict("The deployment has changed since.")
