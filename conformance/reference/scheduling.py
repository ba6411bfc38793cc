"""Schedules that fire: which occurrences come due, and what becomes of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from conformance.reference import cron
from conformance.reference.config import ReferenceSettings
from conformance.reference.runs import Runs
from conformance.reference.store import Deployment


class Due(NamedTuple):
    """An occurrence that is to start a run at an instant; due ones sort by it."""

    at: datetime
    sequence: int
    tenant: str
    deployment_id: str
    occurrence: datetime


class Scheduling(Runs):
    """Fires what came due since the last request, before the next one is answered.

    Between two requests nothing can change but time, so this shows the same as a thread that waits would,
    and on the same clock always the same. What came due before the server was made is never fired.
    """

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._looked_at = self.now()
        self._due: list[Due] = []

    def fire_due(self) -> None:
        """Start every run that came due since this was last called, in the order of their instants."""
        since, until = self._looked_at, max(self.now(), self._looked_at)
        self._looked_at = until
        self._due += self._occurred(_minute(since), _minute(until))
        ripe = sorted(due for due in self._due if due.at <= until)
        self._due = [due for due in self._due if due.at > until]
        for due in ripe:
            self._settle(due)

    def should_fire(self, record: Deployment, occurrence: datetime) -> bool:  # noqa: ARG002 (overriders look at it)
        """Return whether an occurrence starts a run; asked when it comes and again when the run starts."""
        return record.status == "active" and record.archived_at is None

    def missed(self, record: Deployment, occurrence: datetime) -> None:
        """Let an occurrence pass; the documents promise no replay."""

    def delay(self, record: Deployment, occurrence: datetime) -> timedelta:  # noqa: ARG002 (the same)
        """Return how long after its occurrence a run starts."""
        return timedelta(0)

    def fire(self, record: Deployment, occurrence: datetime, at: datetime) -> None:
        """Start a run for an occurrence; since 2026-07 the run says for which."""
        trigger = {"type": "schedule"}
        if not self.old:
            trigger["scheduled_at"] = self.render_time(occurrence)
        self.record_run(record, trigger, at)

    def between(self, record: Deployment, since: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the occurrences of a deployment's schedule after `since` up to `until`."""
        while record.schedule is not None:
            for occurrence in cron.upcoming(record.schedule.expression, record.schedule.timezone, since):
                if occurrence > until:
                    return
                yield occurrence
                since = occurrence
            if not cron.upcoming(record.schedule.expression, record.schedule.timezone, since):
                return

    def _occurred(self, since: datetime, until: datetime) -> Iterator[Due]:
        """Yield what is to be fired for the occurrences after `since` up to `until`, both whole minutes."""
        if since == until:
            return
        for tenant in self.store.tenants.values():
            for record in list(tenant.deployments.values()):
                for occurrence in self.between(record, since, until):
                    if self.should_fire(record, occurrence):
                        at = occurrence + self.delay(record, occurrence)
                        yield Due(at, record.sequence, tenant.name, record.id, occurrence)
                    else:
                        self.missed(record, occurrence)

    def _settle(self, due: Due) -> None:
        record = self.store.tenants[due.tenant].deployments[due.deployment_id]
        if self.should_fire(record, due.occurrence):
            self.fire(record, due.occurrence, due.at)
        else:
            self.missed(record, due.occurrence)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
