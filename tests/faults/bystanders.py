"""Faults whose effect is on another deployment: a sibling, a namesake, one with the same schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, ReferenceSettings, Service
from tests.faults.catalogue import fault

OTHERS = "pause.leaves-others-alone"


class _Others(Service):
    """Knows a deployment's kin."""

    def others(self, record: Deployment) -> Iterator[Deployment]:
        """The other live deployments of a tenant, newest first."""
        rows = self.store.tenants[record.tenant].deployments.values()
        for row in self.newest_first(list(rows)):
            if row.id != record.id and row.archived_at is None:
                yield row

    def of_its_schedule(self, record: Deployment) -> Iterator[Deployment]:
        for other in self.others(record):
            if other.schedule and other.schedule == record.schedule:
                yield other


@fault(breaks=OTHERS, hides="side effect")
class APausePausesTheSameSchedule(_Others):
    """A pause pauses every deployment that has the same schedule: the timer is one."""

    def apply_pause(self, record: Deployment) -> Deployment:
        for other in self.of_its_schedule(record):
            if other.status == "active":
                self.keep(super().apply_pause(other))
        return super().apply_pause(record)


@fault(breaks=OTHERS, hides="side effect")
class AnArchivePausesTheSameSchedule(_Others):
    """An archive pauses every deployment that has the same schedule."""

    def apply_archive(self, record: Deployment) -> Deployment:
        for other in self.of_its_schedule(record):
            self.keep(self.apply_pause(other))
        return super().apply_archive(record)


@fault(breaks=OTHERS, hides="side effect")
class APauseEmptiesTheSameSchedule(_Others):
    """While a deployment is paused, others with the same schedule list no upcoming runs."""

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        if record.status == "active" and any(one.status == "paused" for one in self.of_its_schedule(record)):
            return ()
        return super().upcoming(record)


@fault(breaks=OTHERS, hides="side effect")
class OfOneScheduleTheNewestAloneIsUpcoming(_Others):
    """Of deployments with the same schedule the newest alone lists upcoming runs."""

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        if any(one.sequence > record.sequence for one in self.of_its_schedule(record)):
            return ()
        return super().upcoming(record)


@fault(breaks=OTHERS, hides="side effect")
class APauseTouchesTheNextOne(_Others):
    """A pause moves updated_at of the deployment that was made next."""

    def apply_pause(self, record: Deployment) -> Deployment:
        later = [one for one in self.others(record) if one.sequence > record.sequence]
        for one in later[-1:]:
            self.keep(self.touch(one))
        return super().apply_pause(record)


@fault(breaks=OTHERS, hides="side effect")
class ANewNameRenamesTheNext(_Others):
    """A new name is given to the deployment that was made next as well, with a number."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        later = [one for one in self.others(record) if one.sequence > record.sequence]
        if "name" in fields and fields["name"] != record.name:
            for one in later[-1:]:
                self.keep(replace(one, name=f"{fields['name']} (2)"))
        return super().apply_update(record, fields)


@fault(breaks=OTHERS, hides="side effect")
class EqualMetadataAreShared(_Others):
    """Deployments that were made with equal metadata share them: a patch of one patches all."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "metadata" in fields and record.metadata:
            for one in self.others(record):
                if one.metadata == record.metadata:
                    self.keep(replace(one, metadata=fields["metadata"]))
        return super().apply_update(record, fields)


@fault(breaks=OTHERS, hides="side effect")
class EqualEventsAreShared(_Others):
    """Deployments that were made with equal events share them: an update of one updates all."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "initial_events" in fields:
            for one in self.others(record):
                if one.initial_events == record.initial_events:
                    self.keep(replace(one, initial_events=fields["initial_events"]))
        return super().apply_update(record, fields)


@fault(breaks=OTHERS, hides="side effect")
class AnEnvironmentMovesTheSecond(_Others):
    """Another environment is given to all deployments that were made in the same second."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if fields.get("environment_id", record.environment_id) != record.environment_id:
            for one in self.others(record):
                if one.created_at == record.created_at:
                    self.keep(replace(one, environment_id=fields["environment_id"]))
        return super().apply_update(record, fields)


