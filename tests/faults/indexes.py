"""Faults of times and of lists after a change: an index, a sort or a timestamp that follows one change and not another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from conformance.reference import Deployment, Service
from tests.faults.catalogue import fault


@fault(
    breaks="list.newest-first",
    also=("list.before-id-walk", "list.after-id-walk", "list.page-walk"),
    hides="sequence",
    shown_by=("listings",),
)
class PausedOnesAreListedLast(Service):
    """Lists have paused deployments behind all others."""

    def newest_first(self, rows: Iterable[Any]) -> list[Any]:
        found = super().newest_first(rows)
        return sorted(found, key=lambda row: getattr(row, "status", "") == "paused")


@fault(breaks="list.status-filter", also=("list.agent-filter",), hides="sequence")
class PausedOnesHaveNoAgent(Service):
    """agent_id finds no paused deployment."""

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        paused = agent_id is not None and record.status == "paused"
        return not paused and super().matches_agent(record, agent_id)


@fault(breaks="object.identity-never-moves", hides="sequence")
class AnUpdateWhilePausedMakesItNew(Service):
    """An update of a paused deployment moves created_at."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return replace(changed, created_at=self.instant()) if record.status == "paused" else changed
