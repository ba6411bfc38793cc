"""Bytes to and from the other side: every wait ends by a deadline, and can be cut off."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

import h11
import httpcore

from conformance.client.wire.answer import Limits, UnusableAnswerError
from conformance.client.wire.open_sockets import Sockets

CHUNK = 64 * 1024
MOST_INFORMATIONAL = 100
"""Answers of the class 1xx that may come before the final one."""


class Deadline:
    """The moment by which a request must be over, answer included: at most `within` seconds from now."""

    def __init__(self, limits: Limits, within: float = float("inf")) -> None:
        self._limits = limits
        self._moment = time.monotonic() + min(within, limits.total)

    def left(self, most: float | None = None) -> float:
        """Return the seconds that a step may take, `most` or those of a silence; raises TimeoutError."""
        left = self._moment - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, self._limits.silence if most is None else most)

    @property
    def to_connect(self) -> float:
        """The seconds that a connection, or TLS on it, may take to come about; raises TimeoutError."""
        return self.left(self._limits.connect)


class Wire:
    """A network stream of a run; `sockets` knows it as long as it is open.

    Its methods raise what httpcore's network streams raise, and TimeoutError.
    """

    def __init__(self, stream: httpcore.NetworkStream, sockets: Sockets) -> None:
        self._sockets = sockets
        self._use(stream)

    def _use(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self.socket: socket.socket = stream.get_extra_info("socket")
        self._sockets.add(self.socket)

    def start_tls(self, context: ssl.SSLContext, name: str, deadline: Deadline) -> None:
        """Speak TLS from now on, to whoever has a certificate of that name."""
        self._sockets.discard(self.socket)
        self._use(self._stream.start_tls(context, name, deadline.to_connect))

    def write(self, content: bytes, deadline: Deadline) -> None:
        """Send all of `content`."""
        view: Any = memoryview(content)  # httpcore would copy what is left, again and again
        for start in range(0, len(view), CHUNK):
            self._stream.write(view[start : start + CHUNK], deadline.left())

    def read(self, deadline: Deadline) -> bytes:
        """Return what comes next; empty at the end."""
        return self._stream.read(CHUNK, deadline.left())

    def at_hand(self) -> bytes | None:
        """Return what has come already, without waiting: None for nothing, empty for the end."""
        if not self._holds_something():
            return None
        self.socket.settimeout(0)
        try:
            return self._stream.read(CHUNK, 0)
        except httpcore.ReadError as error:  # a reset is an end; TLS has bytes of its own
            return None if isinstance(error.__cause__, BlockingIOError | ssl.SSLWantReadError) else b""

    def _holds_something(self) -> bool:
        pending = self.socket.pending() if isinstance(self.socket, ssl.SSLSocket) else 0
        return bool(pending or self._stream.get_extra_info("is_readable"))

    def close(self) -> None:
        """Close the connection."""
        self._sockets.discard(self.socket)
        self._stream.close()


def receive(machine: h11.Connection, wire: Wire, deadline: Deadline) -> h11.Event:
    """Return the next part of the answer that `machine` waits for.

    Raises h11.RemoteProtocolError for what is no HTTP, and when the connection ends before an answer.
    """
    while (event := machine.next_event()) is h11.NEED_DATA:
        received = wire.read(deadline)
        if not received and machine.their_state is h11.SEND_RESPONSE:
            raise h11.RemoteProtocolError("the server disconnected without an answer")
        machine.receive_data(received)
    if not isinstance(event, h11.Event):
        raise h11.RemoteProtocolError("the server switched to another protocol")
    return event


def receive_head(machine: h11.Connection, wire: Wire, deadline: Deadline) -> h11.Response:
    """Return the head of the final answer; raises as `receive` does, and UnusableAnswerError."""
    for _ in range(MOST_INFORMATIONAL + 1):
        event = receive(machine, wire, deadline)
        if isinstance(event, h11.Response):
            return event
    raise UnusableAnswerError(f"broken answer: more than {MOST_INFORMATIONAL} answers 1xx before a final one")
