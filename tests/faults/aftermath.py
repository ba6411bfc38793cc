"""Faults that a step leaves behind for a later one, on the same deployment or in lists of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from conformance.reference import (
    NEW,
    Call,
    Deployment,
    Document,
    ReferenceSettings,
    Request,
    Response,
    Service,
)
from conformance.reference.errors import conflict, not_found
from conformance.reference.listing import Query
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

sequence = partial(fault, hides="sequence")


billed = partial(fault, hides="sequence", tiers=("core", "billable"))


class _Remembering(Service):
    """Remembers something of each deployment."""

    @property
    def notes(self) -> dict[str, Any]:
        notes: dict[str, Any] = self.__dict__.setdefault("_notes", {})
        return notes


@sequence(breaks="pause.makes-it-paused", shown_by=("pause_twice", "unpause_twice"))
class ARefusedUnpauseLocksOnce(_Remembering):
    """After a refused unpause the next pause is a conflict, once."""

    def check_paused(self, record: Deployment) -> None:
        if record.status != "paused":
            self.notes[record.id] = True
        super().check_paused(record)

    def check_not_paused(self, record: Deployment) -> None:
        super().check_not_paused(record)
        if self.notes.pop(record.id, False):
            raise conflict("The deployment is being changed.")


@sequence(breaks="archive.frees-the-name")
class ARenamedArchiveKeepsItsName(_Remembering):
    """An archive frees the name of the creation alone: one that an update gave stays taken."""

    def archive(self, call: Call) -> Document:
        record = self.find(call)
        document = super().archive(call)
        if self.notes.get(record.id) == record.name:
            self.notes.setdefault("taken", set()).add(record.name)
        return document

    def update(self, call: Call) -> Document:
        before = self.find(call).name
        document = super().update(call)
        if document["name"] != before:
            self.notes[call.deployment_id] = document["name"]
        return document

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        super().check_name_free(call, name, besides)
        if name in self.notes.get("taken", ()):
            raise conflict("The name is taken.")


@sequence(breaks="list.status-filter")
class UpdatedPausedOnesLeaveTheirList(_Remembering):
    """A paused deployment that is updated is no longer in the list of paused ones; it is in that of active ones."""

    def save(self, call: Call, record: Deployment) -> None:
        super().save(call, record)
        self.notes[record.id] = "active" if call.request.operation == "update" else record.status

    def matches_status(self, record: Deployment, status: str | None) -> bool:
        return status is None or self.notes.get(record.id, record.status) == status


@sequence(breaks="update.metadata-is-merged")
class MovedValuesAreLost(Service):
    """A patch that deletes a key and sets another to the value that the deleted one had only deletes."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        if current is not None and isinstance(value, dict):
            freed = [current[key] for key, entry in value.items() if entry is None and key in current]
            for key, entry in value.items():
                if entry in freed and key not in current:
                    bag.pop(key, None)
        return bag


@sequence(breaks="update.advances-updated-at", shown_by=("updates", "rescheduling"))
class UpdatesOfUnpausedMoveNoTime(_Remembering):
    """Once a deployment was unpaused, updates leave updated_at as the unpause set it."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        self.notes[record.id] = True
        return super().apply_unpause(record)

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return replace(changed, updated_at=record.updated_at) if self.notes.get(record.id) else changed


@sequence(breaks="pause.keeps-upcoming-runs", shown_by=("pause_twice", "rescheduling"))
class ARescheduledPauseListsNothing(Service):
    """A paused deployment that gets a new schedule lists no upcoming runs until it is unpaused."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        silent: set[str] = self.__dict__.setdefault("silent", set())
        if record.status == "paused" and isinstance(fields.get("schedule"), Schedule):
            silent.add(record.id)
        return super().apply_update(record, fields)

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        silent = record.status == "paused" and record.id in self.__dict__.get("silent", ())
        return () if silent else super().upcoming(record)


