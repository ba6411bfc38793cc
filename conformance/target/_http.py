"""The only module that imports httpx: one bounded request, one `Answer` or a `Failure`."""

from __future__ import annotations

import logging
import socket
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx

from conformance.contract.judgement import shorten
from conformance.contract.verdict import Blame
from conformance.target._sockets import Sockets
from conformance.target.exchange import Failure


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request: seconds to connect, to wait for a byte, for the whole answer; bytes of body."""

    connect: float = 5.0
    silence: float = 30.0
    total: float = 60.0
    body: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: status, lower-case headers (the first of each name) and the decoded body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


CERTIFICATE_HINT = (
    " (a private CA? SSL_CERT_FILE names a file with its certificate; --insecure takes any certificate)"
)
KEPT_SECONDS = 1.5
"""How long a connection is kept when idle: shorter than servers do, or a write may meet a closed one."""
GZIP_MEMBER = b"\x1f"
"""How each member of a gzip body begins; other bytes behind one are padding."""
MOST_VALUES = 500_000
"""JSON values that an answer may hold: a thousand large deployments have fewer."""


def oversize(content: bytes | bytearray, cap: int) -> Failure | None:
    """Return why a body is too large to be looked at, None if it is not."""
    if len(content) > cap:
        return Failure(Blame.TARGET, f"the answer is larger than {cap} bytes")
    if len(content) > MOST_VALUES and sum(map(content.count, (b",", b"[", b"{"))) > MOST_VALUES:
        return Failure(Blame.TARGET, f"the answer holds more than {MOST_VALUES} values")
    return None


@dataclass(frozen=True, slots=True)
class Proxy:
    """What stands between us and the target; `headers` may hold its credentials."""

    scheme: str
    host: str
    port: int
    headers: Mapping[str, str] = field(repr=False)


def not_connected(error: Exception) -> Failure:
    """Return why no connection came about; for a refused certificate, what to set."""
    hint = CERTIFICATE_HINT if "CERTIFICATE_VERIFY_FAILED" in str(error) else ""
    return Failure(Blame.NETWORK, f"cannot connect: {_reason(error)}{hint}")


class _Request:
    """A request, from its first byte until its answer was read."""

    over = False


class _Deadline(threading.local):
    """The current request of this thread, and the moment by which it must be over."""

    moment: float = float("inf")
    request: _Request | None = None

    def clip(self, timeout: float | None) -> float:
        """Return a timeout that ends no later than the deadline; raise when it has passed."""
        left = self.moment - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer took too long")
        return left if timeout is None else min(timeout, left)


class _BoundedStream(httpcore.NetworkStream):
    """A network stream whose every operation ends by the deadline, so a dripping target cannot hold us.

    httpcore closes what it holds for idle without a lock, even when a thread has just begun to use it. A
    stream that is in use stays open then, and a request that finds its stream closed is sent on another.
    """

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline, sockets: Sockets) -> None:
        self._stream = stream
        self._deadline = deadline
        self._sockets = sockets
        self._socket: socket.socket = stream.get_extra_info("socket")
        self._lock = threading.Lock()
        self._user: _Request | None = None
        self._closed = False
        sockets.add(self._socket)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.clip(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with self._lock:
            if self._closed and self._user is not self._deadline.request:
                raise httpcore.ConnectionNotAvailable
            self._user = self._deadline.request
        self._stream.write(buffer, self._deadline.clip(timeout))

    def close(self) -> None:
        with self._lock:
            if self._user and not self._user.over and self._user is not self._deadline.request:
                return
            self._closed = True
        self._sockets.discard(self._socket)
        self._stream.close()

    def start_tls(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:  # noqa: ANN401 (passed on)
        inner = self._stream.start_tls(*args, **kwargs)
        self._sockets.discard(self._socket)
        return _BoundedStream(inner, self._deadline, self._sockets)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (the interface's own type)
        return self._stream.get_extra_info(info)


class _BoundedBackend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend, deadline: _Deadline, sockets: Sockets) -> None:
        self._backend = backend
        self._deadline = deadline
        self._sockets = sockets

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:  # noqa: ANN401 (passed on)
        kwargs["timeout"] = self._deadline.clip(kwargs.get("timeout"))
        stream = self._backend.connect_tcp(*args, **kwargs)
        return _BoundedStream(stream, self._deadline, self._sockets)

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:  # noqa: ANN401 (same)
        stream = self._backend.connect_unix_socket(*args, **kwargs)
        return _BoundedStream(stream, self._deadline, self._sockets)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class Http:
    """A pool of connections to one target, shared by all threads. Redirects are never followed.

    `trust_environment` lets proxies and certificate settings of the environment apply, as httpx users expect;
    `insecure` takes any certificate. `why_unusable` tells beforehand when those settings are wrong. `sockets`
    gets to know every connection.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        connections: int,
        trust_environment: bool,
        insecure: bool = False,
        sockets: Sockets | None = None,
    ) -> None:
        # At the debug level it logs the headers of answers, and a target may echo a secret in them.
        logging.getLogger("httpcore").setLevel(logging.INFO)
        self._limits = limits
        sockets = sockets or Sockets()
        self.tls = httpx.create_ssl_context(verify=not insecure, trust_env=trust_environment)
        self._deadline = _Deadline()
        self._client = httpx.Client(
            timeout=httpx.Timeout(limits.silence, connect=limits.connect, pool=limits.total),
            limits=httpx.Limits(
                max_connections=connections,
                max_keepalive_connections=connections,
                keepalive_expiry=KEPT_SECONDS,
            ),
            follow_redirects=False,
            verify=self.tls,
            trust_env=trust_environment,
        )
        self._client.headers.clear()
        for transport in (self._client._transport, *self._client._mounts.values()):  # noqa: SLF001
            # httpx does not expose the network backend of its pools; a test pins that this works.
            if isinstance(transport, httpx.HTTPTransport):
                pool = transport._pool  # noqa: SLF001
                plain = pool._network_backend  # noqa: SLF001
                pool._network_backend = _BoundedBackend(plain, self._deadline, sockets)  # noqa: SLF001

    def proxy_for(self, url: str) -> Proxy | None:
        """Return the proxy through which requests to a URL go, or None."""
        transport = self._client._transport_for_url(httpx.URL(url))  # noqa: SLF001 (as above)
        pool = transport._pool if isinstance(transport, httpx.HTTPTransport) else None  # noqa: SLF001
        if isinstance(pool, httpcore.HTTPProxy):
            where, headers = pool._proxy_url, pool._proxy_headers  # noqa: SLF001
            named = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
            scheme, host = where.scheme.decode(), where.host.decode()
            return Proxy(scheme, host, where.port or (443 if scheme == "https" else 80), named)
        return None if type(pool) is httpcore.ConnectionPool else Proxy("socks", "", 0, {})

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        within: float = float("inf"),
    ) -> Answer | Failure:
        """Send one request; return its answer, or why there is no whole one. Raises for no target.

        `within` seconds all must be over, if that is less than the limits allow.
        """
        self._deadline.moment = time.monotonic() + min(within, self._limits.total)
        self._deadline.request = current = _Request()
        try:
            request = self._client.build_request(method, url, headers=dict(headers), content=content)
            _send_exactly(url, request)
            response = self._client.send(request, stream=True)
            try:
                return self._answer(response)
            finally:
                response.close()
        except httpx.ConnectError as error:
            return not_connected(error)
        except httpx.ConnectTimeout:
            return Failure(Blame.NETWORK, f"cannot connect within {self._limits.connect:g} s")
        except httpx.TimeoutException:
            return Failure(Blame.TARGET, f"no whole answer within {self._limits.total:g} s "
                           f"or a silence of {self._limits.silence:g} s")  # fmt: skip
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error, ValueError) as error:
            return Failure(Blame.TARGET, f"broken answer: {_reason(error)}")
        finally:
            self._deadline.moment, self._deadline.request = float("inf"), None
            current.over = True

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _answer(self, response: httpx.Response) -> Answer | Failure:
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        chunks = decoded(response.iter_raw(), encoding, self._limits.body)
        content = bytearray()
        for chunk in chunks:
            content += chunk
            if len(content) > self._limits.body:
                break
        if failure := oversize(content, self._limits.body):
            return failure
        headers: dict[str, str] = {}
        for name, value in response.headers.multi_items():
            headers.setdefault(name.lower(), value)
        return Answer(response.status_code, headers, bytes(content))


