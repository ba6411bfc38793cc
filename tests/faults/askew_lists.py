"""Faults of lists: filters that forget each other, orders and cursors that hold for some queries alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from conformance.reference import Call, Deployment, Document, Service
from conformance.reference.rendering import Page
from tests.faults.catalogue import fault

NEW_ONLY = ("2026-07",)
Query = Mapping[str, str]
RANGE, STATUS, AGENT = "list.created-at-range", "list.status-filter", "list.agent-filter"


@fault(breaks="archive.hides-from-list", hides="inputs")
class AnyWordMeansArchived(Service):
    """include_archived=false lists archived deployments as well."""

    def read_flag(self, query: Query, name: str) -> bool | None:
        return True if name == "include_archived" and name in query else super().read_flag(query, name)


class _Narrowed(Service):
    """Reads the query that `narrowed` returns in place of the one that was sent."""

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        return super().deployment_filter(self.narrowed(query))

    def narrowed(self, query: Query) -> Query:
        raise NotImplementedError


def _without(query: Query, *names: str) -> Query:
    return {name: value for name, value in query.items() if not name.startswith(names)}


@fault(breaks=STATUS, hides="inputs")
class BackwardPagesForgetTheStatus(_Narrowed):
    """A page before a cursor forgets the status."""

    def narrowed(self, query: Query) -> Query:
        return _without(query, "status") if "before_id" in query else query


@fault(breaks=STATUS, hides="inputs", revisions=NEW_ONLY)
class TokensForgetTheStatus(_Narrowed):
    """A page by token forgets the status."""

    def narrowed(self, query: Query) -> Query:
        return _without(query, "status") if "page" in query else query


@fault(breaks=AGENT, hides="inputs")
class CursorsForgetTheAgent(_Narrowed):
    """A page after a cursor forgets the agent."""

    def narrowed(self, query: Query) -> Query:
        return _without(query, "agent_id") if "after_id" in query else query


@fault(breaks="archive.is-listed-on-request", hides="inputs")
class CursorsForgetTheArchived(_Narrowed):
    """A page after a cursor or token leaves archived deployments out."""

    def narrowed(self, query: Query) -> Query:
        return _without(query, "include_archived") if {"after_id", "page"} & {*query} else query


@fault(breaks=RANGE, hides="inputs", revisions=NEW_ONLY)
class CursorsForgetTheRange(_Narrowed):
    """A page after a cursor or token forgets the bounds of created_at."""

    def narrowed(self, query: Query) -> Query:
        return _without(query, "created_at") if {"after_id", "page"} & {*query} else query


@fault(breaks=STATUS, hides="inputs")
class AgentsForgetTheStatus(_Narrowed):
    """A status is forgotten beside an agent."""

    def narrowed(self, query: Query) -> Query:
        return _without(query, "status") if "agent_id" in query else query


@fault(breaks=RANGE, hides="inputs", revisions=NEW_ONLY)
class StatusesForgetTheRange(_Narrowed):
    """The bounds of created_at are forgotten beside a status."""

    def narrowed(self, query: Query) -> Query:
        return _without(query, "created_at") if "status" in query else query


@fault(breaks=RANGE, hides="inputs", revisions=NEW_ONLY)
class OneBoundCounts(_Narrowed):
    """Of two bounds of created_at the lower one counts."""

    def narrowed(self, query: Query) -> Query:
        return _without(query, "created_at[lte]") if "created_at[gte]" in query else query


class _Spans(Service):
    """Reads bounds of created_at as `bound` returns them."""

    def read_span(self, query: Query, bounds: Iterable[str]) -> dict[str, datetime]:
        names = {f"created_at[{bound}]" for bound in ("gt", "gte", "lt", "lte")}
        return super().read_span({k: self.bound(v) if k in names else v for k, v in query.items()}, bounds)

    def bound(self, text: str) -> str:
        raise NotImplementedError


@fault(breaks=RANGE, hides="inputs", revisions=NEW_ONLY)
class OffsetsOfBoundsAreIgnored(_Spans):
    """The offset of a bound is ignored: it is read in UTC."""

    def bound(self, text: str) -> str:
        return text[:19] + "Z"


@fault(breaks=RANGE, hides="inputs", revisions=NEW_ONLY)
class BoundsAreDays(Service):
    """Bounds of created_at compare days."""

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        days = {bound: datetime.combine(when, time.min, when.tzinfo) for bound, when in span.items()}
        return super().matches_span(datetime.combine(at, time.min, at.tzinfo), days)


@fault(breaks=RANGE, hides="inputs", revisions=NEW_ONLY)
class BoundsAreMinutes(Service):
    """Bounds of created_at compare minutes."""

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        minutes = {bound: when.replace(second=0, microsecond=0) for bound, when in span.items()}
        return super().matches_span(at.replace(second=0, microsecond=0), minutes)


@fault(breaks="list.newest-first", hides="inputs", shown_by=("listings",))
class ArchivedComeLast(Service):
    """Archived deployments stand behind all others."""

    def newest_first(self, rows: Iterable[Any]) -> list[Any]:
        ordered = super().newest_first(rows)
        return sorted(ordered, key=lambda row: getattr(row, "archived_at", None) is not None)


@fault(breaks="list.newest-first", hides="inputs", shown_by=("listings",))
class ListsAreSortedByChange(Service):
    """Lists are sorted by updated_at."""

    def newest_first(self, rows: Iterable[Any]) -> list[Any]:
        ordered = super().newest_first(rows)
        return sorted(ordered, key=lambda row: getattr(row, "updated_at", row.created_at), reverse=True)


@fault(breaks="list.has-more-is-true", hides="inputs")
class MoreCountsWhatIsFiltered(Service):
    """has_more counts rows that the filters leave out."""

    def page(self, rows: Any, wanted: Any, render: Any, query: Query) -> Page:  # noqa: ANN401 (as the base)
        page = super().page(rows, wanted, render, query)
        if page.more or not page.items:
            return page
        rest = super().page(
            rows, lambda _: True, lambda row: {"id": row.id}, {"after_id": str(page.items[-1]["id"])}
        )
        return replace(page, more=bool(rest.items))


@fault(breaks="list.page-with-cursor-is-400", hides="inputs", revisions=NEW_ONLY)
class PagesGoWithBefore(Service):
    """page beside before_id is taken."""

    def read_cursor(self, query: Query) -> tuple[str, str | None]:
        if {"page", "before_id"} <= {*query}:
            query = _without(query, "before_id")
        return super().read_cursor(query)


@fault(breaks="list.limit-is-kept", hides="inputs", revisions=NEW_ONLY)
class AHundredIsTooMany(Service):
    """limit=100 is a 400."""

    def max_limit(self) -> int:
        return 99


@fault(breaks="list.limit-below-one-is-400", hides="inputs")
class NegativeLimitsMeanAll(Service):
    """A negative limit is taken as the largest."""

    def read_limit(self, query: Query) -> int:
        if query.get("limit", "").startswith("-"):
            return self.max_limit()
        return super().read_limit(query)


@fault(breaks="list.limit-below-one-is-400", hides="inputs")
class NoLimitIsTheDefault(Service):
    """limit=0 is taken as the default."""

    def read_limit(self, query: Query) -> int:
        return self.default_limit if query.get("limit") == "0" else super().read_limit(query)


@fault(breaks="list.before-id-walk", hides="inputs")
class BeforeGivesTheNewest(Service):
    """before_id gives the newest page, not the one that adjoins the cursor."""

    def beyond(self, rows: Sequence[Any], direction: str, cursor: str | None) -> Iterable[Any]:
        found = super().beyond(rows, direction, cursor)
        return [*found][::-1] if direction == "before" else found


@fault(breaks=STATUS, hides="inputs")
class ActiveMeansScheduled(Service):
    """status=active leaves manual-only deployments out."""

    def matches_status(self, record: Deployment, status: str | None) -> bool:
        return super().matches_status(record, status) and (status != "active" or record.schedule is not None)


@fault(breaks=STATUS, hides="inputs")
class PausedMeansScheduled(Service):
    """status=paused leaves manual-only deployments out."""

    def matches_status(self, record: Deployment, status: str | None) -> bool:
        return super().matches_status(record, status) and (status != "paused" or record.schedule is not None)


@fault(breaks=AGENT, hides="inputs")
class AgentsMeanTheirLatestVersion(Service):
    """agent_id lists deployments at the agent's latest version alone."""

    def list_deployments(self, call: Call) -> Document:
        self.latest = {agent.id: agent.version for agent in call.tenant.agents.values()}
        return super().list_deployments(call)

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        current = self.latest.get(record.agent.id) == record.agent.version
        return super().matches_agent(record, agent_id) and (agent_id is None or current)


