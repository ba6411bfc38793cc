"""Whether a target can be reached at all, step by step: its name, a connection, its certificate."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from conformance.target._http import CERTIFICATE_HINT, Http, Limits, why_unusable
from conformance.target._volley import Way, connect
from conformance.target.network import masked, told
from conformance.target.settings import Settings

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
        yield Check("network", State.FAIL, masked(why), f"it says {'; '.join(told())}")
        return
    limits = Limits(connect=settings.connect_timeout, total=settings.timeout)
    http = Http(limits, connections=1, trust_environment=True, insecure=settings.insecure)
    way = Way(limits, http.tls, http.proxy_for(url))
    http.close()
    through = (
        f"; requests go through {way.proxy.host}:{way.proxy.port}" if way.proxy else "; no proxy is used"
    )
    yield Check("network", State.OK, f"{'; '.join(told()) or 'no proxy or certificate is set'}{through}")
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
        with connect(urlsplit(url), way) as connection:
            seconds = time.monotonic() - started
            if isinstance(connection, ssl.SSLSocket):
                return _certificate(connection, seconds)
    except ssl.SSLCertVerificationError as error:
        return Check(
            "certificate", State.FAIL, f"refused: {error.verify_message}", CERTIFICATE_HINT.strip(" ()")
        )
    except ssl.SSLError as error:
        hint = "does the target speak TLS at this port? http:// and https:// differ"
        return Check("certificate", State.FAIL, f"no TLS came about: {error.reason or error}", hint)
    except (OSError, UnicodeError) as error:
        hint = "check host and port of --base-url, firewalls, HTTPS_PROXY and NO_PROXY"
        return Check("connection", State.FAIL, f"cannot connect: {error}", hint)
    warned = "; not encrypted: the token travels in the open"
    local = (urlsplit(url).hostname or "") in {"localhost", "127.0.0.1", "::1"}
    text = f"connected in {seconds * 1000:.0f} ms{'' if local else warned}"
    return Check("connection", State.OK if local else State.WARN, text, "" if local else "use https")


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
