"""Deployments that are there already: they are others' and may change while they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from conformance.client.answers import items
from conformance.client.api import Api
from conformance.client.calls.guarded import SETTLE_SECONDS
from conformance.client.exchange import Exchange
from conformance.client.prerequisites import NOTHING_THERE
from conformance.contract.comparing import changes, instant
from conformance.contract.verdict import Blame, NotApplicableError, NotJudgedError

Item = Mapping[str, Any]
T = TypeVar("T")
TRIES = 6
"""How often something is tried that others may disturb, about a second apart: longer than lists may lag."""
AT_REST = timedelta(seconds=SETTLE_SECONDS)
SOUGHT = 50
"""Of the newest deployments this many are looked for elsewhere: newer ones may push the last off a page."""


def list_there(api: Api, label: str = "list what is there", **query: object) -> Exchange:
    """List the newest deployments; raises NotApplicableError when there is none.

    Raises NotJudgedError when none can be told from others.
    """
    page = api.list({"limit": api.largest_page, **query}, label=label)
    if page.succeeded and not any(items(page)):
        raise NotApplicableError(NOTHING_THERE)
    if page.succeeded and not any(isinstance(item.get("id"), str) for item in items(page)):
        raise NotJudgedError(Blame.PRECONDITION, "no listed deployment shows its id")
    return page


def at_rest(page: Exchange) -> dict[str, Item]:
    """Return the newest deployments of a list that nobody changed of late, or all where none is left.

    What reads and lists show of them has settled (N107), and nobody is busy with them.
    """
    newest = dict([*by_id(page).items()][:SOUGHT])
    changed = {name: instant(item.get("updated_at")) for name, item in newest.items()}
    now = max(filter(None, (page.date, *changed.values())), default=page.sent_at)
    recent = {name for name, at in changed.items() if at and at > now - AT_REST}
    return {name: item for name, item in newest.items() if name not in recent} or newest


def lasting(before: Exchange, after: Exchange) -> dict[str, Item]:
    """Return the deployments that two lists show alike: nobody changed them in between."""
    first, last = by_id(before), by_id(after)
    return {name: item for name, item in first.items() if name in last and not changes(item, last[name])}


def by_id(page: Exchange) -> dict[str, Item]:
    """Return the deployments of a list by their ids."""
    return {str(item.get("id")): item for item in items(page)}


def repeated(api: Api, attempt: Callable[[], T | None], sound: Callable[[T], bool] = lambda _: True) -> T:
    """Return what an attempt yields, at the latest after `TRIES`; only what is `sound` is taken at once.

    An attempt that others disturbed yields None. Raises NotJudgedError when they disturbed each.
    """
    found: T | None = None
    for number in range(TRIES):
        if number:
            api.wait_for_next_second()
        latest = attempt()
        if latest is not None and sound(latest):
            return latest
        found = latest or found
    if found is None:
        raise NotJudgedError(Blame.PRECONDITION, "others changed the deployments that were looked for")
    return found
