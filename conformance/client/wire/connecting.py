"""The way to the target: certificates, the proxy in between, and how connections come about."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import SplitResult

import certifi
import h11
import httpcore

from conformance.client.exchange import Failure
from conformance.client.wire.answer import Limits, UnusableAnswerError
from conformance.client.wire.open_sockets import Sockets
from conformance.client.wire.proxies import PORTS, Proxy, proxy_for
from conformance.client.wire.stream import Deadline, Wire, receive_head
from conformance.contract.comparing import shorten
from conformance.contract.verdict import Blame
from conformance.errors import ConformanceError

CERTIFICATE_HINT = (
    " (a private CA? SSL_CERT_FILE names a file with its certificate; --insecure takes any certificate)"
)
NOT_CONNECTED = (
    OSError, ValueError, httpcore.NetworkError, httpcore.TimeoutException, h11.ProtocolError,
    UnusableAnswerError,
)  # fmt: skip
"""What `connect` raises."""
ALPN = ["http/1.1"]


class ProxyRefusedError(ConformanceError, OSError):
    """A proxy opened no tunnel; the text says what it answered, and what to set."""


@dataclass(frozen=True)
class Way:
    """How connections come about: within which limits, what TLS trusts, and the proxy in between."""

    limits: Limits
    tls: ssl.SSLContext
    proxy: Proxy | None = None
    sockets: Sockets = field(default_factory=Sockets)
    network: httpcore.NetworkBackend = field(default_factory=httpcore.SyncBackend)


def tls_context(*, insecure: bool, trust_environment: bool) -> ssl.SSLContext:
    """Return what TLS trusts: the usual authorities, those that the environment names, or anybody.

    Raises OSError when what it names cannot be read.
    """
    if insecure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(ALPN)
        return context
    named: Mapping[str, str] = os.environ if trust_environment else {}
    file, folder = named.get("SSL_CERT_FILE"), named.get("SSL_CERT_DIR")
    if not file and not folder:
        file = certifi.where()
    return _trusting(file or None, None if file else folder)


@cache  # to read the authorities takes longer than ten requests do
def _trusting(file: str | None, folder: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=file, capath=folder)
    context.set_alpn_protocols(ALPN)
    return context


def why_unusable(url: str, *, insecure: bool) -> str:
    """Return what is wrong with the certificates or proxies of the environment, or an empty text."""
    try:
        tls_context(insecure=insecure, trust_environment=True)
        proxy_for(url)
    except (OSError, ValueError) as error:
        return reason(error)
    return ""


def connect(parts: SplitResult, way: Way, deadline: Deadline) -> Wire:
    """Open a connection to the target, for TLS through a tunnel of the proxy; raises `NOT_CONNECTED`."""
    proxy, secure, host = way.proxy, parts.scheme == "https", parts.hostname or ""
    where = (proxy.host, proxy.port) if proxy else (host, parts.port or PORTS[parts.scheme])
    wire = Wire(way.network.connect_tcp(*where, timeout=deadline.to_connect), way.sockets)
    try:
        if proxy and proxy.scheme == "https":
            wire.start_tls(way.tls, proxy.host, deadline)
        if proxy and secure:
            _tunnel(wire, parts, proxy, deadline)
        if secure:
            wire.start_tls(way.tls, host, deadline)
    except BaseException:
        wire.close()
        raise
    return wire


def _tunnel(wire: Wire, parts: SplitResult, proxy: Proxy, deadline: Deadline) -> None:
    """Have a proxy pass on what follows; raises ProxyRefusedError."""
    host = authority(parts)
    where = host if parts.port else f"{host}:{PORTS[parts.scheme]}"
    machine = h11.Connection(h11.CLIENT)
    asked = h11.Request(method="CONNECT", target=where, headers=[("host", where), *proxy.headers.items()])
    wire.write(machine.send(asked) or b"", deadline)
    answer = receive_head(machine, wire, deadline)
    if answer.status_code not in range(200, 300):
        reason = shorten(answer.reason.decode("latin-1"), 60)
        raise ProxyRefusedError(proxy.refused(answer.status_code, reason, f"CONNECT {where}"))


def authority(parts: SplitResult) -> str:
    """Return host and port of a URL as HTTP names them: ASCII, without user information."""
    named = parts.netloc.rpartition("@")[2]
    return named if named.isascii() else named.encode("idna").decode()


def not_connected(error: Exception, limits: Limits) -> Failure:
    """Return why no connection came about, and what to set."""
    if isinstance(error, ProxyRefusedError):
        return Failure(Blame.NETWORK, str(error))
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return Failure(Blame.NETWORK, f"cannot connect within {limits.connect:g} s")
    hint = CERTIFICATE_HINT if "CERTIFICATE_VERIFY_FAILED" in str(error) else ""
    return Failure(Blame.NETWORK, f"cannot connect: {reason(error)}{hint}")


def reason(error: Exception) -> str:
    """Return an exception's text as one short line."""
    return shorten(str(error) or type(error).__name__, 200)
