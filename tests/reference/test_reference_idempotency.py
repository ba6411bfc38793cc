"""Idempotency keys."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from conformance.reference import ReferenceServer

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def key(request: pytest.FixtureRequest) -> dict[str, str]:
    return {"idempotency-key": request.node.name}


def test_a_replay_is_the_first_answer_and_executes_nothing(
    api: httpx.Client, body: Make, key: dict[str, str]
) -> None:
    sent = body()
    first = api.post("/deployments", json=sent, headers=key)
    again = api.post("/deployments", json=dict(reversed(sent.items())), headers=key)
    assert (again.status_code, again.json()) == (200, first.json())
    newest = api.get("/deployments", params={"limit": 2}).json()["data"]
    assert [item["name"] for item in newest].count(sent["name"]) == 1


def test_another_body_under_the_key_is_a_conflict(api: httpx.Client, body: Make, key: dict[str, str]) -> None:
    sent = body(metadata={"n": "1"}, resources=[{"type": "file", "n": 1}])
    api.post("/deployments", json=sent, headers=key)
    for other in ({**sent, "description": "other"}, {**sent, "resources": [{"type": "file", "n": True}]}):
        response = api.post("/deployments", json=other, headers=key)
        assert (response.status_code, response.json()["error"]["type"]) == (409, "conflict_error")


def test_a_replayed_pause_is_no_second_pause(api: httpx.Client, create: Make, key: dict[str, str]) -> None:
    path = f"/deployments/{create()['id']}"
    first = api.post(path + "/pause", headers=key).json()
    assert api.post(path + "/pause", headers=key, json={}).json() == first
    assert api.post(path + "/pause", headers={"idempotency-key": "other"}).status_code == 409
    assert api.post(path + "/unpause", headers=key).json()["status"] == "active"
    assert api.post(path + "/pause", headers=key).json() == first
    assert api.get(path, headers=key).json()["status"] == "active"
    api.post(path + "/pause")
    assert api.get(path, headers=key).json()["status"] == "paused"


def test_a_refusal_is_not_remembered(api: httpx.Client, body: Make, key: dict[str, str]) -> None:
    assert api.post("/deployments", json=body(name=""), headers=key).status_code == 400
    assert api.post("/deployments", json=body(), headers=key).status_code == 200


def test_an_empty_key_is_none(api: httpx.Client, body: Make) -> None:
    for _ in range(2):
        assert api.post("/deployments", json=body(), headers={"idempotency-key": ""}).status_code == 200


def test_a_key_belongs_to_its_account(
    api: httpx.Client, neighbour: httpx.Client, body: Make, server: ReferenceServer, key: dict[str, str]
) -> None:
    theirs = server.prerequisites(1)
    mine = api.post("/deployments", json=body(), headers=key).json()
    foreign = body(agent=theirs.agent_id, environment_id=theirs.environment_id)
    assert neighbour.post("/deployments", json=foreign, headers=key).json()["id"] != mine["id"]


def test_concurrent_creates_with_one_key_make_one(
    server: ReferenceServer, api: httpx.Client, body: Make, key: dict[str, str]
) -> None:
    sent = body()

    def create(_: int) -> str:
        with httpx.Client(base_url=server.base_url, headers={**api.headers, **key}) as client:
            return str(client.post("/deployments", json=sent).json()["id"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(8)))) == 1
