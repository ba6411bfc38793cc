"""Faults of limits and types: counted in other units, on one item of many, or too willing to convert."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.reference import ApiError, Call, Document, Service
from conformance.reference.errors import invalid
from conformance.reference.store import AgentPin, Schedule, Tenant
from tests.faults.catalogue import fault

NEW_ONLY = ("2026-07",)
WRONG_TYPE = "errors.wrong-type-is-400"
MERGED = "update.metadata-is-merged"
BAG = "create.metadata-at-its-limits-is-stored"
TOO_LONG = "update.metadata-beyond-limits-is-400"


# --- limits ------------------------------------------------------------------------------------------------


@fault(breaks=MERGED, hides="inputs", revisions=NEW_ONLY)
class SwapsInAFullBagAreRefused(Service):
    """A patch that deletes one of 16 keys and sets another is refused as 17."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        union = {*(current or {}), *(value if isinstance(value, dict) else {})} - {"cas_config"}
        if len(union) > self.metadata_limit:
            raise invalid("metadata must hold at most 16 keys", "metadata")
        return bag


@fault(breaks=MERGED, hides="inputs")
class RenewedKeysCountTwice(Service):
    """A patch of a full bag that sets a key anew is refused as 17."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        if isinstance(value, dict) and current is not None:
            sent = sum(entry is not None for key, entry in value.items() if key != "cas_config")
            if sent + len({*current} - {"cas_config"}) > self.metadata_limit:
                raise invalid("metadata must hold at most 16 keys", "metadata")
        return bag


@fault(breaks=BAG, hides="inputs")
class KeysAreMeasuredInBytes(Service):
    """Metadata keys are measured in bytes."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if len(key.encode()) > self.metadata_key_limit:
            raise invalid("a metadata key must be at most 64 characters", "metadata")
        return super().read_metadata_entry(key, entry, bag)


@fault(breaks=BAG, hides="inputs")
class ValuesAreMeasuredInUtf16(Service):
    """Characters beyond the basic plane count as two in metadata values."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if isinstance(entry, str) and len(entry.encode("utf-16-le")) > 2 * self.metadata_value_limit:
            raise invalid("a metadata value must be at most 512 characters", "metadata")
        return super().read_metadata_entry(key, entry, bag)


@fault(breaks="create.name-of-257-is-400", also=("update.name-of-257-is-400",), hides="inputs")
class OnlyAsciiCountsInNames(Service):
    """Only ASCII characters count towards the length of a name."""

    def read_name(self, value: object) -> str:
        name = value if isinstance(value, str) else ""
        plain = "".join(c for c in name if c.isascii())
        if 0 < len(name) != len(plain) and len(plain) <= self.name_limit:
            return name
        return super().read_name(value)


class _FirstKey(Service):
    """Checks what `read_metadata_entry` refuses for the first key of a bag alone."""

    seen: str | None = None

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        self.seen = next(iter(value), None) if isinstance(value, dict) else None
        return super().read_metadata(value, current)


@fault(breaks=TOO_LONG, also=("create.metadata-value-of-513-is-400",), hides="inputs")
class OnlyTheFirstValueIsMeasured(_FirstKey):
    """The limit of metadata values binds the first key of a body alone."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if key != self.seen and isinstance(entry, str):
            super().read_metadata_entry(key, entry[:10], bag)
            return entry
        return super().read_metadata_entry(key, entry, bag)


