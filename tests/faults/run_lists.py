"""Faults of lists of runs: most show only when there are runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from conformance.reference import NEW, Deployment, Document, Run, Service
from conformance.reference.listing import Query, R
from conformance.reference.rendering import Page
from tests.faults.billable import billed
from tests.faults.catalogue import fault


@billed(breaks="runs.of-one-deployment", also=("runs.after-id-walk",), hides="inputs")
class RunsOfAllAreListedUnderEach(Service):
    """Under a deployment the runs of all of them are listed."""

    def scoped_run_filter(self, query: Query, record: Deployment) -> Callable[[Run], bool]:
        return self.global_run_filter(query)


class _RunPages(Service):
    """Reads what a list of runs is asked for in another way than other lists."""

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        of_runs = render == self.render_run
        page = super().page(rows, wanted, render, self.understood(query) if of_runs else query)
        return self.altered(page) if of_runs else page

    def understood(self, query: Query) -> Query:
        return query

    def altered(self, page: Page) -> Page:
        return page


@billed(breaks="runs.limit-is-kept", hides="inputs")
class RunListsIgnoreTheLimit(_RunPages):
    """Lists of runs have pages of one size."""

    def understood(self, query: Query) -> Query:
        return {name: value for name, value in query.items() if name != "limit"}


@fault(breaks="runs.limit-below-one-is-400", hides="inputs")
class RunListsTakeALimitOfZero(_RunPages):
    """A list of runs with limit=0 is one without a limit."""

    def understood(self, query: Query) -> Query:
        return {name: value for name, value in query.items() if (name, value) != ("limit", "0")}


@billed(breaks="runs.two-cursors-are-400", hides="inputs")
class RunListsTakeTwoCursors(_RunPages):
    """Of two cursors of a list of runs the second is not looked at."""

    def understood(self, query: Query) -> Query:
        both = {"after_id", "before_id"} <= query.keys()
        return {name: value for name, value in query.items() if not both or name != "before_id"}


@billed(breaks="runs.after-id-walk", hides="inputs")
class RunListsIgnoreTheCursor(_RunPages):
    """A walk through runs stands still; two cursors are refused all the same."""

    def understood(self, query: Query) -> Query:
        moves = "after_id" in query and "before_id" not in query
        return {name: value for name, value in query.items() if not moves or name != "after_id"}


@billed(breaks="runs.has-more-is-true", hides="inputs")
class MoreRunsAreNeverAnnounced(_RunPages):
    """Every page of runs says that it is the last."""

    def altered(self, page: Page) -> Page:
        return replace(page, more=False)


@billed(breaks="runs.has-more-is-true", hides="inputs")
class MoreRunsAreAlwaysAnnounced(_RunPages):
    """No page of runs with a run on it says that it is the last."""

    def altered(self, page: Page) -> Page:
        return replace(page, more=bool(page.items))


@billed(breaks="runs.created-range", hides="inputs", revisions=(NEW,))  # N152
class RunsOfOneHaveNoUpperBound(Service):
    """In the list of one deployment's runs created_at[lte] and created_at[lt] bound nothing."""

    def scoped_run_filter(self, query: Query, record: Deployment) -> Callable[[Run], bool]:
        return super().scoped_run_filter({k: v for k, v in query.items() if "[l" not in k}, record)
