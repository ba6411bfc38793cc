"""Faults of single fields of updates, and of what an update or a creation says in a wrong type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.reference import Call, Deployment, Service
from conformance.reference.rules import EVENT_TYPES
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

SEARCH = "model.lifecycle"
ASTRAL = 0xFFFF
SIX = 6


class _Ignores(Service):
    """Takes an update without some of its fields."""

    def ignored(self, record: Deployment, fields: Mapping[str, Any]) -> set[str]:
        raise NotImplementedError

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        lost = self.ignored(record, fields)
        return super().apply_update(record, {name: v for name, v in fields.items() if name not in lost})


@fault(
    breaks="update.returns-full-object",
    also=("update.of-paused-keeps-it-paused",),
    hides="inputs",
    tiers=("property",),
    found_by=SEARCH,
)
class AgentsStay(_Ignores):
    """An update of the agent leaves it as it was."""

    def ignored(self, record: Deployment, fields: Mapping[str, Any]) -> set[str]:
        return {"agent"}


@fault(breaks="update.is-stored", hides="inputs", tiers=("property",), found_by="property.valid-updates")
class DescriptionsCannotBeEmptied(_Ignores):
    """An update with an empty description leaves it as it was."""

    def ignored(self, record: Deployment, fields: Mapping[str, Any]) -> set[str]:
        return set() if fields.get("description") else {"description"}


@fault(
    breaks="update.returns-full-object",
    also=("update.of-paused-keeps-it-paused", "update.is-stored"),
    hides="sequence",
    tiers=("property",),
    found_by=SEARCH,
)
class SchedulesOfPausedStay(_Ignores):
    """An update of a paused deployment leaves its schedule as it was."""

    def ignored(self, record: Deployment, fields: Mapping[str, Any]) -> set[str]:
        return {"schedule"} if record.status == "paused" else set()


class _Unchecked(Service):
    """Looks at some values more closely in creations than in updates."""

    updating = False

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        self.updating = True
        try:
            return super().read_patch(call, metadata)
        finally:
            self.updating = False


@fault(breaks="update.metadata-beyond-limits-is-400", hides="inputs")
class MetadataOfUpdatesIsUnchecked(_Unchecked):
    """An update takes any text or number as a value of metadata."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if self.updating and isinstance(entry, str | int):
            return str(entry)
        return super().read_metadata_entry(key, entry, bag)


@fault(breaks="update.metadata-beyond-limits-is-400", hides="inputs")
class NumbersInMetadataOfUpdates(_Unchecked):
    """An update takes numbers in metadata as text."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        read = str(entry) if self.updating and isinstance(entry, int) else entry
        return super().read_metadata_entry(key, read, bag)


@fault(breaks="update.unknown-event-type-is-400", hides="inputs")
class EventTypesOfUpdatesAreUnchecked(_Unchecked):
    """An update takes events of any type; they must have one."""

    def read_event(self, value: object) -> object:
        odd = (
            self.updating and isinstance(value, dict) and value.get("type", EVENT_TYPES[0]) not in EVENT_TYPES
        )
        return value if odd else super().read_event(value)


@fault(breaks="update.unknown-event-type-is-400", hides="inputs")
class EventsOfUpdatesNeedNoType(_Unchecked):
    """An update takes an event without a type for a message of a user."""

    def read_event(self, value: object) -> object:
        untyped = self.updating and isinstance(value, dict)
        return super().read_event({"type": EVENT_TYPES[0], **value} if untyped else value)  # type: ignore[dict-item]


@fault(breaks="update.unknown-event-type-is-400", hides="inputs")
class OnlyTheFirstEventOfUpdatesIsChecked(_Unchecked):
    """An update takes events of any type behind a good one."""

    def read_events(self, value: object) -> Sequence[object]:
        if not self.updating or not isinstance(value, list) or len(value) > self.event_limit:
            return super().read_events(value)
        return [*super().read_events(value[:1]), *value[1:]]


@fault(breaks="update.six-fields-are-400", hides="inputs")
class SecondsInUpdates(_Unchecked):
    """An update takes a cron with a field for seconds, and leaves that out."""

    def read_expression(self, value: object) -> str:
        if self.updating and isinstance(value, str) and len(value.split()) == SIX:
            value = value.partition(" ")[2]
        return super().read_expression(value)


@fault(breaks="update.metadata-beyond-limits-is-400", hides="inputs")
class KeysOfUpdatesAreUnchecked(_Unchecked):
    """An update takes metadata keys of any length."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        return super().read_metadata_entry(key[:64] if self.updating else key, entry, bag)


