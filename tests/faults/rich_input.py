"""Faults that unusual but legal values show: event types, marks, empty values, zones and days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from conformance.reference import NEW, Call, Deployment, Document, Service
from conformance.reference.errors import invalid
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

TYPES = "update.event-types-are-stored"
RUNS = "schedule.upcoming-runs-match"
DELETED = "deleted_keys"


# --- event types -------------------------------------------------------------------------------------------


def kind_of(event: object) -> object:
    """Return the type of an event."""
    return event.get("type") if isinstance(event, dict) else None


@fault(breaks=TYPES, hides="inputs")
class SystemMessagesAreRefused(Service):
    """A system message is refused, also beside a message of a user."""

    def read_event(self, value: object) -> object:
        if kind_of(value) == "system.message":
            raise invalid("an event's type must be user.message or user.define_outcome", "initial_events")
        return super().read_event(value)


@fault(breaks=TYPES, hides="inputs")
class SystemMessagesBecomeMessages(Service):
    """A system message in an update is stored as a message of the user."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        events = [
            {**event, "type": "user.message"} if kind_of(event) == "system.message" else event
            for event in fields.get("initial_events", record.initial_events)
        ]
        return super().apply_update(record, {**fields, "initial_events": events})


@fault(breaks=TYPES, hides="inputs")
class OutcomesAreDropped(Service):
    """Outcomes among the events are accepted and dropped."""

    def read_events(self, value: object) -> Sequence[object]:
        return [one for one in super().read_events(value) if kind_of(one) != "user.define_outcome"]


@fault(breaks=TYPES, hides="inputs")
class SystemMessagesComeFirst(Service):
    """System messages are stored before all other events."""

    def read_events(self, value: object) -> Sequence[object]:
        return sorted(super().read_events(value), key=lambda one: kind_of(one) != "system.message")


# --- empty values, and values that come back ---------------------------------------------------------------


@fault(breaks="update.is-stored", hides="inputs")
class EmptyListsAreIgnored(Service):
    """An update to an empty list of vaults leaves them as they were."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        kept = {name: v for name, v in fields.items() if name != "vault_ids" or v}
        return super().apply_update(record, kept)


@fault(breaks="update.is-stored", revisions=("2026-07",), hides="inputs")
class EmptyVariablesAreIgnored(Service):
    """An update to no environment variables leaves them as they were."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        kept = {name: v for name, v in fields.items() if name != "environment_variables" or v}
        return super().apply_update(record, kept)


@fault(breaks="update.is-stored", hides="inputs")
class EmptyDescriptionsAreIgnored(Service):
    """An update to an empty description leaves it as it was."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        kept = {name: v for name, v in fields.items() if name != "description" or v}
        return super().apply_update(record, kept)


class _Remembers(Service):
    """Knows which keys of metadata were deleted, by deployment."""

    def deleted(self, record: Deployment) -> set[str]:
        known: dict[str, set[str]] = self.__dict__.setdefault(DELETED, {})
        return known.setdefault(record.id, set())


@fault(breaks="update.metadata-is-merged", hides="sequence")
class DeletedKeysNeverComeBack(_Remembers):
    """A key of metadata that was deleted cannot be set again."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "metadata" not in fields:
            return super().apply_update(record, fields)
        gone = self.deleted(record)
        bag = {key: value for key, value in fields["metadata"].items() if key not in gone}
        gone |= record.metadata.keys() - bag.keys()
        return super().apply_update(record, {**fields, "metadata": bag})


@fault(breaks="update.metadata-is-merged", hides="sequence")
class DeletedKeysComeBackAsTheyWere(Service):
    """A key of metadata that was deleted comes back with its old value when it is set again."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "metadata" not in fields:
            return super().apply_update(record, fields)
        old: dict[str, Any] = self.__dict__.setdefault("old", {})
        bag = {
            key: old.pop(f"{record.id} {key}", value) if key not in record.metadata else value
            for key, value in fields["metadata"].items()
        }
        old |= {f"{record.id} {key}": v for key, v in record.metadata.items() if key not in bag}
        return super().apply_update(record, {**fields, "metadata": bag})


# --- marks -------------------------------------------------------------------------------------------------


@fault(breaks="update.metadata-is-merged", hides="inputs")
class KeysWithDotsAreLostInUpdates(Service):
    """Keys of metadata that hold a dollar sign are left out of updates."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        fields = super().read_patch(call, metadata)
        if "metadata" in fields:
            fields["metadata"] = {key: v for key, v in fields["metadata"].items() if "$" not in key}
        return fields


@fault(
    breaks="create.metadata-at-its-limits-is-stored",
    also=("update.metadata-is-merged", "pause.cycle-repeats"),
    hides="inputs",
)
class BackslashesInMetadataAreUnescaped(Service):
    """A backslash in a value of metadata is taken for an escape and dropped."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        read = super().read_metadata_entry(key, entry, bag)
        return read.replace("\\", "") if isinstance(read, str) else read


@fault(breaks="create.50-events-are-stored", hides="inputs")
class MarksInEventsAreEscaped(Service):
    """The sign < in the text of an event is stored escaped when it is created."""

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        return super().apply_create(call, {**fields, "initial_events": _escaped(fields["initial_events"])})


def _escaped(value: Any) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, dict):
        return {key: _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_escaped(inner) for inner in value]
    return value.replace("<", "&lt;") if isinstance(value, str) else value


# --- limits in other units ---------------------------------------------------------------------------------


@fault(breaks="create.metadata-key-of-65-is-400", hides="inputs")
class AstralKeysAreUnlimited(Service):
    """The length of a key of metadata counts only what is within the basic plane."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        short = "".join(character for character in key if ord(character) <= 0xFFFF)
        return super().read_metadata_entry(short, entry, bag)


