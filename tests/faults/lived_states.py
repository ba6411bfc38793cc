"""Faults of deployments that have been through something: names used before, fields cleared and set again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from conformance.reference import NEW, Call, Deployment, Document, Service
from conformance.reference.errors import conflict
from conformance.reference.store import AgentPin, StoredAnswer
from tests.faults.catalogue import fault
from tests.faults.histories import Counting, Remembering

STORED: Final = "update.is-stored"
ANSWERED: Final = "update.returns-full-object"
CYCLE: Final = "pause.cycle-repeats"
MERGED: Final = "update.metadata-is-merged"


# --- names -------------------------------------------------------------------------------------------------


@fault(breaks="archive.sets-archived-at", hides="sequence")
class OneOfANameIsArchived(Service):
    """A deployment cannot be archived where one that had its name is archived already."""

    def archive(self, call: Call) -> Document:
        name = re.escape(self.find(call).name)
        if any(
            other.archived_at and re.fullmatch(rf"{name}_archived_[0-9]+", other.name)
            for other in call.tenant.deployments.values()
        ):
            raise conflict("A deployment of this name exists already.")
        return super().archive(call)


@fault(breaks="archive.frees-the-name", hides="sequence")
class FreedNamesAreForNewOnes(Remembering):
    """The name of an archived deployment can be given to a new one, but not to one that exists."""

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        super().check_name_free(call, name, besides)
        archived = [one for one in call.tenant.deployments.values() if one.archived_at]
        if besides and any(state.name == name for one in archived for state in self.states(one)[-2:-1]):
            raise conflict("A deployment of this name exists already.")


@fault(breaks="create.absent-metadata-is-empty", hides="sequence")
class NamesakesInheritMetadata(Remembering):
    """A deployment that takes the name of an archived one has its metadata, unless it was sent some."""

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        record = super().apply_create(call, fields)
        for other in call.tenant.deployments.values():
            namesake = other.archived_at and self.states(other)[-2:][0].name == record.name
            if namesake and "metadata" not in call.body:
                record = replace(record, metadata=other.metadata)
        return record


@fault(breaks="archive.renames", hides="inputs")
class NamesThatLookArchivedAreKept(Service):
    """A name that ends like that of an archived deployment gets no suffix from an archive."""

    def archived_name(self, record: Deployment, at: datetime) -> str:
        if re.search(r"_archived_[0-9]+$", record.name):
            return record.name
        return super().archived_name(record, at)


@fault(
    breaks="archive.sets-archived-at",
    also=(
        "errors.no-server-error",
        "archive.changes-only-its-own-fields",
        "archive.clears-upcoming-runs",
        "archive.keeps-status-active",
        "archive.renames",
    ),
    hides="inputs",
)
class PercentsCannotBeArchived(Service):
    """A percent sign in the name makes an archive fail: the name is taken for a format."""

    def archived_name(self, record: Deployment, at: datetime) -> str:
        return (record.name + "_archived_%d") % int(at.timestamp())


# --- idempotency keys --------------------------------------------------------------------------------------


@fault(breaks="idempotency.create-is-replayed", hides="sequence")
class KeysOfArchivedAreForgotten(Service):
    """The key of a creation counts as new once the deployment is archived."""

    def recall(self, call: Call, key: tuple[str, ...]) -> StoredAnswer | None:
        answer = super().recall(call, key)
        if answer is None or not isinstance(answer.response.document, dict):
            return answer
        record = call.tenant.deployments.get(answer.response.document["id"])
        return None if record and record.archived_at and call.request.operation == "create" else answer


# --- agents ------------------------------------------------------------------------------------------------


@fault(breaks=STORED, also=(ANSWERED,), hides="inputs")
class AnotherVersionIsNoChange(Service):
    """An update to another version of the agent that is there already is not stored."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        same = "agent" in fields and fields["agent"].id == record.agent.id
        return super().apply_update(record, {**fields, "agent": record.agent} if same else fields)


@fault(breaks=STORED, also=(ANSWERED,), hides="inputs")
class AnotherAgentKeepsTheVersion(Service):
    """An update to another agent keeps the number of the version of the former one."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "agent" in fields and fields["agent"].id != record.agent.id:
            fields = {**fields, "agent": AgentPin(fields["agent"].id, record.agent.version)}
        return super().apply_update(record, fields)


@fault(breaks="update.keeps-what-was-not-sent", hides="side effect")
class UpdatesTakeTheLatestVersion(Service):
    """An update that does not name the agent moves it to its latest version, whichever was pinned."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        agent = self.store.tenants[record.tenant].agents[record.agent.id]
        return super().apply_update(record, {"agent": AgentPin(agent.id, agent.version), **fields})


@fault(breaks=STORED, also=(ANSWERED,), hides="inputs")
class EnvironmentBesideAnAgentIsIgnored(Service):
    """An update that names both an agent and an environment leaves the environment as it was."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        both = {"agent", "environment_id"} <= fields.keys()
        kept = {name: v for name, v in fields.items() if not (both and name == "environment_id")}
        return super().apply_update(record, kept)


# --- schedules ---------------------------------------------------------------------------------------------


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence")
class NewSchedulesWake(Service):
    """A new schedule makes a paused deployment active."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        woken = changed.schedule is not None and changed.schedule != record.schedule
        return replace(changed, status="active", paused_reason=None) if woken else changed


