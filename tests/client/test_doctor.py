"""The doctor names what keeps a target from being judged, and sends nothing but GETs."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from conformance.cli import main
from conformance.reference import ReferenceServer, ReferenceSettings, Request, Response, Service
from tests.client.rawserver import RawServer, answering, http
from tests.client.tlsfront import ForwardProxy, TlsFront

Doctor = Callable[..., tuple[int, dict[str, str], str]]
TOKEN = "pt-x"
VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Noting(Service):
    """Notes the methods it was asked with."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.methods: set[str] = set()

    def handle(self, request: Request) -> Response:
        self.methods.add(request.method)
        return super().handle(request)


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    monkeypatch.chdir(tmp_path)
    for name in (*VARIABLES, *map(str.lower, VARIABLES)):
        monkeypatch.delenv(name, raising=False)

    def call(
        url: str, *words: str, token: str = TOKEN, **environment: str
    ) -> tuple[int, dict[str, str], str]:
        for name, value in {"CONFORMANCE_TOKEN": token, **environment}.items():
            monkeypatch.setenv(name, value)
        code = main(["doctor", "--base-url", url, *words])
        lines = capsys.readouterr().out.splitlines()
        assert token not in "\n".join(lines)
        return code, {line[6:20].strip(): line for line in lines[:-1]}, lines[-1]

    return call


def test_all_is_well(doctor: Doctor, tmp_path: Path) -> None:
    with ReferenceServer(Noting) as server:
        server.seed(count=3)
        code, lines, last = doctor(
            server.base_url, "--second-token-env", "OTHER", token=server.tokens[0], OTHER=server.tokens[1]
        )
        assert isinstance(server.service, Noting)
        assert server.service.methods == {"GET"}
    assert code == 0, lines
    assert {line[:4].strip() for line in lines.values()} == {"ok"}
    assert set(lines) >= {"reports", "network", "name", "connection", "clock", "token", "anonymous",
                          "second token", "agent", "rights", "revision"}  # fmt: skip
    assert "revision 2026-07" in lines["revision"]
    assert last == f"doctor: a run can begin | {server.base_url}"
    assert list(tmp_path.iterdir()) == []


def test_a_place_for_reports_that_cannot_even_be_looked_at(doctor: Doctor) -> None:
    code, lines, _ = doctor("http://127.0.0.1:9", "--report-dir", "x" * 300)
    assert code == 3
    assert lines["reports"].startswith("fail")
    assert "--report-dir" in lines["reports"]


def test_a_wrong_token(doctor: Doctor) -> None:
    with ReferenceServer() as server:
        code, lines, last = doctor(server.base_url, token="pt-wrong")
    assert code == 3
    assert lines["token"].startswith("fail")
    assert "401" in lines["token"]
    assert "CONFORMANCE_TOKEN" in lines["token"]
    assert "fix what failed first" in last


@pytest.mark.parametrize("token", [0, 1])
def test_a_second_token_that_does_not_help(doctor: Doctor, token: int) -> None:
    with ReferenceServer() as server:
        server.seed(count=3)
        other = (server.tokens[0], "pt-wrong")[token]
        code, lines, _ = doctor(
            server.base_url, "--second-token-env", "OTHER", token=server.tokens[0], OTHER=other
        )
    assert code == 3
    assert lines["second token"].startswith("fail")
    assert "OTHER" in lines["second token"]


def test_agents_named_and_not_found(doctor: Doctor) -> None:
    with ReferenceServer() as server:
        token = server.tokens[0]
        unknown = doctor(server.base_url, "--agent-id", "agent/none", token=token)
        live = doctor(server.base_url, "--agent-id", server.agent_id, token=token)
    with RawServer(
        answering(http(body=b'{"data": [{"id": "a", "archived_at": "2026-07-01T00:00:00Z"}]}'))
    ) as raw:
        archived = doctor(raw.url, "--agent-id", "a")
    assert (archived[0], archived[1]["agent"][:4]) == (3, "fail")
    assert (unknown[0], unknown[1]["agent"][:4]) == (0, "warn")
    assert (live[0], live[1]["agent"][:4]) == (0, "ok  ")