@fault(breaks="create.metadata-values-are-text", also=(TOO_LONG,), hides="inputs")
class OnlyTheFirstValueMustBeText(_FirstKey):
    """A metadata value that is no text is stored under any key but the first."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if (
            key != self.seen
            and entry is not None
            and not isinstance(entry, str)
            and not self.is_cas_config(key)
        ):
            return entry
        return super().read_metadata_entry(key, entry, bag)


@fault(
    breaks="update.unknown-event-type-is-400",
    also=("create.unknown-event-type-is-400",),
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-updates",
)
class EventTypesMatchByTheirBeginning(Service):
    """Any event type that begins with `user.` is taken."""

    def read_event(self, value: object) -> object:
        if isinstance(value, dict) and str(value.get("type")).startswith("user."):
            super().read_event({**value, "type": "user.message"})
            return value
        return super().read_event(value)


@fault(
    breaks="update.schedule-type-must-be-cron",
    also=("schedule.type-must-be-cron",),
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-updates",
)
class NullIsATypeOfSchedules(Service):
    """A schedule whose type is null is taken as one of type cron."""

    def read_schedule(self, value: object) -> Schedule:
        if isinstance(value, dict) and "type" in value and value["type"] is None:
            value = {**value, "type": "cron"}
        return super().read_schedule(value)


# --- conversions -------------------------------------------------------------------------------------------


@fault(breaks=WRONG_TYPE, hides="inputs", tiers=("property",), found_by="property.invalid-creations")
class NumbersBecomeNames(Service):
    """A name that is a number is stored as its digits."""

    def read_name(self, value: object) -> str:
        return super().read_name(str(value) if isinstance(value, int) else value)


@fault(breaks=WRONG_TYPE, hides="inputs")
class NumbersBecomeDescriptionsInUpdates(Service):
    """A description of an update that is a number is stored as its digits."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        value = call.body.get("description")
        if isinstance(value, int):
            call = Call(call.request, call.tenant, {**call.body, "description": str(value)})
        return super().read_patch(call, metadata)


@fault(breaks=WRONG_TYPE, hides="inputs")
class OneEventNeedsNoList(Service):
    """A single event is taken without a list around it."""

    def read_events(self, value: object) -> Sequence[object]:
        return super().read_events([value] if isinstance(value, dict) and "type" in value else value)


@fault(breaks=WRONG_TYPE, hides="inputs", tiers=("property",), found_by="property.invalid-creations")
class OneVaultNeedsNoList(Service):
    """A single vault id is taken without a list around it."""

    def read_vault_ids(self, value: object) -> Sequence[str]:
        return super().read_vault_ids([value] if isinstance(value, str) else value)


@fault(breaks=WRONG_TYPE, hides="inputs")
class EmptyListsAreMetadata(Service):
    """An empty list is taken for metadata."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        return super().read_metadata({} if value == [] else value, current)


@fault(breaks=WRONG_TYPE, hides="inputs", tiers=("property",), found_by="property.invalid-updates")
class EmptyObjectsAreLists(Service):
    """An empty object is taken for an empty list of resources or vaults."""

    def read_resources(self, value: object) -> Sequence[object]:
        return super().read_resources([] if value == {} else value)

    def read_vault_ids(self, value: object) -> Sequence[str]:
        return super().read_vault_ids([] if value == {} else value)


@fault(breaks=WRONG_TYPE, hides="inputs", tiers=("property",), found_by="property.invalid-creations")
class FalseIsNoSchedule(Service):
    """A schedule that is false, 0 or an empty text is taken as none."""

    def read_field(self, field: str, value: object, reader: Any) -> object:  # noqa: ANN401 (as the base)
        return super().read_field(field, value or None if field == "schedule" else value, reader)


@fault(breaks=WRONG_TYPE, hides="inputs", tiers=("property",), found_by="property.invalid-updates")
class FalseIsEmpty(Service):
    """An optional list that is false, 0 or an empty text is taken as empty."""

    def read_field(self, field: str, value: object, reader: Any) -> object:  # noqa: ANN401 (as the base)
        return super().read_field(
            field, value or None if field in {"resources", "vault_ids"} else value, reader
        )


@fault(breaks=WRONG_TYPE, hides="inputs")
class SchedulesMayBeText(Service):
    """A schedule that is a cron expression alone is read in UTC."""

    def read_schedule(self, value: object) -> Schedule:
        if isinstance(value, str):
            value = {"type": "cron", "expression": value, "timezone": "UTC"}
        return super().read_schedule(value)


@fault(breaks=WRONG_TYPE, hides="inputs", tiers=("property",), found_by="property.invalid-updates")
class VersionsMayBeText(Service):
    """The version of an agent may be a text of digits."""

    def read_agent(self, value: object, tenant: Tenant) -> AgentPin:
        if isinstance(value, dict) and isinstance(value.get("version"), str) and value["version"].isdecimal():
            value = {**value, "version": int(value["version"])}
        return super().read_agent(value, tenant)


@fault(breaks=WRONG_TYPE, hides="inputs", tiers=("property",), found_by="property.invalid-creations")
class TrueIsAVersion(Service):
    """The version of an agent may be true, which counts as 1."""

    def read_agent(self, value: object, tenant: Tenant) -> AgentPin:
        if isinstance(value, dict) and value.get("version") is True:
            value = {**value, "version": 1}
        return super().read_agent(value, tenant)


@fault(breaks=WRONG_TYPE, hides="inputs", tiers=("property",), found_by="property.invalid-updates")
class EnvironmentsMayBeObjects(Service):
    """`environment_id` may be an object with an id."""

    def read_environment_id(self, value: object, tenant: Tenant) -> str:
        return super().read_environment_id(value.get("id") if isinstance(value, dict) else value, tenant)


@fault(breaks=WRONG_TYPE, hides="inputs")
class VaultsMayBeNumbers(Service):
    """Vault ids that are numbers are stored as their digits."""

    def read_vault_ids(self, value: object) -> Sequence[str]:
        if isinstance(value, list):
            value = [str(item) if isinstance(item, int) else item for item in value]
        return super().read_vault_ids(value)


@fault(breaks=WRONG_TYPE, hides="inputs", tiers=("property",), found_by="property.invalid-updates")
class NullsInListsAreSkipped(Service):
    """Nulls among vaults, resources and events are left out."""

    def read_field(self, field: str, value: object, reader: Any) -> object:  # noqa: ANN401 (as the base)
        if isinstance(value, list) and len(value) <= self.event_limit:
            value = [item for item in value if item is not None]
        return super().read_field(field, value, reader)


@fault(breaks=WRONG_TYPE, hides="inputs", tiers=("property",), found_by="property.invalid-updates")
class EventsMayBeTexts(Service):
    """An event that is a text becomes a message of the user."""

    def read_event(self, value: object) -> object:
        content = [{"type": "text", "text": value}]
        return super().read_event(
            {"type": "user.message", "content": content} if isinstance(value, str) else value
        )


@fault(breaks=WRONG_TYPE, hides="inputs", tiers=("property",), found_by="property.invalid-creations")
class EventListsMayBeJson(Service):
    """Initial events may be a text that holds their JSON."""

    def read_events(self, value: object) -> Sequence[object]:
        if isinstance(value, str) and value.startswith("["):
            value = json.loads(value)
        return super().read_events(value)


@fault(
    breaks="create.metadata-values-are-text",
    also=(TOO_LONG,),
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-creations",
)
class TruthBecomesText(Service):
    """A metadata value that is true or false is stored as a text."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        return super().read_metadata_entry(key, str(entry).lower() if isinstance(entry, bool) else entry, bag)


