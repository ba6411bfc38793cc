"""No input makes the server fail: every answer is JSON and none is a 500."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.reference import ReferenceServer
from conformance.reference.documents import DEPTH_LIMIT, parse_document, render_document

Make = Callable[..., dict[str, Any]]

BODIES = [
    b'{"name":',
    b"[]",
    b'"text"',
    b"7",
    b"null",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b'{"name":"\\ud800"}',
    b'{"\\udfff":1}',
    b'{"name":NaN}',
    b'{"name":Infinity}',
    b'{"name":1e999}',
    b'{"name":' + b"9" * 10_000 + b"}",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"name":' + b"[" * 500 + b"]" * 500 + b"}",
    b"{} {}",
    b"\0",
]


@pytest.mark.parametrize("content", BODIES, ids=lambda content: repr(content[:20]))
def test_what_is_no_json_object_is_invalid_everywhere(
    api: httpx.Client, create: Make, content: bytes
) -> None:
    made = create()
    path = f"/deployments/{made['id']}"
    for url in ("/deployments", path, path + "/pause", path + "/unpause", path + "/archive", path + "/run"):
        response = api.post(url, content=content)
        assert (response.status_code, response.json()["error"]["type"]) == (400, "invalid_request_error")
    assert api.get(path).json() == made


def test_the_last_of_duplicate_keys_counts(api: httpx.Client, body: Make) -> None:
    sent = body()
    content = json.dumps(sent)[:-1] + ', "description": "one", "description": "two"}'
    assert api.post("/deployments", content=content.encode()).json()["description"] == "two"


PATHS = [
    "%00",
    "%2f",
    "..%2f..",
    "%ff%fe",
    "%F0%9F%98%80",
    "%",
    "%zz",
    "x" * 60_000,
    "dep_%0a",
    "a;b",
    "a?b=%ff",
]


@pytest.mark.parametrize("segment", PATHS, ids=lambda segment: segment[:10])
def test_odd_ids_are_not_found(server: ReferenceServer, api: httpx.Client, segment: str) -> None:
    for action in ("", "/pause", "/runs"):
        raw = f"{server.settings.base_path}/deployments/{segment}{action}".encode()
        url = httpx.URL(server.base_url).copy_with(raw_path=raw)
        method = "POST" if action == "/pause" else "GET"
        if "?" in segment and action:
            continue
        response = api.request(method, url)
        assert (response.status_code, response.json()["error"]["type"]) == (404, "not_found_error")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    "name",
    "description",
    "agent",
    "environment_id",
    "initial_events",
    "resources",
    "vault_ids",
    "metadata",
    "schedule",
    "environment_variables",
)
typed = st.fixed_dictionaries(
    {}, optional={"type": st.sampled_from(["cron", "agent", "user.message", "x"]) | anything}
)
schedules = st.fixed_dictionaries(
    {"type": st.just("cron"), "expression": st.text("0123456789*/,- LW#?", max_size=20) | anything},
    optional={"timezone": st.sampled_from(["UTC", "Asia/Kolkata"]) | anything},
)
values = anything | typed | schedules | st.lists(typed, max_size=3) | st.dictionaries(st.text(), st.text())


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(changes=st.dictionaries(st.sampled_from(FIELDS) | st.text(), values, max_size=3))
def test_no_body_makes_the_server_fail(
    server: ReferenceServer, api: httpx.Client, body: Make, changes: dict[str, Any]
) -> None:
    response = api.post("/deployments", json=body(**changes))
    assert response.status_code in {200, 400, 404, 409}, response.text
    if response.status_code == 200:
        made = response.json()
        path = f"/deployments/{made['id']}"
        assert api.get(path).json() == made
        assert api.post(path, json=changes).status_code in {200, 400}
        assert api.post(path + "/archive").status_code == 200
    else:
        assert response.json()["type"] == "error"
        assert "request_id" in response.json() or server.settings.revision == "2026-06"


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    query=st.dictionaries(
        st.sampled_from(
            ["limit", "page", "after_id", "before_id", "status", "include_archived", "created_at[gte]"]
        )
        | st.text(st.characters(codec="utf-8")),
        st.text(st.characters(codec="utf-8")) | st.integers().map(str) | st.datetimes().map(str),
        max_size=3,
    )
)
def test_no_query_makes_the_server_fail(api: httpx.Client, query: dict[str, str]) -> None:
    for path in ("/deployments", "/deployment_runs", "/agents"):
        assert api.get(path, params=query).status_code in {200, 400}


@given(content=st.binary() | st.text(st.characters(codec="utf-8")).map(str.encode))
def test_what_is_parsed_can_be_rendered(content: bytes) -> None:
    try:
        document = parse_document(content)
    except ValueError:
        return
    assert parse_document(render_document(document)) == document


def test_depth_is_limited() -> None:
    def nested(depth: int) -> bytes:
        return b"[" * depth + b"]" * depth

    parse_document(nested(DEPTH_LIMIT))
    with pytest.raises(ValueError, match="deep"):
        parse_document(nested(DEPTH_LIMIT + 1))
    parse_document(json.dumps("[" * 1000).encode())
