"""Faults of times and of lists after a change: an index, a sort or a timestamp that follows one change and not another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from conformance.reference import Deployment, Service
from tests.faults.catalogue import fault
from tests.faults.histories import Remembering


@fault(
    breaks="list.newest-first",
    also=("list.before-id-walk", "list.after-id-walk", "list.page-walk"),
    hides="sequence",
)
class PausedOnesAreListedLast(Service):
    """Lists have paused deployments behind all others."""

    def newest_first(self, rows: Iterable[Any]) -> list[Any]:
        found = super().newest_first(rows)
        return sorted(found, key=lambda row: getattr(row, "status", "") == "paused")


@fault(breaks="list.newest-first", hides="sequence")
class UnpausedOnesAreListedFirst(Remembering):
    """Lists begin with what was unpaused last."""

    def newest_first(self, rows: Iterable[Any]) -> list[Any]:
        found = super().newest_first(rows)
        return sorted(found, key=self._was_never_paused)

    def _was_never_paused(self, row: Any) -> bool:  # noqa: ANN401 (as the base says)
        if not isinstance(row, Deployment) or row.status == "paused" or row.archived_at:
            return True
        return all(one.status == "active" for one in self.states(row))


@fault(breaks="list.status-filter", also=("list.agent-filter",), hides="sequence")
class PausedOnesHaveNoAgent(Service):
    """agent_id finds no paused deployment."""

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        paused = agent_id is not None and record.status == "paused"
        return not paused and super().matches_agent(record, agent_id)


@fault(breaks="object.updated-at-never-goes-back", also=("pause.advances-updated-at",), hides="sequence")
class AnUnpauseTurnsTheClockBack(Remembering):
    """An unpause brings back the updated_at from before the pause."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        active = [one for one in self.states(record) if one.status == "active"]
        return replace(super().apply_unpause(record), updated_at=active[-1].updated_at)


@fault(breaks="object.identity-never-moves", hides="sequence")
class AnUpdateWhilePausedMakesItNew(Service):
    """An update of a paused deployment moves created_at."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return replace(changed, created_at=self.instant()) if record.status == "paused" else changed


@fault(breaks="object.identity-never-moves", hides="sequence")
class ASecondPauseMakesItNew(Remembering):
    """The second pause of a deployment moves created_at."""

    def apply_pause(self, record: Deployment) -> Deployment:
        again = any(one.status == "paused" for one in self.states(record))
        paused = super().apply_pause(record)
        return replace(paused, created_at=self.instant()) if again else paused
