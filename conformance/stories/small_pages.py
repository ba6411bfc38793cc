"""Small pages of a filtered list: a filter counts on each of them, not only where all fits on one page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.contract.judgement import field
from conformance.stories.pages import holds, ids
from conformance.target.api import LARGEST_PAGE, Api
from conformance.target.exchange import Exchange

MOST_PAGES = 10
MORE_TRIES = 3
"""How often small pages that others shifted are read again after that."""
WITH_TOKENS = ("2026-07",)
"""The revisions that have `page`."""

Query = Mapping[str, str]


@dataclass(frozen=True)
class SmallPages:
    """Consecutive small pages of a list, until the last `wanted` deployment was met or the list ended.

    `unwanted` are those that the filter leaves out. Nobody changed either of them meanwhile. `shifted` says
    that the first page changed: where a token is the number of a page, others decided what it led to.
    """

    pages: Sequence[Exchange]
    wanted: Sequence[str]
    unwanted: Collection[str]
    ended: bool
    shifted: bool = False

    @property
    def missing(self) -> list[str]:
        """The wanted deployments that the pages came past, or that the list ended without."""
        met = [place for place, one in enumerate(self.wanted) if self._holds(one)]
        passed = len(self.wanted) if self.ended else max(met, default=0)
        return [one for one in self.wanted[:passed] if not self.shifted and not self._holds(one)]

    @property
    def strays(self) -> list[str]:
        """The unwanted deployments that are on a page all the same."""
        return [one for one in self.unwanted if self._holds(one)]

    @property
    def doubtful(self) -> bool:
        """Whether a list that lags, or that others change, may look like this for a while."""
        answered = all(page.failure is None for page in self.pages)
        refused = not all(page.succeeded for page in self.pages)
        return answered and (refused or self.shifted or bool(self.missing or self.strays))

    def _holds(self, one: str) -> bool:
        return any(holds(page.json, one) for page in self.pages)


@dataclass(frozen=True)
class _List:
    """A list with a filter, read in small pages."""

    api: Api
    query: Query

    def follow(
        self, first: Query, parameter: str, wanted: Sequence[str], unwanted: Collection[str]
    ) -> SmallPages:
        """Read pages from the `first` on until the last wanted deployment was met."""
        pages = tuple(self._pages(first, parameter, wanted[-1]))
        last = pages[-1]
        lost = not ids(last) and _onwards(last, parameter) is None
        return SmallPages(pages, wanted, unwanted, ended=lost or field(last.json, "has_more") is False)

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
            if holds(page.json, sought) or field(page.json, "has_more") is not True or onwards is None:
                return
            where = {"limit": first["limit"], **onwards}


def _onwards(page: Exchange, parameter: str) -> Query | None:
    """Return what leads to the next page; from an empty one that says that more follow only a token does."""
    token, last = field(page.json, "next_page"), next(reversed(ids(page)), None)
    if parameter == "after_id" and last:
        return {"after_id": last}
    return {"page": token} if isinstance(token, str) and token else None


def small_pages(
    api: Api, query: Query, large: Exchange, wanted: Collection[str], unwanted: Collection[str]
) -> tuple[SmallPages, ...]:
    """Go on behind the first of the `wanted` deployments, by id and, where the target has them, by token.

    `large` is a large page of the same list from just before; its order tells which are behind which, as
    those made in one second may stand in any order. No pages where it shows fewer than two of them.
    """
    small = _List(api, query)
    behind = [one for one in ids(large) if one in wanted]
    if not behind[1:]:
        return ()
    start, *rest = behind

    def by_id() -> SmallPages:
        return small.follow({"limit": "1", "after_id": start}, "after_id", rest, unwanted)

    def by_token() -> SmallPages:
        order = ids(small.page({"limit": str(LARGEST_PAGE)}, "where small pages begin"))
        first = {"limit": str(order.index(start) + 1 if start in order else 1)}
        found = small.follow(first, "page", rest, unwanted)
        begun = found.pages[0]
        if not found.doubtful and not any(holds(begun.json, one) for one in rest):
            return found
        again = small.page(first, "the first small page again")
        return replace(found, shifted=ids(begun)[-1:] != [start] or ids(again) != ids(begun))

    ways = [by_id, *([by_token] if api.known.revision in WITH_TOKENS else [])]
    return tuple(_settled(api, way) for way in ways)


def pages_of_one(api: Api, query: Query, wanted: str) -> SmallPages:
    """Read a list from the top in pages of one until a deployment is met that belongs there."""
    return _settled(api, lambda: _List(api, query).follow({"limit": "1"}, "after_id", [wanted], ()))


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
