"""What comes after all stories: what the run made is archived, and what no answer named is looked for."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.ownership import clean_up
from conformance.client.ownership.archiving import put_away
from conformance.client.paging import Cursor, Pages
from conformance.suite.engine.preflight import Preflight
from conformance.suite.shared.list_pages import ids


def archive_all(api: Api, preflight: Preflight) -> tuple[str, ...]:
    """Archive all that the run made and that is still there; return a line for each deployment that stays."""
    return clean_up.clean_up(
        api.creations,
        lambda made: put_away(api, made, label="clean up"),
        lambda made: api.get(made, label="read whether it is archived"),
        api.confirm,
        lambda: list_newest(api, preflight),
        workers=api.target.settings.concurrency,
    )


def list_newest(api: Api, preflight: Preflight) -> Iterator[Exchange]:
    """Yield pages of the newest deployments, back to those that were there before the run."""
    before = set(ids(preflight.first_list))

    def fetch(cursor: Cursor) -> Exchange:
        query = {"limit": api.largest_page, **cursor}
        return api.list(query, label="look for what no answer told of")

    form = api.target.profile.lists
    pages = Pages(fetch, form, beyond=lambda page: not before.isdisjoint(ids(page)))
    for page in pages.after(fetch({})):
        api.creations.adopt(page)
        yield page
