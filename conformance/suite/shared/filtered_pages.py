"""Small pages of a filtered list: a filter counts on each of them, not only where all fits on one page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.paging import goes_on
from conformance.contract.comparing import field
from conformance.suite.shared.list_pages import holds, ids

MOST_PAGES = 10
MORE_TRIES = 3
"""How often small pages that others shifted are read again after that."""

Query = Mapping[str, str]
Way = Callable[["_List"], "SmallPages"]


@dataclass(frozen=True)
class SmallPages:
    """Consecutive small pages of a list, until the deployment `until` was met or the list ended.

    Before they come past that, the pages must hold the `wanted` deployments; the filter leaves the `unwanted`
    out. Nobody changed any of them meanwhile. `shifted` says
    that the first page changed: where a token is the number of a page, others decided what it led to.
    """

    pages: Sequence[Exchange]
    wanted: Sequence[str]
    unwanted: Collection[str]
    until: str
    ended: bool
    shifted: bool = False

    @property
    def missing(self) -> list[str]:
        """The wanted deployments that the pages came past, or that the list ended without."""
        passed = not self.shifted and (self.ended or self.holds(self.until))
        return [one for one in self.wanted if passed and not self.holds(one)]

    @property
    def strays(self) -> list[str]:
        """The unwanted deployments that are on a page all the same."""
        return [one for one in self.unwanted if self.holds(one)]

    @property
    def doubtful(self) -> bool:
        """Whether a list that lags, or that others change, may look like this for a while."""
        answered = all(page.failure is None for page in self.pages)
        refused = not all(page.succeeded for page in self.pages)
        return answered and (refused or self.shifted or bool(self.missing or self.strays))

    def holds(self, one: str) -> bool:
        """Tell whether a deployment is on one of the pages."""
        return any(holds(page.json, one) for page in self.pages)


@dataclass(frozen=True)
class _List:
    """A list with a filter, read in small pages."""

    api: Api
    query: Query

    def follow(self, first: Query, parameter: str, until: str) -> SmallPages:
        """Read pages from the `first` on until a deployment was met; nothing is wanted yet."""
        pages = tuple(self._pages(first, parameter, until))
        last = pages[-1]
        lost = not ids(last) and _onwards(last, parameter) is None
        return SmallPages(pages, (), (), until, ended=lost or self._goes_on(last) is False)

    def page(self, where: Query, words: str) -> Exchange:
        """Read one page."""
        asked = " and ".join(f"{name}={value}" for name, value in self.query.items()) or "no filter"
        return self.api.list({**self.query, **where}, label=f"list ({asked}), {words}")

    def _pages(self, first: Query, parameter: str, sought: str) -> Iterator[Exchange]:
        where = first
        for number in range(1, MOST_PAGES + 1):
            page = self.page(where, f"small page {number} by {parameter}")
            yield page
            onwards = _onwards(page, parameter)
            if holds(page.json, sought) or self._goes_on(page) is not True or onwards is None:
                return
            where = {"limit": first["limit"], **onwards}

    def _goes_on(self, page: Exchange) -> bool | None:
        return goes_on(page, self.api.target.profile.lists)


def _onwards(page: Exchange, parameter: str) -> Query | None:
    """Return what leads to the next page; from an empty one that says that more follow only a token does."""
    token, last = field(page.json, "next_page"), next(reversed(ids(page)), None)
    if parameter == "after_id" and last:
        return {"after_id": last}
    return {"page": token} if isinstance(token, str) and token else None


@dataclass(frozen=True)
class _Stretch:
    """The part of a list from the first to the last of its `order`, without and with a filter."""

    order: Sequence[str]
    wanted: Collection[str]
    unwanted: Collection[str]

    def by_id(self, of: _List) -> SmallPages:
        """Go on behind the first one, page by page of one."""
        first = {"limit": "1", "after_id": self.order[0]}
        return self._looked_at(of.follow(first, "after_id", self.order[-1]))

    def by_token(self, of: _List) -> SmallPages:
        """Go on with the token of a page that ends with the first one."""
        start, *rest = self.order
        top = ids(of.page({"limit": str(of.api.largest_page)}, "where small pages begin"))
        first = {"limit": str(top.index(start) + 1 if start in top else 1)}
        found = self._looked_at(of.follow(first, "page", rest[-1]))
        begun = found.pages[0]
        if not found.doubtful and not any(holds(begun.json, one) for one in rest):
            return found
        again = of.page(first, "the first small page again")
        return replace(found, shifted=ids(begun)[-1:] != [start] or ids(again) != ids(begun))

    def back(self, of: _List) -> SmallPages:
        """Look back from the last one; where that is refused, or cut short, nothing is missing."""
        before = {"limit": str(of.api.largest_page), "before_id": self.order[-1]}
        page = of.page(before, "before the last of them")
        pages = (page,) if page.succeeded else ()
        return SmallPages(pages, (), self.unwanted, self.order[-1], ended=False)

    def leads_on(self, way: Way, plain: _List) -> bool:
        """Tell whether that way leads past the stretch in a list without a filter."""
        pages = way(plain)
        return all(pages.holds(one) for one in (self.order[-1], *self.unwanted))

    def _looked_at(self, found: SmallPages) -> SmallPages:
        due = [one for one in self.order[1:] if one in self.wanted]
        return replace(found, wanted=due, unwanted=self.unwanted)


def small_pages(
    api: Api,
    query: Query,
    large: Exchange,
    own: Collection[str],
    *,
    wanted: Collection[str] = (),
    unwanted: Collection[str] = (),
) -> tuple[SmallPages, ...]:
    """Go on from the first to the last of the `own` deployments, which are all on the list.

    That is by id, where the target has them by token, and back again where there is something that the
    filter leaves out; what is wrong by one way is not looked at by the others. `large` is a large page of the
    list from just before; its order tells which come after which, as those made in one second may stand in
    any order. No pages where it shows fewer than two of them, or has what the filter leaves out itself, and
    none where the list itself is enough.
    """
    order = [one for one in ids(large) if one in own]
    if api.asks_musts_alone or not order[1:] or any(holds(large.json, one) for one in unwanted):
        return ()
    part, walked = _Stretch(order, wanted, unwanted), list[SmallPages]()
    by_ids = "after_id" in api.target.profile.lists.cursors
    ways = [part.by_id] if by_ids else []
    ways += [part.by_token] if api.promised("list.page-walk") else []
    ways += [part.back] if by_ids and unwanted else []
    for way in ways:
        walked.append(_settled(api, partial(_read, api, query, part, way)))
        if walked[-1].doubtful:
            break
    return tuple(walked)


def _read(api: Api, query: Query, part: _Stretch, way: Way) -> SmallPages:
    found = way(_List(api, query))
    if found.missing and not part.leads_on(way, _List(api, {})):
        return replace(found, wanted=())  # the pages lead nowhere without a filter as well
    return found


def _settled(api: Api, read: Callable[[], SmallPages]) -> SmallPages:
    """Read again as long as a list may lag or others shift its pages, while this run changes nothing else."""
    found = read()
    waits = api.wait_for_next_second, api.wait_until_settled
    for number, wait in enumerate((*waits, *[api.wait_for_next_second] * MORE_TRIES)):
        if not found.doubtful or (number >= len(waits) and not found.shifted):
            break
        with api.target.stillness.watching():
            wait()
            found = read()
    return found
