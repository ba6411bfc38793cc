"""Faults that one step leaves for the next: names, early returns, stale copies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from conformance.reference import NEW, Call, Deployment, Document, ReferenceSettings, Service
from conformance.reference.errors import conflict
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

sequence = partial(fault, hides="sequence")


class Noting(Service):
    """Notes something of deployments or tenants."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.notes: dict[Any, Any] = {}


@sequence(breaks="archive.frees-the-name")
class TheNameOfAPausedOneStaysTaken(Noting):
    """The archive of a paused deployment does not free its name."""

    # N124
    def archive(self, call: Call) -> Document:
        before = self.find(call)
        document = super().archive(call)
        if before.status == "paused":
            self.notes.setdefault(call.tenant.name, set()).add(before.name)
        return document

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        super().check_name_free(call, name, besides)
        if name in self.notes.get(call.tenant.name, ()):
            raise conflict("The name is taken.")


@sequence(breaks="update.new-schedule-lists-new-runs")
class TheSecondNewScheduleListsTheFirst(Noting):
    """The second update of a schedule lists the runs of the first."""

    # N89
    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if isinstance(fields.get("schedule"), Schedule) and fields["schedule"] != record.schedule:
            self.notes.setdefault(record.id, fields["schedule"])
        return super().apply_update(record, fields)

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        if record.schedule is not None and record.id in self.notes:
            record = replace(record, schedule=self.notes[record.id])
        return super().upcoming(record)


@sequence(breaks="update.event-types-are-stored")
class TheSecondNewEventsAreAdded(Noting):
    """Events that a second update sends are added to those of the first."""

    # N95
    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "initial_events" in fields and fields["initial_events"] != record.initial_events:
            if record.id in self.notes:
                both = [*record.initial_events, *fields["initial_events"]][: self.event_limit]
                fields = {**fields, "initial_events": both}
            self.notes[record.id] = True
        return super().apply_update(record, fields)


@sequence(breaks="update.keeps-what-was-not-sent")
class AnEmptiedDescriptionComesBackLater(Noting):
    """A description that was emptied comes back with the next update that does not name it."""

    # N82
    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "description" in fields and record.description:
            self.notes[record.id] = record.description
        elif "description" not in fields and fields and not record.description and record.id in self.notes:
            fields = {**fields, "description": self.notes[record.id]}
        return super().apply_update(record, fields)


@sequence(breaks="pause.changes-only-its-own-fields")
class EmptiedVaultsComeBackWithAPause(Noting):
    """Vaults that an update emptied are attached again by the next pause."""

    # N109
    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if record.vault_ids and "vault_ids" in fields:
            self.notes[record.id] = record.vault_ids
        return super().apply_update(record, fields)

    def apply_pause(self, record: Deployment) -> Deployment:
        changed = super().apply_pause(record)
        return changed if record.vault_ids else replace(changed, vault_ids=self.notes.get(record.id, ()))


@sequence(breaks="update.is-stored")
class TheSecondUpdateInASecondIsLost(Noting):
    """The second update of a deployment in one second is answered and not stored."""

    # N81
    def update(self, call: Call) -> Document:
        before = self.find(call)
        document = super().update(call)
        if self.notes.get(before.id) == self.instant() and before.updated_at == self.instant():
            self.keep(before)
        elif document["updated_at"] != self.render_time(before.updated_at) or before != self.find(call):
            self.notes[before.id] = self.instant()
        return document


@sequence(breaks="pause.cycle-repeats")
class AnUnpauseTakesBackTheMetadata(Noting):
    """An unpause brings back the metadata from before the pause, when an update added a key since."""

    # N112, N91
    def apply_pause(self, record: Deployment) -> Deployment:
        self.notes[record.id] = record.metadata
        return super().apply_pause(record)

    def apply_unpause(self, record: Deployment) -> Deployment:
        before = self.notes.get(record.id, record.metadata)
        changed = super().apply_unpause(record)
        return replace(changed, metadata=before) if len(before) < len(record.metadata) else changed


@sequence(breaks="idempotency.other-body-is-conflict")
class NestedFieldsDoNotCount(Service):
    """Bodies that differ within metadata, the schedule or events alone are taken for the same."""

    # N176: JSON.stringify(body, Object.keys(body).sort()) leaves out what is nested
    def fingerprint(self, call: Call) -> str:
        return json.dumps(
            {k: v if not isinstance(v, (dict, list)) else len(v) for k, v in sorted(call.body.items())}
        )


@sequence(breaks="unpause.refused-changes-nothing")
class ARefusedUnpauseGivesAReason(Service):
    """A refused unpause leaves an active deployment with a reason."""

    # N106, N189
    def check_paused(self, record: Deployment) -> None:
        if record.status != "paused":
            self.keep(replace(record, paused_reason={"type": "manual"}))
        super().check_paused(record)


@sequence(breaks="update.advances-updated-at")
class UpdatesOfThePausedMoveNoTime(Service):
    """An update of a paused deployment leaves updated_at as it was."""

    # N84
    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return replace(changed, updated_at=record.updated_at) if record.status == "paused" else changed


@sequence(breaks="update.metadata-is-merged", revisions=(NEW,))
class ANullInAnEmptyBagIsStored(Service):
    """Null for a metadata key is stored as null where the bag was empty."""

    # N91, N53
    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        if isinstance(value, dict) and current is not None and not current:
            bag |= {key: None for key, entry in value.items() if entry is None}
        return bag


@sequence(breaks="update.is-stored")
class ADescriptionBesideANameIsIgnored(Service):
    """An update that names both a name and a description stores the name alone: an else too much."""

    # N81
    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "name" in fields and "description" in fields:
            fields = {key: value for key, value in fields.items() if key != "description"}
        return super().apply_update(record, fields)


@sequence(breaks="update.is-stored")
class AnUpdateWithItsOwnNameStoresNothing(Service):
    """An update that repeats the name of the deployment returns early: nothing else of it is stored."""

    # N81
    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        return super().apply_update(record, {} if fields.get("name") == record.name else fields)


@sequence(breaks="update.is-stored")
class AnUpdateWithItsOwnScheduleStoresNothing(Service):
    """An update that repeats the schedule of the deployment returns early: nothing else of it is stored."""

    # N81
    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        same = record.schedule is not None and fields.get("schedule") == record.schedule
        return super().apply_update(record, {} if same else fields)


@sequence(breaks="archive.frees-the-name")
class ANewBearerOfTheNameIsPaused(Noting):
    """A deployment that takes the name of one that was paused when it was archived begins paused."""

    # N27, N28
    def archive(self, call: Call) -> Document:
        before = self.find(call)
        document = super().archive(call)
        self.notes[call.tenant.name, before.name] = (before.status, before.paused_reason)
        return document

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        status, reason = self.notes.get((call.tenant.name, fields["name"]), ("active", None))
        return replace(super().apply_create(call, fields), status=status, paused_reason=reason)
