"""Faults and twins are a few lines each, and compose."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest

from conformance.reference import (
    ApiError,
    Call,
    Deployment,
    Document,
    ReferenceServer,
    ReferenceSettings,
    Request,
    Response,
    Service,
    Tenant,
)
from conformance.reference.app import Send

Connect = Callable[[ReferenceServer], httpx.Client]
MakeBody = Callable[[ReferenceServer], Callable[..., dict[str, Any]]]
WEEKLY = {"type": "cron", "expression": "30 9 * * 1", "timezone": "Asia/Kolkata"}


class SecondPauseSucceeds(Service):
    def check_not_paused(self, record: Deployment) -> None:
        pass


class RefusedPauseTouches(Service):
    def check_not_paused(self, record: Deployment) -> None:
        try:
            super().check_not_paused(record)
        except ApiError:
            self.keep(replace(record, updated_at=record.updated_at.replace(year=2099)))
            raise


class PauseIsNotStored(Service):
    def save(self, call: Call, record: Deployment) -> None:
        if call.request.operation != "pause":
            super().save(call, record)


class PauseHitsTheNeighbour(Service):
    def pause(self, call: Call) -> Document:
        document = super().pause(call)
        for record in list(call.tenant.deployments.values()):
            self.keep(self.apply_pause(record))
        return document


class RefusedTokenStillPauses(Service):
    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.status == 401 and request.operation == "pause":
            for tenant in self.store.tenants.values():
                super().handle(replace(request, headers={"authorization": f"Bearer {tenant.token}"}))
        return response


class PrefixOpens(Service):
    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        return tenant.token.startswith(token)


class ForeignIdsOpen(Service):
    def find(self, call: Call) -> Deployment:
        for tenant in self.store.tenants.values():
            if call.deployment_id in tenant.deployments:
                return tenant.deployments[call.deployment_id]
        return super().find(call)


class ReplayExecutes(Service):
    def replay_or_execute(self, call: Call) -> Response:
        if call.request.operation == "create" and "name" in call.body:
            call = replace(
                call, body={**call.body, "name": f"{call.body['name']} {self.store.next_sequence()}"}
            )
        return self.execute(call)


class NotFoundInPlainText(Service):
    def serialize(self, request: Request, response: Response) -> bytes:
        return b"not found" if response.status == 404 else super().serialize(request, response)

    def content_type(self, request: Request, response: Response) -> str:
        return "text/plain" if response.status == 404 else super().content_type(request, response)


class ConcurrentPausesBothWin(Service):
    async def respond(self, request: Request) -> Response:
        if request.operation != "pause":
            return await super().respond(request)
        first = self.handle(request)
        await asyncio.sleep(0.05)
        self.racing[request.path] = self.racing.get(request.path) or first
        return self.racing[request.path]

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.racing: dict[str, Response] = {}


class ExtraFields(Service):
    def render_deployment(self, record: Deployment) -> Document:
        return {**super().render_deployment(record), "colour": "green"}


class FractionalSeconds(Service):
    def render_time(self, at: datetime) -> str:
        return super().render_time(at).replace("Z", ".000+00:00")


class CreatedIs201(Service):
    def success_status(self, operation: str) -> int:
        return 201 if operation == "create" else super().success_status(operation)


class MalformedIdsAreInvalid(Service):
    def find(self, call: Call) -> Deployment:
        if not call.deployment_id.startswith("dep_"):
            raise ApiError(400, "invalid_request_error", "malformed id")
        return super().find(call)


class Gzip(Service):
    def encode(self, content: bytes) -> bytes:
        return gzip.compress(super().encode(content))

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        return {**super().response_headers(request, response, body), "content-encoding": "gzip"}


class Chunked(Service):
    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        del headers["content-length"]
        return headers


class ClosesConnections(Service):
    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        return {**super().response_headers(request, response, body), "connection": "close"}


class Busy(Service):
    refusals = 0

    async def respond(self, request: Request) -> Response:
        self.refusals += 1
        if self.refusals % 2:
            return Response(429, {"type": "error"}, {"retry-after": "0"})
        return await super().respond(request)


class Late(Service):
    async def respond(self, request: Request) -> Response:
        await asyncio.sleep(0.05)
        return await super().respond(request)


class Drops(Service):
    async def transmit(self, request: Request, response: Response, send: Send) -> None:
        headers = [(b"content-length", b"99")]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})


class Sandbox:
    """A server of one kind, with one deployment in it."""

    def __init__(self, server: ReferenceServer, client: httpx.Client, make_body: MakeBody) -> None:
        self.server = server
        self.client = client
        self.body = make_body(server)
        self.created = client.post("/deployments", json=self.body(schedule=WEEKLY))
        self.path = f"/deployments/{self.created.json()['id']}"

    def do(self, action: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.client.post(f"{self.path}/{action}", headers=headers)

    def read(self) -> dict[str, Any]:
        document: dict[str, Any] = self.client.get(self.path).json()
        return document


@pytest.fixture
def sandbox(connect: Connect, make_body: MakeBody, request: pytest.FixtureRequest) -> Callable[..., Sandbox]:
    def start(*kinds: type[Service]) -> Sandbox:
        server = ReferenceServer(type("Faulty", (*kinds, Service), {}))
        server.start()
        request.addfinalizer(server.stop)
        client = connect(server)
        request.addfinalizer(client.close)
        return Sandbox(server, client, make_body)

    return start


Start = Callable[..., Sandbox]


def test_a_decision_can_be_dropped(sandbox: Start) -> None:
    box = sandbox(SecondPauseSucceeds)
    assert [box.do("pause").status_code for _ in range(2)] == [200, 200]


def test_a_refusal_can_change_something(sandbox: Start) -> None:
    box = sandbox(RefusedPauseTouches)
    assert [box.do("pause").status_code for _ in range(2)] == [200, 409]
    assert box.read()["updated_at"].startswith("2099")


def test_an_answer_can_be_right_and_nothing_stored(sandbox: Start) -> None:
    box = sandbox(PauseIsNotStored)
    assert box.do("pause").json()["status"] == "paused"
    assert box.read()["status"] == "active"


def test_an_effect_can_reach_too_far(sandbox: Start) -> None:
    box = sandbox(PauseHitsTheNeighbour)
    other = box.client.post("/deployments", json=box.body()).json()
    box.do("pause")
    assert box.client.get(f"/deployments/{other['id']}").json()["status"] == "paused"


def test_a_401_can_carry_out_what_it_refused(sandbox: Start) -> None:
    box = sandbox(RefusedTokenStillPauses)
    assert box.do("pause", {"authorization": "Bearer wrong"}).status_code == 401
    assert box.read()["status"] == "paused"


def test_authentication_can_be_lax(sandbox: Start) -> None:
    box = sandbox(PrefixOpens)
    assert box.client.get("/deployments", headers={"authorization": "Bearer pt"}).status_code == 200


def test_tenants_can_leak(sandbox: Start) -> None:
    box = sandbox(ForeignIdsOpen)
    theirs = {"authorization": f"Bearer {box.server.tokens[1]}"}
    assert box.do("pause", theirs).json()["status"] == "paused"
    assert box.read()["status"] == "paused"


def test_a_replay_can_execute(sandbox: Start) -> None:
    box = sandbox(ReplayExecutes)
    key, body = {"idempotency-key": "k"}, box.body()
    ids = {box.client.post("/deployments", json=body, headers=key).json()["id"] for _ in range(2)}
    assert len(ids) == 2


def test_concurrent_requests_can_both_win(sandbox: Start) -> None:
    box = sandbox(ConcurrentPausesBothWin)
    with ThreadPoolExecutor(4) as pool:
        assert [each.status_code for each in pool.map(box.do, ["pause"] * 4)] == [200] * 4


def test_the_wire_can_be_odd(sandbox: Start) -> None:
    box = sandbox(NotFoundInPlainText, Gzip, Chunked, ClosesConnections, Late)
    missing = box.client.get("/deployments/unknown")
    assert (missing.status_code, missing.text) == (404, "not found")
    assert missing.headers["content-type"] == "text/plain"
    assert missing.headers["content-encoding"] == "gzip"
    assert missing.headers["transfer-encoding"] == "chunked"
    assert missing.headers["connection"] == "close"
    assert box.read() == box.created.json()


def test_a_server_can_be_busy_now_and_then(connect: Connect) -> None:
    with ReferenceServer(Busy) as server, connect(server) as client:
        assert [client.get("/deployments").status_code for _ in range(4)] == [429, 200, 429, 200]


def test_a_connection_can_be_cut(connect: Connect) -> None:
    with (
        ReferenceServer(Drops) as server,
        connect(server) as client,
        pytest.raises(httpx.RemoteProtocolError, match="without sending complete"),
    ):
        client.get("/deployments")


def test_a_fault_and_several_twins_compose(sandbox: Start) -> None:
    box = sandbox(SecondPauseSucceeds, ExtraFields, FractionalSeconds, CreatedIs201, MalformedIdsAreInvalid)
    assert box.created.status_code == 201
    assert [box.do("pause").status_code for _ in range(2)] == [200, 200]
    document = box.read()
    assert document["colour"] == "green"
    assert document["created_at"].endswith(".000+00:00")
    assert document["schedule"]["upcoming_runs_at"][0].endswith(".000+00:00")
    assert box.client.get("/deployments/odd").status_code == 400
    assert box.client.get("/deployments/dep_odd").status_code == 404


def test_a_crash_is_the_documented_500(sandbox: Start, caplog: pytest.LogCaptureFixture) -> None:
    class Crashes(Service):
        def apply_pause(self, record: Deployment) -> Deployment:
            raise ZeroDivisionError(record.id)

    box = sandbox(Crashes)
    response = box.do("pause")
    assert (response.status_code, response.json()["error"]["type"]) == (500, "api_error")
    assert "ZeroDivisionError" in caplog.text
    assert box.read()["status"] == "active"


def test_half_a_request_does_nothing(sandbox: Start) -> None:
    box = sandbox()
    base = httpx.URL(box.server.base_url)
    with socket.create_connection((str(base.host), base.port or 80)) as raw:
        head = f"POST {base.path}{box.path}/pause HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
        raw.sendall(f"{head}Authorization: Bearer {box.server.tokens[0]}\r\n\r\n{{}}".encode())
    assert [box.read()["status"] for _ in range(3)] == ["active"] * 3
