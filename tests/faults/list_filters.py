"""Faults of list filters that meet another one, or a value that should change nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from conformance.reference import NEW, Deployment, Service
from conformance.reference.errors import invalid
from conformance.reference.listing import Query
from conformance.reference.store import AgentPin
from tests.faults.catalogue import fault
from tests.faults.list_pages import Forgets, ShowsArchived

BOUNDS = frozenset({"created_at[gte]", "created_at[lte]"})
BACK = frozenset({"before_id"})


@fault(breaks="list.status-filter", hides="inputs")
class AgentHidesTheStatus(Forgets):
    """With agent_id the status counts no more."""

    forgotten, beside = "status", frozenset({"agent_id"})


@fault(breaks="list.agent-filter", hides="inputs")
class StatusHidesTheAgent(Forgets):
    """With status the agent counts no more."""

    forgotten, beside = "agent_id", frozenset({"status"})


@fault(breaks="list.status-filter", revisions=(NEW,), hides="inputs")
class BoundsHideTheStatus(Forgets):
    """With created_at the status counts no more."""

    forgotten, beside = "status", BOUNDS


@fault(breaks="list.created-at-range", revisions=(NEW,), hides="inputs")
class StatusHidesTheBounds(Forgets):
    """With status the bounds count no more."""

    forgotten, beside = "created_at", frozenset({"status"})


@fault(breaks="archive.hides-from-list", hides="inputs")
class FalseIsTrueAsAText(Service):
    """include_archived=false lists archived deployments: any text is true."""

    def read_flag(self, query: Query, name: str) -> bool | None:
        return super().read_flag(query, name) is not None


# --- with before_id --------------------------------------------------------------------------------------


@fault(breaks="list.status-filter", hides="inputs")
class BeforeIdHidesTheStatus(Forgets):
    """With before_id the status counts no more."""

    forgotten, beside = "status", BACK


@fault(breaks="list.agent-filter", hides="inputs")
class BeforeIdHidesTheAgent(Forgets):
    """With before_id the agent counts no more."""

    forgotten, beside = "agent_id", BACK


@fault(breaks="list.created-at-range", revisions=(NEW,), hides="inputs")
class BeforeIdHidesTheBounds(Forgets):
    """With before_id the bounds count no more."""

    forgotten, beside = "created_at", BACK


@fault(breaks="archive.hides-from-list", hides="inputs")
class ArchivedBeforeAnId(ShowsArchived):
    """With before_id archived deployments are listed."""

    beside = BACK


@fault(breaks="list.created-at-range", revisions=(NEW,))  # N173: bounds are ISO 8601
class BoundsWithFractionsAreRefused(Service):
    """A bound of created_at with a fraction of a second is a 400."""

    def read_span(self, query: Query, bounds: Iterable[str]) -> dict[str, datetime]:
        for name, text in query.items():
            if name.startswith("created_at[") and "." in text:
                raise invalid(f"{name} must be a timestamp", name)
        return super().read_span(query, bounds)


@fault(breaks="list.agent-filter", hides="sequence")
class PausedOnesOfAnotherAgentSlipIn(Service):
    """agent_id lists paused deployments by the agent that they had when they were paused."""

    def apply_pause(self, record: Deployment) -> Deployment:
        self.agents[record.id] = record.agent
        return super().apply_pause(record)

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        if record.status == "paused" and record.id in self.agents:
            record = replace(record, agent=self.agents[record.id])
        return super().matches_agent(record, agent_id)

    @property
    def agents(self) -> dict[str, AgentPin]:
        agents: dict[str, AgentPin] = self.__dict__.setdefault("_agents", {})
        return agents
