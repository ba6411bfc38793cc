"""Stories about lists: envelope, order, page sizes, and what parameters get that make no sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import EVERY_MODE, story
from conformance.suite.list.odd_queries import ask_odd_queries
from conformance.suite.shared.ids import unknown_deployment_id, unknown_id
from conformance.suite.shared.list_pages import holds, ids
from conformance.suite.shared.values import renamed_to

DEFAULT_PAGE = 20
"""How many deployments a page without `limit` has at most (N155)."""
BELOW_ONE = 0, -1, 5 - 2**32
"""Limits that no page has, of which the last one is 5 to who cuts it to 32 bits."""


@dataclass(frozen=True)
class Listings:
    """Pages of one account: by limit, with archived deployments, and of the default size.

    Of the own deployments `older` was made at least a second before `newer`, and renamed after it was paused,
    and again after it was archived. Both are empty where none could be made.
    """

    older: str
    newer: str
    by_limit: Mapping[int, Exchange]
    with_archived: Exchange
    default: Exchange
    default_with_archived: Exchange

    @property
    def pages(self) -> tuple[Exchange, ...]:
        """All of them."""
        return *self.by_limit.values(), self.with_archived, self.default, self.default_with_archived


@story(listing=True)
def listings(api: Api) -> Listings:
    """Of two deployments the newer is paused, the older renamed, both are listed, also with one archived."""
    made = api.listed().older
    older, newer = made.id, _make_newer(api)
    api.wait_for_next_second()  # or both were changed at once, for a list by the last change
    api.update(older, {"name": renamed_to(made.name, "renamed")}, label="rename the older deployment")
    largest = api.largest_page
    by_limit = {largest: api.list_until({"limit": largest}, lambda page: _has(page, older, newer))}
    by_limit |= {limit: api.list({"limit": limit}, label=f"list with limit={limit}") for limit in (1, 2)}
    api.archive(newer, label="archive the newer deployment")
    api.wait_for_next_second()  # for the same reason
    api.update(older, {"name": renamed_to(made.name, "renamed again")}, label="rename the older one again")
    with_archived = api.list_until(
        {"limit": api.largest_page, "include_archived": "true"}, lambda page: _has(page, older, newer)
    )
    if not api.asks_musts_alone:
        _fill(api, with_archived)
    return Listings(
        older=older,
        newer=newer,
        by_limit=by_limit,
        with_archived=with_archived,
        default=api.list(label="list without parameters"),
        default_with_archived=api.list(
            {"include_archived": "true"}, label="list with archived ones, without limit"
        ),
    )


def _make_newer(api: Api) -> str:
    """Make a deployment over a second after those that are listed, and pause it."""
    if api.asks_musts_alone:  # those that are listed were made for other stories, a moment ago
        api.wait_for_next_second()
    newer = api.create_another().id
    if not api.asks_musts_alone:
        api.wait_for_next_second()
    api.pause(newer, label="pause the newer deployment")
    return newer


def _has(page: Mapping[str, object], *deployments: str) -> bool:
    return all(holds(page, one) for one in deployments)


def _fill(api: Api, seen: Exchange) -> None:
    """Make as many deployments as the account lacks to show more than one page of the default size."""
    missing = DEFAULT_PAGE + 1 - len(ids(seen)) if seen.succeeded else 0
    for _ in range(missing):
        api.create(api.body(), label="make more deployments than a page holds", valid=True)


@dataclass(frozen=True)
class OddListings:
    """Answers to parameters that must be refused, and by a few words to those the documents leave open.

    `odd` are those that nobody should send.
    """

    below_one: Mapping[str, Exchange]
    two_cursors: Exchange
    unknown_agent: Exchange
    open: Mapping[str, Exchange]
    odd: Mapping[str, Exchange] = field(default_factory=dict)


OPEN_QUESTIONS: Mapping[str, Mapping[str, object]] = {
    "limit=abc": {"limit": "abc"},
    "limit=101": {"limit": 101},
    "limit=1000": {"limit": 1000},
    "limit=1001": {"limit": 1001},
    "status=archived": {"status": "archived"},
    "status=banana": {"status": "banana"},
    "status=active&include_archived=true": {"status": "active", "include_archived": "true"},
    "include_archived=banana": {"include_archived": "banana"},
}
PROMISED_QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "list.status-with-archived-is-400": ("status=active&include_archived=true",),
    "list.unknown-status-is-400": ("status=archived", "status=banana"),
}
"""Those that some vendor answers, by the requirement."""


@story(modes=EVERY_MODE)
def odd_listings(api: Api) -> OddListings:
    """Lists are asked for with limits below one, two cursors, and values that the documents do not know."""
    own = api.known.untouched
    unknown = unknown_id(api).id
    answered = {one for id_, of in PROMISED_QUESTIONS.items() if api.promised(id_) for one in of}
    cursors = {f"{name}=unknown": {name: unknown} for name in ("after_id", "before_id")}
    return OddListings(
        below_one={
            f"limit={limit}": api.list({"limit": limit}, label=f"limit={limit}") for limit in BELOW_ONE
        },
        two_cursors=api.list({"after_id": own, "before_id": own}, label="list with after_id and before_id"),
        unknown_agent=api.list(
            {"agent_id": unknown_deployment_id("agent_")}, label="list an unknown agent's", probe=True
        ),
        open={
            asked: api.list(query, label=f"list with {asked}", probe=True)
            for asked, query in {**OPEN_QUESTIONS, **cursors}.items()
            if not api.asks_musts_alone or asked in answered
        },
        odd={} if api.asks_musts_alone else ask_odd_queries(api),
    )


@dataclass(frozen=True)
class UnknownPages:
    """Answers to a page token that no list named."""

    of_deployments: Exchange
    of_runs: Exchange


@story(promises=("list.unknown-page-is-400", "runs.unknown-page-is-400"), modes=EVERY_MODE)
def unknown_pages(api: Api) -> UnknownPages:
    """Deployments and runs are listed with a page token that nobody gave out."""
    query = {"page": "conformance-unknown"}
    return UnknownPages(
        api.list(query, label="list with page=unknown"),
        api.all_runs(query, label="list runs with page=unknown"),
    )
