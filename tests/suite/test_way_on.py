"""Where a list says by its token alone what follows, some page has to have that key (A212)."""

from __future__ import annotations

import pytest

from conformance.contract.verdict import BrokenPromiseError
from conformance.suite.judging.list_answers import expect_way_on
from tests.suite.written import answer

ITEMS = [{"id": "depl_1"}, {"id": "depl_2"}]


def test_no_page_that_others_follow_says_so() -> None:
    with pytest.raises(BrokenPromiseError, match="next_page on a page before others"):
        expect_way_on({100: answer({"data": ITEMS}), 1: answer({"data": ITEMS[:1]})})


@pytest.mark.parametrize(
    ("first", "all_of_them"),
    [
        ({"data": ITEMS[:1], "next_page": "2"}, {"data": ITEMS}),
        ({"data": ITEMS[:1], "next_page": "2"}, {"data": ITEMS, "next_page": None}),
        ({"data": ITEMS[:1]}, {"data": ITEMS[:1]}),
        ({"data": []}, {"data": []}),
    ],
)
def test_the_last_page_may_be_without(first: dict[str, object], all_of_them: dict[str, object]) -> None:
    expect_way_on({100: answer(all_of_them), 1: answer(first)})
