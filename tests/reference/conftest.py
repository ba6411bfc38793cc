"""One running server for each revision, and plain HTTP towards it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from conformance.reference import REVISIONS, ReferenceServer, ReferenceSettings

Create = Callable[..., dict[str, Any]]
NAMES = (f"test deployment {number}" for number in count(1))


@pytest.fixture(scope="session", params=REVISIONS)
def server(request: pytest.FixtureRequest) -> Iterator[ReferenceServer]:
    with ReferenceServer(settings=ReferenceSettings(revision=request.param)) as running:
        yield running


@pytest.fixture(scope="session")
def api(server: ReferenceServer) -> Iterator[httpx.Client]:
    with client_of(server) as client:
        yield client


@pytest.fixture(scope="session")
def neighbour(server: ReferenceServer) -> Iterator[httpx.Client]:
    with client_of(server, account=1) as client:
        yield client


@pytest.fixture(scope="session")
def connect() -> Callable[[ReferenceServer], httpx.Client]:
    return client_of


@pytest.fixture(scope="session")
def body(server: ReferenceServer) -> Callable[..., dict[str, Any]]:
    return body_for(server)


@pytest.fixture(scope="session")
def create(api: httpx.Client, body: Callable[..., dict[str, Any]]) -> Create:
    def creation(**changes: object) -> dict[str, Any]:
        response = api.post("/deployments", json=body(**changes))
        assert response.status_code == 200, response.text
        document: dict[str, Any] = response.json()
        return document

    return creation


@pytest.fixture(scope="session")
def make_body() -> Callable[[ReferenceServer], Callable[..., dict[str, Any]]]:
    return body_for


def client_of(server: ReferenceServer, account: int = 0) -> httpx.Client:
    return httpx.Client(
        base_url=server.base_url, headers={"authorization": f"Bearer {server.tokens[account]}"}, timeout=10
    )


def body_for(server: ReferenceServer) -> Callable[..., dict[str, Any]]:
    def make(**changes: object) -> dict[str, Any]:
        return {
            "name": next(NAMES),
            "agent": server.agent_id,
            "environment_id": server.environment_id,
            "initial_events": [{"type": "user.message", "content": [{"type": "text", "text": "Work."}]}],
            **changes,
        }

    return make
