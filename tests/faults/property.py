"""Faults that only unusual values, ids, tokens and bodies show: the property searches find them."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from conformance.reference import ApiError, Call, Deployment, Document, Request, Service
from conformance.reference.errors import crashed, invalid, not_found
from conformance.reference.store import Schedule, Tenant
from tests.faults.catalogue import fault

T = TypeVar("T", bound=type[Service])
ASTRAL = 0xFFFF
NAME, METADATA = "create.name-of-256-is-stored", "create.metadata-at-its-limits-is-stored"
UPDATED = ("update.is-stored", "update.metadata-is-merged", "update.events-are-replaced")


def found_by(
    search: str, breaks: str, *also: str, revisions: tuple[str, ...] = ("2026-06", "2026-07")
) -> Callable[[T], T]:
    """Register a fault that a property search finds."""
    return fault(
        breaks=breaks,
        also=also,
        hides="inputs",
        tiers=("property",),
        found_by=f"property.{search}",
        revisions=revisions,
    )


# --- values that are not stored as they were sent --------------------------------------------------------


@found_by("valid-creations", "create.stores-what-was-sent", NAME, *UPDATED)
class NamesAreCutAt64(Service):
    """Names are cut after 64 characters."""

    def read_name(self, value: object) -> str:
        return super().read_name(value)[:64]


@found_by("valid-creations", NAME, *UPDATED)
class AstralCharactersCountTwice(Service):
    """Characters beyond the basic plane count as two in names."""

    def read_name(self, value: object) -> str:
        name = super().read_name(value)
        if len(name) + sum(ord(character) > ASTRAL for character in name) > self.name_limit:
            raise invalid("name must be at most 256 characters", "name")
        return name


@found_by("valid-creations", "create.stores-what-was-sent", *UPDATED)
class DescriptionsAreCutAt1000(Service):
    """Descriptions are cut after 1,000 characters."""

    def read_description(self, value: object) -> str:
        return super().read_description(value)[:1000]


@found_by("valid-creations", "create.stores-what-was-sent", *UPDATED)
class DescriptionsAreEscaped(Service):
    """Descriptions are stored as HTML."""

    def read_description(self, value: object) -> str:
        return html.escape(super().read_description(value))


@found_by("valid-creations", METADATA, "create.stores-what-was-sent", *UPDATED)
class EmojiInMetadataIsACrash(Service):
    """A character beyond the basic plane in metadata is answered with 500."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if any(ord(character) > ASTRAL for character in f"{key}{entry}"):
            raise crashed()
        return super().read_metadata_entry(key, entry, bag)


@found_by("valid-creations", METADATA, *UPDATED)
class MetadataKeysAreLowerCased(Service):
    """Keys of metadata lose their capitals."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        return {key.lower(): entry for key, entry in super().read_metadata(value, current).items()}


@found_by("valid-creations", METADATA, *UPDATED)
class DollarKeysAreDropped(Service):
    """Keys of metadata that begin with a dollar sign are dropped, as operators of a database."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        return {key: entry for key, entry in bag.items() if not key.startswith("$")}


@found_by("valid-creations", "create.50-events-are-stored", *UPDATED)
class EventsBeyondTheTenthAreDropped(Service):
    """Of many events the first ten are kept."""

    def read_events(self, value: object) -> Sequence[object]:
        return super().read_events(value)[:10]


@found_by("valid-updates", "update.is-stored", "update.keeps-what-was-not-sent")
class UpdatedNamesAreCutAt64(Service):
    """Names given by an update are cut after 64 characters."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        return super().apply_update(record, {**fields, "name": fields.get("name", record.name)[:64]})


@found_by("valid-updates", "update.metadata-is-merged")
class LongMetadataIsLostInUpdates(Service):
    """Of metadata in an update, values above 255 characters are left out."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        fields = super().read_patch(call, metadata)
        if "metadata" in fields:
            bag = fields["metadata"].items()
            fields["metadata"] = {key: entry for key, entry in bag if len(entry) < 256}
        return fields


# --- schedules -------------------------------------------------------------------------------------------


