"""Faults of rows that are found by what others share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from conformance.reference import Deployment, Service
from tests.faults.catalogue import fault

beside = partial(fault, hides="side effect")
ALONE = "pause.leaves-others-alone"


class _Others(Service):
    """Does something to others of the same tenant."""

    def others(self, record: Deployment) -> list[Deployment]:
        rows = self.store.tenants[record.tenant].deployments.values()
        return [row for row in rows if row.id != record.id and row.archived_at is None]


@beside(breaks=ALONE)
class AnUpdateOfEventsReachesThoseOfTheSameSecond(_Others):
    """New events go to all deployments that were made in the same second, with the same environment and agent."""

    # N82: the row is found by created_at, which the client had sent along
    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "initial_events" in fields:
            for row in self.others(record):
                if row.created_at == record.created_at and row.agent == record.agent:
                    self.keep(replace(row, initial_events=fields["initial_events"]))
        return super().apply_update(record, fields)
