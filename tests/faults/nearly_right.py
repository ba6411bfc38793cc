"""Faults that take a nearly right value for a right one, or miscount what is not like the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from conformance.reference import NEW, Call, Service
from conformance.reference.errors import invalid
from conformance.reference.shapes import array, mapping
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

inputs = partial(fault, hides="inputs")
VARIABLES = "create.environment-variables-are-stored"
TYPES = "errors.wrong-type-is-400"


@inputs(breaks=VARIABLES, revisions=(NEW,))
class SemicolonsInVariablesAreLineBreaks(Service):
    """A semicolon in environment variables is stored as a line break."""

    # N55
    def read_environment_variables(self, value: object) -> str:
        return super().read_environment_variables(value).replace(";", "\n")


@inputs(breaks="update.metadata-is-merged")
class MetadataValuesAreTrimmed(Service):
    """White space around a value of metadata is not stored."""

    # N51
    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        kept = super().read_metadata_entry(key, entry, bag)
        return kept.strip() if isinstance(kept, str) else kept


@inputs(breaks="create.metadata-at-its-limits-is-stored")
class KeysMustBeWords(Service):
    """A metadata key beyond ASCII letters, digits and some marks is refused."""

    # N51 and 1.6: a key is any text of at most 64 Unicode characters
    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if not re.fullmatch(r"[ -~]*", key):
            raise invalid("metadata keys must match [ -~]*", "metadata")
        return super().read_metadata_entry(key, entry, bag)


@inputs(breaks="update.schedule-type-must-be-cron")
class TypesOfSchedulesHaveNoCase(Service):
    """A schedule of the type CRON or Cron is taken."""

    # N61
    def read_schedule(self, value: object) -> Schedule:
        if isinstance(value, dict) and isinstance(value.get("type"), str):
            value = {**value, "type": value["type"].lower()}
        return super().read_schedule(value)


@inputs(breaks="update.schedule-type-must-be-cron", found_by="property.invalid-updates", tiers=("property",))
class EmptyTypesAreCron(Service):
    """A schedule whose type is an empty text is taken for cron."""

    # N61
    def read_schedule(self, value: object) -> Schedule:
        if isinstance(value, dict) and value.get("type") == "":
            value = {**value, "type": "cron"}
        return super().read_schedule(value)


@inputs(breaks="update.unknown-event-type-is-400", found_by="property.invalid-updates", tiers=("property",))
class TypesOfEventsHaveNoCase(Service):
    """An event of the type User.Message is taken, as it is."""

    # N44
    def read_event(self, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("type"), str):
            super().read_event({**value, "type": value["type"].lower()})
            return value
        return super().read_event(value)


@inputs(breaks="create.metadata-values-are-text", found_by="property.invalid-creations", tiers=("property",))
class EmptyValuesOfOtherTypesAreTaken(Service):
    """A metadata value 0, false, [] or {} is stored as an empty text: only what is not empty is looked at."""

    # N53
    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        return super().read_metadata_entry(key, entry or "" if entry is not None else entry, bag)


@inputs(breaks="create.51-events-is-400")
class OnlyMessagesOfUsersCount(Service):
    """Outcomes and system messages do not count against the limit of events."""

    # N43, N95
    def read_events(self, value: object) -> Sequence[object]:
        events = array(value, "initial_events")
        counted = [
            event for event in events if isinstance(event, dict) and event.get("type") == "user.message"
        ]
        if not events or len(counted) > self.event_limit:
            raise invalid("initial_events must hold 1 to 50 events", "initial_events")
        return [self.read_event(event) for event in events]


@inputs(breaks="create.17-metadata-keys-are-400")
class EmptyValuesDoNotCount(Service):
    """Keys with an empty value do not count against the limit of metadata."""

    # N52, N94
    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        sent = mapping(value, "metadata")
        empty = {key: entry for key, entry in sent.items() if entry == ""}
        bag = super().read_metadata({k: v for k, v in sent.items() if k not in empty}, current)
        return {**bag, **empty}


@inputs(breaks=TYPES, found_by="property.invalid-creations", tiers=("property",))
class EmptyContainersAreNoDescription(Service):
    """A description that is an empty list or object counts as none."""

    # N19, Qc-errors: a wrong type is a 400
    def read_description(self, value: object) -> str:
        return "" if value in ([], {}) else super().read_description(value)


@inputs(breaks=TYPES)
class ResourcesOfUpdatesAreUnchecked(Service):
    """An update takes anything for resources; what is no list of objects counts as none."""

    # Qc-errors: a wrong type is a 400
    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        sent = call.body.get("resources", [])
        if not isinstance(sent, list) or not all(isinstance(item, dict) and "type" in item for item in sent):
            call = replace(call, body={**call.body, "resources": []})
        return super().read_patch(call, metadata)


@inputs(breaks="update.metadata-beyond-limits-is-400")
class OverwrittenValuesAreNotMeasured(Service):
    """An update does not measure the value of a metadata key that is there already."""

    # N52, N91
    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if key in bag and isinstance(entry, str) and not self.is_cas_config(key):
            return entry
        return super().read_metadata_entry(key, entry, bag)
