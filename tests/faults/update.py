"""Faults of updating."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from conformance.reference import NEW, ApiError, Call, Deployment, Document, Request, Response, Service
from conformance.reference.errors import invalid
from tests.faults.catalogue import fault

ON_ANSWERS = (
    "update.advances-updated-at",
    "update.events-are-replaced",
    "update.metadata-is-merged",
    "update.new-schedule-lists-new-runs",
    "update.of-paused-keeps-it-paused",
)
"""What is judged on the answer to an update as well as on the read after it."""


def without(call: Call, *names: str) -> Call:
    """Return the call without some fields of its body."""
    return replace(call, body={name: value for name, value in call.body.items() if name not in names})


@fault(breaks="update.advances-updated-at")
class ChangedInLocalTime(Service):
    """The time of a change is that of China, said to be UTC; that of the creation is right."""

    def touch(self, record: Deployment) -> Deployment:
        return replace(record, updated_at=self.instant() + timedelta(hours=8))


# --- the answer and what is stored -----------------------------------------------------------------------


@fault(
    breaks="update.returns-full-object",
    also=("object.matches-schema", "object.has-sample-fields"),
)
class UpdateAnswersWithoutAgent(Service):
    """The answer to an update lacks a field that has not changed."""

    def update(self, call: Call) -> Document:
        document = super().update(call)
        return {name: value for name, value in document.items() if name != "agent"}


@fault(
    breaks="update.returns-full-object",
    also=(*ON_ANSWERS, "update.event-types-are-stored"),
    hides="side effect",
)
class UpdateAnswersTheOldState(Service):
    """An update is stored, but its answer shows the state before."""

    def update(self, call: Call) -> Document:
        before = self.find(call)
        super().update(call)
        return self.render_deployment(before)


@fault(breaks="update.is-stored", also=("object.updated-at-never-goes-back",), hides="side effect")
class UpdateIsOnlyAnswered(Service):
    """The answer to an update is right, but nothing is stored."""

    def save(self, call: Call, record: Deployment) -> None:
        if call.request.operation != "update":
            super().save(call, record)


@fault(breaks="update.is-stored", also=("update.keeps-what-was-not-sent",), hides="inputs")
class UpdateStoresAsciiOnly(Service):
    """A changed description is stored without what is not ASCII; the answer shows it whole."""

    def update(self, call: Call) -> Document:
        document = super().update(call)
        record = self.find(call)
        ascii_only = record.description.encode("ascii", "ignore").decode()
        self.keep(replace(record, description=ascii_only))
        return document


@fault(breaks="update.keeps-what-was-not-sent", hides="side effect")
class RenameForgetsTheSchedule(Service):
    """An update of the name makes the deployment manual-only."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        lost = {"schedule": None} if "name" in fields else {}
        return super().apply_update(record, {**lost, **fields})


@fault(breaks="update.keeps-what-was-not-sent", hides="side effect")
class MetadataPatchClearsDescription(Service):
    """An update of the metadata clears the description."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        lost = {"description": ""} if fields.get("metadata", record.metadata) != record.metadata else {}
        return super().apply_update(record, {**lost, **fields})


@fault(breaks="update.advances-updated-at", hides="side effect")
class UpdateForgetsUpdatedAt(Service):
    """An update leaves updated_at as it was."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        return replace(record, **fields)


@fault(breaks="update.advances-updated-at", hides="inputs")
class OnlyTextsMoveUpdatedAt(Service):
    """An update of the schedule leaves updated_at as it was."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return replace(changed, updated_at=record.updated_at) if "schedule" in fields else changed


@fault(breaks="update.returns-full-object", also=("update.is-stored",), hides="inputs")
class OwnNameIsTaken(Service):
    """An update that repeats the name of the deployment is a 409."""

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        super().check_name_free(call, name)


@fault(breaks="update.metadata-is-merged", revisions=(NEW,), hides="inputs")
class MetadataIsCountedBeforeItIsMerged(Service):
    """Keys that a patch deletes count against the limit, beside those that it sets."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        sent = call.body.get("metadata")
        if isinstance(sent, dict) and len(metadata.keys() | sent.keys()) > self.metadata_limit:
            raise invalid("metadata must hold at most 16 keys", "metadata")
        return super().read_patch(call, metadata)


@fault(breaks="update.patch-and-put-are-not-offered")
class PatchIsAnUpdate(Service):
    """PATCH updates a deployment as POST does."""

    def handle(self, request: Request) -> Response:
        if request.method == "PATCH":
            request = replace(request, method="POST", route=self.find_route("POST", request.path))
        return super().handle(request)


# --- what is refused -------------------------------------------------------------------------------------