class _OtherRuns(Service):
    """Lists the runs of another schedule."""

    def other(self, schedule: Schedule) -> Schedule:
        return schedule

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        return super().occurrences(self.other(schedule), after)


@found_by("schedules", "schedule.upcoming-runs-match")
class DaySevenIsMonday(_OtherRuns):
    """Day-of-week 7 is read as Monday."""

    def other(self, schedule: Schedule) -> Schedule:
        *fields, weekday = schedule.expression.split()
        monday = "1" if weekday == "7" else weekday
        return replace(schedule, expression=" ".join((*fields, monday)))


@found_by("schedules", "schedule.upcoming-runs-match")
class HalfHoursOfZonesAreLost(_OtherRuns):
    """Zones that are half an hour off are read by the full hour."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        runs = super().occurrences(schedule, after)
        half = schedule.timezone in {"Asia/Kolkata", "America/St_Johns", "Australia/Adelaide"}
        return [run + timedelta(minutes=30) for run in runs] if half else runs


@found_by("schedules", "schedule.upcoming-runs-match")
class StepsOfRangesAreIgnored(_OtherRuns):
    """A step after a range is ignored."""

    def other(self, schedule: Schedule) -> Schedule:
        fields = schedule.expression.split()
        plain = [field if field.startswith("*") else field.partition("/")[0] for field in fields]
        return replace(schedule, expression=" ".join(plain))


@found_by("schedules", "schedule.is-echoed")
class ListsOfHoursAreRefused(Service):
    """Lists in an expression are refused."""

    def read_expression(self, value: object) -> str:
        if "," in str(value):
            raise invalid("schedule.expression is invalid", "schedule.expression")
        return super().read_expression(value)


# --- limits ----------------------------------------------------------------------------------------------


@fault(breaks="create.name-of-257-is-400", also=("update.name-of-257-is-400",), hides="inputs")
class NamesOf257AreTaken(Service):
    """One character more is accepted in names."""

    name_limit = 257


@fault(breaks="create.51-events-is-400", also=("update.events-outside-1-to-50-are-400",), hides="inputs")
class EventsOf51AreTaken(Service):
    """One event more is accepted."""

    event_limit = 51


@fault(breaks="create.51-vaults-are-refused", also=("update.51-vaults-are-refused",), hides="inputs")
class VaultsOf51AreTaken(Service):
    """One vault more is accepted."""

    vault_limit = 51


@fault(breaks="create.17-metadata-keys-are-400", also=("update.17th-metadata-key-is-400",), hides="inputs")
class MetadataOf17IsTaken(Service):
    """One key more is accepted in metadata."""

    metadata_limit = 17


@fault(
    breaks="create.metadata-key-of-65-is-400", also=("update.metadata-beyond-limits-is-400",), hides="inputs"
)
class MetadataKeysOf65AreTaken(Service):
    """One character more is accepted in keys of metadata."""

    metadata_key_limit = 65


@fault(
    breaks="create.metadata-value-of-513-is-400",
    also=("update.metadata-beyond-limits-is-400",),
    hides="inputs",
)
class MetadataValuesOf513AreTaken(Service):
    """One character more is accepted in values of metadata."""

    metadata_value_limit = 513


@found_by("invalid-creations", "errors.refused-creates-nothing")
class RefusedForItsMetadataAndMade(Service):
    """A creation refused for its metadata is made all the same, without it."""

    def create(self, call: Call) -> Document:
        try:
            return super().create(call)
        except ApiError as error:
            if error.param == "metadata":
                super().create(replace(call, body={**call.body, "metadata": {}}))
            raise


@found_by("invalid-updates", "errors.refused-changes-nothing")
class RefusedUpdateStoresTheRest(Service):
    """An update refused for one field stores the description beside it."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError:
            if "description" in call.body and len(call.body) > 1:
                super().update(replace(call, body={"description": call.body["description"]}))
            raise


# --- ids -------------------------------------------------------------------------------------------------