# --- zones and days ----------------------------------------------------------------------------------------


class _OtherRuns(Service):
    """Lists other runs for some schedules."""

    def other(self, schedule: Schedule, runs: Sequence[datetime]) -> Sequence[datetime]:
        raise NotImplementedError

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        return self.other(schedule, super().occurrences(schedule, after))


def in_search(breaks: str) -> Any:  # noqa: ANN401 (a decorator)
    """Register a fault that the search over schedules finds."""
    return fault(breaks=breaks, hides="inputs", tiers=("property",), found_by="property.schedules")


@in_search(RUNS)
class ZonesEndAt12Hours(_OtherRuns):
    """Zones that are more than twelve hours ahead are read as twelve."""

    def other(self, schedule: Schedule, runs: Sequence[datetime]) -> Sequence[datetime]:
        beyond = {"Pacific/Kiritimati": 2, "Pacific/Tongatapu": 1}.get(schedule.timezone, 0)
        return [run + timedelta(hours=beyond) for run in runs]


@in_search(RUNS)
class QuarterHoursAreLost(_OtherRuns):
    """Zones that are three quarters of an hour off are read by the half hour."""

    def other(self, schedule: Schedule, runs: Sequence[datetime]) -> Sequence[datetime]:
        quarter = schedule.timezone in {"Asia/Kathmandu", "Australia/Eucla"}
        return [run + timedelta(minutes=15) for run in runs] if quarter else runs


@in_search("schedule.is-echoed")
class ZonesHaveTwoParts(Service):
    """A zone whose name has three parts is refused."""

    def read_timezone(self, value: object) -> str:
        if str(value).count("/") > 1:
            raise invalid("schedule.timezone is unknown", "schedule.timezone")
        return super().read_timezone(value)


@in_search(RUNS)
class Day31RollsOver(_OtherRuns):
    """Day 31 of a month that has none is the first of the next."""

    def other(self, schedule: Schedule, runs: Sequence[datetime]) -> Sequence[datetime]:
        _, _, day, months, _ = schedule.expression.split()
        if day != "31" or "," not in months:
            return runs
        at = runs[0]
        numbers = {*map(int, months.split(","))} - {at.month}
        first = [
            at.replace(year=year, month=n % 12 + 1, day=1) for n in numbers for year in (at.year, at.year + 1)
        ]
        return sorted([*runs, *(one for one in first if one > self.now())])[:5]


@in_search(RUNS)
class LeapDayIsTheFirstOfMarch(_OtherRuns):
    """29 February is the first of March in years without it."""

    def other(self, schedule: Schedule, runs: Sequence[datetime]) -> Sequence[datetime]:
        _, _, day, month, _ = schedule.expression.split()
        if (day, month) != ("29", "2") or not runs:
            return runs
        first = runs[0].replace(year=runs[0].year - 1, month=3, day=1)
        return [first, *runs][:5] if first > self.now() else runs


@fault(breaks=RUNS, hides="time")
class ClocksChangeADayEarly(_OtherRuns):
    """On the eve of a change of clocks the offset of the day after is used."""

    def other(self, schedule: Schedule, runs: Sequence[datetime]) -> Sequence[datetime]:
        minute, hour, days, *_ = schedule.expression.split()
        around = schedule.timezone == "America/New_York" and days.count(",") > 1 and minute == "30"
        shift = timedelta(hours=-1 if hour == "2" else 1)
        return [run + shift if around and run == runs[0] else run for run in runs]


# --- empty pages -------------------------------------------------------------------------------------------


class _EmptyPages(Service):
    """Has something to say where a page is empty."""

    said: Mapping[str, object] = {}

    def with_ends(self, document: Document) -> Document:
        """Return a page, with what an empty one says."""
        return document if document["data"] else {**document, **self.said}


@fault(breaks="list.empty-page", hides="inputs")
class EmptyListsOfRunsHaveEnds(_EmptyPages):
    """An empty list of runs of a deployment has a first_id."""

    said: Mapping[str, object] = {"first_id": "drun_none"}

    def list_runs(self, call: Call) -> Document:
        return self.with_ends(super().list_runs(call))


@fault(breaks="list.created-at-range", revisions=(NEW,), hides="inputs")
class EmptyRangesLeadOn(_EmptyPages):
    """An empty range of creations has a next_page, though nothing follows."""

    said: Mapping[str, object] = {"next_page": "YWZ0ZXI6ZGVwX25vbmU"}

    def list_deployments(self, call: Call) -> Document:
        page = super().list_deployments(call)
        return self.with_ends(page) if "created_at[gte]" in call.request.query else page
