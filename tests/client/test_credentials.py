"""Credentials travel as the vendor takes them, and no record shows one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.client.credentials import Auth, Credentials, Forged
from conformance.client.target import OutgoingRequest, Target
from conformance.vendors import CredentialForm, load_profile
from tests.client.factory import SECOND, TOKEN, target_at
from tests.client.rawserver import RawServer, answering, http

BEARER = CredentialForm("authorization", "Bearer", {}, {})
KEY = CredentialForm("x-api-key", "", {"x-version": "1"}, {})


@pytest.mark.parametrize(
    ("form", "sent", "shown"),
    [
        (BEARER, {"authorization": f"Bearer {TOKEN}"}, {"authorization": "Bearer $CONFORMANCE_TOKEN"}),
        (KEY, {"x-version": "1", "x-api-key": TOKEN}, {"x-version": "1", "x-api-key": "$CONFORMANCE_TOKEN"}),
    ],
)
def test_the_own_token(form: CredentialForm, sent: dict[str, str], shown: dict[str, str]) -> None:
    credentials = Credentials(form, TOKEN, SECOND)
    assert credentials.headers(Auth.OWN, {}) == sent
    assert credentials.shown(Auth.OWN, {}) == shown
    second = credentials.shown(Auth.SECOND, {})[form.header]
    assert second == form.value("$CONFORMANCE_SECOND_TOKEN")


def test_without_credentials_the_other_headers_stay() -> None:
    assert Credentials(KEY, TOKEN, SECOND).headers(Auth.NONE, {"a": "b"}) == {"x-version": "1", "a": "b"}


def test_a_given_header_beats_the_documented_one_and_an_empty_one_leaves_it_out() -> None:
    credentials = Credentials(KEY, TOKEN, SECOND)
    assert credentials.headers(Auth.OWN, {"x-version": "2"})["x-version"] == "2"
    assert credentials.headers(Auth.OWN, {"x-version": ""}) == {"x-api-key": TOKEN}


def test_a_forged_token_is_sent_and_described() -> None:
    credentials, forged = Credentials(KEY, TOKEN, SECOND), Forged(lambda token: token[:-1], "one shorter")
    assert credentials.headers(forged, {})["x-api-key"] == TOKEN[:-1]
    assert credentials.shown(forged, {})["x-api-key"] == "<one shorter>"
    assert credentials.carried(forged) == [TOKEN, SECOND, TOKEN[:-1]]
    assert Credentials(BEARER, TOKEN, SECOND).shown(forged, {})["authorization"] == "Bearer <one shorter>"


def test_a_token_in_any_header_is_shown_by_its_variable() -> None:
    shown = Credentials(KEY, TOKEN, SECOND).shown(Auth.NONE, {"cookie": f"token={TOKEN}; other={SECOND}"})
    assert shown["cookie"] == "token=$CONFORMANCE_TOKEN; other=$CONFORMANCE_SECOND_TOKEN"


@contextmanager
def asked(folder: Path) -> Iterator[tuple[RawServer, Target]]:
    with RawServer(answering(http())) as server, target_at(server.url, folder, profile="anthropic") as target:
        yield server, target


def test_what_a_vendor_wants_is_sent_and_shown_and_can_be_sent_again(tmp_path: Path) -> None:
    form = load_profile("anthropic").credentials
    with asked(tmp_path) as (server, target):
        exchange = target.send(
            "story", OutgoingRequest(method="GET", path="/deployments?limit=1", label="list")
        )
    head = server.requests[0].decode().lower()
    assert "get /deployments?limit=1&beta=true http/1.1" in head
    for name, value in {**form.headers, "x-api-key": TOKEN}.items():
        assert f"{name}: {value}".lower() in head
    assert "authorization:" not in head
    assert exchange.url.endswith("/deployments?limit=1&beta=true")
    assert exchange.shown.request_headers == {**form.headers, "x-api-key": "$CONFORMANCE_TOKEN"}
    assert '-H "x-api-key: $CONFORMANCE_TOKEN"' in exchange.curl()
    assert "-H 'anthropic-beta: managed-agents-2026-04-01'" in exchange.curl()
    assert TOKEN not in exchange.curl()
