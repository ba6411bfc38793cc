"""Starting and stopping: in the background, as a process, and what is imported for it."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from conformance.reference import Account, ReferenceServer, ReferenceSettings
from conformance.reference.loopback import bind

SERVE = """
from conformance.reference import ReferenceSettings, serve
serve(ReferenceSettings(base_path="/v1"), announce=lambda server: print(server.base_url, server.tokens[0], flush=True))
"""


def test_a_stopped_server_leaves_no_thread_and_frees_its_port() -> None:
    before = threading.active_count()
    with ReferenceServer() as server:
        url = httpx.URL(server.base_url)
        idle = http.client.HTTPConnection(url.host, url.port)
        idle.request("GET", url.path)
        assert idle.getresponse().read()
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(str(url))
    with ReferenceServer(port=url.port or 0) as again:
        assert httpx.URL(again.base_url).port == url.port
    idle.close()


def test_the_socket_names_its_protocol_so_that_nagle_is_off() -> None:
    with bind(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_taken_port_is_an_error() -> None:
    with ReferenceServer() as server, pytest.raises(OSError, match="in use"):
        ReferenceServer(port=httpx.URL(server.base_url).port or 0).start()


def test_servers_are_independent_and_know_the_same_prerequisites(
    connect: Callable[[ReferenceServer], httpx.Client],
    make_body: Callable[[ReferenceServer], Callable[..., dict[str, Any]]],
) -> None:
    with ReferenceServer() as one, ReferenceServer() as two, connect(one) as first, connect(two) as second:
        made = first.post("/deployments", json=make_body(two)())
        assert made.status_code == 200
        assert second.get("/deployments").json()["data"] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_announces_itself_and_ends_on_a_signal(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, token = process.stdout.readline().split()
        assert url.endswith("/v1")
        response = httpx.get(url + "/deployments", headers={"authorization": f"Bearer {token}"})
        assert response.status_code == 200
        process.send_signal(number)
        assert process.wait(timeout=10) == 0


def test_nothing_heavy_is_imported_before_a_server_starts() -> None:
    code = "import sys, conformance.reference as r; r.ReferenceServer(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"uvicorn", "starlette", "h11", "asyncio", "httpx"}.isdisjoint(loaded)
    ours = {name for name in loaded if name.startswith("conformance.")} - {"conformance.version"}
    assert {name for name in ours if not name.startswith("conformance.reference")} == set()


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"revision": "2026-08"}, "2026-06, 2026-07"),
        ({"base_path": "v1"}, "slash before"),
        ({"base_path": "/v1/"}, "none after"),
        ({"accounts": ()}, "at least one"),
        ({"accounts": (Account("a", "t"), Account("b", "t"))}, "token 't'"),
        ({"accounts": (Account("a", ""),)}, "empty"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        ReferenceSettings(**wrong)


def test_seeding_an_account_twice_gives_distinct_names(
    connect: Callable[[ReferenceServer], httpx.Client],
) -> None:
    with ReferenceServer() as server, connect(server) as client:
        ids = server.seed(1, 5) + server.seed(1, 5)
        assert client.get("/deployments").json()["data"] == []
        records = server.service.store.tenants["two"].deployments
        assert set(records) == set(ids)
        assert len({record.name for record in records.values()}) == 10
