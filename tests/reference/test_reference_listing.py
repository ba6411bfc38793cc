"""Lists: order, filters, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import httpx
import pytest

from conformance.reference import NEW, OLD, REVISIONS, ReferenceServer, ReferenceSettings

Connect = Callable[[ReferenceServer], httpx.Client]


@pytest.fixture(scope="module", params=REVISIONS)
def crowd(request: pytest.FixtureRequest) -> Iterator[tuple[ReferenceServer, list[str]]]:
    """A server of its own, whose first tenant has 300 deployments: their ids, newest first."""
    with ReferenceServer(settings=ReferenceSettings(revision=request.param)) as server:
        yield server, server.seed(count=300)


@pytest.fixture(scope="module")
def client(crowd: tuple[ReferenceServer, list[str]], connect: Connect) -> Iterator[httpx.Client]:
    with connect(crowd[0]) as opened:
        yield opened


def walk(client: httpx.Client, path: str, parameter: str, source: str, **query: str | int) -> list[list[str]]:
    pages = []
    cursor: dict[str, Any] = {}
    while True:
        page = client.get(path, params={**query, **cursor}).json()
        ids = [item["id"] for item in page["data"]]
        assert (page["first_id"], page["last_id"]) == ((ids[0], ids[-1]) if ids else (None, None))
        assert (page["next_page"] is None) == (not page["has_more"])
        pages.append(ids)
        if not page["has_more"]:
            return pages
        cursor = {parameter: page[source]}


def flat(pages: list[list[str]]) -> list[str]:
    return [item for page in pages for item in page]


def test_the_default_page_is_the_newest_twenty_unarchived(
    crowd: tuple[ReferenceServer, list[str]], client: httpx.Client
) -> None:
    page = client.get("/deployments").json()
    records = crowd[0].service.store.tenants["one"].deployments
    live = [each for each in crowd[1] if records[each].archived_at is None]
    assert [item["id"] for item in page["data"]] == live[:20]
    assert (page["next_page"] == page["last_id"]) is (crowd[0].settings.revision == OLD)
    created = [item["created_at"] for item in page["data"]]
    assert created == sorted(created, reverse=True)


@pytest.mark.parametrize("limit", [7, 100])
def test_a_walk_meets_everything_once(
    crowd: tuple[ReferenceServer, list[str]], client: httpx.Client, limit: int
) -> None:
    pages = walk(client, "/deployments", "after_id", "last_id", include_archived="true", limit=limit)
    assert flat(pages) == crowd[1]
    assert all(pages)
    if crowd[0].settings.revision == NEW:
        assert (
            walk(client, "/deployments", "page", "next_page", include_archived="true", limit=limit) == pages
        )


def test_a_walk_backwards_ends_at_the_newest(
    crowd: tuple[ReferenceServer, list[str]], client: httpx.Client
) -> None:
    start: dict[str, str | int] = {"include_archived": "true", "limit": 50}
    pages: list[list[str]] = []
    cursor = crowd[1][-1]
    while True:
        page = client.get("/deployments", params={**start, "before_id": cursor}).json()
        pages.insert(0, [item["id"] for item in page["data"]])
        if not page["has_more"]:
            break
        cursor = page["first_id"]
    assert flat(pages) == crowd[1][:-1]


def test_a_page_token_keeps_the_direction_of_its_walk(
    crowd: tuple[ReferenceServer, list[str]], client: httpx.Client
) -> None:
    if crowd[0].settings.revision == OLD:
        pytest.skip("page tokens came with 2026-07")
    query: dict[str, str | int] = {"include_archived": "true", "limit": 3}
    page = client.get("/deployments", params={**query, "before_id": crowd[1][10]}).json()
    following = client.get("/deployments", params={**query, "page": page["next_page"]}).json()
    assert [item["id"] for item in page["data"]] == crowd[1][7:10]
    assert [item["id"] for item in following["data"]] == crowd[1][4:7]


@pytest.mark.parametrize("status", ["active", "paused"])
def test_status_filters_exactly(
    crowd: tuple[ReferenceServer, list[str]], client: httpx.Client, status: str
) -> None:
    found = flat(walk(client, "/deployments", "after_id", "last_id", status=status, limit=100))
    records = crowd[0].service.store.tenants["one"].deployments
    assert found == [
        each for each in crowd[1] if records[each].status == status and records[each].archived_at is None
    ]
    assert len(found) == 100


def test_agent_filters_exactly(crowd: tuple[ReferenceServer, list[str]], client: httpx.Client) -> None:
    agent = crowd[0].prerequisites().other_agent_id
    assert len(client.get("/deployments", params={"agent_id": agent, "limit": 50}).json()["data"]) == 50
    empty = client.get("/deployments", params={"agent_id": crowd[0].agent_id}).json()
    assert empty == {"data": [], "first_id": None, "last_id": None, "has_more": False, "next_page": None}


def test_creation_bounds_are_inclusive_and_new(
    crowd: tuple[ReferenceServer, list[str]], client: httpx.Client
) -> None:
    page = client.get("/deployments", params={"limit": 3}).json()["data"]
    middle = page[1]["created_at"]
    query = {"created_at[gte]": middle, "created_at[lte]": middle}
    found = [item["id"] for item in client.get("/deployments", params=query).json()["data"]]
    assert found == [page[1]["id"]] or (crowd[0].settings.revision == OLD and len(found) == 20)


BAD = [
    {"limit": "0"},
    {"limit": "-1"},
    {"limit": "abc"},
    {"limit": ""},
    {"limit": "1001"},
    {"limit": "9" * 5000},
    {"after_id": "dep_1", "before_id": "dep_2"},
    {"after_id": "dep_unknown"},
    {"before_id": ""},
    {"status": "archived"},
    {"status": ""},
    {"include_archived": "banana"},
]
BAD_NEW = [
    {"limit": "101"},
    {"page": "x", "after_id": "dep_1"},
    {"page": "x", "before_id": "dep_1"},
    {"page": "!"},
    {"page": "%ff"},
    {"created_at[gte]": "yesterday"},
    {"created_at[lte]": "0001-01-01T00:00:00+23:00"},
]


@pytest.mark.parametrize("query", BAD + BAD_NEW)
def test_a_bad_parameter_is_refused(
    crowd: tuple[ReferenceServer, list[str]], client: httpx.Client, query: dict[str, str]
) -> None:
    response = client.get("/deployments", params=query)
    if (
        query in BAD_NEW
        and crowd[0].settings.revision == OLD
        and "after_id" not in query
        and "before_id" not in query
    ):
        assert response.status_code == 200
        return
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_cursors_exclude_each_other(crowd: tuple[ReferenceServer, list[str]], client: httpx.Client) -> None:
    page = client.get("/deployments", params={"limit": 1}).json()
    cursors = {"after_id": page["last_id"], "before_id": page["last_id"], "page": page["next_page"]}
    names = ["after_id", "before_id", *(["page"] if crowd[0].settings.revision == NEW else [])]
    for first, second in combinations(names, 2):
        both = {first: cursors[first], second: cursors[second]}
        assert client.get("/deployments", params=both).status_code == 400
        assert client.get("/deployments", params={first: cursors[first]}).status_code == 200


def test_unknown_parameters_are_ignored(client: httpx.Client) -> None:
    plain = client.get("/deployments").json()
    assert client.get("/deployments", params={"beta": "true", "x": "y"}).json() == plain
    assert (
        client.get(
            client.base_url.copy_with(path=client.base_url.path + "deployments", query=b"&&=%&%zz")
        ).json()
        == plain
    )


@pytest.mark.parametrize("kind", ["agent", "environment"])
def test_agents_and_environments_are_listed(
    crowd: tuple[ReferenceServer, list[str]], client: httpx.Client, kind: str
) -> None:
    server = crowd[0]
    has = server.prerequisites()
    live = {
        "agent": [has.agent_id, has.other_agent_id],
        "environment": [has.environment_id, has.other_environment_id],
    }
    gone = {"agent": has.archived_agent_id, "environment": has.archived_environment_id}
    shown = client.get(f"/{kind}s").json()["data"]
    everything = client.get(f"/{kind}s", params={"include_archived": "true"}).json()["data"]
    assert [item["id"] for item in shown] == live[kind]
    assert [item["id"] for item in everything] == [*live[kind], gone[kind]]
    assert {item["type"] for item in everything} == {kind}
    assert [item["archived_at"] is None for item in everything] == [True, True, False]
    assert [item.get("version") for item in shown] == ([2, 1] if kind == "agent" else [None, None])
