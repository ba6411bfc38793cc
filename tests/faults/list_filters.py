"""Faults of list filters that meet another one, or a value that should change nothing."""

from __future__ import annotations

from conformance.reference import NEW, Service
from conformance.reference.listing import Query
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
