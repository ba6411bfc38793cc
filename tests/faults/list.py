"""Faults of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from conformance.reference import Call, Deployment, Document, Service
from conformance.reference.listing import Query, R
from conformance.reference.rendering import Page
from conformance.reference.store import Agent, Environment
from tests.faults.catalogue import fault

NEW = ("2026-07",)
OLD = ("2026-06",)
WALKS = ("list.after-id-walk", "list.page-walk")


@fault(breaks="list.envelope")
class NoFirstId(Service):
    """The list says where it ends, but not where it begins."""

    def render_page(self, page: Page) -> Document:
        document = super().render_page(page)
        del document["first_id"]
        return document


@fault(
    breaks="list.envelope", also=("list.next-page-goes-with-has-more", *WALKS, "transport.routes-under-base")
)
class HasMoreIsText(Service):
    """has_more is the text "true" or "false"."""

    def render_page(self, page: Page) -> Document:
        document = super().render_page(page)
        return {**document, "has_more": str(document["has_more"]).lower()}


@fault(breaks="list.newest-first", shown_by=("listings",))
class OldestFirst(Service):
    """Lists begin with the oldest."""

    def newest_first(self, rows: Iterable[R]) -> list[R]:
        return super().newest_first(rows)[::-1]


@fault(breaks="list.newest-first", also=("list.before-id-walk",), hides="sequence", shown_by=("listings",))
class LastChangedFirst(Service):
    """Lists are sorted by the last change."""

    def newest_first(self, rows: Iterable[R]) -> list[R]:
        return sorted(
            rows, key=lambda row: (getattr(row, "updated_at", row.created_at), row.sequence), reverse=True
        )


@fault(breaks="list.newest-first", hides="sequence", shown_by=("listings",))
class ArchivedLast(Service):
    """Archived deployments follow all others."""

    def newest_first(self, rows: Iterable[R]) -> list[R]:
        return sorted(
            super().newest_first(rows), key=lambda row: getattr(row, "archived_at", None) is not None
        )


@fault(
    breaks="list.newest-first", also=(*WALKS, "list.before-id-walk"), hides="inputs", shown_by=("listings",)
)
class EachPageOldestFirst(Service):
    """The right deployments are on each page, but the oldest of them comes first."""

    def render_page(self, page: Page) -> Document:
        return super().render_page(replace(page, items=page.items[::-1]))


@fault(breaks="list.default-page")
class DefaultPageOf100(Service):
    """Without limit a page has 100 deployments."""

    default_limit = 100


@fault(breaks="list.default-page", hides="inputs")
class ArchivedCountExtra(Service):
    """Without limit a page has 20 live deployments, and archived ones on top."""

    def list_deployments(self, call: Call) -> Document:
        query = call.request.query
        if "limit" not in query and query.get("include_archived") == "true":
            call = replace(call, request=replace(call.request, query={**query, "limit": "40"}))
        return super().list_deployments(call)


@fault(breaks="list.limit-is-kept", hides="at once")
class OneMoreThanLimit(Service):
    """A page has one deployment more than asked for."""

    def read_limit(self, query: Query) -> int:
        return super().read_limit(query) + ("limit" in query)


@fault(breaks="list.limit-is-kept", hides="sequence")
class LimitForgottenAfterFirstPage(Service):
    """Pages after the first have the default size or more."""

    def read_limit(self, query: Query) -> int:
        limit = super().read_limit(query)
        return max(limit, self.default_limit) if "after_id" in query else limit


@fault(breaks="list.limit-below-one-is-400", also=("runs.limit-below-one-is-400",))
class LimitBelowOneIsOne(Service):
    """A limit below one counts as one."""

    def read_limit(self, query: Query) -> int:
        below = query.get("limit") in {"0", "-1"}
        return 1 if below else super().read_limit(query)


@fault(breaks="list.limit-below-one-is-400", also=("runs.limit-below-one-is-400",), hides="inputs")
class LimitZeroIsDefault(Service):
    """A limit of zero counts as none given."""

    def read_limit(self, query: Query) -> int:
        return self.default_limit if query.get("limit") == "0" else super().read_limit(query)


@fault(breaks="list.first-and-last-id", also=(*WALKS, "list.next-page-is-last-id"))
class EndsExchanged(Service):
    """first_id is the last id and last_id the first."""

    def render_page(self, page: Page) -> Document:
        document = super().render_page(page)
        return {**document, "first_id": document["last_id"], "last_id": document["first_id"]}


@fault(breaks="list.first-and-last-id", hides="inputs")
class EndsOfNothing(Service):
    """An empty page has ids that name nothing."""

    def render_page(self, page: Page) -> Document:
        document = super().render_page(page)
        return document if page.items else {**document, "first_id": "none", "last_id": "none"}


@fault(breaks="list.next-page-goes-with-has-more", also=("list.next-page-is-last-id",))
class NextPageAtTheEnd(Service):
    """The last page leads to a next one."""

    def render_page(self, page: Page) -> Document:
        document = super().render_page(page)
        return {**document, "next_page": document["next_page"] or "the-end"}


@fault(breaks="list.next-page-goes-with-has-more", also=("list.page-walk", "list.page-with-cursor-is-400"))
class NoNextPage(Service):
    """next_page is null even where more follows."""

    def next_page(self, page: Page, last_id: object) -> object:
        return None


@fault(breaks="list.next-page-is-last-id", revisions=OLD)
class NextPageIsToken(Service):
    """next_page is a token, as the later revision has it."""

    def next_page(self, page: Page, last_id: object) -> object:
        return page.token


@fault(
    breaks="list.after-id-walk",
    also=("list.page-walk", "list.before-id-walk", "archive.is-listed-on-request"),
)
class CursorSkipsOne(Service):
    """A page begins one deployment after the one that follows the cursor."""

    def beyond(self, rows: Sequence[R], direction: str, cursor: str | None) -> Iterable[R]:
        found = list(super().beyond(rows, direction, cursor))
        return found if cursor is None else found[1:]


@fault(breaks="list.after-id-walk", also=("list.page-walk", "list.before-id-walk"))
class CursorIncluded(Service):
    """A page begins with the cursor itself."""

    def beyond(self, rows: Sequence[R], direction: str, cursor: str | None) -> Iterable[R]:
        own = [row for row in rows if row.id == cursor]
        return [*own, *super().beyond(rows, direction, cursor)]


@fault(breaks="list.after-id-walk", hides="inputs")
class TiesLostAfterId(Service):
    """after_id goes on with deployments of an earlier second than the cursor's."""

    def list_deployments(self, call: Call) -> Document:
        cursor = call.tenant.deployments.get(call.request.query.get("after_id", ""))
        self.before = cursor.created_at if cursor else None
        return super().list_deployments(call)

    def matches_archived(self, record: Deployment | Agent | Environment, *, include: bool) -> bool:
        late = getattr(self, "before", None)
        return super().matches_archived(record, include=include) and (
            late is None or record.created_at < late
        )