@billed(breaks="runs.session-or-error", revisions=(NEW,))
class RunsAfterAnUnpauseHaveNoSession(_Remembering):
    """A run of a deployment that was ever unpaused names neither a session nor an error."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        self.notes[record.id] = True
        return super().apply_unpause(record)

    def start_session(self, record: Deployment) -> tuple[str | None, Mapping[str, object] | None]:
        return (None, None) if self.notes.get(record.id) else super().start_session(record)


@billed(breaks="runs.outlive-actions")
class RunsOfPausedAreNotFound(Service):
    """The runs of a deployment cannot be read by their id alone while it is paused."""

    def get_run_globally(self, call: Call) -> Document:
        run = self.find_run(call)
        if call.tenant.deployments[run.deployment_id].status == "paused":
            raise not_found("The deployment run")
        return super().get_run_globally(call)


beside = partial(fault, hides="side effect")


class _Methods(Service):
    """Carries out what a refused method asks for."""

    method = "GET"
    action = "pause"

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        words = request.path.removeprefix(self.settings.base_path + "/").split("/")
        if request.method == self.method and response.status == 405 and words[2:] == [self.action]:
            for tenant in self.store.tenants.values():
                record = tenant.deployments.get(words[1])
                if tenant.token == request.token and record is not None and record.archived_at is None:
                    self.done(record)
        return response

    def done(self, record: Deployment) -> None:
        if record.status == "active":
            self.keep(self.apply_pause(record))


@beside(breaks="object.refused-is-not-done", shown_by=("odd_transport",))
class OptionsOfArchiveArchive(_Methods):
    """OPTIONS on the path of an archive is a 405, and archives."""

    method = "OPTIONS"
    action = "archive"

    def done(self, record: Deployment) -> None:
        self.keep(self.apply_archive(record))


@beside(breaks="object.refused-is-not-done", shown_by=("odd_transport",))
class APutOfUnpauseUnpauses(_Methods):
    """PUT on the path of an unpause is a 405, and unpauses."""

    method = "PUT"
    action = "unpause"

    def done(self, record: Deployment) -> None:
        if record.status == "paused":
            self.keep(self.apply_unpause(record))


@beside(breaks="object.refused-is-not-done", shown_by=("odd_transport",))
class ADeleteOfPauseUnpauses(_Methods):
    """DELETE on the path of a pause is a 405, and takes the pause away."""

    method = "DELETE"

    def done(self, record: Deployment) -> None:
        if record.status == "paused":
            self.keep(self.apply_unpause(record))


@beside(breaks="pause.cycle-repeats")
class AnUnpauseDropsEmptyValues(Service):
    """An unpause drops keys of metadata whose value is empty."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        kept = {key: value for key, value in record.metadata.items() if value != ""}
        return replace(super().apply_unpause(record), metadata=kept)


timed = partial(fault, hides="time", tiers=("core", "time"), time_scale=60)


listed = partial(fault, hides="sequence")


class _Silent(Service):
    """Lets occurrences pass that `silent` names."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.notes: dict[str, Any] = {}

    def fire(self, record: Deployment, occurrence: datetime, at: datetime) -> None:
        if not self.silent(record, occurrence):
            super().fire(record, occurrence, at)

    def silent(self, record: Deployment, occurrence: datetime) -> bool:
        return False


@timed(breaks="update.is-stored", shown_by=("updates", "watched_archive"))
class TheSchedulerWritesBackItsCopy(_Silent):
    """When a schedule fires, the scheduler writes back the deployment as it was when the schedule was last set."""

    def save(self, call: Call, record: Deployment) -> None:
        super().save(call, record)
        kept = self.notes.get(record.id)
        if kept is None or kept.schedule != record.schedule or record.status != kept.status:
            self.notes[record.id] = record

    def fire(self, record: Deployment, occurrence: datetime, at: datetime) -> None:
        super().fire(record, occurrence, at)
        now = self.store.tenants[record.tenant].deployments[record.id]
        kept = self.notes.get(record.id)
        if kept is not None:
            self.keep(replace(now, name=kept.name, description=kept.description, metadata=kept.metadata))


@listed(breaks="list.agent-filter", shown_by=("agent_filter", "archive_paused"))
class ArchivedOnesAreOfEveryAgent(Service):
    """With include_archived=true the archived deployments of every agent are listed, whatever agent_id says."""

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        wanted = super().deployment_filter(query)
        if query.get("include_archived") != "true" or "agent_id" not in query:
            return wanted
        rest = super().deployment_filter({key: value for key, value in query.items() if key != "agent_id"})
        return lambda record: wanted(record) or (record.archived_at is not None and rest(record))


@listed(breaks="list.created-at-range", revisions=(NEW,), shown_by=("created_range", "archive_paused"))
class ArchivedOnesAreOfEveryTime(Service):
    """With include_archived=true the bounds of created_at do not bind archived deployments."""

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        wanted = super().deployment_filter(query)
        if query.get("include_archived") != "true":
            return wanted
        rest = super().deployment_filter({key: value for key, value in query.items() if "created" not in key})
        return lambda record: wanted(record) or (record.archived_at is not None and rest(record))
