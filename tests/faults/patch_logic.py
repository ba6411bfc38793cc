"""Faults of updates: what a patch does beside, or instead of, what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, Service
from conformance.reference.errors import conflict, invalid
from conformance.reference.store import AgentPin
from tests.faults.catalogue import fault

NEW_ONLY = ("2026-07",)
KEEPS, STORED, MERGED = "update.keeps-what-was-not-sent", "update.is-stored", "update.metadata-is-merged"


@fault(breaks=KEEPS, hides="inputs")
class SchedulesClearVaults(Service):
    """An update of the schedule empties the vaults."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        lost: dict[str, Any] = {"vault_ids": []} if "schedule" in fields and "vault_ids" not in fields else {}
        return super().apply_update(record, {**fields, **lost})


@fault(breaks=MERGED, hides="inputs")
class DeletionsReplaceTheBag(Service):
    """A patch of metadata that deletes a key replaces the bag."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        deletes = isinstance(value, dict) and None in value.values()
        return super().read_metadata(value, self.default_metadata() if current and deletes else current)


@fault(breaks=MERGED, hides="inputs")
class DeletedKeysStayEmpty(Service):
    """A deleted key of metadata stays, with an empty value."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        gone = {key: "" for key in current or {} if key not in bag}
        return {**bag, **gone}


@fault(breaks=MERGED, hides="inputs")
class DeletingAnAbsentKeyMakesIt(Service):
    """To delete a key that metadata does not have stores it, empty."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        if isinstance(value, dict) and current is not None:
            bag |= {key: "" for key, entry in value.items() if entry is None and key not in current}
        return bag


@fault(breaks=MERGED, hides="inputs")
class OneDeletionAtATime(Service):
    """Of several keys that a patch deletes the first goes."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        gone = [key for key in current or {} if key not in bag]
        return {**bag, **{key: (current or {})[key] for key in gone[1:]}}


@fault(breaks="update.events-are-replaced", hides="inputs")
class ShorterEventListsKeepTheirTail(Service):
    """Events are replaced one by one: of a longer list before, the tail stays."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "initial_events" in fields:
            new = fields["initial_events"]
            fields = {**fields, "initial_events": [*new, *record.initial_events[len(new) :]]}
        return super().apply_update(record, fields)


@fault(breaks="update.event-types-are-stored", also=("update.events-are-replaced",), hides="inputs")
class LongerEventListsAreCut(Service):
    """Of the events of an update as many are stored as there were."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "initial_events" in fields:
            fields = {**fields, "initial_events": fields["initial_events"][: len(record.initial_events)]}
        return super().apply_update(record, fields)


@fault(breaks="update.returns-full-object", also=("update.is-stored",), hides="inputs")
class OwnNamesAreTaken(Service):
    """An update to the name that the deployment has is a 409."""

    def update(self, call: Call) -> Document:
        if call.body.get("name") == self.find(call).name:
            raise conflict("A deployment of that name exists.")
        return super().update(call)


@fault(breaks="update.empty-metadata-changes-nothing", hides="inputs")
class EqualUpdatesAreRefused(Service):
    """An update that changes nothing is a 400, unless it is empty."""

    def update(self, call: Call) -> Document:
        record = self.find(call)
        if call.body and self.apply_update(record, self.read_patch(call, record.metadata)) == record:
            raise invalid("nothing to change")
        return super().update(call)


class _Upcoming(Service):
    """Keeps lists of upcoming runs by deployment."""

    def known(self) -> dict[str, tuple[object, Any]]:
        known: dict[str, tuple[object, Any]] = self.__dict__.setdefault("upcoming_runs", {})
        return known


@fault(breaks="update.new-schedule-lists-new-runs", hides="inputs")
class NewZonesKeepTheRuns(_Upcoming):
    """A schedule with a new zone and the same expression keeps its upcoming runs."""

    def upcoming(self, record: Deployment) -> Any:  # noqa: ANN401 (as the base, whose type is longer)
        if record.schedule is None or record.archived_at is not None:
            return super().upcoming(record)
        first, _ = self.known().setdefault(record.id, (record.schedule, None))
        if first.expression != record.schedule.expression:  # type: ignore[attr-defined]
            first = self.known()[record.id] = (record.schedule, None)
            first = record.schedule
        return self.occurrences(first, self.now())  # type: ignore[arg-type]