@fault(breaks="list.after-id-walk", also=("list.page-walk", "list.has-more-is-true"), hides="sequence")
class WalkEndsAfterTwoPages(Service):
    """From the second page on nothing is said to follow."""

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        page = super().page(rows, wanted, render, query)
        return replace(page, more=False) if {"after_id", "page"} & query.keys() else page


@fault(
    breaks="list.after-id-walk",
    also=(
        "list.first-and-last-id",
        "list.next-page-is-last-id",
        "list.has-more-is-true",
        "list.pages-are-full",
    ),
    hides="inputs",
)
class AlwaysMore(Service):
    """Every page says that more follow, even an empty one."""

    def render_page(self, page: Page) -> Document:
        if page.items:
            return super().render_page(replace(page, more=True))
        return {**super().render_page(page), "has_more": True, "next_page": "more"}


@fault(breaks="list.page-walk", revisions=NEW)
class PageIgnored(Service):
    """The token of a page is ignored: the first page comes again."""

    def read_cursor(self, query: Query) -> tuple[str, str | None]:
        direction, cursor = super().read_cursor(query)
        return (direction, None) if "page" in query else (direction, cursor)


@fault(breaks="list.page-walk", revisions=NEW, also=("list.limit-is-kept",), hides="inputs")
class TokenSkipsOne(Service):
    """Between two pages by token one deployment is lost."""

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        page = super().page(rows, wanted, render, query)
        return replace(page, items=page.items[1:]) if "page" in query and page.items else page


