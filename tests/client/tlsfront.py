"""What stands before a server on loopback: TLS with a certificate of a private CA, and a forwarding proxy."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

Handling = Callable[[socket.socket], None]


class Listener:
    """Handles each connection in a thread of its own."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def handle(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            self.handle(connection)


class TlsFront(Listener):
    """`https://localhost:…` for a server that speaks plain HTTP."""

    def __init__(self, behind: str, context: ssl.SSLContext) -> None:
        super().__init__()
        self._behind, self._context = urlsplit(behind), context
        self.url = f"https://localhost:{self.port}{self._behind.path}"

    def handle(self, connection: socket.socket) -> None:
        with self._context.wrap_socket(connection, server_side=True) as secure:
            relay(secure, str(self._behind.hostname), int(self._behind.port or 80))


class ForwardProxy(Listener):
    """Tunnels CONNECT and forwards absolute URLs; `seen` holds the first line of each, `heads` the whole heads."""

    def __init__(self) -> None:
        super().__init__()
        self.url = f"http://user:pass-word@127.0.0.1:{self.port}"
        self.seen: list[str] = []
        self.heads: list[bytes] = []

    def handle(self, connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            received += (part := connection.recv(65536))
            if not part:
                return
        method, where, _ = received.split(b"\r\n")[0].decode().split(" ")
        self.seen.append(f"{method} {where}")
        self.heads.append(received)
        parts = urlsplit(where if "//" in where else f"//{where}")
        if method == "CONNECT":
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            received = b""
        relay(connection, str(parts.hostname), int(parts.port or 80), received)


def relay(near: socket.socket, host: str, port: int, first: bytes = b"") -> None:
    """Carry bytes both ways until one side ends."""
    with socket.create_connection((host, port)) as far:
        far.sendall(first)
        back = threading.Thread(target=_carry, args=(far, near), daemon=True)
        back.start()
        _carry(near, far)
        back.join()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
