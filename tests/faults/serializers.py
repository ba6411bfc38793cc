"""Faults of what lies between a body and the store: serialisers, templates, columns, comparisons."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from conformance.reference import NEW, Deployment, Document, Service
from tests.faults.catalogue import fault

MERGED: Final = "update.metadata-is-merged"
STORED: Final = "update.is-stored"
EVENTS: Final = "create.50-events-are-stored"
VARIABLES: Final = "create.environment-variables-are-stored"
PROMPT: Final = 8_192
COLUMN: Final = 1_024
SWITCHES: Final = {"on": "true", "yes": "true", "off": "false", "no": "false"}
NATURAL: Final = frozenset({"__proto__", "constructor", "prototype", "toString", "length"})
LINKS: Final = {
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "US/Eastern": "America/New_York",
    "US/Pacific": "America/Los_Angeles",
    "Europe/Kiev": "Europe/Kyiv",
    "Etc/UTC": "UTC",
    "GMT": "UTC",
    "Japan": "Asia/Tokyo",
    "PRC": "Asia/Shanghai",
}


def in_texts(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 (JSON)
    """Return an event with every text of its content changed."""
    if isinstance(value, dict):
        return {key: inner if key == "type" else in_texts(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [in_texts(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


# --- metadata ----------------------------------------------------------------------------------------------


class _Values(Service):
    """Keeps another text than the one that a value of metadata is."""

    def kept(self, value: str) -> str:
        raise NotImplementedError

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        read = super().read_metadata_entry(key, entry, bag)
        return self.kept(read) if isinstance(read, str) else read


@fault(breaks=MERGED, also=("create.metadata-at-its-limits-is-stored",), hides="inputs")
class TimesInMetadataAreConverted(_Values):
    """A value of metadata that is a timestamp with an offset is stored as the same instant in UTC."""

    def kept(self, value: str) -> str:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return value
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at.tzinfo else value


@fault(breaks=MERGED, also=("create.metadata-at-its-limits-is-stored",), hides="inputs")
class SwitchesInMetadataAreTruthValues(_Values):
    """The values on, off, yes and no of metadata are stored as true and false, as in YAML."""

    def kept(self, value: str) -> str:
        return SWITCHES.get(value.lower(), value)


@fault(breaks=MERGED, also=("create.metadata-at-its-limits-is-stored",), hides="inputs")
class NumbersInMetadataAreNormalized(_Values):
    """A value of metadata that is made of digits loses the zeros before it."""

    def kept(self, value: str) -> str:
        return str(int(value)) if re.fullmatch("[0-9]+", value) else value


@fault(
    breaks=MERGED,
    also=("create.metadata-at-its-limits-is-stored", "object.has-sample-fields"),
    hides="inputs",
)
class JsonInMetadataIsParsed(Service):
    """A value of metadata that is itself a JSON object or array is answered as such, not as text."""

    def render_metadata(self, record: Deployment) -> Document:
        return {key: self._parsed(value) for key, value in super().render_metadata(record).items()}

    def _parsed(self, value: object) -> object:
        if not isinstance(value, str) or value[:1] not in {"{", "["}:
            return value
        try:
            return json.loads(value)
        except ValueError:
            return value


@fault(
    breaks="object.matches-schema",
    also=(MERGED,),
    revisions=(NEW,),
    hides="inputs",
    shown_by=("pause_cycle",),
)
class NumberedKeysAreAList(Service):
    """Metadata whose keys are the numbers from zero on is answered as an array."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        bag: Any = document["metadata"]
        numbered = bool(bag) and list(bag) == [str(number) for number in range(len(bag))]
        return {**document, "metadata": list(bag.values())} if numbered else document


@fault(breaks=MERGED, also=("create.metadata-at-its-limits-is-stored",), hides="inputs")
class NaturalKeysAreLost(Service):
    """Keys of metadata that every object of JavaScript has by nature are not stored."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        read = super().read_metadata(value, current)
        return {key: entry for key, entry in read.items() if key not in NATURAL}


@fault(breaks="update.keeps-what-was-not-sent", also=(STORED,), hides="inputs")
class MetadataShadowsFields(Service):
    """A key of metadata that is called description takes the place of the description in answers."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        return {**document, "description": record.metadata.get("description", record.description)}


