"""Private CAs and proxies work as httpx users expect, for single requests and for those that arrive together."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from conformance.client.exchange import Failure
from conformance.client.wire.answer import Answer, Limits
from conformance.client.wire.connection import Shot
from conformance.client.wire.environment import check_network, masked, network_settings
from conformance.client.wire.transport import Http
from conformance.config.options import SettingsError
from conformance.config.settings import Settings
from conformance.contract.verdict import Blame
from conformance.reference import ReferenceServer
from tests.client.rawserver import RawServer, answering, http
from tests.client.tlsfront import ForwardProxy, TlsFront

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
LIMITS = Limits(connect=5, silence=5, total=10)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="module")
def context(authority: trustme.CA) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(made)
    return made


@pytest.fixture
def front(context: ssl.SSLContext) -> Iterator[TlsFront]:
    with RawServer(answering(http(body=b"{}"))) as server, TlsFront(server.url, context) as opened:
        yield opened


def both(url: str, *, insecure: bool = False) -> list[Answer | Failure]:
    """Ask once alone, and once with two requests that arrive together."""
    client = Http(LIMITS, trust_environment=True, insecure=insecure)
    alone = client.send("GET", f"{url}/x", {"accept": "*/*"}, None)
    together = [hit.answer for hit in client.volley([Shot("GET", f"{url}/x", {}, None)] * 2)]
    client.close()
    return [alone, *together]


def statuses(url: str, *, insecure: bool = False) -> list[int]:
    return [answer.status for answer in both(url, insecure=insecure) if isinstance(answer, Answer)]


# --- certificates --------------------------------------------------------------------------------------------


def test_a_certificate_of_an_unknown_authority_is_refused_and_the_hint_names_what_to_set(
    front: TlsFront,
) -> None:
    for failure in both(front.url):
        assert isinstance(failure, Failure)
        assert failure.blame is Blame.NETWORK
        assert "CERTIFICATE_VERIFY_FAILED" in failure.text
        assert "SSL_CERT_FILE" in failure.text


def test_a_private_authority_is_trusted_when_it_is_named(
    front: TlsFront, environment: pytest.MonkeyPatch, bundle: Path
) -> None:
    environment.setenv("SSL_CERT_FILE", str(bundle))
    assert statuses(front.url) == [200, 200, 200]


def test_a_certificate_of_another_name_is_refused(
    front: TlsFront, environment: pytest.MonkeyPatch, bundle: Path
) -> None:
    environment.setenv("SSL_CERT_FILE", str(bundle))
    assert statuses(front.url.replace("localhost", "127.0.0.1")) == []


def test_insecure_takes_any_certificate(front: TlsFront) -> None:
    assert statuses(front.url, insecure=True) == [200, 200, 200]


# --- proxies -------------------------------------------------------------------------------------------------


def test_https_goes_through_a_tunnel_of_the_proxy(
    front: TlsFront, environment: pytest.MonkeyPatch, bundle: Path
) -> None:
    environment.setenv("SSL_CERT_FILE", str(bundle))
    with ForwardProxy() as proxy:
        environment.setenv("HTTPS_PROXY", proxy.url)
        assert statuses(front.url) == [200, 200, 200]
        assert proxy.seen == [f"CONNECT localhost:{front.port}"] * 3
        assert all(b"proxy-authorization: basic" in head.lower() for head in proxy.heads)
        environment.setenv("NO_PROXY", "localhost")
        assert statuses(front.url) == [200, 200, 200]
        assert len(proxy.seen) == 3


def test_http_goes_through_the_proxy_too(environment: pytest.MonkeyPatch) -> None:
    with RawServer(answering(http(body=b"{}"))) as server, ForwardProxy() as proxy:
        environment.setenv("HTTP_PROXY", proxy.url)
        assert statuses(server.url) == [200, 200, 200]
        assert proxy.seen == [f"GET {server.url}/x"] * 3
        environment.setenv("NO_PROXY", "127.0.0.1")
        assert statuses(server.url) == [200, 200, 200]
        assert len(proxy.seen) == 3


def test_a_proxy_that_is_not_there_is_no_fault_of_the_target(environment: pytest.MonkeyPatch) -> None:
    with ForwardProxy() as proxy:
        gone = proxy.url
    environment.setenv("HTTPS_PROXY", gone)
    outcomes = both("https://conformance.invalid")
    assert all(isinstance(found, Failure) and found.blame is Blame.NETWORK for found in outcomes)


# --- what cannot be used -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SSL_CERT_FILE", "/nowhere.pem"),
        ("HTTPS_PROXY", "ftp://user:pass-word@proxy"),
        ("ALL_PROXY", "http://p:x"),
    ],
)
def test_wrong_settings_of_the_environment_are_said(
    environment: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    environment.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable) as refused:
        check_network(Settings(base_url="https://localhost"))
    assert "pass-word" not in str(refused.value)
    check_network(Settings())


def test_what_is_told_of_proxies_has_no_credentials(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "http://user:pass-word@proxy:3128")
    environment.setenv("ALL_PROXY", "user:pass-word@proxy:3128")
    environment.setenv("SSL_CERT_FILE", "/etc/ca.pem")
    lines = list(network_settings())
    assert "HTTPS_PROXY=http://[redacted]@proxy:3128" in lines
    assert "ALL_PROXY=[redacted]@proxy:3128" in lines
    assert "SSL_CERT_FILE=/etc/ca.pem" in lines


def test_masked_leaves_other_texts_alone() -> None:
    assert masked("http://proxy:3128/") == "http://proxy:3128/"


# --- a whole run ---------------------------------------------------------------------------------------------


def judge(
    url: str, folder: Path, token: str, *words: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONFORMANCE_")}
    command = [sys.executable, "-m", "conformance", "run", "--base-url", url, "--report-dir", str(folder)]
    return subprocess.run(
        [*command, "--only", "pause.second-is-conflict", *words], capture_output=True, text=True, check=False,
        cwd=folder.parent, timeout=120, env={**kept, "CONFORMANCE_TOKEN": token, **environment},
    )  # fmt: skip


def test_a_run_trusts_a_private_authority_or_says_loudly_that_it_trusts_all(
    tmp_path: Path, context: ssl.SSLContext, bundle: Path
) -> None:
    with ReferenceServer() as server, TlsFront(server.base_url, context) as front:
        token, reports = server.tokens[0], tmp_path / "reports"
        refused = judge(front.url, reports, token)
        trusted = judge(front.url, reports, token, SSL_CERT_FILE=str(bundle))
        loud = judge(front.url, reports, token, "--insecure")
    assert refused.returncode == 3
    assert "SSL_CERT_FILE" in refused.stdout
    assert (trusted.returncode, "NOT VERIFIED" in trusted.stdout) == (0, False)
    assert loud.returncode == 0
    assert "NOT VERIFIED" in loud.stdout.splitlines()[0]
    assert loud.stdout.rstrip().endswith("CERTIFICATES NOT VERIFIED")
    assert "NOT VERIFIED" in json.loads((reports / "result.json").read_text())["notices"][0]
    junit = (reports / "junit.xml").read_text()
    assert '<property name="certificates_verified" value="false" />' in junit
    assert "TLS CERTIFICATES WERE NOT VERIFIED" in junit.partition("<system-out>")[2]