@fault(breaks="update.schedule-type-must-be-cron", hides="inputs")
class TypesOfUpdatesAreUnchecked(_Unchecked):
    """An update takes any type of schedule for cron."""

    def read_schedule(self, value: object) -> Schedule:
        odd = self.updating and isinstance(value, dict) and "type" in value
        return super().read_schedule({**value, "type": "cron"} if odd and isinstance(value, dict) else value)


@fault(breaks="update.unknown-zone-is-400", hides="inputs")
class ZonesOfUpdatesAreUnchecked(_Unchecked):
    """An update takes an unknown time zone for UTC."""

    def read_timezone(self, value: object) -> str:
        return "UTC" if self.updating and str(value).endswith("/Olympus") else super().read_timezone(value)


@fault(breaks="errors.wrong-type-is-400", hides="inputs")
class NamesAreWrittenOut(Service):
    """A name that is no text is written out as text."""

    def read_name(self, value: object) -> str:
        return super().read_name(str(value))


@fault(breaks="errors.wrong-type-is-400", hides="inputs")
class OneEventIsAList(Service):
    """An event where a list of events belongs is taken for a list of one."""

    def read_events(self, value: object) -> Sequence[object]:
        return super().read_events([value] if isinstance(value, dict) and value else value)


@fault(
    breaks="errors.wrong-type-is-400",
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-creations",
)
class VaultsMayBeText(Service):
    """Text where a list of vault ids belongs counts as none."""

    def read_vault_ids(self, value: object) -> Sequence[str]:
        return super().read_vault_ids([] if isinstance(value, str) else value)


@fault(
    breaks="update.events-are-replaced",
    also=("update.is-stored",),
    hides="inputs",
    tiers=("property",),
    found_by="property.valid-updates",
)
class AstralIsLostInEventsOfUpdates(_Unchecked):
    """An update drops characters beyond the basic plane from its events."""

    def read_event(self, value: object) -> object:
        event = super().read_event(value)
        return _without_astral(event) if self.updating else event


def _without_astral(value: object) -> object:
    if isinstance(value, str):
        return "".join(character for character in value if ord(character) <= ASTRAL)
    if isinstance(value, dict):
        return {key: _without_astral(entry) for key, entry in value.items()}
    return [_without_astral(entry) for entry in value] if isinstance(value, list) else value


# --- what a change must bring about ----------------------------------------------------------------------


@fault(breaks="update.metadata-is-merged", hides="inputs")
class PatchOfNullsIsIgnored(Service):
    """A patch of metadata that deletes keys and sets none does nothing."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if current is not None and isinstance(value, dict) and set(value.values()) == {None}:
            return dict(current)
        return super().read_metadata(value, current)


@fault(breaks="update.is-stored", hides="inputs")
class EnvironmentsStay(_Ignores):
    """An update of the environment leaves it as it was."""

    def ignored(self, record: Deployment, fields: Mapping[str, Any]) -> set[str]:
        return {"environment_id"}


class _TimeStands(Service):
    """An update of one field alone leaves updated_at as it was."""

    alone: str

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return replace(changed, updated_at=record.updated_at) if {*fields} == {self.alone} else changed


@fault(breaks="update.advances-updated-at", hides="inputs")
class MetadataMoveNoTime(_TimeStands):
    """An update of the metadata alone leaves updated_at as it was."""

    alone = "metadata"


@fault(breaks="update.advances-updated-at", hides="inputs")
class EventsMoveNoTime(_TimeStands):
    """An update of the events alone leaves updated_at as it was."""

    alone = "initial_events"
