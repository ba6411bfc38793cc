"""When a read counts as lagging behind what a story did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.client.calls.staleness import Memory
from conformance.client.exchange import Exchange
from tests.client.factory import api_of, exchange, target_at

ACTIVE: dict[str, Any] = {"id": "dep_1", "status": "active", "updated_at": "2026-07-01T00:00:00Z"}
PAUSED = ACTIVE | {"status": "paused", "updated_at": "2026-07-01T00:00:05Z"}
UNPAUSED = ACTIVE | {"updated_at": "2026-07-01T00:00:09Z"}
EARLY, LATE = ({"schedule": {"upcoming_runs_at": [f"2027-05-01T{hour}:00:00Z"]}} for hour in ("03", "09"))
OTHER = {"schedule": {"upcoming_runs_at": ["2027-05-01T04:00:00Z"]}}
AT_NINE = {"schedule": {"upcoming_runs_at": ["2027-05-01T09:00:00.000+00:00"]}}


def _told(*states: object) -> Memory:
    memory = Memory()
    for state in states:
        memory.remember(exchange(method="POST", json=state))
    return memory


@pytest.mark.parametrize(
    ("told", "shown", "outdated"),
    [
        ([ACTIVE, PAUSED], ACTIVE, True),
        ([ACTIVE, PAUSED], ACTIVE | {"served_by": "another replica"}, True),
        ([ACTIVE, PAUSED], PAUSED, False),
        ([ACTIVE, PAUSED], UNPAUSED, False),
        ([ACTIVE, PAUSED, UNPAUSED], PAUSED, True),
        ([ACTIVE, PAUSED, ACTIVE], ACTIVE, False),
        ([ACTIVE], PAUSED, False),
        ([], ACTIVE, False),
        ([ACTIVE, PAUSED], [], False),
        ([ACTIVE | EARLY, UNPAUSED | LATE], UNPAUSED | EARLY, True),
        ([ACTIVE | EARLY, UNPAUSED | LATE], UNPAUSED | AT_NINE, False),
        ([ACTIVE | EARLY, UNPAUSED | LATE], UNPAUSED | OTHER, False),
        ([ACTIVE | EARLY, UNPAUSED | LATE], UNPAUSED | {"schedule": None}, False),
    ],
)
def test_a_read_is_outdated_when_it_shows_an_earlier_state(
    told: list[object], shown: object, *, outdated: bool
) -> None:
    assert _told(*told).is_outdated("dep_1", exchange(json=shown)) is outdated


def test_refusals_and_lists_are_not_remembered() -> None:
    memory = _told({"data": []}, "text")
    memory.remember(exchange(method="POST", status=409, json=PAUSED))
    assert not memory.knows("dep_1")


def test_an_action_repeated_with_its_key_is_not_remembered() -> None:
    memory, key = _told(ACTIVE), {"idempotency-key": "one"}
    memory.remember(exchange(method="POST", json=PAUSED, request_headers=key))
    memory.remember(exchange(method="POST", json=UNPAUSED))
    memory.remember(exchange(method="POST", json=PAUSED, request_headers=key))
    assert not memory.is_outdated("dep_1", exchange(json=UNPAUSED))
    assert memory.is_outdated("dep_1", exchange(json=PAUSED))


def test_an_action_with_the_key_of_a_refused_one_is_remembered() -> None:
    memory, key = _told(ACTIVE), {"idempotency-key": "one"}
    memory.remember(exchange(method="POST", status=409, json={}, request_headers=key))
    memory.remember(exchange(method="POST", json=PAUSED))
    memory.remember(exchange(method="POST", json=UNPAUSED, request_headers=key))
    assert not memory.is_outdated("dep_1", exchange(json=UNPAUSED))
    assert memory.is_outdated("dep_1", exchange(json=PAUSED))


def test_what_is_forgotten_outdates_nothing() -> None:
    memory = _told(ACTIVE, PAUSED)
    memory.forget("dep_1")
    assert not memory.is_outdated("dep_1", exchange(json=ACTIVE))
    memory.forget("dep_2")


def test_after_a_volley_a_read_may_show_any_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states = {"/deployments": ACTIVE, "/deployments/dep_1/pause": PAUSED, "/deployments/dep_1": ACTIVE}

    def send(_: str, request: Any) -> Exchange:  # noqa: ANN401 (a Request)
        sent.append(request.path)
        return exchange(method=request.method, json=states[request.path])

    sent: list[str] = []
    with target_at("http://127.0.0.1:9", tmp_path) as target:
        monkeypatch.setattr(target, "send", send)
        monkeypatch.setattr(target, "volley", lambda _, requests: [exchange(method="POST") for _ in requests])
        api = api_of(target)
        api.creations.reclaim("dep_1")  # it needs no read to be known as ours
        api.create(api.body())
        api.pause("dep_1")
        api.volley([api.request("POST", "/deployments/dep_1/unpause")])
        api.get("dep_1")
    assert sent == ["/deployments", "/deployments/dep_1/pause", "/deployments/dep_1"]


def test_a_read_is_repeated_until_it_has_caught_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = iter([None, ACTIVE, ACTIVE, PAUSED])
    answers: dict[str, Any] = {"/deployments": ACTIVE, "/deployments/dep_1/pause": PAUSED}

    def send(_: str, request: Any) -> Exchange:  # noqa: ANN401 (a Request)
        state = answers[request.path] if request.method == "POST" else next(shown)
        error = {"type": "error", "error": {"type": "not_found_error", "message": ""}}
        return exchange(method=request.method, status=200 if state else 404, json=state or error)

    with target_at("http://127.0.0.1:9", tmp_path) as target:
        monkeypatch.setattr(target, "send", send)
        api = api_of(target)
        api.creations.reclaim("dep_1")  # it needs no read to be known as ours
        api.create(api.body())
        assert api.get("dep_1").json == ACTIVE
        api.pause("dep_1")
        assert api.get("dep_1").json == PAUSED
