"""Going through a list page by page: where it ends and what follows, whichever keys the target offers.

A profile says by which cursors its vendor's lists go on. Whoever looks for what a run left cannot rely on it:
a key that is missing must not hide a deployment, so that the other cursor is tried as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from conformance.client.answers import items
from conformance.client.exchange import Exchange
from conformance.contract.comparing import MISSING, field, instant
from conformance.vendors import ListForm

MOST_PAGES: Final = 200
ENDLESS: Final = "the list does not end"
Cursor = Mapping[str, object]
Fetch = Callable[[Cursor], Exchange]


class Pages:
    """The pages of a list from a first one on, each once, until the list ends or shows nothing new.

    `fetch` gets the query of the next page, `form` says which cursor comes first. `beyond` tells whether all
    that follows a page cannot be meant, and is only asked where a page shows that it is sorted, the newest
    first. `unfinished` says afterwards why the end was not reached, if it was not: the last page may be an
    answer that is no list.
    """

    def __init__(
        self, fetch: Fetch, form: ListForm, *, beyond: Callable[[Exchange], bool] = lambda _: False
    ) -> None:
        self._fetch = fetch
        self._form = form
        self._beyond = beyond
        self._seen: set[str] = set()
        self._asked: set[tuple[str, object]] = set()
        self.unfinished = ""

    def after(self, first: Exchange) -> Iterator[Exchange]:
        """Yield a first page that was fetched already, and those that follow it."""
        page: Exchange | None = first
        for _ in range(MOST_PAGES):
            if page is None:
                return
            yield page
            if not is_list(page):
                self.unfinished = refusal(page)
                return
            self._seen.update(_ids(page))
            if newest_first(page) and self._beyond(page):
                return
            page = self._next(page)
        self.unfinished = ENDLESS if page else ""

    def _next(self, page: Exchange) -> Exchange | None:
        """Return the next page with something new on it, or an answer that is none; None at the end."""
        refused = None
        for cursor in self._cursors(page):
            (asked,) = cursor.items()
            if asked in self._asked:
                continue
            self._asked.add(asked)
            following = self._fetch(cursor)
            if not is_list(following):
                refused = following
            elif not self._seen.issuperset(_ids(following)):
                return following
        return refused if self._promises_more(page) else None

    def _cursors(self, page: Exchange) -> Iterator[Cursor]:
        """Yield the queries that may lead to the next page, the likelier first; none at the end."""
        more, token = field(page.json, "has_more"), field(page.json, "next_page")
        last = field(page.json, "last_id")
        ids = _ids(page)
        onwards = last if _is_text(last) else ids[-1] if ids else None
        ended = _denied(more) or (more is MISSING and token is None)
        known = {
            "after_id": onwards if onwards and not ended else None,
            "page": token if _is_text(token) else None,
        }
        shows_ids = more is not MISSING or last is not MISSING
        preferred = self._form.cursors if shows_ids or not known["page"] else ("page",)
        for name in dict.fromkeys((*preferred, *known)):
            if known[name]:
                yield {name: known[name]}

    def _promises_more(self, page: Exchange) -> bool:
        """Tell whether something must follow: the list says so, or the page is full."""
        more, token = field(page.json, "has_more"), field(page.json, "next_page")
        said = more is not MISSING and bool(more) and not _denied(more)
        return said or _is_text(token) or len(_ids(page)) >= self._form.largest_page


def goes_on(page: Exchange, form: ListForm) -> bool | None:
    """Tell whether a list says that more follows a page; None where it does not say, as its vendor has it."""
    if "has_more" in form.envelope:
        more = field(page.json, "has_more")
        return more if isinstance(more, bool) else None
    token = field(page.json, "next_page")
    return None if token is MISSING else _is_text(token)


def is_list(page: Exchange) -> bool:
    """Tell whether an answer is a list envelope."""
    return page.succeeded and isinstance(field(page.json, "data"), list)


def refusal(page: Exchange) -> str:
    """Return what an answer was that is no list."""
    return f"GET /deployments answered {page.summary()}{', no list' if page.succeeded else ''}"


def newest_first(page: Exchange) -> bool:
    """Tell whether a page shows that it is sorted by creation time, the newest first."""
    moments = [moment for item in items(page) if (moment := instant(item.get("created_at")))]
    falling = all(earlier >= later for earlier, later in pairwise(moments))
    return falling and len(moments) > 1 and moments[0] > moments[-1]


def _denied(more: object) -> bool:
    """Tell whether a list says that nothing follows; some write it as a text or a number."""
    return more is False or more == 0 or (isinstance(more, str) and more.lower() in {"false", "no", "0"})


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _ids(page: Exchange) -> list[str]:
    return [found for item in items(page) if isinstance(found := item.get("id"), str)]
