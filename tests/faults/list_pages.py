"""Faults of lists that show on a later page, at the end of a list, or in the deployments listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from conformance.reference import Call, Deployment, Document, Service
from conformance.reference.listing import Query, R
from conformance.reference.rendering import Page
from tests.faults.catalogue import fault

NEW = ("2026-07",)
SEARCH = "model.lifecycle"
CURSORS = {"after_id", "page"}


# --- where a list ends -----------------------------------------------------------------------------------


@fault(breaks="list.has-more-is-true", hides="inputs")
class MoreAfterAFullPage(Service):
    """A page as long as its limit says that more follow, even at the end of the list."""

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        page = super().page(rows, wanted, render, query)
        return replace(page, more=len(page.items) == self.read_limit(query))


@fault(breaks="list.has-more-is-true", also=("list.agent-filter", "list.status-filter"), hides="inputs")
class TheLastOneIsNotMore(Service):
    """Where one more deployment follows, nothing is said to follow."""

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        kept = list(rows)
        limit = self.read_limit(query)
        page = super().page(kept, wanted, render, query)
        longer = super().page(kept, wanted, render, {**query, "limit": str(min(limit + 1, self.max_limit()))})
        return replace(page, more=page.more and longer.more)


@fault(breaks="list.before-id-walk", hides="inputs")
class NothingMoreBeforeAPage(Service):
    """A page before a deployment never says that there are more."""

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        page = super().page(rows, wanted, render, query)
        return replace(page, more=page.more and "before_id" not in query)


@fault(breaks="list.before-id-walk", hides="inputs")
class BeforeIdSkipsTheNearest(Service):
    """A page before a deployment lacks the one right before it."""

    def beyond(self, rows: Sequence[R], direction: str, cursor: str | None) -> Iterable[R]:
        found = list(super().beyond(rows, direction, cursor))
        return found[1:] if direction == "before" else found


# --- what later pages show -------------------------------------------------------------------------------


class Forgets(Service):
    """Forgets a filter beside some parameters; if nothing else is said, on pages after the first."""

    forgotten: str
    beside: frozenset[str] = frozenset(CURSORS)

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        later = self.beside & query.keys()
        kept = {name: v for name, v in query.items() if not (later and name.startswith(self.forgotten))}
        return super().deployment_filter(self.changed(kept, later=bool(later)))

    def changed(self, query: Query, *, later: bool) -> Query:
        return query


class ShowsArchived(Forgets):
    """Lists archived deployments beside some parameters."""

    forgotten = "include_archived"

    def changed(self, query: Query, *, later: bool) -> Query:
        return {**query, "include_archived": "true"} if later else query


@fault(breaks="archive.hides-from-list", hides="sequence")
class ArchivedAfterAnId(ShowsArchived):
    """With after_id archived deployments are listed."""

    beside = frozenset({"after_id"})


@fault(breaks="archive.hides-from-list", hides="sequence", revisions=NEW)
class ArchivedOnTheNextPage(ShowsArchived):
    """With page archived deployments are listed."""

    beside = frozenset({"page"})


@fault(breaks="archive.is-listed-on-request", hides="sequence")
class IncludeArchivedForgotten(Forgets):
    """After the first page archived deployments are left out whatever was asked for."""

    forgotten = "include_archived"


@fault(breaks="list.status-filter", also=("pause.is-listed",), hides="sequence", revisions=NEW)
class StatusForgottenOnTheNextPage(Forgets):
    """With page the status counts no more."""

    forgotten = "status"
    beside = frozenset({"page"})


@fault(breaks="list.agent-filter", hides="sequence")
class AgentForgottenAfterAnId(Forgets):
    """With after_id the agent counts no more."""

    forgotten = "agent_id"


@fault(breaks="list.created-at-range", hides="sequence", revisions=NEW)
class RangeForgottenAfterAnId(Forgets):
    """On later pages the bounds count no more."""

    forgotten = "created_at"


class FiltersAfterTheLimit(Service):
    """Takes the rows that fit on a page first, and shows those of them that a filter asks for."""

    late: str

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        if self.late not in query:
            return super().page(rows, wanted, render, query)
        kept = list(rows)
        page = super().page(kept, lambda _: True, render, query)
        right = {row.id for row in kept if wanted(row)}
        shown = [item for item in page.items if item["id"] in right]
        return replace(page, items=shown, more=page.more and len(shown) == self.read_limit(query))


@fault(breaks="list.status-filter", also=("pause.is-listed",), hides="inputs")
class StatusAfterTheLimit(FiltersAfterTheLimit):
    """Of the rows that fit on a page those of the status are shown, and no more are said to follow."""

    late = "status"


@fault(breaks="list.agent-filter", hides="inputs")
class AgentAfterTheLimit(FiltersAfterTheLimit):
    """Of the rows that fit on a page those of the agent are shown, and no more are said to follow."""

    late = "agent_id"


@fault(breaks="list.created-at-range", hides="inputs", revisions=NEW)
class BoundAfterTheLimit(FiltersAfterTheLimit):
    """Of the rows that fit on a page those before the bound are shown, and no more are said to follow."""

    late = "created_at[lte]"


# --- how many a page has ---------------------------------------------------------------------------------


@fault(breaks="list.pages-are-full", hides="inputs", shown_by=("listings",))
class DefaultPageOf10(Service):
    """Without limit a page has 10 deployments."""

    default_limit = 10


@fault(breaks="list.pages-are-full", also=("list.agent-filter",), hides="inputs")
class LimitsAbove30Are30(Service):
    """A page has at most 30 deployments, whatever the limit."""

    def read_limit(self, query: Query) -> int:
        return min(super().read_limit(query), 30)


# --- the deployments listed ------------------------------------------------------------------------------


class _ListsOtherwise(Service):
    """Shows a deployment in lists in another way than alone."""

    def list_deployments(self, call: Call) -> Document:
        document = super().list_deployments(call)
        listed: list[Document] = document["data"]  # type: ignore[assignment]  # they are
        return {**document, "data": [self.otherwise(call, item) for item in listed]}

    def otherwise(self, call: Call, item: Document) -> Document:
        raise NotImplementedError


@fault(breaks="list.items-are-current", hides="sequence", tiers=("property",), found_by=SEARCH)
class ListsKeepTheFirstName(_ListsOtherwise):
    """Lists show the name that a deployment was made with."""

    def save(self, call: Call, record: Deployment) -> None:
        self.__dict__.setdefault("names", {}).setdefault(record.id, record.name)
        super().save(call, record)

    def otherwise(self, call: Call, item: Document) -> Document:
        return {**item, "name": self.__dict__["names"].get(item["id"], item["name"])}


@fault(breaks="list.items-are-current", tiers=("property",), found_by=SEARCH)
class ListsHaveNoReason(_ListsOtherwise):
    """Lists show paused deployments without a reason."""

    def otherwise(self, call: Call, item: Document) -> Document:
        return {**item, "paused_reason": None}


@fault(breaks="list.items-are-current", hides="sequence", shown_by=("pause_twice",))
class ListsShowNoUpdate(_ListsOtherwise):
    """Lists show the time of creation as that of the last change."""

    def otherwise(self, call: Call, item: Document) -> Document:
        return {**item, "updated_at": item["created_at"]}


@fault(breaks="list.items-are-current", shown_by=("pause_twice",))
class ListsHaveNoRuns(_ListsOtherwise):
    """Lists show schedules without the runs to come."""

    def otherwise(self, call: Call, item: Document) -> Document:
        schedule = item["schedule"]
        return {
            **item,
            "schedule": {**schedule, "upcoming_runs_at": []} if isinstance(schedule, dict) else None,
        }


@fault(breaks="list.items-are-current", shown_by=("pause_twice",))
class ListsHaveNoEvents(_ListsOtherwise):
    """Lists show deployments without their events."""

    def otherwise(self, call: Call, item: Document) -> Document:
        return {**item, "initial_events": []}


@fault(
    breaks="object.has-sample-fields",
    shown_by=(
        "odd_listings",
        "plain_lists",
    ),
)
class ListsHaveNoMetadata(_ListsOtherwise):
    """Lists show deployments without their metadata."""

    def otherwise(self, call: Call, item: Document) -> Document:
        return {name: value for name, value in item.items() if name != "metadata"}


@fault(breaks="archive.hides-from-list", hides="inputs", tiers=("property",), found_by=SEARCH)
class AgentFilterShowsArchived(Service):
    """With agent_id archived deployments are listed."""

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        more = {"include_archived": "true"} if "agent_id" in query else {}
        return super().deployment_filter({**query, **more})
