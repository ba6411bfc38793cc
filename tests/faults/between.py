"""Faults of what lies between: a field that was updated, a request that was refused, a pause that came and went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, ReferenceSettings, Service
from tests.faults.catalogue import fault
from tests.faults.histories import Counting, Remembering

# --- an update while paused --------------------------------------------------------------------------------


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence")
class ANewNameUnpauses(Service):
    """A new name makes a paused deployment active."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return self.apply_unpause(changed) if "name" in fields and record.status == "paused" else changed


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence", found_by="model.stories")
class AnEmptyUpdateUnpauses(Service):
    """An update that names nothing makes a paused deployment active."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return self.apply_unpause(changed) if not fields and record.status == "paused" else changed


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence", found_by="model.stories")
class AnUpdateWithNothingNewUnpauses(Service):
    """An update of a paused deployment with the values that it has makes it active."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        same = bool(fields) and changed == record
        return self.apply_unpause(changed) if same and record.status == "paused" else changed


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence", found_by="model.stories")
class VaultsTakeTheReason(Service):
    """New vaults take the reason of a pause; the deployment stays paused."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return replace(changed, paused_reason=None) if "vault_ids" in fields else changed


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence")
class EventsChangeTheReason(Service):
    """New events make an error the reason of a pause."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        if record.status == "paused" and "initial_events" in fields:
            return replace(changed, paused_reason={"type": "error"})
        return changed


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence")
class AnAgentUnpauses(Service):
    """Another agent, or another version of it, makes a paused deployment active."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        moved = changed.agent != record.agent
        return self.apply_unpause(changed) if moved and record.status == "paused" else changed


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence")
class ADeletedKeyUnpauses(Service):
    """A key of metadata that is deleted makes a paused deployment active."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        fewer = len(changed.metadata) < len(record.metadata)
        return self.apply_unpause(changed) if fewer and record.status == "paused" else changed


@fault(breaks="pause.cycle-repeats", hides="sequence")
class AnUnpauseTakesBackTheName(Remembering):
    """An unpause brings back the name from before the pause, whatever an update made of it since."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        active = [one for one in self.states(record) if one.status == "active"]
        return replace(super().apply_unpause(record), name=active[-1].name)


@fault(breaks="pause.cycle-repeats", hides="sequence")
class AnUnpauseTakesBackTheEnvironment(Remembering):
    """An unpause brings back the environment and the agent from before the pause."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        before = [one for one in self.states(record) if one.status == "active"][-1]
        return replace(
            super().apply_unpause(record), environment_id=before.environment_id, agent=before.agent
        )


@fault(breaks="pause.cycle-repeats", hides="sequence")
class AnUnpauseTakesBackTheEvents(Remembering):
    """An unpause brings back the events from before the pause."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        before = [one for one in self.states(record) if one.status == "active"][-1]
        return replace(super().apply_unpause(record), initial_events=before.initial_events)


@fault(breaks="pause.cycle-repeats", hides="sequence")
class AnUnpauseTakesBackTheVaults(Remembering):
    """An unpause brings back the vaults from before the pause."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        before = [one for one in self.states(record) if one.status == "active"][-1]
        return replace(super().apply_unpause(record), vault_ids=before.vault_ids)


class _Timetable(Remembering):
    """Lists the runs of the schedule that `scheduled_by` returns."""

    def scheduled_by(self, record: Deployment) -> Deployment:
        return record

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        return super().upcoming(replace(record, schedule=self.scheduled_by(record).schedule))


@fault(breaks="update.new-schedule-lists-new-runs", hides="sequence")
class AnUnpauseListsTheScheduleBeforeIt(_Timetable):
    """An unpause recomputes the upcoming runs from the schedule that the pause found; an update repairs them."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._stale: dict[str, Deployment] = {}

    def apply_unpause(self, record: Deployment) -> Deployment:
        self._stale[record.id] = [one for one in self.states(record) if one.status == "active"][-1]
        return super().apply_unpause(record)

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        self._stale.pop(record.id, None)
        return super().apply_update(record, fields)

    def scheduled_by(self, record: Deployment) -> Deployment:
        return self._stale.get(record.id, record)


@fault(breaks="update.new-schedule-lists-new-runs", hides="inputs")
class AnotherZoneAloneChangesNothing(_Timetable):
    """Upcoming runs are those of the former zone when an update changes the zone and not the expression."""

    def scheduled_by(self, record: Deployment) -> Deployment:
        if record.schedule is None:
            return record
        schedules = [one.schedule for one in self.states(record) if one.schedule]
        same = next(s for s in [*schedules, record.schedule] if s.expression == record.schedule.expression)
        return replace(record, schedule=same)


@fault(breaks="update.new-schedule-lists-new-runs", hides="sequence")
class AnUpdateWhilePausedLosesWhatIsUpcoming(Service):
    """A deployment whose name or metadata changed while it was paused lists no run after the unpause."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._lost: set[str] = set()

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if record.status == "paused" and {"name", "metadata"} & fields.keys():
            self._lost.add(record.id)
        return super().apply_update(record, fields)

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        return () if record.status == "active" and record.id in self._lost else super().upcoming(record)


