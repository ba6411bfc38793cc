"""Which answers show deployments, and which of them look alike."""

from __future__ import annotations

import pytest

from conformance.suite.judging.answers import Deployments, errors, shapes
from tests.client.factory import exchange
from tests.suite.written import DEPLOYMENT, ID, error, page

BASE = "https://deployments.example/api/deployments"
SHOWN = dict(DEPLOYMENT)


@pytest.mark.parametrize(
    ("method", "way", "status", "count"),
    [
        ("GET", f"/{ID}", 200, 1),
        ("GET", f"/{ID}?beta=true", 200, 1),
        ("POST", "", 201, 1),
        ("POST", f"/{ID}", 200, 1),
        ("POST", f"/{ID}/pause", 200, 1),
        ("POST", f"/{ID}/unpause?x=/run", 200, 1),
        ("POST", f"/{ID}/archive", 200, 1),
        ("POST", f"/{ID}/run", 200, 0),
        ("GET", f"/{ID}/runs", 200, 0),
        ("GET", f"/{ID}", 404, 0),
        ("DELETE", f"/{ID}", 200, 0),
    ],
)
def test_an_answer_shows_a_deployment(method: str, way: str, status: int, count: int) -> None:
    answer = exchange(method=method, url=BASE + way, status=status, json=SHOWN)
    assert [document for _, document in Deployments([answer])] == [SHOWN] * count


def test_an_answer_that_is_no_object_shows_none() -> None:
    assert len(Deployments([exchange(url=f"{BASE}/{ID}", json=[SHOWN])])) == 0


def test_a_list_shows_its_items_and_equal_ones_are_met_once() -> None:
    other = {**SHOWN, "id": "dep_other"}
    reversed_keys = dict(reversed(other.items()))
    alone = exchange(number=2, url=f"{BASE}/{ID}", json=SHOWN)
    listed = exchange(number=3, url=f"{BASE}?limit=2", json=page(SHOWN, other, reversed_keys).json)
    found = Deployments([alone, listed])
    assert len(found) == 2
    assert [(answer.number, document["id"]) for answer, document in found] == [(2, ID), (3, "dep_other")]


def test_shapes_are_told_apart_by_names_and_types_at_any_depth() -> None:
    answer = exchange()
    documents: list[dict[str, object]] = [
        {"name": "a"}, {"name": "b"}, {"name": None}, {"agent": {"version": 1}}, {"agent": {"version": 2}},
        {"agent": {"version": "1"}}, {"agent": {"id": 1}}, {"events": []}, {"events": [1]}, {"events": [1, 2]},
        {"events": ["a"]}, {"events": [{"a": 1}]}, {"events": [{"a": "1"}]},
    ]  # fmt: skip
    met = [documents.index(dict(document)) for _, document in shapes((answer, one) for one in documents)]
    assert met == [0, 2, 3, 5, 6, 7, 8, 10, 11, 12]


def test_errors_are_the_documented_statuses_in_answer_to_what_is_documented() -> None:
    answers = [error(status) for status in (400, 404, 409, 418, 429, 500, 502)]
    assert [one.status for one in errors([*answers, exchange(status=400, probe=True)])] == [
        400,
        404,
        409,
        500,
    ]
