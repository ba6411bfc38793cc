"""A wrong address is no broken promise: a run and the doctor stop at it, and say what answered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.client.ownership.creations import Creations
from conformance.client.target import Target
from conformance.client.wire.connectivity import State
from conformance.contract.verdict import Blame
from conformance.reference import ApiError, Call, Document, ReferenceServer, Request, Response, Service
from conformance.suite.engine.address import QUOTED
from conformance.suite.engine.checkup import check_up
from conformance.suite.engine.preflight import Preflight, fly
from tests.client.factory import target_at
from tests.client.rawserver import RawServer, answering, http
from tests.door import Door

HTML, JSON = "Content-Type: text/html; charset=utf-8", "Content-Type: application/json"
LOGIN = b"<!doctype html><html><head>\n<title>Sign in &amp; go on</title></head><body>x</body></html>"
HERE = "https://deployments.example/v1/deployments?limit=100"
WRONG: dict[str, tuple[bytes, Blame, tuple[str, ...]]] = {
    "308 to https": (
        http("308 Permanent Redirect", b"", f"Location: {HERE}"),
        Blame.TARGET,
        ("308", HERE, "is it --base-url https://deployments.example/v1?"),
    ),
    "302 to a login page": (
        http("302 Found", b"", "Location: https://login.example/?next=/deployments"),
        Blame.TARGET,
        ("302", "to https://login.example/?next=/deployments", "login page"),
    ),
    "a login page": (http("200 OK", LOGIN, HTML), Blame.TARGET, ("200", '"Sign in & go on"', "no list")),
    "HTML 404": (
        http("404 Not Found", b"<html><body><h1>Nothing\n here</h1></body></html>", HTML),
        Blame.TARGET,
        ("404", '"Nothing here"', "everything before /deployments"),
    ),
    "JSON 404": (
        http("404 Not Found", b'{"type":"error","error":{"type":"not_found_error","message":"No route"}}', JSON),
        Blame.TARGET,
        ("404 not_found_error", '"No route"', "everything before /deployments"),
    ),
    "JSON 404 of a framework": (
        http("404 Not Found", b'{"detail":"Not Found"}', JSON), Blame.TARGET, ("404", '"Not Found"'),
    ),
    "an empty 200": (http("200 OK", b""), Blame.TARGET, ("200", "no list")),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", Blame.TARGET, ("204", "no list")),
    "a JSON 200": (http("200 OK", b'{"message":"welcome"}', JSON), Blame.TARGET, ('"welcome"',)),
    "a firewall's 403": (
        http("403 Forbidden", b"<title>Attention Required!</title>", HTML),
        Blame.TARGET,
        ("403 (text/html)", '"Attention Required!"'),
    ),
    "a JSON 403": (
        http("403 Forbidden", b'{"error":"not yours"}', JSON), Blame.CREDENTIALS, ("403", '"not yours"', "right"),
    ),
    "401": (http("401 No", b'{"error":{"message":"who?"}}', JSON), Blame.CREDENTIALS, ("401", '"who?"')),
    "a captive portal": (
        http("511 Network Authentication Required", b"<title>Portal</title>", HTML),
        Blame.TARGET,
        ("511", '"Portal"'),
    ),
    "502": (http("502 Bad Gateway", b"bad"), Blame.TARGET, ("502", '"bad"', "is the service up")),
    "405": (http("405 No", b'{"title":"no such method"}'), Blame.TARGET, ("405", '"no such method"')),
    "400": (http("400 No", b'{"error":{"detail":"no version"}}'), Blame.TARGET, ('"no version"',)),
    "a long text": (http("404 No", b"x" * 5000), Blame.TARGET, (f'"{"x" * (QUOTED - 1)}…"',)),
    "JSON of no use": (http("404 No", b'["x"]'), Blame.TARGET, ("404;",)),
}  # fmt: skip


def flown(target: Target) -> Preflight:
    return fly(target, Creations(target.ledger))


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_run_and_the_doctor_stop_at_a_wrong_address(
    tmp_path: Path, case: tuple[bytes, Blame, tuple[str, ...]]
) -> None:
    answer, blame, words = case
    with RawServer(answering(answer)) as server:
        with target_at(server.url, tmp_path) as target:
            found = flown(target)
        with target_at(server.url, tmp_path) as target:
            *_, last = check_up(target)
        assert {request[:4] for request in server.requests} == {b"GET "}
    assert found.blocked
    assert found.blocked.blame is blame
    assert all(word in found.blocked.reason for word in words), found.blocked.reason
    assert "\n" not in found.blocked.reason
    assert last.state is State.FAIL
    assert f"{last.text}; {last.hint}" == found.blocked.reason


def test_a_base_url_without_its_last_part(tmp_path: Path) -> None:
    with ReferenceServer() as server:
        above = server.base_url.rpartition("/")[0]
        with target_at(above, tmp_path, token=server.tokens[0]) as target:
            found = flown(target)
    assert found.blocked
    assert "404" in found.blocked.reason


class NoList(Service):
    """The route of the list does not exist."""

    def list_deployments(self, call: Call) -> Document:
        raise ApiError(404, "not_found_error", "The path does not exist.")


class ListCrashes(Service):
    """Every list crashes."""

    def list_deployments(self, call: Call) -> Document:
        raise ApiError(500, "api_error", "Something went wrong.")

    list_all_runs = list_agents = list_environments = list_deployments


class ListHasNoData(Service):
    """No list has the key data."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        shown = response.document if isinstance(response.document, dict) else {}
        return replace(response, document={name: shown[name] for name in shown if name != "data"})


@pytest.mark.parametrize("service", [NoList, ListCrashes, ListHasNoData])
def test_an_api_whose_list_is_broken_is_judged(tmp_path: Path, service: type[Service]) -> None:
    with (
        ReferenceServer(service) as server,
        target_at(server.base_url, tmp_path, token=server.tokens[0]) as target,
    ):
        assert flown(target).blocked is None


def test_a_run_at_a_login_page_says_so_once_and_judges_nothing(door: Door) -> None:
    with RawServer(answering(http("200 OK", LOGIN, HTML))) as server:
        opened = door.run("--base-url", server.url, environment={"CONFORMANCE_TOKEN": "pt-x"})
    assert opened.code == 3
    assert "judged 0 of" in opened.last_line
    assert opened.output.count("notice: ") == 1
    assert " ".join(opened.output.split()).count("Sign in") == 1
    assert "revision auto" not in opened.output
