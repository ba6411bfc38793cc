"""Requests that arrive together: every one is sent but for its last byte, then all last bytes at once.

Threads alone spread their requests over tens of milliseconds, and a race inside the target is missed;
held-back last bytes arrive within a fraction of one. HTTP/1.1 on sockets of our own, read with h11.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

import h11

from conformance.contract.verdict import Blame
from conformance.target._http import Answer, Limits, Proxy, decoded, not_connected, oversize
from conformance.target._sockets import Sockets
from conformance.target.exchange import Failure

HOLD_SECONDS = 0.02
"""How long the requests lie ready, all but their last bytes, before those follow."""
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Shot:
    """One request of a volley, ready to send."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None


@dataclass(frozen=True)
class Hit:
    """What became of one request of a volley, and the seconds from the release of all to its answer."""

    answer: Answer | Failure
    seconds: float


@dataclass(frozen=True)
class Way:
    """How connections come about: within which limits, what TLS trusts, and the proxy in between."""

    limits: Limits
    tls: ssl.SSLContext
    proxy: Proxy | None = None
    sockets: Sockets = field(default_factory=Sockets)


def fire(shots: Sequence[Shot], way: Way) -> list[Hit]:
    """Send all requests so that they arrive together; return what became of each, in the same order."""
    with ThreadPoolExecutor(max_workers=len(shots)) as pool:
        lines = list(pool.map(lambda shot: _load(shot, way), shots))
        time.sleep(HOLD_SECONDS)
        released = time.monotonic()
        for line in lines:
            if isinstance(line, _Line):
                line.release()
        hits = list(pool.map(lambda line: _hit(line, released), lines))
    for line in lines:
        if isinstance(line, _Line):
            line.close()
    return hits


def _hit(line: _Line | Failure, released: float) -> Hit:
    answer = line.answer() if isinstance(line, _Line) else line
    return Hit(answer, time.monotonic() - released)


def _load(shot: Shot, way: Way) -> _Line | Failure:
    try:
        return _Line(shot, way)
    except OSError as error:
        return not_connected(error)


class _Line:
    """One connection with one request on it, of which the last byte is held back."""

    def __init__(self, shot: Shot, way: Way) -> None:
        self._limits = way.limits
        self._deadline = time.monotonic() + way.limits.total
        parts = urlsplit(shot.url)
        self._socket = connect(parts, way)
        self._sockets = way.sockets
        self._sockets.add(self._socket)
        self._h11 = h11.Connection(h11.CLIENT)
        asked = way.proxy if way.proxy and parts.scheme == "http" else None
        wire = self._wire(shot, parts, asked)
        self._last = wire[-1:]
        try:
            self._socket.sendall(wire[:-1])
        except OSError:
            self.close()
            raise

    def _wire(self, shot: Shot, parts: SplitResult, proxy: Proxy | None) -> bytes:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        body = shot.content or b""
        headers = {
            "host": parts.netloc,
            **(proxy.headers if proxy else {}),
            **shot.headers,
            "content-length": str(len(body)),
            "connection": "close",
        }
        where = f"http://{parts.netloc}{path}" if proxy else path
        request = h11.Request(method=shot.method, target=where, headers=list(headers.items()))
        pieces = [self._h11.send(request), self._h11.send(h11.Data(body)) if body else b""]
        return b"".join([piece or b"" for piece in (*pieces, self._h11.send(h11.EndOfMessage()))])

    def release(self) -> None:
        """Send the last byte; a connection that is gone shows when its answer is read."""
        try:
            self._socket.sendall(self._last)
        except OSError:
            self._socket.close()

    def answer(self) -> Answer | Failure:
        """Read the whole answer within the limits."""
        try:
            return self._read()
        except TimeoutError:
            return Failure(Blame.TARGET, f"no whole answer within {self._limits.total:g} s")
        except (OSError, ValueError, zlib.error, h11.RemoteProtocolError) as error:
            return Failure(Blame.TARGET, f"broken answer: {error}")

    def _read(self) -> Answer | Failure:
        status, headers, content = 0, {}, bytearray()
        while True:
            event = self._h11.next_event()
            if event is h11.NEED_DATA:
                left = self._deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                self._socket.settimeout(left)
                self._h11.receive_data(self._socket.recv(CHUNK))
            elif isinstance(event, h11.Response):
                status = event.status_code
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
            elif isinstance(event, h11.Data):
                content += event.data
                if len(content) > self._limits.body:
                    return Failure(Blame.TARGET, f"the answer is larger than {self._limits.body} bytes")
            elif isinstance(event, h11.EndOfMessage):
                return self._whole(status, headers, bytes(content))
            elif isinstance(event, h11.ConnectionClosed):
                return Failure(Blame.TARGET, "broken answer: the connection was closed before it")

    def _whole(self, status: int, headers: Mapping[str, str], content: bytes) -> Answer | Failure:
        encoding = headers.get("content-encoding", "identity").strip().lower()
        plain = b"".join(decoded([content], encoding, self._limits.body))
        return oversize(plain, self._limits.body) or Answer(status, headers, plain)

    def close(self) -> None:
        """Close the connection."""
        self._sockets.discard(self._socket)
        self._socket.close()


def connect(parts: SplitResult, way: Way) -> socket.socket:
    """Open a connection to the target, TLS included. Raises OSError."""
    secure = parts.scheme == "https"
    address = (parts.hostname or "", parts.port or (443 if secure else 80))
    connection = _reach(address, way, tunnel=secure)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not secure:
        return connection
    try:
        return way.tls.wrap_socket(connection, server_hostname=parts.hostname)
    except OSError:
        connection.close()
        raise


def _reach(address: tuple[str, int], way: Way, *, tunnel: bool) -> socket.socket:
    """Open a connection to the target, to the proxy, or through a tunnel of the proxy to the target."""
    timeout, proxy = way.limits.connect, way.proxy
    if proxy is None:
        return socket.create_connection(address, timeout=timeout)
    if proxy.scheme != "http":
        raise OSError(f"requests that arrive together cannot go through a {proxy.scheme} proxy")
    if not tunnel:
        return socket.create_connection((proxy.host, proxy.port), timeout=timeout)
    through = http.client.HTTPConnection(proxy.host, proxy.port, timeout=timeout)
    through.set_tunnel(*address, headers=proxy.headers)
    try:
        through.connect()
    except http.client.HTTPException as error:
        through.close()
        raise OSError(f"the proxy's answer is broken: {error}") from error
    return through.sock