@fault(breaks="create.metadata-values-are-text", hides="inputs")
class NullBecomesEmptyText(Service):
    """A metadata value that is null is stored as an empty text when a deployment is created."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        return super().read_metadata_entry(
            key, entry if entry is not None or self.is_cas_config(key) else "", bag
        )


@fault(
    breaks="update.metadata-beyond-limits-is-400",
    also=("create.metadata-values-are-text",),
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-updates",
)
class FractionsBecomeText(Service):
    """A metadata value that is a number with a fraction is stored as a text."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        return super().read_metadata_entry(key, str(entry) if isinstance(entry, float) else entry, bag)


@fault(breaks="create.metadata-values-are-text", also=(TOO_LONG,), hides="inputs")
class NestedMetadataIsStored(Service):
    """A metadata value may be a list of texts."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        return entry if isinstance(entry, list) else super().read_metadata_entry(key, entry, bag)


# --- schedules that are taken ------------------------------------------------------------------------------


class _Expressions(Service):
    """Takes expressions that `taken` says are fine, as if they were every hour."""

    def read_expression(self, value: object) -> str:
        if isinstance(value, str) and self.taken(value):
            return "0 * * * *"
        return super().read_expression(value)

    def taken(self, expression: str) -> bool:
        raise NotImplementedError


INVALID = "schedule.invalid-cron-is-400"
INVALID_UPDATE = "update.invalid-cron-is-400"


@fault(breaks=INVALID, also=(INVALID_UPDATE,), hides="inputs")
class HoursReach24(_Expressions):
    """Hour 24 is taken."""

    def taken(self, expression: str) -> bool:
        return expression.split()[1:2] == ["24"]


@fault(
    breaks=INVALID,
    also=(INVALID_UPDATE,),
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-creations",
)
class MinutesReach60(_Expressions):
    """Minute 60 is taken."""

    def taken(self, expression: str) -> bool:
        return expression.split()[:1] == ["60"]


@fault(
    breaks="update.invalid-cron-is-400",
    also=("schedule.invalid-cron-is-400",),
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-updates",
)
class DaysBeginAtZero(_Expressions):
    """Day 0 of a month is taken."""

    def taken(self, expression: str) -> bool:
        return expression.split()[2:3] == ["0"]


@fault(breaks=INVALID, also=(INVALID_UPDATE,), hides="inputs")
class MonthsReach13(_Expressions):
    """Month 13 is taken."""

    def taken(self, expression: str) -> bool:
        return expression.split()[3:4] == ["13"]


@fault(breaks=INVALID, also=(INVALID_UPDATE,), hides="inputs")
class WeekdaysReach8(_Expressions):
    """Weekday 8 is taken."""

    def taken(self, expression: str) -> bool:
        return expression.split()[4:5] == ["8"]


@fault(breaks=INVALID, also=(INVALID_UPDATE,), hides="inputs")
class EmptyExpressionsAreTaken(_Expressions):
    """An empty expression is taken."""

    def taken(self, expression: str) -> bool:
        return not expression.strip()


@fault(
    breaks="update.invalid-cron-is-400",
    also=("schedule.invalid-cron-is-400",),
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-updates",
)
class StepsOfZeroAreTaken(_Expressions):
    """A step of 0 is taken."""

    def taken(self, expression: str) -> bool:
        return "/0" in expression and len(expression.split()) == 5


@fault(
    breaks="update.invalid-cron-is-400",
    also=("schedule.invalid-cron-is-400",),
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-updates",
)
class RangesAreNotChecked(_Expressions):
    """The end of a range of hours is not checked."""

    def taken(self, expression: str) -> bool:
        fields = expression.split()
        return len(fields) == 5 and fields[1].startswith(("0-", "3-")) and fields[1][2:].isdecimal()


@fault(
    breaks=INVALID,
    also=(INVALID_UPDATE,),
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-creations",
)
class ListsInFieldsMayEndInAComma(_Expressions):
    """A comma at the end of a field is taken."""

    def taken(self, expression: str) -> bool:
        return any(w.endswith(",") for w in expression.split()) and len(expression.split()) == 5


@fault(breaks=INVALID, also=(INVALID_UPDATE,), hides="inputs")
class LastFieldMayBeMissing(_Expressions):
    """An expression of four fields is taken: the weekday is any."""

    def taken(self, expression: str) -> bool:
        return len(expression.split()) == 4 and expression[0] in "0123456789*"


@fault(
    breaks="update.invalid-cron-is-400",
    also=("schedule.invalid-cron-is-400",),
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-updates",
)
class NegativeNumbersAreTaken(_Expressions):
    """A negative number in a field is taken."""

    def taken(self, expression: str) -> bool:
        return any(w.startswith("-") for w in expression.split()) and len(expression.split()) == 5


@fault(breaks=INVALID_UPDATE, hides="inputs", tiers=("property",), found_by="property.invalid-updates")
class ExpressionsAreCheckedWithANewZoneAlone(Service):
    """An update checks the expression only when the zone changes as well."""

    def update(self, call: Call) -> Document:
        record, sent = self.find(call), call.body.get("schedule")
        zone = sent.get("timezone") if isinstance(sent, dict) else None
        try:
            return super().update(call)
        except ApiError as error:
            if error.param == "schedule.expression" and record.schedule and zone == record.schedule.timezone:
                return self.render_deployment(record)
            raise


@fault(breaks="errors.wrong-type-is-400", also=("schedule.unknown-zone-is-400",), hides="inputs")
class EmptyZonesAreUtc(Service):
    """A zone that is null is read as UTC."""

    def read_timezone(self, value: object) -> str:
        return super().read_timezone("UTC" if value is None else value)


@fault(breaks="update.unknown-zone-is-400", also=("schedule.unknown-zone-is-400",), hides="inputs")
class ZonesNeedOnlyAKnownContinent(Service):
    """Any city of a known continent is a zone, read as UTC."""

    def read_timezone(self, value: object) -> str:
        if isinstance(value, str) and value.startswith(("Europe/", "Asia/", "America/", "Africa/")):
            try:
                return super().read_timezone(value)
            except ApiError:
                return "UTC"
        return super().read_timezone(value)
