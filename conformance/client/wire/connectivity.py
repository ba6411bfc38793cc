"""Whether a target can be reached at all, step by step: its name, a connection, its certificate."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from conformance.client.wire.answer import Limits
from conformance.client.wire.connecting import (
    CERTIFICATE_HINT,
    NOT_CONNECTED,
    ProxyRefusedError,
    Way,
    connect,
    not_connected,
    why_unusable,
)
from conformance.client.wire.environment import masked, network_settings
from conformance.client.wire.stream import Deadline
from conformance.client.wire.transport import Http
from conformance.config.settings import Settings

SOON_DAYS = 14
"""A certificate that ends within so many days is warned of."""


class State(StrEnum):
    """What a check found."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it found, and what to set when that is not well."""

    name: str
    state: State
    text: str
    hint: str = ""


def reach(settings: Settings) -> Iterator[Check]:
    """Yield checks on the way to the target; the first that fails is the last."""
    url = settings.base_url or ""
    if why := why_unusable(url, insecure=settings.insecure):
        yield Check("network", State.FAIL, masked(why), f"it says {'; '.join(network_settings())}")
        return
    limits = Limits(connect=settings.connect_timeout, total=settings.timeout)
    way = Http(limits, trust_environment=True, insecure=settings.insecure).way_to(url)
    through = (
        f"; requests go through {way.proxy.host}:{way.proxy.port}" if way.proxy else "; no proxy is used"
    )
    yield Check(
        "network", State.OK, f"{'; '.join(network_settings()) or 'no proxy or certificate is set'}{through}"
    )
    for step in (_resolved, _connected):
        check = step(url, way)
        yield check
        if check.state is State.FAIL:
            return


def _resolved(url: str, way: Way) -> Check:
    host = way.proxy.host if way.proxy else urlsplit(url).hostname or ""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        hint = "is the host in --base-url right, and does this machine need a proxy (HTTPS_PROXY)?"
        return Check("name", State.FAIL, f"{host} cannot be resolved: {error}", hint)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return Check("name", State.OK, f"{host} is {', '.join(list(addresses)[:4])}")


def _connected(url: str, way: Way) -> Check:
    started = time.monotonic()
    try:
        with closing(connect(urlsplit(url), way, Deadline(way.limits))) as wire:
            seconds = time.monotonic() - started
            if isinstance(wire.socket, ssl.SSLSocket):
                return _certificate(wire.socket, seconds)
    except NOT_CONNECTED as error:
        return _refused(error, way)
    warned = "; not encrypted: the token travels in the open"
    local = (urlsplit(url).hostname or "") in {"localhost", "127.0.0.1", "::1"}
    text = f"connected in {seconds * 1000:.0f} ms{'' if local else warned}"
    return Check("connection", State.OK if local else State.WARN, text, "" if local else "use https")


def _refused(error: Exception, way: Way) -> Check:
    """Return what kept a connection from coming about."""
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        text = f"refused: {cause.verify_message}"
        return Check("certificate", State.FAIL, text, CERTIFICATE_HINT.strip(" ()"))
    if isinstance(cause, ssl.SSLError):
        hint = "does the target speak TLS at this port? http:// and https:// differ"
        return Check("certificate", State.FAIL, f"no TLS came about: {cause.reason or cause}", hint)
    hint = (
        ""
        if isinstance(error, ProxyRefusedError)
        else "check host and port of --base-url, firewalls, HTTPS_PROXY and NO_PROXY"
    )
    return Check("connection", State.FAIL, not_connected(error, way.limits).text, hint)


def _certificate(connection: ssl.SSLSocket, seconds: float) -> Check:
    text = f"connected with {connection.version()} in {seconds * 1000:.0f} ms"
    certificate = connection.getpeercert()
    if not certificate:
        return Check(
            "certificate", State.WARN, f"{text}; NOT VERIFIED (--insecure)", "set SSL_CERT_FILE instead"
        )
    ends = str(certificate["notAfter"])
    days = (ssl.cert_time_to_seconds(ends) - time.time()) / 86400
    soon = days < SOON_DAYS
    text += f"; the certificate is valid until {ends} ({days:.0f} days)"
    return Check("certificate", State.WARN if soon else State.OK, text, "renew it" if soon else "")