def why_unusable(url: str, *, insecure: bool) -> str:
    """Return what is wrong with the certificates or proxies of the environment, or an empty text."""
    try:
        client = Http(Limits(), connections=1, trust_environment=True, insecure=insecure)
        client.proxy_for(url)
        client.close()
    except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
        return _reason(error)
    return ""


def decoded(chunks: Iterable[bytes], encoding: str, cap: int) -> Iterator[bytes]:
    """Undo a content encoding piece by piece, so that a bomb is noticed before it fills the memory.

    A gzip body may have several members (RFC 1952, 2.2).
    """
    if encoding in {"", "identity"}:
        yield from chunks
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise ValueError(f"content-encoding {shorten(encoding, 40)!r} was not asked for")
    wbits = 47 if encoding != "deflate" else 15
    inflater = None
    for chunk in chunks:
        rest = chunk
        while rest:
            if inflater is None or inflater.eof:
                if inflater and not rest.startswith(GZIP_MEMBER):
                    break
                inflater = zlib.decompressobj(wbits)
            yield inflater.decompress(rest, cap + 1)
            rest = inflater.unused_data
    if inflater and not inflater.eof:
        raise ValueError("the compressed body ends too early")


def _send_exactly(url: str, request: httpx.Request) -> None:
    """Have the path sent as it is written: httpx would resolve `..` in it."""
    path = "/" + "".join(url.split("/", 3)[3:])
    plain = all("!" <= character <= "~" for character in path) and "#" not in path
    if plain and request.url.raw_path != path.encode():
        request.extensions["target"] = path.encode()


def _reason(error: Exception) -> str:
    return shorten(str(error) or type(error).__name__, 200)
