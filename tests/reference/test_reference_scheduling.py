"""Schedules that fire, on a clock that the test moves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from conformance.reference import (
    OLD,
    REVISIONS,
    Deployment,
    ReferenceServer,
    ReferenceSettings,
    ScaledClock,
    Service,
)

Make = Callable[..., dict[str, Any]]
EVERY_MINUTE = {"type": "cron", "expression": "* * * * *", "timezone": "UTC"}
START = datetime(2026, 6, 12, 8, 59, 40, tzinfo=UTC)


class ManualClock:
    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def advance(self, **delta: float) -> None:
        self.time += timedelta(**delta)


class Late(Service):
    def delay(self, record: Deployment, occurrence: datetime) -> timedelta:
        return timedelta(seconds=15)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=REVISIONS)
def revision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[Service])
def timed(request: pytest.FixtureRequest, clock: ManualClock, revision: str) -> Iterator[ReferenceServer]:
    with ReferenceServer(request.param, ReferenceSettings(revision=revision, clock=clock)) as running:
        yield running


@pytest.fixture
def client(
    timed: ReferenceServer, connect: Callable[[ReferenceServer], httpx.Client]
) -> Iterator[httpx.Client]:
    with connect(timed) as opened:
        yield opened


@pytest.fixture
def path(timed: ReferenceServer, client: httpx.Client, make_body: Callable[[ReferenceServer], Make]) -> str:
    made = client.post("/deployments", json=make_body(timed)(schedule=EVERY_MINUTE)).json()
    return f"/deployments/{made['id']}"


def fired(client: httpx.Client, path: str) -> list[str]:
    """Return the minutes and seconds at which runs were created, oldest first."""
    data = client.get(path + "/runs", params={"limit": 100}).json()["data"]
    return [run["created_at"][14:19] for run in reversed(data)]


def test_each_minute_that_passes_starts_one_run(client: httpx.Client, path: str, clock: ManualClock) -> None:
    assert fired(client, path) == []
    clock.advance(seconds=20)
    assert fired(client, path) == ["00:00"]
    clock.advance(seconds=59)
    assert fired(client, path) == ["00:00"]
    clock.advance(minutes=7)
    assert fired(client, path) == [f"0{minute}:00" for minute in range(8)]
    assert client.get(path).json()["schedule"]["last_run_at"] == "2026-06-12T09:07:00Z"


def test_a_scheduled_run_says_so(client: httpx.Client, path: str, clock: ManualClock, revision: str) -> None:
    clock.advance(minutes=1)
    (run,) = client.get(path + "/runs").json()["data"]
    wanted = {"type": "schedule"}
    if revision == OLD:
        assert run["triggered_at"] == "2026-06-12T09:00:00.000000Z"
    else:
        wanted["scheduled_at"] = "2026-06-12T09:00:00Z"
    assert run["trigger_context"] == wanted


def test_nothing_fires_while_paused_nor_is_made_up_for(
    client: httpx.Client, path: str, clock: ManualClock
) -> None:
    clock.advance(minutes=1)
    client.post(path + "/pause")
    clock.advance(minutes=10)
    assert fired(client, path) == ["00:00"]
    client.post(path + "/unpause")
    clock.advance(minutes=1)
    assert fired(client, path) == ["00:00", "11:00"]


def test_nothing_fires_after_an_archive(client: httpx.Client, path: str, clock: ManualClock) -> None:
    client.post(path + "/archive")
    clock.advance(minutes=10)
    assert fired(client, path) == []


def test_the_older_revision_skips_what_would_overlap(
    timed: ReferenceServer, client: httpx.Client, path: str, clock: ManualClock, revision: str
) -> None:
    timed.service.run_seconds = 90.0
    clock.advance(minutes=3)
    states = [run.get("status") for run in client.get(path + "/runs").json()["data"]]
    assert states == (["running", "skipped", "completed"] if revision == OLD else [None] * 3)


def test_a_clock_that_is_put_back_fires_nothing_twice(
    client: httpx.Client, path: str, clock: ManualClock
) -> None:
    clock.advance(minutes=2)
    assert len(fired(client, path)) == 2
    clock.advance(hours=-1)
    assert len(fired(client, path)) == 2
    clock.advance(hours=1)
    assert len(fired(client, path)) == 2


@pytest.mark.parametrize("timed", [Late], indirect=True)
def test_a_late_run_starts_late_unless_the_deployment_is_paused_meanwhile(
    client: httpx.Client, path: str, clock: ManualClock
) -> None:
    clock.advance(seconds=34)
    assert fired(client, path) == []
    clock.advance(seconds=1)
    assert fired(client, path) == ["00:15"]
    clock.advance(seconds=50)
    client.post(path + "/pause")
    clock.advance(minutes=5)
    assert fired(client, path) == ["00:15"]


def test_what_was_due_before_the_server_is_never_fired(
    timed: ReferenceServer, client: httpx.Client, clock: ManualClock
) -> None:
    timed.seed(count=60)
    assert client.get("/deployment_runs").json()["data"] == []
    clock.advance(seconds=30)
    started = client.get("/deployment_runs", params={"limit": 100}).json()["data"]
    assert started
    assert {run["created_at"][:19] for run in started} == {"2026-06-12T09:00:00"}


def test_a_scaled_clock_runs_as_much_faster_as_asked() -> None:
    clock, began = ScaledClock(3600), time.monotonic()
    first = clock.now()
    while time.monotonic() - began < 0.01:
        pass
    passed = (clock.now() - first).total_seconds()
    assert passed > 35  # the wall clock, which it scales, is coarser than the one that measures
    assert abs(first - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf")])
def test_a_clock_cannot_stand_still_or_run_back(scale: float) -> None:
    with pytest.raises(ValueError, match="time scale"):
        ScaledClock(scale)
