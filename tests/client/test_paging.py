"""Lists are read to their end, whichever keys a target has for it, and an endless one is given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conformance.client.exchange import Exchange
from conformance.client.paging import ENDLESS, MOST_PAGES, Cursor, Pages, newest_first
from conformance.vendors import load_profile
from tests.client.factory import exchange

FORM = load_profile("qoder").lists
START = datetime(2026, 7, 1, tzinfo=UTC)
Item = Mapping[str, object]
Envelope = Callable[[Sequence[Item], bool], dict[str, Any]]


def items_of(count: int) -> list[Item]:
    """Deployments, the newest first."""
    return [
        {"id": f"d{number}", "created_at": (START + timedelta(minutes=number)).isoformat()}
        for number in range(count, 0, -1)
    ]


class Listing:
    """A list of deployments as a target shows it: what is asked for, with an envelope of its own."""

    def __init__(
        self, items: Sequence[Item], envelope: Envelope, *, size: int = 10, by: str = "after_id page"
    ) -> None:
        self.items = items
        self.envelope = envelope
        self.size = size
        self.by = by.split()
        self.asked: list[Cursor] = []

    def fetch(self, cursor: Cursor) -> Exchange:
        self.asked.append(cursor)
        start = 0
        for name, value in cursor.items():
            if name in self.by:
                ids = [one["id"] for one in self.items]
                start = ids.index(str(value).removeprefix("t-")) + 1
        page = self.items[start : start + self.size]
        return exchange(json=self.envelope(page, start + self.size < len(self.items)))

    def read(self, **how: Any) -> tuple[list[str], str]:  # noqa: ANN401 (passed on)
        pages = Pages(self.fetch, FORM, **how)
        found = [str(item["id"]) for page in pages.after(self.fetch({})) for item in page.json["data"]]  # type: ignore[index]  # a list
        return found, pages.unfinished


def _token(page: Sequence[Item], more: bool) -> str | None:
    return f"t-{page[-1]['id']}" if more else None


ENVELOPES: dict[str, Envelope] = {
    "as documented": lambda page, more: {
        "data": page, "has_more": more, "last_id": page[-1]["id"] if page else None, "next_page": _token(page, more),
    },
    "has_more and last_id": lambda page, more: {"data": page, "has_more": more, "last_id": page[-1]["id"]},
    "has_more alone": lambda page, more: {"data": page, "has_more": more},
    "has_more as a text": lambda page, more: {"data": page, "has_more": str(more).lower()},
    "has_more as a number": lambda page, more: {"data": page, "has_more": int(more)},
    "has_more null": lambda page, _: {"data": page, "has_more": None},
    "next_page alone": lambda page, more: {"data": page, "next_page": _token(page, more)},
    "next_page empty at the end": lambda page, more: {"data": page, "next_page": _token(page, more) or ""},
    "last_id alone": lambda page, _: {"data": page, "last_id": page[-1]["id"] if page else None},
    "no key at all": lambda page, _: {"data": page},
    "has_more false beside a next page": lambda page, more: {
        "data": page, "has_more": False, "next_page": _token(page, more),
    },
}  # fmt: skip


@pytest.mark.parametrize("order", ["newest first", "oldest first", "without times"])
@pytest.mark.parametrize("envelope", ENVELOPES.values(), ids=ENVELOPES)
@pytest.mark.parametrize("count", [0, 1, 10, 25, 30])
def test_every_deployment_is_found_once(envelope: Envelope, order: str, count: int) -> None:
    if count == 0 and envelope is ENVELOPES["has_more and last_id"]:
        return  # it has no last
    items = items_of(count)
    if order == "oldest first":
        items.reverse()
    elif order == "without times":
        items = [{"id": item["id"]} for item in items]
    listing = Listing(items, envelope)
    found, unfinished = listing.read()
    assert (found, unfinished) == ([item["id"] for item in items], "")
    assert len(listing.asked) <= count // 10 + 3


@pytest.mark.parametrize("by", ["after_id", "page"])
def test_a_target_may_know_one_kind_of_cursor_alone(by: str) -> None:
    found, unfinished = Listing(items_of(25), ENVELOPES["as documented"], by=by).read()
    assert (len(found), unfinished) == (25, "")


def test_a_list_as_documented_takes_no_request_too_many() -> None:
    listing = Listing(items_of(25), ENVELOPES["as documented"])
    listing.read()
    assert listing.asked == [{}, {"after_id": "d16"}, {"after_id": "d6"}]


def test_what_lies_beyond_is_only_left_out_of_a_list_that_is_sorted() -> None:
    def is_old(page: Exchange) -> bool:
        return "d12" in str(page.json)

    newest = items_of(30)
    assert len(Listing(newest, ENVELOPES["as documented"]).read(beyond=is_old)[0]) == 20
    assert len(Listing(newest[::-1], ENVELOPES["as documented"]).read(beyond=is_old)[0]) == 30
    untimed = [{"id": item["id"]} for item in newest]
    assert len(Listing(untimed, ENVELOPES["as documented"]).read(beyond=is_old)[0]) == 30


def test_a_page_of_one_moment_shows_no_order() -> None:
    one, other = ({"id": name, "created_at": START.isoformat()} for name in "ab")
    assert not newest_first(exchange(json={"data": [one, other]}))


@pytest.mark.parametrize("by", ["", "after_id"])
def test_a_list_that_shows_nothing_new_ends(by: str) -> None:
    """Whatever `has_more` says: the cursor is ignored, or leads in a circle."""
    listing = Listing(
        items_of(10), lambda page, _: {"data": page, "has_more": True, "next_page": "t-d1"}, by=by
    )
    listing.size = 20
    found, _ = listing.read()
    assert len(found) == 10
    assert len(listing.asked) <= 3


def test_an_endless_list_is_given_up() -> None:
    numbers = iter(range(10**6))

    def fetch(_: Cursor) -> Exchange:
        return exchange(json={"data": [{"id": f"d{next(numbers)}"}], "has_more": True})

    pages = Pages(fetch, FORM)
    assert len(list(pages.after(fetch({})))) == MOST_PAGES
    assert pages.unfinished == ENDLESS


@pytest.mark.parametrize(
    ("envelope", "unfinished"),
    [
        ("as documented", "GET /deployments answered 400"),
        ("next_page alone", "GET /deployments answered 400"),
        ("no key at all", ""),
    ],
)
def test_a_refused_page_is_told_of_where_one_was_promised(envelope: str, unfinished: str) -> None:
    listing = Listing(items_of(25), ENVELOPES[envelope])
    pages = Pages(lambda _: exchange(status=400, json={}), FORM)
    list(pages.after(listing.fetch({})))
    assert pages.unfinished == unfinished


def test_items_that_are_none_do_no_harm() -> None:
    data: list[object] = [7, None, {"id": 7}, {"id": "d1", "created_at": 7}, {}, []]
    answers = iter([exchange(json={"data": data, "has_more": "perhaps"}), exchange(json={"data": []})])
    assert len(list(Pages(lambda _: next(answers), FORM).after(next(answers)))) == 1
