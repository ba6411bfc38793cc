"""Reading list answers."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from conformance.client.answers import items
from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.paging import Pages
from conformance.contract.comparing import changes, field, shorten

PAGES_SEARCHED = 5
"""How many further pages are searched for one deployment."""


def listed(document: object) -> list[Mapping[str, object]]:
    """Return the deployments that a list document shows, none when it is no list envelope."""
    data = document.get("data") if isinstance(document, dict) else None
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def holds(document: object, deployment_id: str) -> bool:
    """Tell whether a list document holds a deployment."""
    return any(item.get("id") == deployment_id for item in listed(document))


def ids(page: Exchange) -> list[str]:
    """Return the ids of a list answer in order."""
    return [str(item.get("id")) for item in items(page)]


def item_of(document: object, deployment_id: str) -> Mapping[str, object]:
    """Return a deployment as a list document shows it, empty if it does not."""
    return next((one for one in listed(document) if one.get("id") == deployment_id), {})


RUNS = "schedule.upcoming_runs_at"


def outdated(item: Mapping[str, object], read: Exchange) -> list[str]:
    """Return a line for each field of a listed deployment that differs from a read.

    Which runs are to come may differ, as time passes, but not whether there are any.
    """
    shown = read.json if isinstance(read.json, dict) else {}
    changed = changes({name: value for name, value in shown.items() if name in item}, item)
    if lost_runs(shown, item):
        changed.append(f"{RUNS}: {shorten(field(shown, RUNS), 80)} → []")
    return changed


def lost_runs(before: object, after: object) -> bool:
    """Tell whether upcoming runs were listed and none are: that there are any is up to the schedule alone."""
    runs = field(before, RUNS)
    return isinstance(runs, list) and bool(runs) and field(after, RUNS) == []


def find_listed(
    api: Api, params: Mapping[str, object], deployment_id: str, *, like: Exchange | None = None
) -> Exchange:
    """Return the page of a list that holds a deployment, or else the first page after waiting for it.

    Newer deployments of others may have pushed it off the first page. A page that does not show it `like` a
    read is waited for as well.
    """

    def found(document: object) -> bool:
        item = item_of(document, deployment_id)
        return bool(item) and not (like and outdated(item, like))

    first = api.list(params)
    pages = Pages(lambda cursor: api.list({**params, **cursor}), api.target.profile.lists)
    for page in islice(pages.after(first), 1 + PAGES_SEARCHED):
        if found(page.json):
            return page
    return first if first.failure else api.list_until(params, found)
