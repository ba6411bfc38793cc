"""Faults of lists that show when deployments have changed before they are listed, or a page is asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from conformance.reference import Call, Deployment, Document, ReferenceSettings, Service
from conformance.reference.listing import Query, Row
from conformance.reference.rendering import Page
from tests.faults.catalogue import fault

R = TypeVar("R", bound=Row)
WALKS = ("list.after-id-walk", "list.page-walk")


@fault(breaks="list.after-id-walk", also=("list.page-walk",), hides="sequence")
class TheCursorIsALastChange(Service):
    """A page goes on below the time of the cursor's last change: what has changed since its creation comes again."""

    def beyond(self, rows: Sequence[R], direction: str, cursor: str | None) -> Iterable[R]:
        found = [row for row in rows if row.id == cursor]
        if direction != "after" or not found:
            return super().beyond(rows, direction, cursor)
        start = (getattr(found[0], "updated_at", found[0].created_at), found[0].sequence)
        return [row for row in rows if (row.created_at, row.sequence) < start]


@fault(
    breaks="list.after-id-walk",
    also=("list.page-walk", "list.before-id-walk", "archive.is-listed-on-request"),
    hides="sequence",
)
class TiesTurnRoundOnLaterPages(Service):
    """Deployments of one second come in one order on the first page and in the other on all others."""

    def beyond(self, rows: Sequence[R], direction: str, cursor: str | None) -> Iterable[R]:
        if cursor is not None:
            rows = sorted(rows, key=lambda row: (row.created_at, -row.sequence), reverse=True)
        return super().beyond(rows, direction, cursor)


@fault(breaks="list.before-id-walk", hides="inputs")
class BeforeIdStartsAtTheNewest(Service):
    """A page before a deployment has the newest of all, not those right before it."""

    def beyond(self, rows: Sequence[R], direction: str, cursor: str | None) -> Iterable[R]:
        found = list(super().beyond(rows, direction, cursor))
        return found[::-1] if direction == "before" else found

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        page = super().page(rows, wanted, render, query)
        return replace(page, items=page.items[::-1]) if "before_id" in query else page


@fault(breaks="list.newest-first", hides="sequence", shown_by=("listings",))
class ANewNameMovesToTheTop(Service):
    """An update of the name moves a deployment to the top of lists, as if it had been made anew."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._places: dict[str, int] = {}

    def save(self, call: Call, record: Deployment) -> None:
        if call.request.operation == "update" and "name" in call.body:
            self._places[record.id] = self.store.next_sequence()
        super().save(call, record)

    def newest_first(self, rows: Iterable[R]) -> list[R]:
        return sorted(rows, key=lambda row: self._places.get(row.id, row.sequence), reverse=True)


@fault(breaks="list.newest-first", hides="sequence", shown_by=("listings",))
class PausedOnesComeLast(Service):
    """Lists are sorted by status first: paused deployments come after all others."""

    def newest_first(self, rows: Iterable[R]) -> list[R]:
        found = super().newest_first(rows)
        return sorted(found, key=lambda row: getattr(row, "status", "active") == "paused")


@fault(breaks="list.has-more-is-true", hides="side effect")
class WhatIsHiddenCountsAsMore(Service):
    """has_more is true where only deployments follow that the list does not show: archived, or of another kind."""

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        page = super().page(rows, wanted, render, query)
        ids = [row.id for row in self.newest_first(rows) if isinstance(row, Deployment)]
        if "before_id" in query or not page.items or page.items[-1]["id"] not in ids:
            return page
        return replace(page, more=page.items[-1]["id"] != ids[-1])


@fault(breaks="list.first-and-last-id", hides="side effect")
class TheLastIdIsOfTheLastOneLookedAt(Service):
    """last_id is that of the last row before the next page, be it one that the list does not show."""

    def list_deployments(self, call: Call) -> Document:
        document: dict[str, Any] = super().list_deployments(call)
        if "before_id" in call.request.query or not document["data"]:
            return document
        wanted = self.deployment_filter(call.request.query)
        rows = self.newest_first(self.deployment_rows(call))
        last = [row.id for row in rows].index(document["last_id"])
        for row in rows[last + 1 :]:
            if wanted(row):
                break
            document |= {"last_id": row.id}
        if self.old and document["has_more"]:
            document |= {"next_page": document["last_id"]}
        return document