@pytest.mark.parametrize(
    ("status", "body", "check", "word"),
    [
        ("403 Forbidden", b"{}", "token", "right to list"),
        ("404 Not Found", b"{}", "token", "everything before /deployments"),
        ("200 OK", b"<html>", "token", "Deployments API"),
        ("200 OK", b'{"data": []}', "agent", "--agent-id"),
    ],
)
def test_answers_that_stop_a_run(doctor: Doctor, status: str, body: bytes, check: str, word: str) -> None:
    with RawServer(answering(http(status, body))) as server:
        code, lines, _ = doctor(server.url)
        assert {request[:4] for request in server.requests} == {b"GET "}
    assert code == 3
    assert lines[check].startswith("fail")
    assert word in lines[check]


def test_a_server_that_minds_no_token_and_whose_clock_is_wrong(doctor: Doctor) -> None:
    page = b'{"data": [{"id": "x"}]}'
    with RawServer(answering(http("200 OK", page, "Date: Wed, 01 Jul 2026 00:00:00 GMT"))) as server:
        _, lines, _ = doctor(server.url)
    assert lines["anonymous"].startswith("warn")
    assert lines["clock"].startswith("warn")
    assert "NTP" in lines["clock"]


def test_nothing_listens_and_no_such_name(doctor: Doctor) -> None:
    with RawServer(answering(b"")) as server:
        gone = server.url
    code, lines, _ = doctor(gone)
    assert (code, lines["connection"][:4]) == (3, "fail")
    code, lines, _ = doctor("http://conformance.invalid")
    assert (code, lines["name"][:4]) == (3, "fail")


def test_certificates(doctor: Doctor, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    def context(days: float) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ends = datetime.now(UTC) + timedelta(days=days)
        authority.issue_cert("localhost", not_after=ends).configure_cert(made)
        return made

    with ReferenceServer() as server:
        token, trusting = server.tokens[0], {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}
        with TlsFront(server.base_url, context(100)) as front:
            code, lines, _ = doctor(front.url, token=token)
            assert (code, lines["certificate"][:4]) == (3, "fail")
            assert "SSL_CERT_FILE" in lines["certificate"]
            code, lines, _ = doctor(front.url, "--insecure", token=token)
            assert (code, lines["certificate"][:4]) == (0, "warn")
            with ForwardProxy() as proxy:
                code, lines, _ = doctor(front.url, token=token, HTTPS_PROXY=proxy.url, **trusting)
            assert (code, lines["certificate"][:2]) == (0, "ok")
            assert f"requests go through 127.0.0.1:{proxy.port}" in lines["network"]
            assert "pass-word" not in str(lines)
        with TlsFront(server.base_url, context(3)) as front:
            _, lines, _ = doctor(front.url, token=token, NO_PROXY="localhost", **trusting)
            assert lines["certificate"].startswith("warn")
        with TlsFront(server.base_url, context(-1)) as front:
            code, lines, _ = doctor(front.url, token=token, **trusting)
            assert (code, lines["certificate"][:4]) == (3, "fail")
            assert "expired" in lines["certificate"]


def test_wrong_settings(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with ReferenceServer() as server:
        code, lines, _ = doctor(server.base_url, "--report-dir", "file/below", token=server.tokens[0])
        assert (code, lines["reports"][:4]) == (3, "fail")
        code, lines, _ = doctor(server.base_url, token=server.tokens[0], SSL_CERT_FILE="/nowhere.pem")
        assert (code, lines["network"][:4]) == (3, "fail")
    assert main(["doctor"]) == 2


def test_a_target_that_says_nothing_costs_bounded_time(doctor: Doctor) -> None:
    with RawServer(lambda *_: time.sleep(0.5)) as server:
        code, lines, _ = doctor(server.url, "--timeout", "0.2")
    assert (code, lines["answer"][:4]) == (3, "fail")
