"""Reading list answers in judgements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from conformance.client.answers import items
from conformance.client.exchange import Exchange
from conformance.contract.comparing import MISSING, field, shorten
from conformance.contract.judgement import answered, broken, expect_success
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.shared.filtered_pages import SmallPages
from conformance.suite.shared.list_pages import holds, ids

Newest = Callable[[], tuple[Exchange, ...]]
"""Type of the `newest` fixture: it lists the newest deployments after all that has been told so far."""

SLACK = timedelta(seconds=1)
"""Servers may keep fractions and show whole seconds, or stamp a creation a moment before they sort it in."""


def expect_page(exchange: Exchange) -> list[str]:
    """Expect a list answer; return the ids on it."""
    data = field(expect_success(exchange), "data")
    if not isinstance(data, list):
        raise broken(f"a data array in answer to {exchange.label}", data, exchange)
    return ids(exchange)


def expect_way_on(by_limit: Mapping[int, Exchange]) -> None:
    """Expect first pages of one list to have `next_page` where others follow (A212).

    The last page may be without it; one that holds less than another is not the last.
    """
    longest = max(len(ids(page)) for page in by_limit.values())
    if any(field(page.json, "next_page") is not MISSING for page in by_limit.values()):
        return
    for limit, page in by_limit.items():
        if len(ids(page)) == limit < longest:
            raise broken("next_page on a page before others", "no next_page on any", page, at="next_page")


def expect_filtered(small: SmallPages) -> None:
    """Expect small pages of a list to hold what belongs there, and nothing that its filter leaves out."""
    for page in small.pages:
        expect_page(page)
        for one in small.unwanted:
            if holds(page.json, one):
                raise broken(f"no {one} in answer to {page.label}", "it is there", page)
    for one in small.missing:
        raise broken(f"{one} in answer to {small.pages[-1].label}, or before", "not listed", *small.pages)


def made_since(pages: Iterable[Exchange]) -> dict[str, str]:
    """Return the ids of the listed deployments by their descriptions.

    Raises NotJudgedError when they cannot be listed.
    """
    listed: dict[str, str] = {}
    for page in pages:
        if not answered(page).succeeded:
            reason = f"deployments cannot be listed: {page.summary()}"
            raise NotJudgedError(Blame.PRECONDITION, reason)
        listed |= {str(item.get("description")): shorten(item.get("id")) for item in items(page)}
    return listed


def seen(exchange: Exchange) -> str:
    """Return a list answer in a few words for an observation."""
    if not exchange.succeeded:
        return exchange.summary()
    return f"{exchange.summary()} with {len(ids(exchange))} deployments"