@fault(breaks="list.before-id-walk")
class BeforeIdIsAfterId(Service):
    """before_id goes in the direction of after_id."""

    def beyond(self, rows: Sequence[R], direction: str, cursor: str | None) -> Iterable[R]:
        return super().beyond(rows, "after", cursor) if direction else ()


@fault(breaks="list.before-id-walk", hides="inputs")
class BeforeIdIncluded(Service):
    """A page before a deployment has that deployment as well."""

    def beyond(self, rows: Sequence[R], direction: str, cursor: str | None) -> Iterable[R]:
        own = [row for row in rows if row.id == cursor and direction == "before"]
        return [*own, *super().beyond(rows, direction, cursor)]


@fault(breaks="list.two-cursors-are-400")
class SecondCursorIgnored(Service):
    """Of two cursors the first counts."""

    def read_cursor(self, query: Query) -> tuple[str, str | None]:
        return super().read_cursor(
            {k: v for k, v in query.items() if k != "before_id" or "after_id" not in query}
        )


@fault(breaks="list.page-with-cursor-is-400", revisions=NEW)
class PageBeatsCursor(Service):
    """page counts where there is another cursor as well."""

    def read_cursor(self, query: Query) -> tuple[str, str | None]:
        return super().read_cursor({"page": query["page"]} if "page" in query else query)


@fault(breaks="list.page-with-cursor-is-400", revisions=NEW, hides="inputs")
class PageWithBeforeIdIsTaken(Service):
    """page with before_id is taken; with after_id it is refused."""

    def read_cursor(self, query: Query) -> tuple[str, str | None]:
        return super().read_cursor(
            {k: v for k, v in query.items() if k != "before_id" or "page" not in query}
        )


@fault(breaks="list.status-filter", also=("pause.is-listed",))
class StatusIgnored(Service):
    """Every status is listed."""

    def matches_status(self, record: Deployment, status: str | None) -> bool:
        return True


@fault(breaks="list.status-filter", hides="sequence")
class StatusIgnoredAfterFirstPage(Service):
    """The status counts on the first page only."""

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        later = "after_id" in query
        return super().deployment_filter({k: v for k, v in query.items() if k != "status" or not later})


@fault(breaks="list.status-filter", also=("pause.is-listed",), hides="inputs")
class ActiveMeansAll(Service):
    """status=active lists paused deployments as well."""

    def matches_status(self, record: Deployment, status: str | None) -> bool:
        return status == "active" or super().matches_status(record, status)


@fault(breaks="list.agent-filter")
class AgentIgnored(Service):
    """Every agent's deployments are listed."""

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        return True


@fault(
    breaks="list.agent-filter",
    also=("list.status-filter",),  # a list by both is empty, too
    hides="inputs",
)
class AgentFilterFindsNothing(Service):
    """With agent_id the list is empty."""

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        return agent_id is None


@fault(breaks="list.created-at-range", revisions=NEW)
class RangeIgnored(Service):
    """created_at bounds nothing."""

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        return True


@fault(breaks="list.created-at-range", revisions=NEW, hides="inputs")
class RangeLeavesOutItsLowerBound(Service):
    """gte works as gt."""

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        return super().matches_span(at, span) and at != span.get("gte")


@fault(breaks="list.created-at-range", revisions=NEW, hides="inputs")
class RangeLeavesOutItsUpperBound(Service):
    """lte works as lt."""

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        return super().matches_span(at, span) and at != span.get("lte")


@fault(breaks="list.created-at-range", revisions=NEW, hides="inputs")
class UpperBoundIgnored(Service):
    """lte bounds nothing."""

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        return super().matches_span(at, {name: bound for name, bound in span.items() if name != "lte"})


@fault(breaks="list.created-at-range", revisions=NEW, hides="inputs")
class OffsetIgnored(Service):
    """The offset of a bound is ignored: its clock reading is taken for UTC."""

    def read_span(self, query: Query, bounds: Iterable[str]) -> dict[str, datetime]:
        span = super().read_span(query, bounds)
        shifted = [name for name in span if "+08:00" in query[f"created_at[{name}]"]]
        return {**span, **{name: span[name] + timedelta(hours=8) for name in shifted}}
