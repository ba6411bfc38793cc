"""Faults of idempotency keys."""

from __future__ import annotations

import json

from conformance.reference import Call, Response, Service
from conformance.reference.store import StoredAnswer
from tests.faults.catalogue import fault


@fault(
    breaks="idempotency.create-is-replayed",
    also=(
        "idempotency.other-body-is-conflict",
        "idempotency.pause-is-replayed",
        "idempotency.update-is-replayed",
    ),
)
class KeysIgnored(Service):
    """The header means nothing."""

    def idempotency_key(self, call: Call) -> tuple[str, ...] | None:
        return None


@fault(breaks="idempotency.create-is-replayed", hides="side effect")
class ReplayedAndExecuted(Service):
    """The first answer comes again, but the creation is carried out again, too."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        super().check_same_body(call, answer)
        if call.request.operation == "create":
            fields = self.read_creation(call)
            self.save(call, self.apply_create(call, fields))


@fault(breaks="idempotency.create-is-replayed", hides="sequence")
class ConflictForgetsTheKey(Service):
    """After a conflict the key counts as new."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        key = self.idempotency_key(call)
        if answer.fingerprint != self.fingerprint(call) and key:
            del call.tenant.answers[key]
        super().check_same_body(call, answer)


@fault(breaks="idempotency.other-body-is-conflict")
class OtherBodyIsReplayed(Service):
    """The key alone counts: another body gets the first answer."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        """Take every body for the same."""


@fault(breaks="idempotency.other-body-is-conflict", hides="inputs")
class EventsDoNotCount(Service):
    """Bodies that differ in their events alone are taken for the same."""

    def fingerprint(self, call: Call) -> str:
        return json.dumps({name: value for name, value in call.body.items() if name != "initial_events"})


@fault(
    breaks="idempotency.other-body-is-conflict",
    also=("idempotency.create-is-replayed", "errors.refused-creates-nothing"),
    hides="sequence",
)
class OtherBodyIsExecuted(Service):
    """A key with another body is a new request."""

    def recall(self, call: Call, key: tuple[str, ...]) -> StoredAnswer | None:
        answer = super().recall(call, key)
        return answer if answer and answer.fingerprint == self.fingerprint(call) else None


@fault(breaks="idempotency.pause-is-replayed", also=("idempotency.update-is-replayed",))
class ActionsForgetKeys(Service):
    """Keys count on creations only."""

    def idempotency_key(self, call: Call) -> tuple[str, ...] | None:
        return super().idempotency_key(call) if call.request.operation == "create" else None


@fault(breaks="idempotency.pause-is-replayed", hides="side effect")
class ReplayedPauseIsExecuted(Service):
    """A replayed pause is carried out again: updated_at moves."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        super().check_same_body(call, answer)
        if call.request.operation == "pause":
            self.save(call, self.apply_pause(self.find(call)))


@fault(breaks="idempotency.new-key-executes")
class AnyKeyReplays(Service):
    """An action with any key gets the first keyed answer of its path."""

    def remember(self, call: Call, key: tuple[str, ...], response: Response) -> None:
        super().remember(call, key, response)
        super().remember(call, key[:1], response)

    def recall(self, call: Call, key: tuple[str, ...]) -> StoredAnswer | None:
        path = key[:1] if call.request.operation == "pause" else key
        return super().recall(call, path)
