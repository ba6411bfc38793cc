"""Reading list answers."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.target.api import Api
from conformance.target.creations import items
from conformance.target.exchange import Exchange

PAGES_SEARCHED = 5
"""How many further pages are searched for one deployment."""


def holds(document: Mapping[str, object], deployment_id: str) -> bool:
    """Tell whether a list document holds a deployment."""
    data = document.get("data")
    return isinstance(data, list) and any(
        isinstance(item, dict) and item.get("id") == deployment_id for item in data
    )


def ids(page: Exchange) -> list[str]:
    """Return the ids of a list answer in order."""
    return [str(item.get("id")) for item in items(page)]


def find_listed(api: Api, params: Mapping[str, object], deployment_id: str) -> Exchange:
    """Return the page of a list that holds a deployment, or else the first page after waiting for it.

    Newer deployments of others may have pushed it off the first page.
    """
    first = page = api.list(params)
    for _ in range(PAGES_SEARCHED):
        document = page.json if isinstance(page.json, dict) else {}
        if holds(document, deployment_id):
            return page
        if not document.get("has_more") or not ids(page):
            break
        page = api.list({**params, "after_id": ids(page)[-1]})
    return first if first.failure else api.list_until(params, lambda document: holds(document, deployment_id))
