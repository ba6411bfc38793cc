"""Faults of idempotency keys: what a conflict, an archive or another use of a key leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference import ApiError, Call, Response, Service
from conformance.reference.store import StoredAnswer
from tests.faults.catalogue import fault


@fault(breaks="idempotency.create-is-replayed", also=("idempotency.update-is-replayed",), hides="sequence")
class AMismatchSpoilsTheKey(Service):
    """Once a key was used with another body, the first body is a conflict."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        try:
            super().check_same_body(call, answer)
        except ApiError:
            for key, kept in tuple(call.tenant.answers.items()):
                if kept is answer:
                    call.tenant.answers[key] = replace(answer, fingerprint="")
            raise


@fault(
    breaks="idempotency.other-body-is-conflict",
    also=("idempotency.create-is-replayed", "idempotency.update-is-replayed"),
    hides="sequence",
)
class AMismatchReplacesTheBody(Service):
    """After a conflict the key belongs to the other body: sent once more it gets the first answer."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        try:
            super().check_same_body(call, answer)
        except ApiError:
            for key, kept in tuple(call.tenant.answers.items()):
                if kept is answer:
                    call.tenant.answers[key] = replace(answer, fingerprint=self.fingerprint(call))
            raise


@fault(breaks="idempotency.other-body-is-conflict", hides="inputs")
class TheNameIsTheBody(Service):
    """Two creations with one key and one name are taken for the same."""

    def fingerprint(self, call: Call) -> str:
        return str(call.body.get("name")) if call.request.operation == "create" else super().fingerprint(call)


@fault(breaks="idempotency.new-key-executes", hides="inputs")
class KeysHaveNoCase(Service):
    """Keys that differ in one letter's case, or in their last digit, are one."""

    def idempotency_key(self, call: Call) -> tuple[str, ...] | None:
        key = super().idempotency_key(call)
        return key and (key[0], key[1].lower()[:-1])


@fault(breaks="idempotency.update-is-replayed", hides="sequence")
class AReplayedUpdateTakesBackALaterOne(Service):
    """An update repeated with its key after another update is carried out again, and takes that one back."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        super().check_same_body(call, answer)
        if call.request.operation == "update":
            record = self.find(call)
            changed = self.apply_update(record, self.read_patch(call, record.metadata))
            if changed.description != record.description:
                self.keep(changed)


@fault(breaks="idempotency.create-is-replayed", hides="side effect")
class AReplayTouches(Service):
    """A creation repeated with its key moves updated_at of the deployment that it made."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        super().check_same_body(call, answer)
        document: Any = answer.response.document
        if call.request.operation == "create":
            self.keep(self.touch(call.tenant.deployments[document["id"]]))


@fault(breaks="idempotency.create-is-replayed", hides="side effect")
class AReplayUnpauses(Service):
    """A creation repeated with its key makes the deployment that it made active again."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        super().check_same_body(call, answer)
        document: Any = answer.response.document
        if call.request.operation == "create":
            record = call.tenant.deployments[document["id"]]
            if record.status == "paused":
                self.keep(self.apply_unpause(record))


@fault(breaks="idempotency.pause-is-replayed", hides="sequence")
class AReplayedUnpauseIsRefused(Service):
    """An unpause repeated with its key is a conflict; a pause is not."""

    def recall(self, call: Call, key: tuple[str, ...]) -> StoredAnswer | None:
        return None if call.request.operation == "unpause" else super().recall(call, key)


@fault(breaks="idempotency.pause-is-replayed", hides="sequence")
class AReplayedArchiveIsRefused(Service):
    """An archive repeated with its key is a conflict; a pause is not."""

    def recall(self, call: Call, key: tuple[str, ...]) -> StoredAnswer | None:
        return None if call.request.operation == "archive" else super().recall(call, key)


@fault(breaks="idempotency.pause-is-replayed", hides="sequence")
class AReplayedArchiveRenames(Service):
    """An archive repeated with its key gets the first answer, and appends another suffix."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        super().check_same_body(call, answer)
        if call.request.operation == "archive":
            record = self.find(call)
            self.keep(replace(record, name=self.archived_name(record, self.instant())))


@fault(breaks="idempotency.pause-is-replayed", hides="sequence")
class TheThirdPauseOfAKeyIsAConflict(Service):
    """A pause with a key is replayed once; the third one is a conflict."""

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 (as the base says)
        super().__init__(*arguments)
        self._replayed: set[tuple[str, ...]] = set()

    def recall(self, call: Call, key: tuple[str, ...]) -> StoredAnswer | None:
        answer = super().recall(call, key)
        if answer is None or call.request.operation != "pause":
            return answer
        if key in self._replayed:
            return None
        self._replayed.add(key)
        return answer


@fault(
    breaks="idempotency.pause-is-replayed",
    also=("object.has-sample-fields", "object.matches-schema"),
    hides="sequence",
)
class AReplayIsEmpty(Service):
    """A replayed answer has an empty object for a body."""

    def replay_or_execute(self, call: Call) -> Response:
        key = self.idempotency_key(call)
        again = key is not None and self.recall(call, key) is not None
        response = super().replay_or_execute(call)
        return Response(response.status, {}) if again and call.request.operation == "pause" else response


@fault(
    breaks="idempotency.pause-is-replayed",
    also=("idempotency.create-is-replayed", "idempotency.update-is-replayed"),
    hides="sequence",
)
class AnAccountHasRoomForFourKeys(Service):
    """The answers to the four newest keys of an account are kept: what is older is carried out again."""

    # N177: a key lasts for a day, however many others follow it
    def remember(self, call: Call, key: tuple[str, ...], response: Response) -> None:
        super().remember(call, key, response)
        while len(call.tenant.answers) > 4:
            del call.tenant.answers[next(iter(call.tenant.answers))]