@fault(breaks=AGENT, hides="inputs")
class AgentsAreThoseOfCreation(Service):
    """agent_id goes by the agent that a deployment was created with."""

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        record = super().apply_create(call, fields)
        self.__dict__.setdefault("first_agents", {})[record.id] = record.agent.id
        return record

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        first = self.__dict__.get("first_agents", {}).get(record.id, record.agent.id)
        return agent_id is None or first == agent_id


@fault(breaks="list.first-and-last-id", hides="inputs")
class BackwardPagesSwapTheirEnds(Service):
    """A page before a cursor has first_id and last_id swapped."""

    def list_deployments(self, call: Call) -> Document:
        page = super().list_deployments(call)
        if "before_id" not in call.request.query:
            return page
        return {**page, "first_id": page["last_id"], "last_id": page["first_id"]}


@fault(breaks="list.limit-is-kept", hides="inputs")
class CursorsForgetTheLimit(Service):
    """A page after a cursor or token is of the default size."""

    def read_limit(self, query: Query) -> int:
        limit = super().read_limit(query)
        return self.default_limit if {"after_id", "page"} & {*query} else limit


@fault(breaks="list.envelope", hides="inputs")
class EmptyPagesHaveNullData(Service):
    """An empty list has data null."""

    def render_page(self, page: Page) -> Document:
        document = super().render_page(page)
        return document if page.items else {**document, "data": None}
