"""Faults of what a firing leaves behind: its run, the runs before it, and the times of its deployment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from conformance.reference import NEW, Deployment, Run, Service
from tests.faults.catalogue import fault
from tests.faults.time import timed


@timed(breaks="schedule.run-names-its-minute", revisions=(NEW,))  # N75
class ARunNamesTheNextMinute(Service):
    """scheduled_at of a run is the occurrence after the one that started it."""

    def fire(self, record: Deployment, occurrence: datetime, at: datetime) -> None:
        following = self.occurrences(record.schedule, occurrence)[0] if record.schedule else occurrence
        self.record_run(record, {"type": "schedule", "scheduled_at": self.render_time(following)}, at)


@timed(breaks="schedule.run-is-found")  # N144: a run that was there stays
class AScheduledRunReplacesTheLast(Service):
    """A scheduled run takes the place of the scheduled run before it."""

    def fire(self, record: Deployment, occurrence: datetime, at: datetime) -> None:
        runs = self.store.tenants[record.tenant].runs
        for run in self.runs_of(record):
            if run.trigger["type"] == "schedule":
                del runs[run.id]
        super().fire(record, occurrence, at)


@timed(breaks="schedule.moves-last-run")  # N143, 1.9
class TheLastRunIsTheNextOne(Service):
    """A scheduled run sets last_run_at to the next occurrence."""

    def fire(self, record: Deployment, occurrence: datetime, at: datetime) -> None:
        super().fire(record, occurrence, at)
        now = self.store.tenants[record.tenant].deployments[record.id]
        if record.schedule is not None:
            self.keep(replace(now, last_run_at=self.occurrences(record.schedule, occurrence)[0]))


@fault(breaks="object.updated-at-never-goes-back", hides="time", tiers=("core", "time"), time_scale=60)
class FiringMovesUpdatedAtBack(Service):
    """When a schedule fires, updated_at is set to the time of the creation."""

    def apply_run(self, record: Deployment, run: Run) -> Deployment:
        return replace(super().apply_run(record, run), updated_at=record.created_at)
