"""Pause, unpause, archive: who may do what when, and what it leaves behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from conformance.reference import ReferenceServer

Make = Callable[..., dict[str, Any]]
DAILY = {"type": "cron", "expression": "30 9 * * 1-5", "timezone": "Asia/Shanghai"}
CONFLICT = (409, "conflict_error")


def error_type(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["type"]


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: after[name] for name in after if after[name] != before[name] and name != "updated_at"}


@pytest.mark.parametrize("schedule", [None, DAILY])
def test_pause_and_unpause_go_back_and_forth(api: httpx.Client, create: Make, schedule: object) -> None:
    made = create(schedule=schedule)
    path = f"/deployments/{made['id']}"
    for _ in range(3):
        paused = api.post(path + "/pause").json()
        assert changes(made, paused) == {"status": "paused", "paused_reason": {"type": "manual"}}
        assert error_type(api.post(path + "/pause")) == CONFLICT
        assert api.get(path).json() == paused
        active = api.post(path + "/unpause", json={}).json()
        assert changes(made, active) == {}
        assert error_type(api.post(path + "/unpause")) == CONFLICT
        assert api.get(path).json() == active


def test_an_update_leaves_a_pause_alone(api: httpx.Client, create: Make) -> None:
    made = create(schedule=DAILY)
    path = f"/deployments/{made['id']}"
    paused = api.post(path + "/pause").json()
    assert changes(paused, api.post(path, json={"description": "new"}).json()) == {"description": "new"}


@pytest.mark.parametrize("paused_first", [False, True])
def test_archive_is_final(api: httpx.Client, create: Make, paused_first: bool) -> None:
    made = create(schedule=DAILY)
    path = f"/deployments/{made['id']}"
    if paused_first:
        api.post(path + "/pause")
    gone = api.post(path + "/archive").json()
    assert set(changes(made, gone)) == {"name", "schedule", "archived_at"}
    assert re.fullmatch(re.escape(made["name"]) + "_archived_[0-9]+", gone["name"])
    assert gone["schedule"] == {**made["schedule"], "upcoming_runs_at": []}
    for action in ("/archive", "/pause", "/unpause", "/run", ""):
        assert error_type(api.post(path + action, json={})) == CONFLICT
    assert api.get(path).json() == gone


def test_an_archived_deployment_hides_from_lists_that_do_not_ask_for_it(
    api: httpx.Client, create: Make
) -> None:
    made = create()
    api.post(f"/deployments/{made['id']}/archive")
    shown = api.get("/deployments", params={"include_archived": "true"}).json()["data"]
    hidden = api.get("/deployments", params={"include_archived": "false"}).json()["data"]
    assert made["id"] in {item["id"] for item in shown} - {item["id"] for item in hidden}


def test_nothing_happens_to_the_neighbour(api: httpx.Client, neighbour: httpx.Client, create: Make) -> None:
    made, other = create(schedule=DAILY), create(schedule=DAILY)
    path = f"/deployments/{made['id']}"
    for action in ("", "/pause", "/unpause", "/archive", "/run"):
        assert error_type(neighbour.post(path + action, json={"description": "stolen"})) == (
            404,
            "not_found_error",
        )
    assert neighbour.get(path).status_code == 404
    assert api.get(path).json() == made
    api.post(path + "/pause")
    assert api.get(f"/deployments/{other['id']}").json() == other
    listed = neighbour.get("/deployments", params={"include_archived": "true"}).json()["data"]
    assert made["id"] not in {item["id"] for item in listed}


def test_of_concurrent_pauses_exactly_one_wins(
    server: ReferenceServer, api: httpx.Client, create: Make
) -> None:
    path = f"/deployments/{create()['id']}"

    def pause(_: int) -> int:
        with httpx.Client(base_url=server.base_url, headers=api.headers) as client:
            return client.post(path + "/pause").status_code

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(pause, range(12))) == [200] + [409] * 11
    assert api.get(path).json()["paused_reason"] == {"type": "manual"}


def test_no_concurrent_update_is_lost(server: ReferenceServer, api: httpx.Client, create: Make) -> None:
    path = f"/deployments/{create()['id']}"

    def update(number: int) -> int:
        with httpx.Client(base_url=server.base_url, headers=api.headers) as client:
            return client.post(path, json={"metadata": {f"key {number}": "set"}}).status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(update, range(12))) == {200}
    assert {f"key {number}" for number in range(12)} <= set(api.get(path).json()["metadata"])