@fault(breaks=MERGED, hides="inputs")
class EqualNumbersAreNoChange(Service):
    """A value of metadata that is the same number as the one before, written otherwise, is not stored."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        bag = fields.get("metadata")
        if bag is None:
            return super().apply_update(record, fields)
        kept = {
            key: record.metadata[key] if self._same(record.metadata.get(key), value) else value
            for key, value in bag.items()
        }
        return super().apply_update(record, {**fields, "metadata": kept})

    def _same(self, before: object, after: object) -> bool:
        try:
            return float(str(before)) == float(str(after))
        except ValueError:
            return False


# --- events ------------------------------------------------------------------------------------------------


@fault(breaks=EVENTS, hides="inputs")
class OnlyTheFirstBlockIsKept(Service):
    """Of the blocks of an event's content the first alone is stored."""

    def read_event(self, value: object) -> object:
        event: Any = super().read_event(value)
        content = event.get("content")
        return {**event, "content": content[:1]} if isinstance(content, list) else event


@fault(breaks=EVENTS, also=("update.event-types-are-stored",), hides="inputs")
class RepeatedEventsAreStoredOnce(Service):
    """Of events that are equal the first alone is stored."""

    def read_events(self, value: object) -> Sequence[object]:
        events = super().read_events(value)
        return [event for place, event in enumerate(events) if event not in events[:place]]


@fault(breaks=EVENTS, hides="inputs")
class PlaceholdersAreFilledWithNothing(Service):
    """What stands in double braces in an event's text is taken for a placeholder, and filled with nothing."""

    def read_event(self, value: object) -> object:
        return in_texts(super().read_event(value), lambda text: re.sub(r"\{\{.*?\}\}", "", text))


@fault(breaks="update.event-types-are-stored", hides="inputs")
class LongPromptsAreCut(Service):
    """The text of an event is cut after 8,192 characters."""

    def read_event(self, value: object) -> object:
        return in_texts(super().read_event(value), lambda text: text[:PROMPT])


# --- other texts -------------------------------------------------------------------------------------------


@fault(breaks=VARIABLES, revisions=(NEW,), hides="inputs")
class VariablesEndAtTheSecondEquals(Service):
    """The value of an environment variable ends where it has an equals sign itself."""

    def read_environment_variables(self, value: object) -> str:
        lines = super().read_environment_variables(value).split("\n")
        return "\n".join("=".join(line.split("=")[:2]) for line in lines)


@fault(breaks=VARIABLES, revisions=(NEW,), hides="inputs")
class QuotesInVariablesAreDropped(Service):
    """Quotes around the value of an environment variable are dropped, as where a file is sourced."""

    def read_environment_variables(self, value: object) -> str:
        return re.sub(r'(?m)=(["\'])(.*)\1$', r"=\2", super().read_environment_variables(value))


@fault(breaks=VARIABLES, revisions=(NEW,), hides="inputs")
class LongVariablesAreCut(Service):
    """Environment variables are cut after 1,024 characters."""

    def read_environment_variables(self, value: object) -> str:
        return super().read_environment_variables(value)[:COLUMN]


@fault(breaks=STORED, hides="inputs")
class CapitalsAreNoChange(Service):
    """A name that differs from the present one in capitals alone is not stored."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        same = fields.get("name", "").lower() == record.name.lower()
        return super().apply_update(record, {**fields, "name": record.name} if same else fields)


@fault(breaks="schedule.is-echoed", hides="inputs")
class ZoneLinksAreResolved(Service):
    """A zone that is another name of a second one reads back as that second one."""

    def read_timezone(self, value: object) -> str:
        zone = super().read_timezone(value)
        return LINKS.get(zone, zone)


@fault(breaks="schedule.is-echoed", hides="inputs")
class ExpressionsAreWrittenAnew(Service):
    """An expression is written anew from its parts: leading zeros are lost, full ranges are stars."""

    def read_expression(self, value: object) -> str:
        words = super().read_expression(value).split()
        full = ("0-59", "0-23", "1-31", "1-12", "0-6")
        plain = ["*" if word in {whole, "*/1"} else word for word, whole in zip(words, full, strict=True)]
        return " ".join(re.sub(r"\b0+(?=[0-9])", "", word) for word in plain)