@fault(breaks="update.empty-name-is-400", also=("errors.request-id-echoes-header",), hides="inputs")
class EmptyNameMeansNoChange(Service):
    """An update with an empty name answers 200 and leaves the name out."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        return super().read_patch(without(call, "name") if call.body.get("name") == "" else call, metadata)


@fault(breaks="update.name-of-257-is-400", hides="inputs")
class LongNameIsCut(Service):
    """An update cuts a name to 256 characters."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        name = call.body.get("name")
        cut = {"name": name[:256]} if isinstance(name, str) else {}
        return super().read_patch(replace(call, body={**call.body, **cut}), metadata)


@fault(breaks="update.invalid-cron-is-400", also=("update.six-fields-are-400",), hides="inputs")
class InvalidCronIsLeftOut(Service):
    """An update with an invalid cron answers 200 and keeps the schedule."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        try:
            return super().read_patch(call, metadata)
        except ApiError as error:
            if error.param != "schedule.expression" or "invalid" not in error.message:
                raise
            return super().read_patch(without(call, "schedule"), metadata)


@fault(breaks="update.invalid-cron-is-400", hides="inputs")
class MinutesOfUpdatesWrap(Service):
    """An update takes the minute 61 for the minute 1."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        schedule = call.body.get("schedule")
        if isinstance(schedule, dict) and str(schedule.get("expression")).startswith("61 "):
            wrapped = {**schedule, "expression": f"1{schedule['expression'][2:]}"}
            call = replace(call, body={**call.body, "schedule": wrapped})
        return super().read_patch(call, metadata)


@fault(breaks="update.partial-schedule-is-400", hides="inputs")
class PartialScheduleIsMerged(Service):
    """A schedule that lacks a part takes it from the stored one."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        schedule, stored = call.body.get("schedule"), self.find(call).schedule
        if isinstance(schedule, dict) and stored:
            parts = {"type": "cron", "expression": stored.expression, "timezone": stored.timezone}
            call = replace(call, body={**call.body, "schedule": {**parts, **schedule}})
        return super().read_patch(call, metadata)


@fault(breaks="update.17th-metadata-key-is-400", hides="inputs")
class OnlyKeysSentAreCounted(Service):
    """The limit of metadata keys binds what an update sends, not what comes of it."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if current is None or not isinstance(value, dict):
            return super().read_metadata(value, current)
        read = super().read_metadata(value, {})
        kept = {key: entry for key, entry in current.items() if key not in value}
        return {**kept, **{key: entry for key, entry in read.items() if value.get(key) is not None}}


@fault(breaks="update.events-outside-1-to-50-are-400", hides="inputs")
class NoEventMeansNoChange(Service):
    """An update with an empty list of events answers 200 and keeps the events."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        empty = call.body.get("initial_events") == []
        return super().read_patch(without(call, "initial_events") if empty else call, metadata)


@fault(breaks="update.events-outside-1-to-50-are-400", hides="inputs")
class EventsOfUpdatesAreUnlimited(Service):
    """An update takes more than 50 events."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        self.event_limit = 1000
        try:
            return super().read_patch(call, metadata)
        finally:
            self.event_limit = 50


@fault(breaks="update.51-vaults-are-refused", hides="inputs")
class VaultsOfUpdatesAreUnlimited(Service):
    """An update may name any number of vaults."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        self.vault_limit = 1000
        try:
            return super().read_patch(call, metadata)
        finally:
            self.vault_limit = 50


class _TakesArchived(Service):
    """An update to something archived answers 200 without it; `referring` is the field."""

    referring = ""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        try:
            return super().read_patch(call, metadata)
        except ApiError as error:
            if error.param != self.referring or "archived" not in error.message:
                raise
            return super().read_patch(without(call, self.referring), metadata)


@fault(breaks="update.archived-agent-is-400", hides="inputs")
class ArchivedAgentIsLeftOut(_TakesArchived):
    """An update to an archived agent answers 200 and keeps the agent."""

    referring = "agent"


@fault(breaks="update.archived-environment-is-400", hides="inputs")
class ArchivedEnvironmentIsLeftOut(_TakesArchived):
    """An update to an archived environment answers 200 and keeps the environment."""

    referring = "environment_id"


@fault(breaks="update.archived-agent-is-400", hides="side effect")
class ArchivedAgentIsRefusedLate(Service):
    """An update to an archived agent is a 400 after the other fields were stored."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError as error:
            if error.param == "agent" and call.body.keys() > {"agent"}:
                super().update(without(call, "agent"))
            raise


