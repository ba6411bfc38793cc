"""Proxies of the environment: who goes through one, and what they answer themselves is not the target's."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator

import pytest
import trustme

from conformance.client.exchange import Failure
from conformance.client.wire.answer import Answer, Limits
from conformance.client.wire.connection import Shot
from conformance.client.wire.environment import check_network, network_settings
from conformance.client.wire.proxies import is_exempt, proxy_for
from conformance.client.wire.transport import Http
from conformance.config.options import SettingsError
from conformance.config.settings import Settings
from conformance.contract.verdict import Blame
from tests.client.rawserver import RawServer, answering, http
from tests.client.tlsfront import ForwardProxy, TlsFront

LIMITS = Limits(connect=5, silence=5, total=10)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture
def client() -> Iterator[Http]:
    made = Http(LIMITS, trust_environment=True)
    yield made
    made.close()


def both(client: Http, url: str) -> list[Answer | Failure]:
    """Ask once alone, and once with two requests that arrive together."""
    together = client.volley([Shot("GET", url, {}, None)] * 2)
    return [client.send("GET", url, {}, None), *(hit.answer for hit in together)]


def told_of_proxy(outcomes: list[Answer | Failure], *words: str) -> None:
    for outcome in outcomes:
        assert isinstance(outcome, Failure)
        assert outcome.blame is Blame.NETWORK
        for word in words:
            assert word in outcome.text


# --- who is exempt -------------------------------------------------------------------------------------------

EXEMPT = [
    ("http://api.example.com", "*"),
    ("http://api.example.com", "other, *"),
    ("http://api.example.com", "example.com"),
    ("http://api.example.com", ".example.com"),
    ("http://api.example.com", "*.example.com"),
    ("http://api.example.com.", "EXAMPLE.com"),
    ("http://api.example.com", "one two,api.example.com"),
    ("http://api.example.com:8080", "api.example.com:8080"),
    ("https://api.example.com", "api.example.com:443"),
    ("https://api.example.com", "https://api.example.com"),
    ("http://localhost:1", "localhost"),
    ("http://127.0.0.1:1", "127.0.0.1"),
    ("http://127.0.0.1:1", "127.0.0.1:1"),
    ("http://10.1.2.3", "10.0.0.0/8"),
    ("http://10.1.2.3", "10.1.2.9/24"),
    ("http://[::1]:9", "[::1]"),
    ("http://[::1]:9", "::1"),
    ("http://[::1]:9", "[::1]:9"),
    ("http://[::1]:9", "0:0:0:0:0:0:0:1"),
    ("http://[fe80::1]", "fe80::/10"),
    ("http://[fe80::1]", "[fe80::]/10"),
]  # fmt: skip
NOT_EXEMPT = [
    ("http://api.example.com", ""),
    ("http://api.example.com", " , ,"),
    ("http://api.example.com", "ample.com"),
    ("http://api.example.com", "www.api.example.com"),
    ("http://api.example.com", "api.example.com:8080"),
    ("http://api.example.com", "https://api.example.com"),
    ("http://127.0.0.1:1", "127.0.0.1:2"),
    ("http://11.1.2.3", "10.0.0.0/8"),
    ("http://[::2]:9", "[::1]"),
    ("http://[::1]:9", "[::1]:8"),
    ("http://api.example.com", "10.0.0.0/8"),
    ("http://10.1.2.3", "10.0.0.0/99"),
    ("http://10.1.2.3", "[::/0"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "rules", "exempt"),
    [(url, rules, True) for url, rules in EXEMPT] + [(url, rules, False) for url, rules in NOT_EXEMPT],
)
def test_who_is_exempt(environment: pytest.MonkeyPatch, url: str, rules: str, exempt: bool) -> None:
    environment.setenv("ALL_PROXY", "http://proxy:3128")
    environment.setenv("NO_PROXY", rules)
    assert (proxy_for(url) is None) is exempt


def test_a_rule_without_a_name_is_no_rule() -> None:
    assert not is_exempt("http", "api.example.com", 80, "://")


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1080", "socks5h://user:pass-word@x", "http://p:x", "http://"]
)
def test_what_cannot_be_used_harms_no_exempt_target(environment: pytest.MonkeyPatch, proxy: str) -> None:
    environment.setenv("ALL_PROXY", proxy)
    with pytest.raises(SettingsError, match="ALL_PROXY") as refused:
        check_network(Settings(base_url="http://[::1]:9"))
    assert "pass-word" not in str(refused.value)
    environment.setenv("NO_PROXY", "[::1]")
    check_network(Settings(base_url="http://[::1]:9"))


def test_a_password_that_is_not_encoded_shows_nowhere(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "http://user:pass/wo@rd@proxy:3128")
    with pytest.raises(SettingsError, match="percent-encoded") as refused:
        check_network(Settings(base_url="https://localhost"))
    assert "pass" not in str(refused.value).replace("password", "")
    assert list(network_settings())[-1] == "HTTPS_PROXY=http://[redacted]@proxy:3128"


def test_credentials_of_a_proxy_are_decoded(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTP_PROXY", "us%40er:p%2Fw@proxy")
    proxy = proxy_for("http://api.example.com")
    assert proxy is not None
    assert (proxy.scheme, proxy.host, proxy.port) == ("http", "proxy", 80)
    assert proxy.headers == {"proxy-authorization": "Basic dXNAZXI6cC93"}


# --- what goes through ---------------------------------------------------------------------------------------


def test_a_proxy_gets_the_path_as_it_is_written(client: Http, environment: pytest.MonkeyPatch) -> None:
    with RawServer(answering(http())) as server, ForwardProxy() as proxy:
        environment.setenv("HTTP_PROXY", proxy.url)
        url = f"{server.url}/a/../deployments/%2e%2e/./x?y=/../z"
        assert all(isinstance(answer, Answer) for answer in both(client, url))
        assert proxy.seen == [f"GET {url}"] * 3
    assert all(b"proxy-authorization: basic" in head.lower() for head in proxy.heads)


def test_a_proxy_that_is_reached_by_tls(environment: pytest.MonkeyPatch) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    client = Http(LIMITS, trust_environment=True, insecure=True)
    with (
        RawServer(answering(http())) as server,
        ForwardProxy() as proxy,
        TlsFront(f"http://127.0.0.1:{proxy.port}", context) as secure,
        TlsFront(server.url, context) as front,
    ):
        environment.setenv("ALL_PROXY", f"https://localhost:{secure.port}")
        assert all(isinstance(answer, Answer) for answer in both(client, server.url))
        assert all(isinstance(answer, Answer) for answer in both(client, front.url))
        assert len(proxy.seen) == 6
    client.close()


# --- what proxies answer themselves --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "hint"),
    [("407 Proxy Authentication Required", "user:password@"), ("403 Forbidden", "NO_PROXY"), ("503 Down", "NO_PROXY"),
     ("302 Found", "NO_PROXY")],
)  # fmt: skip
def test_a_proxy_that_opens_no_tunnel(
    client: Http, environment: pytest.MonkeyPatch, status: str, hint: str
) -> None:
    with RawServer(answering(http(status, b"<html>"))) as proxy:
        environment.setenv("HTTPS_PROXY", proxy.url)
        told_of_proxy(
            both(client, "https://api.example.com"), f"answered {status} to CONNECT api.example.com:443", hint
        )


@pytest.mark.parametrize("garbage", [b"SSH-2.0\r\n\r\n", b""])
def test_a_proxy_that_speaks_no_http(client: Http, environment: pytest.MonkeyPatch, garbage: bytes) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(garbage)
        raise ConnectionError

    with RawServer(answer) as proxy:
        environment.setenv("HTTPS_PROXY", proxy.url)
        told_of_proxy(both(client, "https://api.example.com"), "cannot connect")


OWN = {
    "407": http("407 Proxy Authentication Required", b"{}"),
    "403 of a filter": http("403 Filtered", b"<html>no</html>", "Content-Type: text/html"),
    "403 without a body": http("403 Forbidden", b""),
    "502": http("502 Bad Gateway", b"cannot resolve"),
    "503 of Squid": http("503 Service Unavailable", b"<html>", "X-Squid-Error: ERR_CONNECT_FAIL 111"),
    "500 that is signed": http("500 Error", b'{"a": 1}', "Proxy-Status: cache; error=dns_error"),
}


@pytest.mark.parametrize("content", OWN.values(), ids=OWN)
def test_an_answer_of_the_proxy_itself(client: Http, environment: pytest.MonkeyPatch, content: bytes) -> None:
    with RawServer(answering(content)) as proxy:
        environment.setenv("HTTP_PROXY", proxy.url)
        told_of_proxy(
            both(client, "http://api.example.com"), "the proxy 127.0.0.1:", "to a request", "NO_PROXY"
        )


TARGETS = {
    "403": http(
        "403 Forbidden", b'{"type": "error", "error": {"type": "permission_error", "message": "no"}}'
    ),
    "502": http("502 Bad Gateway", b'{"type": "error"}'),
    "503": http("503 Service Unavailable", b""),
    "404 page": http("404 Not Found", b"<html>"),
    "200 passed on by a cache": http("200 OK", b"{}", "Proxy-Status: cache; hit", "Via: 1.1 cache"),
}


@pytest.mark.parametrize("content", TARGETS.values(), ids=TARGETS)
def test_an_answer_that_the_proxy_passed_on(
    client: Http, environment: pytest.MonkeyPatch, content: bytes
) -> None:
    with RawServer(answering(content)) as server, ForwardProxy() as proxy:
        environment.setenv("HTTP_PROXY", proxy.url)
        assert all(isinstance(answer, Answer) for answer in both(client, server.url))
