"""Faults of what comes after what: ways back, ways through null, shorter lists, and changes within one second."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.reference import NEW, ApiError, Call, Deployment, Document, ReferenceSettings, Service
from conformance.reference.errors import conflict, invalid
from conformance.reference.metadata import CAS_CONFIG
from conformance.reference.runs import MANUAL
from tests.faults.catalogue import fault
from tests.faults.histories import Remembering

STORED = "update.is-stored"
MERGED = "update.metadata-is-merged"
REFUSED = "errors.refused-changes-nothing"


# --- shorter lists and ways back -------------------------------------------------------------------------


@fault(breaks="update.events-are-replaced", also=("update.event-types-are-stored",), hides="inputs")
class FewerEventsLeaveTheRest(Service):
    """Events are written over one by one: behind fewer new ones the rest of the old ones stay."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "initial_events" in fields:
            events = fields["initial_events"]
            fields = {**fields, "initial_events": [*events, *record.initial_events[len(events) :]]}
        return super().apply_update(record, fields)


@fault(breaks=STORED, hides="inputs")
class FewerVaultsLeaveTheRest(Service):
    """Vaults that an update no longer names stay attached, unless it names none at all."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if fields.get("vault_ids"):
            left = [vault for vault in record.vault_ids if vault not in fields["vault_ids"]]
            fields = {**fields, "vault_ids": [*fields["vault_ids"], *left]}
        return super().apply_update(record, fields)


@fault(breaks=STORED, hides="sequence")
class NoWayBackToTheFirstValue(Remembering):
    """An update with the value of the creation changes nothing: what is new is told from what was loaded first."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        first = self.states(record)[0]
        return super().apply_update(
            record, {name: value for name, value in fields.items() if value != getattr(first, name)}
        )


@fault(breaks="pause.cycle-repeats", also=("update.new-schedule-lists-new-runs",), hides="sequence")
class AnUnpauseKnowsTheKindOfTheCreation(Remembering):
    """An unpause makes manual-only again what was made so, whatever schedule an update gave it."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        kept = record.schedule if self.states(record)[0].schedule else None
        return replace(super().apply_unpause(record), schedule=kept)


@fault(breaks="archive.keeps-status-active", hides="sequence")
class AnArchiveShowsTheLastReason(Remembering):
    """An archive of what was ever paused shows the reason of that pause again."""

    def archived_state(self, record: Deployment) -> dict[str, Any]:
        reasons = [state.paused_reason for state in self.states(record) if state.paused_reason]
        return super().archived_state(record) | {"paused_reason": reasons[-1] if reasons else None}


@fault(breaks="runs.only-when-asked", hides="sequence")
class AnUnpauseAfterANewScheduleRuns(Remembering):
    """An unpause records a run when the schedule was changed while the deployment was paused."""

    def unpause(self, call: Call) -> Document:
        record = self.find(call)
        document = super().unpause(call)
        active = [state for state in self.states(record)[:-1] if state.status == "active"]
        if active[-1].schedule != record.schedule:
            self.record_run(record, MANUAL, self.now())
        return document


# --- metadata --------------------------------------------------------------------------------------------


@fault(breaks=MERGED, hides="sequence", revisions=(NEW,))
class DeletedKeysCount(Service):
    """Keys of metadata count against the limit for ever, also those that an earlier update has deleted."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._ever: defaultdict[str, set[str]] = defaultdict(set)

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        made = super().apply_create(call, fields)
        self._ever[made.id] = {*made.metadata} - {CAS_CONFIG}
        return made

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        keys = self._ever[record.id] | {*fields.get("metadata", ())} - {CAS_CONFIG}
        if len(keys) > self.metadata_limit and len(keys) > len(self._ever[record.id]):
            raise invalid(f"metadata must hold at most {self.metadata_limit} keys", "metadata")
        self._ever[record.id] = keys
        return super().apply_update(record, fields)


@fault(breaks=MERGED, hides="sequence", revisions=(NEW,))
class NullForNoKeyIsStored(Service):
    """Null for a key of metadata that is not there, or no longer, is stored as an empty text."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        if current is not None and isinstance(value, dict):
            return bag | {key: "" for key, entry in value.items() if entry is None and key not in current}
        return bag


# --- within one second -----------------------------------------------------------------------------------


@fault(breaks="pause.cycle-repeats", also=("unpause.active-is-conflict",), hides="sequence")
class AnUnpauseInTheSecondOfThePauseIsLost(Service):
    """An unpause in the second of the pause is answered and not stored."""

    def save(self, call: Call, record: Deployment) -> None:
        at = call.tenant.deployments[record.id].updated_at if call.request.operation == "unpause" else None
        if at != record.updated_at:
            super().save(call, record)


# --- after a refusal -------------------------------------------------------------------------------------


@fault(breaks=REFUSED, hides="sequence")
class ARefusedUpdateLeavesALock(Service):
    """After an update that was refused with 400 the next change that is none is a conflict, once."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._locked: set[str] = set()

    def save(self, call: Call, record: Deployment) -> None:
        if record.id in self._locked:
            self._locked.discard(record.id)
            raise conflict("The deployment is being changed by somebody else.")
        super().save(call, record)

    def update(self, call: Call) -> Document:
        record = self.find(call)
        try:
            return super().update(call)
        except ApiError as error:
            if error.status == 400:
                self._locked.add(record.id)
            raise


@fault(breaks=REFUSED, hides="sequence")
class ARefusedUpdateStaysInTheBuffer(Service):
    """What a refused update named is stored by the next update of that deployment that is not refused."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._buffers: dict[str, dict[str, Any]] = {}

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError:
            description = call.body.get("description")
            if call.deployment_id in call.tenant.deployments and isinstance(description, str):
                self._buffers[call.deployment_id] = {"description": description}
            raise

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        return super().apply_update(record, self._buffers.pop(record.id, {}) | {**fields})