@fault(breaks="errors.refused-changes-nothing", hides="side effect")
class RefusedUpdateTouches(Service):
    """A refused update moves updated_at."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError as error:
            if error.param == "name":
                self.keep(self.touch(self.find(call)))
            raise


# --- schedule, metadata, events --------------------------------------------------------------------------


@fault(breaks="update.new-schedule-lists-new-runs", hides="side effect")
class UpcomingRunsStay(Service):
    """The upcoming runs are those of the first schedule."""

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        first = self.__dict__.setdefault("first_schedules", {}).setdefault(record.id, record.schedule)
        return super().upcoming(replace(record, schedule=record.schedule and first))


@fault(breaks="update.new-schedule-lists-new-runs", hides="sequence")
class AddedScheduleListsNothing(Service):
    """A deployment that was made without a schedule never lists runs of the one that it gets."""

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        made = super().apply_create(call, fields)
        if made.schedule is None:
            self.__dict__.setdefault("manual_only", set()).add(made.id)
        return made

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        return () if record.id in self.__dict__.get("manual_only", ()) else super().upcoming(record)


@fault(breaks="update.new-schedule-lists-new-runs", hides="sequence")
class UnpauseListsRunsOfTheOldSchedule(Service):
    """An unpause takes up the schedule that the pause put away, whatever came since."""

    def apply_pause(self, record: Deployment) -> Deployment:
        self.__dict__.setdefault("put_away", {})[record.id] = record.schedule
        return super().apply_pause(record)

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        put_away = self.__dict__.get("put_away", {}).get(record.id)
        if record.status == "paused" or put_away is None:
            return super().upcoming(record)
        return super().upcoming(replace(record, schedule=record.schedule and put_away))


@fault(breaks="update.new-schedule-lists-new-runs", hides="inputs")
class NewZoneListsOldRuns(Service):
    """A new time zone alone does not recalculate the upcoming runs."""

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        if record.schedule is None:
            return super().upcoming(record)
        seen = self.__dict__.setdefault("calculated", {})
        before = seen.get(record.id)
        if before is None or before.expression != record.schedule.expression:
            before = seen[record.id] = record.schedule
        return super().upcoming(replace(record, schedule=before))


@fault(
    breaks="update.metadata-is-merged",
    also=("update.empty-metadata-changes-nothing", "update.17th-metadata-key-is-400"),
    hides="side effect",
)
class MetadataIsReplaced(Service):
    """Metadata sent takes the place of what was there."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        return super().read_metadata(value, current if current is None else self.default_metadata())


@fault(breaks="update.metadata-is-merged", hides="inputs")
class NullDeletesNothing(Service):
    """Null in metadata leaves the key as it was."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if current is not None and isinstance(value, dict):
            value = {key: entry for key, entry in value.items() if entry is not None}
        return super().read_metadata(value, current)


@fault(breaks="update.empty-metadata-changes-nothing", hides="inputs")
class EmptyMetadataClears(Service):
    """Empty metadata deletes every key."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if current is not None and value == {}:
            return self.default_metadata()
        return super().read_metadata(value, current)


@fault(breaks="update.events-are-replaced", also=("update.event-types-are-stored",), hides="side effect")
class EventsAreAppended(Service):
    """Events sent are added to those that are there."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "initial_events" in fields:
            fields = {**fields, "initial_events": [*record.initial_events, *fields["initial_events"]]}
        return super().apply_update(record, fields)


# --- in other states, and nothing at all -----------------------------------------------------------------


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence")
class PausedCannotBeUpdated(Service):
    """An update of a paused deployment is a 409."""

    def update(self, call: Call) -> Document:
        if self.find(call).status == "paused":
            raise ApiError(409, "conflict_error", "The deployment is paused.")
        return super().update(call)


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence")
class UpdateWakesThePaused(Service):
    """An update makes a paused deployment active; its answer shows it paused."""

    def update(self, call: Call) -> Document:
        document = super().update(call)
        self.keep(replace(self.find(call), status="active", paused_reason=None))
        return document


@fault(breaks="update.empty-body-changes-nothing", hides="inputs")
class EmptyUpdateIsRefused(Service):
    """An update that names no field is a 400."""

    def update(self, call: Call) -> Document:
        if not call.body:
            raise ApiError(400, "invalid_request_error", "Nothing to update.")
        return super().update(call)


@fault(breaks="update.empty-body-changes-nothing", hides="inputs")
class EmptyUpdateClears(Service):
    """An update that names no field resets the optional ones."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        return super().apply_update(record, fields or {"description": ""})


@fault(
    breaks="errors.refused-changes-nothing",
    also=(
        "update.archived-agent-is-400",
        "update.archived-environment-is-400",
        "object.refused-is-not-done",
    ),
    hides="side effect",
)
class RefusedUpdateIsHalfStored(Service):
    """A refused update stores its valid half."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.status == 400 and request.operation == "update":
            tenant = next(iter(self.store.tenants.values()))
            with self.lock, suppress(ApiError):
                call = Call(request, tenant, self.read_body(request))
                self.keep(self.touch(replace(self.find(call), description="half of a refused update")))
        return response
