"""What depends on the server's clock, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from conformance.reference import REVISIONS, ReferenceServer, ReferenceSettings

Make = Callable[..., dict[str, Any]]


class ManualClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 6, 12, 8, 59, 59, 750_000, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, **delta: float) -> None:
        self.time += timedelta(**delta)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=REVISIONS)
def timed(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[ReferenceServer]:
    with ReferenceServer(settings=ReferenceSettings(revision=request.param, clock=clock)) as running:
        yield running


@pytest.fixture
def client(
    timed: ReferenceServer, connect: Callable[[ReferenceServer], httpx.Client]
) -> Iterator[httpx.Client]:
    with connect(timed) as opened:
        yield opened


@pytest.fixture
def made(
    timed: ReferenceServer, client: httpx.Client, make_body: Callable[[ReferenceServer], Make]
) -> dict[str, Any]:
    schedule = {"type": "cron", "expression": "0 9 * * *", "timezone": "UTC"}
    document: dict[str, Any] = client.post("/deployments", json=make_body(timed)(schedule=schedule)).json()
    return document


def test_the_date_header_shows_the_servers_clock(client: httpx.Client, clock: ManualClock) -> None:
    assert client.get("/deployments").headers["date"] == "Fri, 12 Jun 2026 08:59:59 GMT"
    clock.advance(days=1)
    assert client.get("/nowhere").headers["date"] == "Sat, 13 Jun 2026 08:59:59 GMT"


def test_updated_at_moves_with_every_change_and_no_refusal(
    client: httpx.Client, made: dict[str, Any], clock: ManualClock
) -> None:
    path = f"/deployments/{made['id']}"
    moved = made["updated_at"]
    steps: list[tuple[str, dict[str, str], bool]] = [
        ("", {"description": "new"}, True),
        ("", {"description": "new"}, False),
        ("", {"name": ""}, False),
        ("/pause", {}, True),
        ("/pause", {}, False),
        ("/run", {}, False),
        ("/unpause", {}, True),
        ("/unpause", {}, False),
        ("/archive", {}, True),
        ("/archive", {}, False),
        ("", {"description": "late"}, False),
    ]
    for action, sent, changes in steps:
        clock.advance(seconds=1)
        client.post(path + action, json=sent)
        updated = client.get(path).json()["updated_at"]
        assert (updated > moved) is changes, (action, sent)
        moved = updated


def test_updated_at_never_goes_back(client: httpx.Client, made: dict[str, Any], clock: ManualClock) -> None:
    clock.advance(hours=-1)
    changed = client.post(f"/deployments/{made['id']}", json={"description": "new"}).json()
    assert changed["updated_at"] == made["updated_at"]


def test_occurrences_pass_out_of_the_list_when_their_time_has_come(
    client: httpx.Client, made: dict[str, Any], clock: ManualClock
) -> None:
    path = f"/deployments/{made['id']}"
    days = [f"2026-06-{day}T09:00:00Z" for day in range(12, 18)]
    assert made["schedule"]["upcoming_runs_at"] == days[:5]
    client.post(path + "/pause")
    clock.advance(milliseconds=250)
    assert client.get(path).json()["schedule"]["upcoming_runs_at"] == days[1:]
    clock.advance(days=30)
    assert client.post(path + "/unpause").json()["schedule"]["upcoming_runs_at"][0] == "2026-07-13T09:00:00Z"
    assert client.get(path + "/runs").json()["data"] == []


def test_the_archived_name_carries_the_time_of_its_archiving(
    client: httpx.Client, made: dict[str, Any]
) -> None:
    gone = client.post(f"/deployments/{made['id']}/archive").json()
    assert gone["archived_at"] == "2026-06-12T08:59:59Z"
    assert gone["name"] == f"{made['name']}_archived_1781254799"


def test_an_idempotency_key_lives_a_day(
    client: httpx.Client, made: dict[str, Any], clock: ManualClock
) -> None:
    path = f"/deployments/{made['id']}/run"
    key = {"idempotency-key": "day"}
    first = client.post(path, headers=key).json()["id"]
    clock.advance(hours=23, minutes=59)
    assert client.post(path, headers=key).json()["id"] == first
    clock.advance(minutes=1)
    assert client.post(path, headers=key).json()["id"] != first


def test_a_run_of_the_older_revision_completes(
    client: httpx.Client, made: dict[str, Any], clock: ManualClock
) -> None:
    run = client.post(f"/deployments/{made['id']}/run").json()
    if "status" not in run:
        assert run["created_at"] == "2026-06-12T08:59:59Z"
        return
    assert (run["status"], run["created_at"]) == ("running", "2026-06-12T08:59:59.750000Z")
    clock.advance(seconds=2)
    done = client.get(f"/deployment_runs/{run['id']}").json()
    assert {name: done[name] for name in ("status", "completed_at", "duration_ms")} == {
        "status": "completed",
        "completed_at": "2026-06-12T09:00:01.750000Z",
        "duration_ms": 2000,
    }
    assert client.post(f"/deployments/{made['id']}/run").json()["status"] == "running"


def test_ids_sort_by_creation(
    timed: ReferenceServer,
    client: httpx.Client,
    clock: ManualClock,
    make_body: Callable[[ReferenceServer], Make],
) -> None:
    body = make_body(timed)
    ids = []
    for _ in range(3):
        ids += [client.post("/deployments", json=body()).json()["id"] for _ in range(2)]
        clock.advance(milliseconds=1)
    assert ids == sorted(ids)
    assert [item["id"] for item in client.get("/deployments").json()["data"]] == ids[::-1]
