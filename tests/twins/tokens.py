"""Twins whose page tokens are good for less than others, or lead elsewhere as the list changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice

from conformance.reference import NEW, ApiError, Document, Service
from conformance.reference.listing import Query, R
from conformance.reference.rendering import Page
from tests.twins.catalogue import twin


@twin(revisions=(NEW,))
class TokensAreForOneLimit(Service):
    """A token of a list is good for the limit alone that it was answered to."""

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        limit = self.read_limit(query)
        token, _, good_for = query.get("page", "").rpartition("~")
        if token and good_for != str(limit):
            raise ApiError(400, "invalid_request_error", "The page is of a list with another limit.")
        page = super().page(rows, wanted, render, {**query, "page": token} if token else query)
        return replace(page, token=f"{page.token}~{limit}")


@twin(revisions=(NEW,))
class PagesAreNumbered(Service):
    """A token is the number of a page, counted from the newest deployment of the moment."""

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        number = query.get("page", "1")
        if not number.isdecimal() or {"after_id", "before_id"} & query.keys():
            return super().page(rows, wanted, render, query)
        limit = self.read_limit(query)
        start = (int(number) - 1) * limit
        found = list(islice(filter(wanted, self.newest_first(rows)), start, start + limit + 1))
        return Page([render(row) for row in found[:limit]], len(found) > limit, f"{int(number) + 1}")


@twin(revisions=(NEW,))
class PagesHaveGaps(Service):
    """A status is asked of the rows that fit on a page, so that pages may be short or empty; tokens go on."""

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        if "status" not in query:
            return super().page(rows, wanted, render, query)
        kept = list(rows)
        page = super().page(kept, lambda _: True, render, query)
        right = {row.id for row in kept if wanted(row)}
        return replace(page, items=[item for item in page.items if item["id"] in right])
