"""Whether lists hold the deployments of a walk where their states belong, and show them as they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.paging import Pages
from conformance.contract.comparing import field
from conformance.contract.judgement import broken, expect_success
from conformance.contract.lifecycle import OPEN, Contradiction, DeploymentState, contradictions, misplaced
from conformance.contract.schemas import parse_timestamp, timestamp_text
from conformance.suite.exploration.binding import binds
from conformance.suite.exploration.driver import upholding
from conformance.suite.shared.list_pages import ids, listed
from conformance.vendors import ListForm

MOST_PAGES = 3
BY_ID, BY_TOKEN = "list.after-id-walk", "list.page-walk"
BETWEEN_TRIES = 0.2
"""Seconds until a list that may lag is asked for again."""

Query = Mapping[str, str]
Stale = tuple["Listed", Contradiction]


@dataclass(frozen=True)
class Listed:
    """A deployment that lists must show or leave out, by its state; `shown` is how it was last seen."""

    id: str
    letter: str
    state: DeploymentState
    shown: Mapping[str, Any]

    def belongs(self, query: Query) -> bool | None:
        """Tell whether a list with this query must hold it; None where the documents are silent."""
        if self.state.archived:
            return "include_archived" in query
        wanted = query.get("status")
        return None if wanted and self.state.status == OPEN else wanted in (None, self.state.status)


@dataclass(frozen=True)
class Look:
    """Consecutive pages of a list of some form, and the deployments that they must hold or must not.

    `shifted` says that what comes before the last page changed meanwhile: where its token is the number of a
    page, that decides what it holds.
    """

    query: Query
    known: Sequence[Listed]
    pages: Sequence[Exchange]
    form: ListForm
    shifted: bool = False

    @property
    def documents(self) -> Sequence[Mapping[str, Any]]:
        """The pages as far as they can be read."""
        return [page.json for page in self.pages if isinstance(page.json, dict)]

    @property
    def misplaced(self) -> list[Listed]:
        """The deployments that are wrongly there, or missing although the pages came far enough.

        What stands on a page after one that says that none follow is missing.
        """
        if self.shifted:
            return []
        ends = [place for place, page in enumerate(self.documents, 1) if _ends(page, self.form)]
        to_the_end = self.documents[: min(ends, default=None)]
        last = to_the_end[-1] if to_the_end else {}
        return [
            one
            for one in self.known
            if (one.belongs(self.query) is False and one.id in _ids(self.documents))
            or (one.belongs(self.query) and one.id not in _ids(to_the_end) and self.came_past(last, one))
        ]

    def came_past(self, document: Mapping[str, object], one: Listed) -> bool:
        """Tell whether a list ends with this page, or has come to what is older than the deployment."""
        if _ends(document, self.form):
            return True
        shown = listed(document)
        if not shown:
            # A page may be empty where its token goes on.
            return "has_more" in self.form.envelope and not document.get("next_page")
        if not binds("list.newest-first"):
            return False
        oldest = parse_timestamp(shown[-1].get("created_at"))
        made = parse_timestamp(one.shown.get("created_at"))
        return oldest is not None and made is not None and (made - oldest).total_seconds() > 1

    @property
    def stale(self) -> list[Stale]:
        """What the pages show of a deployment otherwise than it is."""
        items = {item.get("id"): item for document in self.documents for item in listed(document)}
        return [
            (one, denied) for one in self.known if one.id in items for denied in _denials(one, items[one.id])
        ]


def expect_listed(
    api: Api, query: Query, known: Sequence[Listed], in_time: Callable[[], bool]
) -> tuple[list[Stale], Sequence[Exchange]]:
    """Walk down a list, at most `MOST_PAGES` pages, and expect it to hold what belongs there and no more.

    Then the list is gone on with after the first deployment of the walk: a filter counts on later pages as
    well. Where the query says `by=page` and the target has tokens, that is done by token, with `by=both` by
    id too, as far as the vendor has both. A deployment further down than the pages came is not judged.
    Returns what lists still show otherwise than it is, with the pages.
    """
    query, by = {name: value for name, value in query.items() if name != "by"}, query.get("by", "after_id")
    first = _in_time(api, partial(_from_the_top, api, query, known), in_time)
    _expect_placed(first)
    looks = [first]
    known_ways = api.target.profile.lists.cursors
    for way in [one for one in ("after_id", "page") if by in (one, "both") and one in known_ways] or ["page"]:
        looks.append(_in_time(api, partial(_gone_on, api, first, way), in_time))
        _expect_placed(looks[-1])
    return [one for look in looks for one in look.stale], [page for look in looks for page in look.pages]


def _in_time(api: Api, read: Callable[[], Look], in_time: Callable[[], bool]) -> Look:
    """Read until nothing is wrong or the time is up; a replica that lags may not know the cursor yet.

    From the second time on, this run changes nothing meanwhile.
    """
    look = read()
    while _is_doubtful(look) and in_time():
        time.sleep(BETWEEN_TRIES)
        with api.target.stillness.watching():
            look = read()
    return look


def _is_doubtful(look: Look) -> bool:
    answered = all(page.failure is None for page in look.pages)
    refused = not all(page.succeeded for page in look.pages)
    return answered and (refused or look.shifted or bool(look.misplaced or look.stale))


def _from_the_top(api: Api, query: Query, known: Sequence[Listed]) -> Look:
    label = _label(query)
    params: dict[str, object] = {"limit": api.largest_page, **query}
    look = Look(query, known, [], api.target.profile.lists)
    pages = Pages(lambda cursor: api.list({**params, **cursor}, label=f"{label}, next page"), look.form)
    for page in islice(pages.after(api.list(params, label=label)), MOST_PAGES):
        look = replace(look, pages=[*look.pages, page])
        if not _goes_on(look):
            break
    return look


def _gone_on(api: Api, first: Look, by: str) -> Look:
    """Return what follows the newest deployment of the walk, no page if there is none on the first.

    By `page` that is the second of two pages. The first has one deployment, so that more follow it whatever
    other walks do, or, where only one of the walk is listed, ends with that. Where it has no token to go on
    with, its last id does: so other walks decide what is listed, not what is asked.
    """
    order = ids(first.pages[0])
    own = {one.id for one in first.known}
    places = [place for place, one in enumerate(order, start=1) if one in own]
    place = places[0] if places else 0
    left = [one for one in first.known if one.id not in order[:place]]
    if not place or not left:
        return replace(first, known=(), pages=())
    ask = partial(_ask, api, first.query)
    if by != "page":
        page = ask("after the newest of the walk", limit=api.largest_page, after_id=order[place - 1])
        return replace(first, known=left, pages=[page])
    size = place if len(places) == 1 else 1
    small = ask("a small page", limit=size)
    token, last = field(small.json, "next_page"), field(small.json, "last_id")
    look = replace(first, pages=[small])
    if isinstance(token, str) and token != last:
        return _after_token(ask, look, token, size, api.largest_page)
    if not listed(small.json) or not isinstance(last, str):
        return look
    return replace(look, pages=[small, ask("after a small page", limit=api.largest_page, after_id=last)])


def _after_token(ask: Callable[..., Exchange], small: Look, token: str, size: int, largest: int) -> Look:
    """Go on with the token of a small page.

    It may be good for the limit alone that it was answered to, or be the number of a page: then the second
    page is asked for as small, and holds what it must only if what comes before it stayed.
    """
    page = ask("after a small page", limit=largest, page=token)
    look = replace(small, pages=[*small.pages, page])
    if not page.succeeded or any(one.belongs(look.query) for one in look.misplaced):
        page = ask("after a small page, as small", limit=size, page=token)
        look = replace(small, pages=[*small.pages, page])
    if not look.misplaced:
        return look
    return replace(look, shifted=ids(ask("the small page again", limit=size)) != ids(small.pages[0]))


def _ids(pages: Iterable[Mapping[str, Any]]) -> set[object]:
    return {item.get("id") for page in pages for item in listed(page)}


def _ask(api: Api, query: Query, words: str, **params: object) -> Exchange:
    return api.list({**query, **params}, label=f"{_label(query)}, {words}")


def _expect_placed(look: Look) -> None:
    with upholding("list.status-filter" if "status" in look.query else "list.envelope"):
        for page in look.pages:
            expect_success(page)
    for one in look.misplaced:
        promise = misplaced(one.state, look.query)
        with upholding(promise if promise != BY_ID or binds(BY_ID) else BY_TOKEN):
            belongs = one.belongs(look.query)
            must, got = ("to hold", "is missing") if belongs else ("not to hold", "is there")
            raise broken(
                f"the {_label(look.query)} {must} {one.letter}, which is {_words(one.state)}",
                f"it {got}",
                *look.pages,
            )


def _denials(one: Listed, item: Mapping[str, Any]) -> list[Contradiction]:
    """Return where an item of a list denies the state, or comes from before the last read."""
    found = contradictions(one.state, item)
    seen, got = (parse_timestamp(document.get("updated_at")) for document in (one.shown, item))
    if seen and got and (seen - got).total_seconds() >= 1:
        found.append(Contradiction("updated_at", f"not before {timestamp_text(seen)}", timestamp_text(got)))
    return found


def _goes_on(look: Look) -> bool:
    """Tell whether a deployment that belongs on the list may stand on the page after the last one."""
    met = {one for page in look.pages for one in ids(page)}
    last = look.pages[-1].json
    return isinstance(last, dict) and any(
        one.belongs(look.query) and one.id not in met and not look.came_past(last, one) for one in look.known
    )


def _ends(document: Mapping[str, object], form: ListForm) -> bool:
    """Tell whether a list says that it ends with this page; where it says nothing, the envelope tells."""
    if "has_more" in form.envelope:
        return document.get("has_more", True) is not True
    return "next_page" in document and not document["next_page"]


def _label(query: Query) -> str:
    return f"list ({', '.join(f'{name}={value}' for name, value in query.items()) or 'no filter'})"


def _words(state: DeploymentState) -> str:
    return "archived" if state.archived else str(state.status)