@fault(breaks=OTHERS, hides="side effect")
class AnUnpauseUnpausesTheAgent(_Others):
    """An unpause unpauses the deployment of the same agent that was paused last."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        paused = [one for one in self.others(record) if one.status == "paused" and one.agent == record.agent]
        for one in sorted(paused, key=lambda one: one.updated_at)[-1:]:
            self.keep(super().apply_unpause(one))
        return super().apply_unpause(record)


@fault(breaks=OTHERS, hides="side effect")
class AnArchiveArchivesTheSecond(_Others):
    """An archive archives the deployment that was made just before in the same second."""

    def apply_archive(self, record: Deployment) -> Deployment:
        earlier = [one for one in self.others(record) if one.sequence < record.sequence]
        for one in earlier[:1]:
            if record.created_at - one.created_at <= timedelta(seconds=1):
                self.keep(super().apply_archive(one))
        return super().apply_archive(record)


@fault(breaks=OTHERS, hides="side effect")
class ACreationUnpausesTheNewest(_Others):
    """A creation makes the newest paused deployment active."""

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        record = super().apply_create(call, fields)
        for one in [one for one in self.others(record) if one.status == "paused"][:1]:
            self.keep(self.apply_unpause(one))
        return record


@fault(breaks="object.refused-is-not-done", hides="side effect")
class ARefusedCreationUnpausesTheNewest(_Others):
    """A creation that is refused makes the newest paused deployment active."""

    def create(self, call: Call) -> Document:
        try:
            return super().create(call)
        except ApiError:
            rows = self.newest_first(list(call.tenant.deployments.values()))
            for one in [row for row in rows if row.status == "paused"][:1]:
                self.keep(self.apply_unpause(one))
            raise


@fault(breaks="object.refused-is-not-done", hides="side effect")
class ARefusedUnpauseUnpausesASibling(_Others):
    """A refused unpause unpauses the newest paused deployment of the same agent."""

    def unpause(self, call: Call) -> Document:
        try:
            return super().unpause(call)
        except ApiError as error:
            if error.status == 409:
                paused = [one for one in self.others(self.find(call)) if one.status == "paused"]
                for one in paused[:1]:
                    self.keep(self.apply_unpause(one))
            raise


@fault(breaks="object.refused-is-not-done", hides="side effect")
class AnUnknownIdArchivesTheNewest(_Others):
    """An archive of an unknown id is a 404, and the newest deployment is archived."""

    def archive(self, call: Call) -> Document:
        try:
            return super().archive(call)
        except ApiError as error:
            live = [one for one in call.tenant.deployments.values() if one.archived_at is None]
            if error.status == 404 and live:
                self.keep(self.apply_archive(self.newest_first(live)[0]))
            raise


@fault(breaks="object.refused-is-not-done", hides="side effect")
class AnUnknownIdPausesTheOldest(_Others):
    """A pause of an unknown id is a 404, and the oldest active deployment of this hour is paused."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError as error:
            live = [
                one
                for one in call.tenant.deployments.values()
                if one.archived_at is None
                and one.status == "active"
                and self.now() - one.created_at < timedelta(hours=1)
            ]
            if error.status == 404 and live:
                self.keep(self.apply_pause(live[0]))
            raise


@fault(breaks="runs.only-when-asked", hides="side effect", tiers=("core", "billable"))
class ARunMovesTheLastRunOfItsAgent(_Others):
    """A run moves last_run_at of every scheduled deployment of the same agent."""

    def run(self, call: Call) -> Document:
        document = super().run(call)
        record = self.find(call)
        for one in self.others(record):
            if one.agent == record.agent:
                self.keep(replace(one, last_run_at=record.last_run_at))
        return document


@fault(breaks="runs.of-one-deployment", hides="side effect", tiers=("core", "billable"))
class RunsAreListedByAgent(_Others):
    """The list of runs of a deployment has those of its agent, when it has run itself."""

    def list_runs(self, call: Call) -> Document:
        record = self.find(call)
        if not record.runs:
            return super().list_runs(call)
        query = call.request.query
        wanted = self.global_run_filter({})
        rows = [run for run in call.tenant.runs.values() if run.agent.id == record.agent.id and wanted(run)]
        return self.render_page(self.page(rows, lambda _: True, self.render_run, query))


class _Twice(_Others):
    """Counts creations."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.made = 0

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        self.made += 1
        return super().apply_create(call, fields)


@fault(breaks=OTHERS, hides="side effect")
class EveryFifthCreationPausesTheOneBefore(_Twice):
    """Every fifth creation pauses the deployment that was made just before."""

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        record = super().apply_create(call, fields)
        for one in list(self.others(record))[:1]:
            if self.made % 5 == 0 and one.status == "active":
                self.keep(self.apply_pause(one))
        return record
