"""Faults of actions that bring back what was there before: at the creation, before an update, at a pause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.reference import Call, Deployment, Document, Request, Response, Service
from conformance.reference.store import StoredAnswer
from tests.faults.catalogue import fault
from tests.faults.histories import Remembering


@fault(breaks="pause.changes-only-its-own-fields", hides="sequence")
class APauseRestoresTheDescription(Remembering):
    """A pause brings back the description of the creation."""

    def apply_pause(self, record: Deployment) -> Deployment:
        first = self.states(record)[0]
        return replace(super().apply_pause(record), description=first.description)


@fault(breaks="pause.cycle-repeats", hides="sequence")
class AnUnpauseRestoresTheTimeOfThePause(Remembering):
    """An unpause brings back the description from before the pause, whatever an update made of it since."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        active = [one for one in self.states(record) if one.status == "active"]
        return replace(super().apply_unpause(record), description=active[-1].description)


@fault(breaks="pause.cycle-repeats", also=("update.new-schedule-lists-new-runs",), hides="sequence")
class AnUnpauseRestoresTheSchedule(Remembering):
    """An unpause brings back the schedule from before the pause."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        active = [one for one in self.states(record) if one.status == "active"]
        return replace(super().apply_unpause(record), schedule=active[-1].schedule)


@fault(breaks="archive.changes-only-its-own-fields", hides="sequence")
class AnArchiveRestoresTheDescription(Remembering):
    """An archive brings back the description of the creation."""

    def apply_archive(self, record: Deployment) -> Deployment:
        first = self.states(record)[0]
        return replace(super().apply_archive(record), description=first.description)


@fault(breaks="archive.changes-only-its-own-fields", hides="side effect")
class AnArchiveLosesTheEvents(Service):
    """An archive keeps the first event alone."""

    def apply_archive(self, record: Deployment) -> Deployment:
        return replace(super().apply_archive(record), initial_events=record.initial_events[:1])


@fault(breaks="archive.changes-only-its-own-fields", hides="side effect")
class AnArchiveLosesTheSchedule(Service):
    """An archive moves the schedule to another zone."""

    def apply_archive(self, record: Deployment) -> Deployment:
        schedule = record.schedule and replace(record.schedule, timezone="UTC")
        return replace(super().apply_archive(record), schedule=schedule)


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence")
class AnUpdateWhilePausedRestoresMetadata(Remembering):
    """An update of the description of a paused deployment brings back the metadata of the creation."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        if record.status == "paused" and "description" in fields and "metadata" not in fields:
            return replace(changed, metadata=self.states(record)[0].metadata)
        return changed


# --- a key that is replayed after the state has moved on ------------------------------------------------


@fault(breaks="idempotency.pause-is-replayed", hides="sequence")
class AReplayAfterAnUnpausePauses(Service):
    """A pause that is repeated with its key after an unpause pauses again, and answers as it did."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        super().check_same_body(call, answer)
        if call.request.operation == "pause" and self.find(call).status == "active":
            self.save(call, self.apply_pause(self.find(call)))


@fault(breaks="idempotency.pause-is-replayed", hides="sequence")
class AnUnpauseForgetsKeys(Service):
    """An unpause makes the keys of earlier requests count as new."""

    def unpause(self, call: Call) -> Document:
        document = super().unpause(call)
        path = call.request.path.removesuffix("/unpause")
        for key in [key for key in call.tenant.answers if key[0].startswith(path)]:
            del call.tenant.answers[key]
        return document


@fault(breaks="idempotency.create-is-replayed", hides="sequence")
class AReplayRestoresTheCreation(Remembering):
    """A creation that is repeated with its key brings back the metadata that it was sent with."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        super().check_same_body(call, answer)
        document = answer.response.document
        if call.request.operation == "create" and isinstance(document, dict):
            record = call.tenant.deployments[document["id"]]
            self.keep(self.touch(replace(record, metadata=self.states(record)[0].metadata)))


@fault(
    breaks="idempotency.create-is-replayed",
    also=("idempotency.other-body-is-conflict", "idempotency.update-is-replayed"),
    hides="sequence",
)
class AnUpdateForgetsTheKeyOfTheCreation(Service):
    """A creation repeated with its key after an update is executed: its name is taken."""

    def answer(self, request: Request) -> Response:
        response = super().answer(request)
        if request.operation == "update":
            tenant = self.authenticate(request)
            for key, answer in tuple(tenant.answers.items()):
                document = answer.response.document
                if isinstance(document, dict) and document.get("id") in request.path.split("/"):
                    del tenant.answers[key]
        return response


@fault(breaks="idempotency.update-is-replayed", hides="sequence")
class ARepeatedUpdateIsCarriedOut(Service):
    """An update repeated with its key gets the first answer, and is carried out again."""

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        super().check_same_body(call, answer)
        if call.request.operation == "update":
            super().update(call)
