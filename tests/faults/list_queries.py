"""Faults of lists that only certain bounds, ids, cursors and combinations of parameters show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from conformance.reference import NEW, Call, Deployment, Document, Service
from conformance.reference.listing import Query
from tests.faults.catalogue import fault
from tests.faults.histories import Remembering

RANGE: Final = "list.created-at-range"
AGENT: Final = "list.agent-filter"
BOUNDS: Final = ("created_at[gte]", "created_at[lte]")


@fault(breaks=RANGE, revisions=(NEW,), hides="inputs")
class OneInstantIsNoRange(Service):
    """Where both bounds are given, the upper one is excluded."""

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        excluded = "gte" in span and at == span.get("lte")
        return super().matches_span(at, span) and not excluded


@fault(breaks=RANGE, revisions=(NEW,), hides="inputs")
class ReversedRangesAreTurnedRound(Service):
    """Bounds of which the lower is above the upper one change places."""

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        if {"gte", "lte"} <= span.keys():
            low, high = sorted((span["gte"], span["lte"]))
            span = {"gte": low, "lte": high}
        return super().matches_span(at, span)


@fault(breaks=RANGE, revisions=(NEW,), hides="inputs")
class BoundsEndIn2038(Service):
    """An upper bound beyond what 32 bits count in seconds lies in the past."""

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        beyond = "lte" in span and span["lte"].timestamp() >= 2**31
        return not beyond and super().matches_span(at, span)


@fault(breaks="list.status-filter", hides="inputs", revisions=(NEW,))
class TheThirdFilterIsForgotten(Service):
    """Where agent and bounds are asked for, the status counts no more."""

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        full = {"status", "agent_id"} <= query.keys() and any(bound in query for bound in BOUNDS)
        return super().deployment_filter(
            {name: value for name, value in query.items() if not (full and name == "status")}
        )


@fault(breaks="archive.is-listed-on-request", hides="inputs")
class ArchivedAreLeftOutByAgent(Service):
    """With agent_id archived deployments are left out, also where they are asked for."""

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        return super().deployment_filter(
            {**query, "include_archived": "false"} if "agent_id" in query else query
        )


@fault(breaks=RANGE, revisions=(NEW,), hides="inputs")
class NothingBeforeTheNewestHasEnds(Service):
    """The empty page before the newest deployment names the cursor as its first and last id."""

    def list_deployments(self, call: Call) -> Document:
        page = super().list_deployments(call)
        cursor = call.request.query.get("before_id")
        empty = cursor is not None and not page["data"]
        return {**page, "first_id": cursor, "last_id": cursor} if empty else page


@fault(breaks=AGENT, hides="inputs")
class AgentFilterIsAPrefix(Service):
    """agent_id lists the deployments of every agent whose id begins with it."""

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        return agent_id is None or record.agent.id.startswith(agent_id)


@fault(breaks=AGENT, hides="inputs")
class AgentFilterKnowsTheLatestVersion(Service):
    """agent_id leaves out the deployments that pin an earlier version of the agent."""

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        latest = self.store.tenants[record.tenant].agents[record.agent.id].version
        pinned = agent_id is not None and record.agent.version != latest
        return super().matches_agent(record, agent_id) and not pinned


@fault(breaks=AGENT, hides="sequence")
class AgentFilterKnowsTheFirstAgent(Remembering):
    """agent_id chooses by the agent that a deployment was made with."""

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        return super().matches_agent(self.states(record)[0], agent_id)