# --- a refusal before ----------------------------------------------------------------------------------------


class _Refused(Service):
    """Knows which deployments were refused something, and what."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.refused: set[tuple[str, str]] = set()

    def _try(self, call: Call, act: Any) -> Document:  # noqa: ANN401 (a bound method)
        try:
            document: Document = act(call)
        except ApiError as error:
            if error.status in {400, 409}:
                self.refused.add((call.request.operation, call.deployment_id))
            raise
        return document

    def pause(self, call: Call) -> Document:
        return self._try(call, super().pause)

    def unpause(self, call: Call) -> Document:
        return self._try(call, super().unpause)

    def update(self, call: Call) -> Document:
        return self._try(call, super().update)


@fault(breaks="pause.refused-changes-nothing", hides="side effect")
class ARefusedPauseTakesTheReason(Service):
    """A refused pause takes the reason of the pause."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError:
            record = call.tenant.deployments.get(call.deployment_id)
            if record:
                self.keep(replace(record, paused_reason=None))
            raise


@fault(breaks="errors.refused-changes-nothing", hides="sequence")
class ARefusedUpdateTouchesThePaused(Service):
    """An update that is refused moves the updated_at of a paused deployment, and nothing else."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError:
            record = call.tenant.deployments.get(call.deployment_id)
            if record and record.status == "paused":
                self.keep(replace(record, updated_at=self.now()))
            raise


@fault(breaks="errors.refused-changes-nothing", hides="sequence")
class ARefusedScheduleUnpauses(Service):
    """An update that is refused for its schedule unpauses a paused deployment."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError:
            record = call.tenant.deployments.get(call.deployment_id)
            if record and record.status == "paused" and "schedule" in call.body:
                self.keep(replace(record, status="active", paused_reason=None))
            raise


@fault(breaks="errors.refused-changes-nothing", hides="sequence")
class ARefusedUpdateLeavesItsMetadata(Service):
    """An update that is refused for its schedule, events or vaults stores its metadata."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError as error:
            metadata = call.body.get("metadata")
            if error.status == 400 and isinstance(metadata, dict):
                record = self.find(call)
                texts = {k: v for k, v in metadata.items() if isinstance(v, str)}
                self.keep(replace(record, metadata={**record.metadata, **texts}))
            raise


# --- turns ---------------------------------------------------------------------------------------------------


@fault(breaks="pause.cycle-repeats", also=("pause.reason-is-manual",), hides="sequence")
class TheThirdPauseIsAnError(Counting):
    """The third pause of a deployment says that an error was the reason."""

    def pause(self, call: Call) -> Document:
        document = super().pause(call)
        if self.times(call, "done") < 3:
            return document
        record = replace(self.find(call), paused_reason={"type": "error"})
        self.keep(record)
        return self.render_deployment(record)


@fault(
    breaks="pause.cycle-repeats",
    also=(
        "pause.is-stored",
        "pause.advances-updated-at",
        "pause.takes-an-empty-object",
        "unpause.makes-it-active",
    ),
    hides="sequence",
)
class TheSecondPauseIsReadAsActive(Counting):
    """The second pause of a deployment is answered and not stored."""

    def save(self, call: Call, record: Deployment) -> None:
        if call.request.operation == "pause" and self.times(call, "stored") == 2:
            return
        super().save(call, record)


@fault(
    breaks="update.is-stored",
    also=("object.updated-at-never-goes-back",),
    hides="sequence",
    found_by="model.stories",
)
class TheUpdateAfterAnUnpauseIsLost(Service):
    """The first update after an unpause is answered and not stored."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._fresh: set[str] = set()

    def save(self, call: Call, record: Deployment) -> None:
        operation = call.request.operation
        if operation == "unpause":
            self._fresh.add(record.id)
        if operation == "update" and record.id in self._fresh:
            self._fresh.discard(record.id)
            return
        super().save(call, record)


@fault(breaks="update.keeps-what-was-not-sent", hides="sequence", found_by="model.stories")
class TheUpdateAfterAnUnpausePauses(Remembering):
    """The first update after an unpause makes the deployment paused again."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        earlier = self.states(record)[:-1]
        if changed != record and record.status == "active" and earlier and earlier[-1].status == "paused":
            return self.apply_pause(changed)
        return changed
