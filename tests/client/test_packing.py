"""Large answers are kept packed, and of a huge list only the beginning."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.exchange import (
    HUGE,
    MOST_ITEMS,
    NOT_JSON,
    Packed,
    PackedText,
    parse_json,
    shortened,
)
from conformance.contract import clock
from conformance.contract.clock import TimeLimit
from tests.client.factory import exchange

PADDING = "x" * HUGE


@given(text=st.text(st.characters()))
def test_a_packed_body_is_the_same_text(text: str) -> None:
    assert exchange(body=PackedText(text), json=None).body == text


def test_a_packed_document_is_the_same_document() -> None:
    assert exchange(body="", json=Packed(b'{"data": [1, {"a": null}]}')).json == {"data": [1, {"a": None}]}
    assert exchange(body="", json=Packed(b"<html>")).json is NOT_JSON


def test_a_report_shows_a_packed_document_that_no_time_is_left_to_judge() -> None:
    """`--max-seconds` may end a run while evidence is written: pytest would take that for an internal error."""
    late, over = exchange(status=409, body="", json=Packed(b'{"error": {"type": "x"}}')), TimeLimit()
    assert late.reported().summary == "409 x"
    over.end_in(-1, "--max-seconds 1")
    clock.heed(over)
    try:
        assert late.reported().summary == "409"
    finally:
        clock.heed(None)


def test_without_an_answer_there_is_no_body_and_no_document() -> None:
    assert (exchange().body, exchange().json) == ("", NOT_JSON)


def test_a_huge_list_is_shortened_to_one_item_more_than_a_page_may_have() -> None:
    whole = {"data": [*range(5_000)], "has_more": True, "padding": PADDING}
    short = parse_json(shortened(json.dumps(whole).encode()))
    assert short == {**whole, "data": [*range(MOST_ITEMS)]}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"data": [*range(5_000)]}).encode(),
        json.dumps({"data": [1, 2], "padding": PADDING}).encode(),
        json.dumps([PADDING]).encode(),
        json.dumps({"data": PADDING}).encode(),
        b"[" * HUGE,
        PADDING.encode(),
    ],
    ids=["small", "few items", "no object", "no list", "too deep", "no JSON"],
)
def test_anything_else_stays_as_it_arrived(content: bytes) -> None:
    assert shortened(content) is content
