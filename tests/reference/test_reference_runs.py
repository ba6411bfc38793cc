"""Manual runs and their listings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from conformance.reference import OLD, ReferenceServer

Make = Callable[..., dict[str, Any]]
DAILY = {"type": "cron", "expression": "30 9 * * 1-5", "timezone": "Asia/Shanghai"}


def ids(response: httpx.Response) -> list[str]:
    return [item["id"] for item in response.json()["data"]]


def test_a_manual_run_is_recorded_and_found_by_every_route(
    api: httpx.Client, create: Make, server: ReferenceServer
) -> None:
    made = create(schedule=DAILY)
    path = f"/deployments/{made['id']}"
    run = api.post(path + "/run").json()
    assert run["id"].startswith("drun_")
    assert (run["type"], run["deployment_id"], run["agent"]) == ("deployment_run", made["id"], made["agent"])
    assert run["trigger_context"] == {"type": "manual"}
    assert (run["session_id"] is None) != (run["error"] is None)
    assert ("status" in run) == (server.settings.revision == OLD)
    for url in (f"{path}/runs/{run['id']}", f"/deployment_runs/{run['id']}"):
        assert api.get(url).json()["session_id"] == run["session_id"]
    assert ids(api.get(path + "/runs")) == [run["id"]]
    assert ids(api.get("/deployment_runs", params={"deployment_id": made["id"]})) == [run["id"]]
    after = api.get(path).json()
    assert after["schedule"]["last_run_at"] == run["created_at"][:19] + "Z"
    assert after["updated_at"] == made["updated_at"]
    archived = api.post(path + "/archive").json()
    assert archived["schedule"]["last_run_at"] == after["schedule"]["last_run_at"]
    assert ids(api.get(path + "/runs")) == [run["id"]]


def test_a_paused_deployment_does_not_run(api: httpx.Client, create: Make) -> None:
    path = f"/deployments/{create()['id']}"
    api.post(path + "/pause")
    assert api.post(path + "/run").json()["error"]["type"] == "conflict_error"
    assert ids(api.get(path + "/runs")) == []


def test_runs_are_listed_newest_first_and_filtered(
    api: httpx.Client, create: Make, server: ReferenceServer
) -> None:
    path = f"/deployments/{create()['id']}"
    started = [api.post(path + "/run").json() for _ in range(3)]
    runs = [run["id"] for run in started][::-1]
    if server.settings.revision != OLD:
        assert len({run["session_id"] for run in started} - {None}) == 3
    assert ids(api.get(path + "/runs")) == runs
    assert ids(api.get(path + "/runs", params={"limit": 1, "after_id": runs[0]})) == [runs[1]]
    every = {"deployment_id": path.rsplit("/", 1)[1]}
    assert ids(api.get("/deployment_runs", params={**every, "trigger_type": "manual"})) == runs
    assert ids(api.get("/deployment_runs", params={**every, "trigger_type": "schedule"})) == []
    assert ids(api.get("/deployment_runs", params={**every, "has_error": "false"})) == runs
    assert ids(api.get("/deployment_runs", params={**every, "has_error": "true"})) == []
    assert ids(api.get("/deployment_runs", params={"deployment_id": "dep_unknown"})) == []
    retry = api.get("/deployment_runs", params={**every, "trigger_type": "retry"})
    assert retry.status_code == (200 if server.settings.revision == OLD else 400)


def test_time_bounds_of_runs(api: httpx.Client, create: Make, server: ReferenceServer) -> None:
    path = f"/deployments/{create()['id']}"
    run = api.post(path + "/run").json()
    at = run["created_at"]
    if server.settings.revision == OLD:
        bounds = [("triggered_after", False), ("triggered_before", False)]
    else:
        bounds = [(f"created_at[{word}]", word.endswith("e")) for word in ("gt", "gte", "lt", "lte")]
    for name, inclusive in bounds:
        assert ids(api.get(path + "/runs", params={name: at})) == ([run["id"]] if inclusive else [])
        assert api.get(path + "/runs", params={name: "soon"}).status_code == 400


def test_the_older_revision_skips_what_exceeds_its_concurrency(
    api: httpx.Client, create: Make, server: ReferenceServer
) -> None:
    if server.settings.revision != OLD:
        pytest.skip("runs lost their status in 2026-07")
    path = f"/deployments/{create()['id']}"
    first, second = (api.post(path + "/run").json() for _ in range(2))
    assert (first["status"], second["status"]) == ("running", "skipped")
    assert "session_id" not in second
    assert ids(api.get(path + "/runs", params={"status": "skipped"})) == [second["id"]]
    assert api.get(path + "/runs", params={"status": "odd"}).status_code == 400
    stats = api.get(path).json()["metadata"]["cas_config"]["stats"]
    assert (stats["total_runs"], "last_triggered_at" in stats) == (2, True)


def test_unknown_runs_and_runs_of_others_are_not_found(
    api: httpx.Client, neighbour: httpx.Client, create: Make
) -> None:
    path, other = (f"/deployments/{create()['id']}" for _ in range(2))
    run = api.post(path + "/run").json()["id"]
    unknown = "drun_" + "0" * 32
    for url in (
        f"{path}/runs/{unknown}",
        f"/deployment_runs/{unknown}",
        f"{other}/runs/{run}",
        f"/deployments/dep_{'0' * 32}/runs/{run}",
        f"/deployments/dep_{'0' * 32}/runs",
    ):
        response = api.get(url)
        assert (response.status_code, response.json()["error"]["type"]) == (404, "not_found_error")
    assert neighbour.get(f"/deployment_runs/{run}").status_code == 404
    assert ids(neighbour.get("/deployment_runs")) == []
