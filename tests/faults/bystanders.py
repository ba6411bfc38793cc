"""Faults whose effect is on another deployment: a sibling, a namesake, one with the same schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from conformance.reference import Call, Deployment, Document, Service
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


@fault(breaks=OTHERS, hides="side effect", shown_by=("neighbour",))
class APausePausesTheSameSchedule(_Others):
    """A pause pauses every deployment that has the same schedule: the timer is one."""

    def apply_pause(self, record: Deployment) -> Deployment:
        for other in self.of_its_schedule(record):
            if other.status == "active":
                self.keep(super().apply_pause(other))
        return super().apply_pause(record)


@fault(breaks=OTHERS, hides="side effect", shown_by=("neighbour",))
class APauseEmptiesTheSameSchedule(_Others):
    """While a deployment is paused, others with the same schedule list no upcoming runs."""

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        if record.status == "active" and any(one.status == "paused" for one in self.of_its_schedule(record)):
            return ()
        return super().upcoming(record)


@fault(breaks=OTHERS, hides="side effect", shown_by=("neighbour",))
class OfOneScheduleTheNewestAloneIsUpcoming(_Others):
    """Of deployments with the same schedule the newest alone lists upcoming runs."""

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        if any(one.sequence > record.sequence for one in self.of_its_schedule(record)):
            return ()
        return super().upcoming(record)


@fault(breaks=OTHERS, hides="side effect", shown_by=("neighbour",))
class APauseTouchesTheNextOne(_Others):
    """A pause moves updated_at of the deployment that was made next."""

    def apply_pause(self, record: Deployment) -> Deployment:
        later = [one for one in self.others(record) if one.sequence > record.sequence]
        for one in later[-1:]:
            self.keep(self.touch(one))
        return super().apply_pause(record)


@fault(breaks=OTHERS, hides="side effect", shown_by=("neighbour",))
class EqualEventsAreShared(_Others):
    """Deployments that were made with equal events share them: an update of one updates all."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "initial_events" in fields:
            for one in self.others(record):
                if one.initial_events == record.initial_events:
                    self.keep(replace(one, initial_events=fields["initial_events"]))
        return super().apply_update(record, fields)


@fault(breaks=OTHERS, hides="side effect", shown_by=("neighbour",))
class AnUnpauseUnpausesTheAgent(_Others):
    """An unpause unpauses the deployment of the same agent that was paused last."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        paused = [one for one in self.others(record) if one.status == "paused" and one.agent == record.agent]
        for one in sorted(paused, key=lambda one: one.updated_at)[-1:]:
            self.keep(super().apply_unpause(one))
        return super().apply_unpause(record)


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