class _OtherIds(Service):
    """Takes other ids for those of its deployments."""

    def is_named(self, record: Deployment, asked: str) -> bool:
        raise NotImplementedError

    def find(self, call: Call) -> Deployment:
        asked = call.deployment_id
        found = next((r for r in call.tenant.deployments.values() if self.is_named(r, asked)), None)
        if found is None:
            raise not_found("The deployment")
        return found


@found_by("ids", "errors.unknown-deployment-is-404", "errors.refused-changes-nothing")
class BeginningOfAnIdSuffices(_OtherIds):
    """A deployment is found by the beginning of its id."""

    def is_named(self, record: Deployment, asked: str) -> bool:
        return record.id.startswith(asked)


@found_by("ids", "errors.unknown-deployment-is-404", "errors.refused-changes-nothing")
class PrefixOfAnIdIsIgnored(_OtherIds):
    """What stands before the digits of an id is ignored."""

    def is_named(self, record: Deployment, asked: str) -> bool:
        return record.id.rpartition("_")[2] == asked.rpartition("_")[2]


@found_by("ids", "errors.unknown-deployment-is-404", "errors.refused-changes-nothing")
class IdsEndAtANul(_OtherIds):
    """What follows a NUL in an id is ignored."""

    def is_named(self, record: Deployment, asked: str) -> bool:
        return record.id == asked.partition("\0")[0]


@found_by("ids", "errors.unknown-deployment-is-404", "errors.refused-changes-nothing")
class LastDigitOfAnIdIsIgnored(_OtherIds):
    """The last digit of an id is ignored."""

    def is_named(self, record: Deployment, asked: str) -> bool:
        return record.id[:-1] == asked[:-1]


# --- credentials -----------------------------------------------------------------------------------------

CREDENTIALS = ("auth.unknown-token-is-401", "auth.refused-changes-nothing")


@found_by("credentials", *CREDENTIALS)
class BeginningOfATokenSuffices(Service):
    """A token is accepted when the valid one begins with it."""

    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        return len(token) > 3 and tenant.token.startswith(token)


@found_by("credentials", *CREDENTIALS)
class MoreThanATokenSuffices(Service):
    """A token is accepted when it begins with the valid one."""

    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        return token.startswith(tenant.token)


@found_by("credentials", *CREDENTIALS)
class TokensLoseTheirCase(Service):
    """Tokens are compared without regard to case."""

    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        return token.lower() == tenant.token.lower()


# --- bodies ----------------------------------------------------------------------------------------------


class _Distracted(Service):
    """Does something else when a bodiless action has a body."""

    def distracted(self, call: Call) -> bool:
        return bool(call.body)


@found_by("odd-bodies", "pause.reason-is-manual")
class PauseWithABodyForgetsItsReason(_Distracted):
    """A pause with fields in its body sets no reason."""

    def pause(self, call: Call) -> Document:
        answer = super().pause(call)
        if self.distracted(call):
            self.save(call, replace(self.find(call), paused_reason=None))
        return answer


@found_by("odd-bodies", "pause.changes-only-its-own-fields")
class PauseAppliesItsBody(_Distracted):
    """A pause whose body has a name renames the deployment."""

    def pause(self, call: Call) -> Document:
        super().pause(call)
        record = self.find(call)
        self.save(call, replace(record, name=str(call.body.get("name", record.name))))
        return self.get(call)


@found_by("odd-bodies", "unpause.is-stored")
class UnpauseWithABodyIsOnlyAnswered(_Distracted):
    """An unpause with fields in its body answers 200 and is not carried out."""

    def unpause(self, call: Call) -> Document:
        before = self.find(call)
        answer = super().unpause(call)
        if self.distracted(call):
            self.save(call, before)
        return answer


@found_by("odd-bodies", "archive.refused-changes-nothing", "unpause.refused-changes-nothing")
class RefusedBodiesAreLookedAtTooLate(Service):
    """An unpause or archive whose body is no JSON is refused after it was carried out."""

    def read_body(self, request: Request) -> Document:
        try:
            return super().read_body(request)
        except ApiError:
            if request.operation in {"unpause", "archive"}:
                tenant = self.authenticate(request)
                getattr(self, request.operation)(Call(request, tenant, {}))
            raise
