"""The open connections of a run, so that a stop can cut off what is in flight."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Sockets:
    """Sockets that threads wait on; cut off, each of those waits ends at once with a broken connection."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closed = False

    def add(self, connection: socket.socket) -> None:
        """Note an open connection; after a cut it is cut off, too."""
        with self._lock:
            self._open.add(connection)
            if self._closed:
                _cut(connection)

    def discard(self, connection: socket.socket) -> None:
        """Forget a connection that is closed."""
        with self._lock:
            self._open.discard(connection)

    def cut_off(self) -> None:
        """End whatever waits on a connection, and every connection made until `allow`."""
        with self._lock:
            self._closed = True
            for connection in self._open:
                _cut(connection)

    def allow(self) -> None:
        """Leave connections alone again."""
        with self._lock:
            self._closed = False


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        # TLS sockets do more in a shutdown of their own, which must not happen beside a thread that reads.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
