"""Refusals: who is asked for what first, and how each one looks."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from conformance.reference import NEW, REVISIONS, ReferenceServer, ReferenceSettings
from conformance.reference.routes import ROUTES

Make = Callable[..., dict[str, Any]]
UNKNOWN = "dep_" + "0" * 32
URLS = [
    (method, "/" + "/".join(pattern).format(deployment_id=UNKNOWN, run_id="drun_" + "0" * 32))
    for method, pattern, _ in ROUTES
]


def refusal(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/json"
    envelope = response.json()
    assert envelope["type"] == "error"
    assert isinstance(envelope["error"]["message"], str)
    return response.status_code, envelope["error"]["type"]


def credentials(token: str) -> list[dict[str, str]]:
    basic = base64.b64encode(f"user:{token}".encode()).decode()
    values = ["", "Bearer", "Bearer pt-invalid-token", f"Basic {basic}", f"Basic {token}", token]
    values += [f"Bearer {token[:-1]}", f"Bearer {token}x", f"Bearer {token.upper()}", f"Bearer  {token}"]
    return [{}, {"x-api-key": token}, *({"authorization": value} for value in values)]


@pytest.mark.parametrize(
    ("method", "url"), [*URLS, ("GET", "/nowhere"), ("DELETE", f"/deployments/{UNKNOWN}")]
)
def test_without_a_valid_token_everything_is_401(server: ReferenceServer, method: str, url: str) -> None:
    with httpx.Client(base_url=server.base_url) as client:
        for headers in credentials(server.tokens[0]):
            response = client.request(method, url, headers=headers, content=b"{")
            assert refusal(response) == (401, "authentication_error"), headers


def test_two_authorization_headers_are_none(server: ReferenceServer) -> None:
    header = ("authorization", f"Bearer {server.tokens[0]}")
    with httpx.Client(base_url=server.base_url) as client:
        assert client.get("/deployments", headers=[header]).status_code == 200
        assert client.get("/deployments", headers=[header, header]).status_code == 401


@pytest.mark.parametrize(("method", "url"), [route for route in URLS if "0000" in route[1]])
def test_an_unknown_id_is_not_found_but_only_in_good_json(api: httpx.Client, method: str, url: str) -> None:
    assert refusal(api.request(method, url)) == (404, "not_found_error")
    if method == "POST":
        assert refusal(api.post(url, content=b"{")) == (400, "invalid_request_error")
        assert refusal(api.post(url, json={"unknown": 1})) == (404, "not_found_error")


def test_state_is_looked_at_before_the_fields(api: httpx.Client, create: Make) -> None:
    path = f"/deployments/{create()['id']}"
    api.post(path + "/archive")
    assert refusal(api.post(path, json={"name": ""})) == (409, "conflict_error")


@pytest.mark.parametrize(
    "path", ["", "/", "/deployments/", "/deployments//pause", "/deployment", "/deployments/x/unarchive"]
)
def test_other_paths_lead_nowhere(api: httpx.Client, path: str) -> None:
    url = str(api.base_url).rstrip("/") + path
    for content in (b"", b"{"):
        assert refusal(api.post(url, content=content)) == (404, "not_found_error")


def test_paths_outside_the_base_lead_nowhere(api: httpx.Client, server: ReferenceServer) -> None:
    root = server.base_url.removesuffix(server.settings.base_path)
    for path in ("/deployments", "/api/v1/cloudy/deployments", "//api/v1/cloud/deployments"):
        assert refusal(api.get(root + path)) == (404, "not_found_error")


@pytest.mark.parametrize(
    ("method", "url", "allow"),
    [
        ("DELETE", "/deployments/x", "GET, POST"),
        ("PUT", "/deployments", "POST, GET"),
        ("PATCH", "/agents", "GET"),
    ],
)
def test_other_methods_are_not_allowed(api: httpx.Client, method: str, url: str, allow: str) -> None:
    response = api.request(method, url)
    assert refusal(response)[0] == 405
    assert response.headers["allow"] == allow


def test_a_head_request_gets_no_body(api: httpx.Client) -> None:
    response = api.head("/deployments")
    assert (response.status_code, response.content) == (405, b"")
    assert api.get("/deployments").status_code == 200


def test_the_newer_revision_names_the_request(api: httpx.Client, server: ReferenceServer) -> None:
    sent = str(uuid.uuid4())
    named = api.get("/deployments/x", headers={"x-request-id": sent}).json()
    unnamed = [api.get("/deployments/x").json() for _ in range(2)]
    if server.settings.revision == NEW:
        assert named["request_id"] == sent
        assert len({str(uuid.UUID(each["request_id"])) for each in unnamed}) == 2
    else:
        assert all(set(each) == {"type", "error"} for each in (named, *unnamed))


def test_an_oversize_body_is_invalid_and_the_connection_survives(
    connect: Callable[[ReferenceServer], httpx.Client],
    make_body: Callable[[ReferenceServer], Make],
) -> None:
    with ReferenceServer(settings=ReferenceSettings(body_limit=10_000)) as server, connect(server) as client:
        body = make_body(server)
        response = client.post("/deployments", json=body(description="x" * 10_000))
        assert refusal(response) == (400, "invalid_request_error")
        assert client.get("/deployments").json()["data"] == []
        assert client.post("/deployments", json=body(description="x" * 9_000)).status_code == 200


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json; charset=utf-8", "nonsense"])
def test_the_content_type_does_not_matter(
    server: ReferenceServer, api: httpx.Client, body: Make, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    content = httpx.Request("POST", server.base_url, json=body()).content
    assert api.post("/deployments", content=content, headers=headers).status_code == 200


@pytest.mark.parametrize("base_path", ["", "/v1", "/a/b/c"])
@pytest.mark.parametrize("revision", REVISIONS)
def test_any_base_path_will_do(
    base_path: str, revision: str, connect: Callable[[ReferenceServer], httpx.Client]
) -> None:
    settings = ReferenceSettings(base_path=base_path, revision=revision)
    with ReferenceServer(settings=settings) as server, connect(server) as client:
        assert client.get("/deployments").status_code == 200