@fault(breaks="update.new-schedule-lists-new-runs", hides="inputs")
class AddedSchedulesAreIgnored(Service):
    """A manual-only deployment stays so when an update gives it a schedule."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        kept = {n: v for n, v in fields.items() if n != "schedule" or record.schedule is not None}
        return super().apply_update(record, kept)


@fault(breaks=STORED, hides="inputs")
class PinsOfUpdatesAreForgotten(Service):
    """An update to an agent at a version takes its latest."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        fields = super().read_patch(call, metadata)
        if "agent" in fields:
            agent = fields["agent"]
            fields["agent"] = AgentPin(agent.id, call.tenant.agents[agent.id].version)
        return fields


@fault(breaks=STORED, hides="inputs")
class EnvironmentsNeverChange(Service):
    """An update of the environment answers 200 and changes nothing."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        return super().apply_update(record, {n: v for n, v in fields.items() if n != "environment_id"})


@fault(breaks=STORED, hides="inputs")
class AgentsNeverChange(Service):
    """An update of the agent answers 200 and changes nothing."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        return super().apply_update(record, {n: v for n, v in fields.items() if n != "agent"})


@fault(breaks="errors.refused-changes-nothing", hides="side effect")
class HalfOfARefusedUpdateIsStored(Service):
    """An update whose schedule is refused has stored its name and description."""

    def update(self, call: Call) -> Document:
        record = self.find(call)
        try:
            return super().update(call)
        except ApiError:
            early = {
                n: v
                for n, v in call.body.items()
                if n in {"name", "description"} and isinstance(v, str) and v
            }
            if "schedule" in call.body and early:
                self.keep(self.apply_update(record, early))
            raise


@fault(breaks="errors.refused-changes-nothing", hides="side effect")
class HalfOfARefusedBagIsStored(Service):
    """Of metadata that is refused for one value the others are stored."""

    def update(self, call: Call) -> Document:
        record = self.find(call)
        try:
            return super().update(call)
        except ApiError:
            bag = call.body.get("metadata")
            good = (
                {k: v for k, v in bag.items() if isinstance(v, str) and len(v) < 100}
                if isinstance(bag, dict)
                else {}
            )
            if good and len(good) < 16:
                self.keep(replace(record, metadata={**record.metadata, **good}))
            raise


@fault(breaks="update.new-schedule-lists-new-runs", hides="inputs")
class AnswersOfUpdatesShowTheOldRuns(Service):
    """The answer to an update of the schedule lists the runs of the old one; reads are right."""

    def update(self, call: Call) -> Document:
        before: Any = self.render_deployment(self.find(call))["schedule"]
        answer: Any = super().update(call)
        if before and answer["schedule"] and before["upcoming_runs_at"]:
            runs = before["upcoming_runs_at"]
            return {**answer, "schedule": {**answer["schedule"], "upcoming_runs_at": runs}}
        return dict(answer)


@fault(breaks="update.advances-updated-at", hides="inputs")
class MetadataLeavesUpdatedAt(Service):
    """An update of metadata alone leaves updated_at."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return replace(changed, updated_at=record.updated_at) if set(fields) == {"metadata"} else changed


@fault(breaks="update.advances-updated-at", hides="inputs")
class SchedulesLeaveUpdatedAt(Service):
    """An update of the schedule alone leaves updated_at."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return replace(changed, updated_at=record.updated_at) if set(fields) == {"schedule"} else changed


@fault(breaks=STORED, hides="inputs")
class LongDescriptionsOfUpdatesAreCut(Service):
    """An update cuts a description after 500 characters; a creation stores it whole."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        cut = {"description": fields["description"][:500]} if "description" in fields else {}
        return super().apply_update(record, {**fields, **cut})


@fault(breaks="update.of-paused-keeps-it-paused", hides="inputs")
class SchedulesOfPausedWakeThem(Service):
    """An update of a paused deployment's schedule makes it active."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return replace(changed, status="active", paused_reason=None) if "schedule" in fields else changed
