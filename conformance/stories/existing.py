"""Deployments that are there already: they are others' and may change while they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance.contract.judgement import changes
from conformance.contract.verdict import NotApplicableError
from conformance.target.api import LARGEST_PAGE, Api
from conformance.target.creations import items
from conformance.target.exchange import Exchange
from conformance.target.prerequisites import NOTHING_THERE

Item = Mapping[str, Any]
SOUGHT = 50
"""Of the newest deployments this many are looked for elsewhere: newer ones may push the last off a page."""


def list_there(api: Api, label: str = "list what is there", **query: object) -> Exchange:
    """List the newest deployments; raises NotApplicableError when there is none."""
    page = api.list({"limit": LARGEST_PAGE, **query}, label=label)
    if page.succeeded and not any(items(page)):
        raise NotApplicableError(NOTHING_THERE)
    return page


def lasting(before: Exchange, after: Exchange) -> dict[str, Item]:
    """Return the deployments that two lists show alike: nobody changed them in between."""
    first, last = by_id(before), by_id(after)
    return {name: item for name, item in first.items() if name in last and not changes(item, last[name])}


def by_id(page: Exchange) -> dict[str, Item]:
    """Return the deployments of a list by their ids."""
    return {str(item.get("id")): item for item in items(page)}


def some(page: Exchange, holds: Callable[[Item], bool]) -> list[str]:
    """Return the ids of the newest deployments of which something is true."""
    return [name for name, item in list(by_id(page).items())[:SOUGHT] if holds(item)]
