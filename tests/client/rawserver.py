"""A server of raw bytes on loopback: it answers what a test scripts, however broken."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

Answering = Callable[[socket.socket, bytes], None]
"""Is given a connection and a whole request; writes the answer. The connection is closed when it raises."""


def answering(content: bytes) -> Answering:
    """Answer every request with the same bytes and keep the connection open."""
    return lambda connection, _: connection.sendall(content)


def http(status: str = "200 OK", body: bytes = b"{}", *headers: str) -> bytes:
    """Return a whole HTTP answer with a right Content-Length."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return f"{head}\r\n\r\n".encode() + body


class RawServer:
    """`with RawServer(answer) as server: server.url`; `server.requests` holds what was received."""

    def __init__(self, answer: Answering) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.requests: list[bytes] = []
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def connections(self) -> int:
        return len(self._connections)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            while not self.over.is_set() and (request := _receive(connection)):
                self.requests.append(request)
                self._answer(connection, request)


def _receive(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += (part := connection.recv(65536))
        if not part:
            return b""
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += (part := connection.recv(65536))
        if not part:
            return b""
    return head + b"\r\n\r\n" + body


def hang_up(connection: socket.socket) -> None:
    """End a connection as servers that mean it do."""
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionError
