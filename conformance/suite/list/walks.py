"""Stories that walk through lists, page by page, while others create and archive beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.client.api import Api, ListedFour
from conformance.client.exchange import Exchange
from conformance.contract.comparing import MISSING, field
from conformance.suite.engine.registry import story
from conformance.suite.shared.list_pages import holds, ids, item_of

STRIDES = 4
MOST_PAGES = 10
MOST_FAR = 30
"""How many pages a walk may take to what is beyond the largest page."""
MORE_TRIES = 6
"""How often a walk that others disturbed is repeated when it was not whole after a while either."""
DISTURBED = "others made or archived deployments during every walk"
TAIL = 3
ID_CURSORS = ("after_id", "before_id")
CHANGE: Mapping[str, Mapping[str, str]] = {"metadata": {"changed": "before a walk"}}
PAGE_WALK = "list.page-walk"
MOVES = {"after_id": "last_id", "page": "next_page"}
"""By cursor: the field of a page that it takes."""


@dataclass(frozen=True)
class Walk:
    """A walk from the newest end until all own deployments were met, the list ended, or it got too long.

    `snapshot` and `afterwards` are large pages from just before and after, `limit` the page size, `first`
    that of the first page, where it is another. `ended` says that no page follows the last one, or that
    nothing leads to it.
    """

    own: tuple[str, ...]
    snapshot: Exchange
    limit: int
    pages: tuple[Exchange, ...]
    ended: bool
    afterwards: Exchange
    long_there: frozenset[str] | None = None
    first: int = 0

    @property
    def limits(self) -> tuple[int, ...]:
        """The most that each page may hold."""
        return (self.first or self.limit, *[self.limit] * (len(self.pages) - 1))

    @property
    def met(self) -> list[str]:
        """The ids of all pages in the order of the walk."""
        return [one for page in self.pages for one in ids(page)]

    @property
    def due(self) -> frozenset[str]:
        """What the walk had to meet: listed before and after it, hence all the while, and not beyond its end.

        How far it came is told by the order of the snapshot. `long_there` leaves out what may have been made
        so lately that not every replica of the target lists it yet.
        """
        order, met = ids(self.snapshot), set(self.met)
        listed = self.long_there & set(order) if self.long_there is not None else set(order)
        lasting = {*self.own, *(one for one in ids(self.afterwards) if one in listed)}
        if self.ended:
            return frozenset(lasting)
        deepest = max((place for place, one in enumerate(order) if one in met), default=-1)
        return frozenset(lasting.intersection(order[: deepest + 1]))

    @property
    def steady(self) -> bool:
        """Whether the snapshots show one list: what others made or archived can have shifted no page."""
        return ids(self.snapshot) == ids(self.afterwards)

    @property
    def whole(self) -> bool:
        """Whether it met every own deployment and all others that were due, and none twice."""
        met = self.met
        return len(met) == len(set(met)) and {*self.own, *self.due} <= set(met)


@dataclass(frozen=True)
class Tail:
    """The end of a list: a page of one deployment before which two are left, then one, then none.

    `last` are the ids of the two oldest deployments in the snapshot, in its order.
    """

    last: tuple[str, ...]
    one_left: Exchange
    none_left: Exchange
    beyond: Exchange

    @property
    def stayed(self) -> bool:
        """Whether the pages show what the snapshot said: others may archive what they made long ago."""
        return (*ids(self.one_left), *ids(self.none_left)) == self.last and not ids(self.beyond)

    @property
    def has_more_holds(self) -> bool:
        """Whether has_more says of each page if another follows; a list without any is none."""
        pages = self.one_left, self.none_left, self.beyond
        return [field(page.json, "has_more") for page in pages] == [True, False, False]


@dataclass(frozen=True)
class AfterIdWalk:
    """A walk by id, the end of the list (if the snapshot shows it), and pages in the other direction.

    `cursor` is the own deployment that came last in the snapshot; `before` the page asked for before it,
    `one_before` the same with room for one. `lost` is what had to be on `before` and was not, `skipped` what
    had to be on `one_before` where another one was. `changed` is the answer to the last change of an own
    deployment, which the snapshot was asked for until it showed it.
    """

    walk: Walk
    tail: Tail | None
    cursor: str
    before: Exchange
    one_before: Exchange
    lost: tuple[str, ...]
    skipped: str = ""
    changed: Exchange | None = None


@story(listing=True)
def after_id_walk(api: Api) -> AfterIdWalk:
    """Three deployments are looked for in a walk with after_id, then with before_id from the last of them.

    The last of them has changed since its creation. Where the vendor has no such cursors, its own leads on.
    """
    own = _with_a_tie(api.listed())
    if not api.asks_musts_alone:  # else it would be the last that is changed, and lists are to tell
        api.wait_for_next_second()
    changed = api.update(own[-1], CHANGE, label="change it before the walk")
    walk = _walk(api, own, *first_move(api), lambda page: not changed.succeeded or _is_changed(page, own[-1]))
    order = ids(walk.snapshot)
    place = max((order.index(one) for one in walk.own if one in order), default=-1)
    return replace(look_back(api, walk, place, order[place] if order else walk.own[0]), changed=changed)


def _own(api: Api) -> tuple[str, ...]:
    return tuple(made.id for made in api.listed())


def _with_a_tie(made: ListedFour) -> tuple[str, ...]:
    """Return the ids of the deployments; the first page of a walk is to end with the last one.

    It is of one second with the one that follows it in lists: such ones a walk may lose. A slow target does
    not make all of them in one second.
    """
    active, last = (field(one.exchange.json, "created_at") for one in (made.active, made.last))
    ends = made.last if active == last else made.active
    return (*(one.id for one in made if one is not ends), ends.id)


def _is_changed(page: object, deployment_id: str) -> bool:
    metadata = item_of(page, deployment_id).get("metadata")
    return isinstance(metadata, dict) and metadata.items() >= CHANGE["metadata"].items()


def first_move(api: Api) -> tuple[str, str]:
    """Return the cursor that the vendor's lists go on by, and the field of a page that it takes."""
    cursor = api.target.profile.lists.cursors[0]
    return cursor, MOVES[cursor]


def look_back(api: Api, walk: Walk, place: int, cursor: str) -> AfterIdWalk:
    """List what comes before a cursor, which has this place in the snapshot, and the end of the list."""
    if "after_id" not in api.target.profile.lists.cursors:
        return AfterIdWalk(walk, None, cursor, walk.afterwards, walk.afterwards, ())
    order = ids(walk.snapshot)
    before = _list_before(api, cursor, api.largest_page)
    lost = _lost(api, order[:place], before)
    if lost:
        api.wait_until_settled()
        there = ids(api.list({"limit": api.largest_page}, label="list what is still there"))
        before = _list_before(api, cursor, api.largest_page)
        lost = [one for one in _lost(api, lost, before) if one in there]
    one_before = _list_before(api, cursor, 1)
    skipped = _skipped([one for one in order[:place] if one in ids(before)], one_before)
    if skipped:
        api.wait_until_settled()
        one_before = _list_before(api, cursor, 1)
        there = ids(api.list({"limit": api.largest_page}, label="list what is still there"))
        skipped = _skipped(there[: there.index(cursor)] if cursor in there else [], one_before)
    return AfterIdWalk(
        walk=walk,
        tail=_list_tail(api, order),
        cursor=cursor,
        before=before,
        one_before=one_before,
        lost=tuple(lost),
        skipped=skipped,
    )


def _list_before(api: Api, cursor: str, limit: int) -> Exchange:
    query = {"limit": limit, "before_id": cursor}
    return api.list(query, label=f"list what comes before a deployment, at most {limit}")


def _skipped(due: Sequence[str], page: Exchange) -> str:
    """Return what comes right before a cursor, the last of those `due`, if a page of one holds another."""
    found = ids(page)
    return due[-1] if due and len(found) == 1 and found != [due[-1]] else ""


def _lost(api: Api, due: Iterable[str], page: Exchange) -> list[str]:
    """Return what this run made and did not archive, and a page that has room for it does not hold."""
    found = ids(page)
    room = page.succeeded and len(found) < api.largest_page
    return [one for one in due if room and one not in found and api.creations.is_live(one)]


@dataclass(frozen=True)
class PageWalk:
    """A walk by token, and the same token together with each id cursor (none if no page had a token)."""

    walk: Walk
    mixed: Mapping[str, Exchange]


@story(promises=(PAGE_WALK,), listing=True)
def page_walk(api: Api) -> PageWalk:
    """Three deployments are looked for in a walk with page; a token is sent together with other cursors."""
    walk = _walk(api, _own(api), "page", "next_page")
    return mix(api, walk, walk.own[0])


def mix(api: Api, walk: Walk, cursor: str) -> PageWalk:
    """Send a token of a walk together with each id cursor, where that is promised to be refused."""
    tokens = [field(page.json, "next_page") for page in walk.pages]
    token = next((one for one in tokens if isinstance(one, str) and one), None)
    asked = token is not None and api.promised("list.page-with-cursor-is-400")
    mixed = {} if not asked else {name: {"page": token, name: cursor} for name in ID_CURSORS}
    return PageWalk(
        walk, {name: api.list(query, label=f"list with page and {name}") for name, query in mixed.items()}
    )


def _walk(
    api: Api, own: tuple[str, ...], parameter: str, source: str, ready: Callable[[object], bool] = bool
) -> Walk:
    """Walk until own deployments are met, once a list holds them and is `ready`."""
    return persist(api, lambda: _attempt(api, own, (parameter, source), ready))


def persist(api: Api, attempt: Callable[[], Walk]) -> Walk:
    """Walk; a walk that others may have disturbed is repeated, while this run changes nothing beside it.

    Others may go on, and where a token is the number of a page, what they do shifts the pages.
    """
    walk, long_there = attempt(), None
    waits = api.wait_for_next_second, api.wait_until_settled
    for number, wait in enumerate((*waits, *[api.wait_for_next_second] * MORE_TRIES)):
        if walk.whole or (number >= len(waits) and walk.steady):
            break
        if number:
            long_there = long_there or frozenset(ids(walk.snapshot))
        with api.target.stillness.watching():
            wait()
            walk = replace(attempt(), long_there=long_there)
    return walk


def _attempt(api: Api, own: tuple[str, ...], move: tuple[str, str], ready: Callable[[object], bool]) -> Walk:
    snapshot = api.list_until(
        {"limit": api.largest_page}, lambda page: all(holds(page, one) for one in own) and ready(page)
    )
    first = _first(ids(snapshot), own[-1]) if "after_id" in move else 0
    return replace(walk_to(api, own, snapshot, *move, first=first), own=own)


def walk_to(
    api: Api, sought: Sequence[str], snapshot: Exchange, parameter: str, source: str, *, first: int = 0
) -> Walk:
    """Walk until all deployments that are sought were met; of the walk itself none is an own one.

    `first` is the size of the first page, where it is not that of the others. To what lies beyond the largest
    page, which may be a small one, it takes pages as large as that.
    """
    order = ids(snapshot)
    far = not set(sought).issubset(order)
    limit = max(1, len(order)) if far else _stride(order[first:], sought)
    limits, most = (first or limit, limit), MOST_FAR if far else MOST_PAGES
    pages = tuple(_pages(api, sought, limits, (parameter, source), most))
    return Walk(
        own=(),
        snapshot=snapshot,
        limit=limit,
        first=first,
        pages=pages,
        ended=_cursor(pages[-1], source) is None,
        afterwards=api.list({"limit": api.largest_page}, label="list what is still there after the walk"),
    )


def _stride(order: Sequence[str], own: Iterable[str]) -> int:
    """Return the page size that leads to the deepest own deployment in about `STRIDES` pages."""
    depth = max((order.index(one) for one in own if one in order), default=len(order) - 1)
    return max(1, math.ceil((depth + 1) / STRIDES))


def _first(order: Sequence[str], end: str) -> int:
    """Return the size of a first page that ends with a deployment, or 0 if no list shows it.

    It has changed since its creation, and must lead on all the same. A token may be the number of a page, and
    hold for one size alone: only an id leads from a page to one of another size.
    """
    return order.index(end) + 1 if end in order else 0


def _pages(
    api: Api, own: Iterable[str], limits: tuple[int, int], move: tuple[str, str], most: int
) -> Iterator[Exchange]:
    parameter, source = move
    missing = set(own)
    first, limit = limits
    query: dict[str, object] = {"limit": first}
    for number in range(1, most + 1):
        page = api.list(query, label=f"page {number} of a walk with {parameter}")
        yield page
        missing -= set(ids(page))
        cursor = _cursor(page, source)
        if cursor is None or not missing:
            return
        query = {"limit": limit, parameter: cursor}


def _cursor(page: Exchange, source: str) -> str | None:
    """Return what leads on from a page.

    That has_more or last_id is missing is for the envelope to tell: the ids on the page lead on as well.
    """
    cursor = field(page.json, source)
    if cursor is MISSING and source == "last_id":
        cursor = next(reversed(ids(page)), None)
    return (
        cursor if field(page.json, "has_more") is not False and isinstance(cursor, str) and cursor else None
    )


def _list_tail(api: Api, order: Sequence[str]) -> Tail | None:
    """Walk over the end of a list one by one; once more, in stillness, when others may have changed it."""
    if not TAIL <= len(order) < api.largest_page:
        return None
    tail = _read_tail(api, order)
    if not (tail.stayed and tail.has_more_holds):
        with api.target.stillness.watching():
            wait = api.wait_until_settled if tail.stayed else api.wait_for_next_second
            wait()
            order = ids(api.list({"limit": api.largest_page}, label="list where the end is"))
            tail = _read_tail(api, order) if TAIL <= len(order) < api.largest_page else tail
    return tail


def _read_tail(api: Api, order: Sequence[str]) -> Tail:
    def after(one: str, limit: int, words: str) -> Exchange:
        return api.list({"limit": limit, "after_id": one}, label=f"list {words}")

    return Tail(
        last=tuple(order[-2:]),
        one_left=after(order[-3], 1, "the last but one"),
        none_left=after(order[-2], 1, "the last one"),
        beyond=after(order[-1], api.largest_page, "what comes after the last deployment"),
    )
