"""Faults of list filters that meet another one, or a value that should change nothing."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference import NEW, Deployment, Service
from conformance.reference.listing import Query
from tests.faults.catalogue import fault


class _OneAlone(Service):
    """Forgets a filter where another one is asked for."""

    forgotten: str
    beside: str

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        met = any(name.startswith(self.beside) for name in query)
        kept = {name: v for name, v in query.items() if not (met and name.startswith(self.forgotten))}
        return super().deployment_filter(kept)


@fault(breaks="list.status-filter", hides="inputs")
class AgentHidesTheStatus(_OneAlone):
    """With agent_id the status counts no more."""

    forgotten, beside = "status", "agent_id"


@fault(breaks="list.agent-filter", hides="inputs")
class StatusHidesTheAgent(_OneAlone):
    """With status the agent counts no more."""

    forgotten, beside = "agent_id", "status"


@fault(breaks="list.status-filter", revisions=(NEW,), hides="inputs")
class BoundsHideTheStatus(_OneAlone):
    """With created_at the status counts no more."""

    forgotten, beside = "status", "created_at"


@fault(breaks="list.created-at-range", revisions=(NEW,), hides="inputs")
class StatusHidesTheBounds(_OneAlone):
    """With status the bounds count no more."""

    forgotten, beside = "created_at", "status"


@fault(breaks="archive.hides-from-list", hides="inputs")
class FalseIsTrueAsAText(Service):
    """include_archived=false lists archived deployments: any text is true."""

    def read_flag(self, query: Query, name: str) -> bool | None:
        return super().read_flag(query, name) is not None