@fault(breaks="update.new-schedule-lists-new-runs", hides="sequence")
class PausedSchedulesAreNotRecalculated(Remembering):
    """A schedule that a paused deployment gets lists the runs of the one before until it is active again."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        before = [state for state in self.states(record) if state.status == "active"]
        shown: Any = document["schedule"]
        if record.status == "active" or shown is None or not before or before[-1].schedule is None:
            return document
        stale = [self.render_time(at) for at in self.occurrences(before[-1].schedule, self.now())]
        return {**document, "schedule": {**shown, "upcoming_runs_at": stale}}


@fault(breaks=STORED, also=(ANSWERED,), hides="sequence")
class ClearedVaultsComeBackTwice(Remembering):
    """Vaults that are set again after they were cleared are there twice."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        ids = fields.get("vault_ids")
        if ids and not record.vault_ids:
            had = {one for state in self.states(record) for one in state.vault_ids}
            fields = {**fields, "vault_ids": [*ids, *(one for one in ids if one in had)]}
        return super().apply_update(record, fields)


@fault(breaks="update.new-schedule-lists-new-runs", hides="sequence")
class ClearedSchedulesComeBack(Remembering):
    """A schedule that is set after one was cleared is the one that was cleared."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if fields.get("schedule") and record.schedule is None:
            had = [state.schedule for state in self.states(record) if state.schedule is not None]
            fields = {**fields, "schedule": had[-1] if had else fields["schedule"]}
        return super().apply_update(record, fields)


@fault(breaks="unpause.manual-only-has-null-schedule", also=(CYCLE,), revisions=(NEW,), hides="sequence")
class UnpauseBringsBackAClearedSchedule(Remembering):
    """An unpause of a deployment whose schedule was cleared brings the schedule back."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        had = [state.schedule for state in self.states(record) if state.schedule is not None]
        schedule = record.schedule or (had[-1] if had else None)
        return replace(super().apply_unpause(record), schedule=schedule)


@fault(breaks=CYCLE, hides="sequence")
class UnpauseBringsBackAClearedDescription(Remembering):
    """An unpause of a deployment whose description was cleared brings the description back."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        had = [state.description for state in self.states(record) if state.description]
        description = record.description or (had[-1] if had else "")
        return replace(super().apply_unpause(record), description=description)


@fault(breaks=CYCLE, hides="sequence")
class UnpauseBringsBackDeletedKeys(Remembering):
    """An unpause brings back the keys of metadata that were deleted while the deployment was paused."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        paused = [state for state in self.states(record) if state.status == "active"][-1:]
        bag = {**(paused[0].metadata if paused else {}), **record.metadata}
        return replace(super().apply_unpause(record), metadata=bag)


@fault(breaks="update.advances-updated-at", hides="inputs")
class ClearsLeaveUpdatedAt(Service):
    """An update that only clears, be it a key of metadata or a field, leaves updated_at as it was."""

    def update(self, call: Call) -> Document:
        before = self.find(call)
        super().update(call)
        record = self.find(call)
        bag = call.body.get("metadata")
        sent = [*(bag.values() if isinstance(bag, dict) else ()), *call.body.values()]
        if all(value in (None, "", []) or value is bag for value in sent):
            record = replace(record, updated_at=before.updated_at)
            self.keep(record)
        return self.render_deployment(record)


# --- metadata ----------------------------------------------------------------------------------------------


@fault(
    breaks="object.matches-schema",
    also=(MERGED,),
    revisions=(NEW,),
    hides="sequence",
    shown_by=("rescheduling",),
)
class TheLastKeyLeavesNull(Remembering):
    """Metadata whose last key was deleted reads as null."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        emptied = not record.metadata and any(state.metadata for state in self.states(record))
        return {**document, "metadata": None} if emptied else document


@fault(breaks=MERGED, hides="inputs")
class DottedKeysAreNotDeleted(Service):
    """A key of metadata that holds a dot is not deleted: it is taken for a path."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "metadata" not in fields:
            return super().apply_update(record, fields)
        dotted = {key: value for key, value in record.metadata.items() if "." in key}
        return super().apply_update(record, {**fields, "metadata": {**dotted, **fields["metadata"]}})


@fault(breaks=MERGED, hides="inputs")
class KeysThatDifferInCapitalsAreOne(Service):
    """A key of metadata takes the place of one that differs from it in capitals alone."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        read = super().read_metadata(value, current)
        last = {key.lower(): key for key in read}
        return {key: entry for key, entry in read.items() if last[key.lower()] == key}


# --- how often ---------------------------------------------------------------------------------------------


@fault(breaks=STORED, hides="sequence")
class EverySixthUpdateIsLost(Counting):
    """Every sixth update of a deployment is answered and not stored."""

    def update(self, call: Call) -> Document:
        before = self.find(call)
        answer = super().update(call)
        if self.times(call) % 6 == 0:
            self.keep(before)
        return answer
