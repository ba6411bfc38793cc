"""uvicorn on a loopback socket; imported when a server starts, since uvicorn is slow to import."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HOST: Final = "127.0.0.1"
IDLE_SECONDS: Final = 75
HEAD_LIMIT: Final = 1024 * 1024
LOG: Final = logging.getLogger("conformance.reference.http")
LOG.setLevel(logging.CRITICAL)  # it is sent wrong requests on purpose


def bind(port: int) -> socket.socket:
    """Return a socket bound to a loopback port, 0 for any free one.

    The protocol is named, or asyncio leaves Nagle's algorithm on and each keep-alive answer takes 40 ms.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


class _Connection(H11Protocol):
    """Logs to a logger of our own: those of uvicorn may be used by others in this process."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (as uvicorn calls it)
        super().__init__(*args, **kwargs)
        self.logger, self.access_log = LOG, False


class Loopback(uvicorn.Server):
    """A uvicorn server in a thread of its own, which starts and stops without polling."""

    def __init__(self, app: Any, listener: socket.socket) -> None:  # noqa: ANN401 (uvicorn takes any ASGI application)
        super().__init__(
            uvicorn.Config(
                app,
                http=_Connection,
                ws="none",
                loop="asyncio",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level=None,
                date_header=False,
                server_header=False,
                timeout_keep_alive=IDLE_SECONDS,
                h11_max_incomplete_event_size=HEAD_LIMIT,
            )
        )
        self._listening = threading.Event()
        self._leave = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(
            target=self.run, args=([listener],), name="reference-server", daemon=True
        )

    def start(self) -> None:
        """Serve in the background; return when connections are taken.

        Raises RuntimeError when the server ends before it listens.
        """
        self._thread.start()
        self._listening.wait()
        if not self.started:
            raise RuntimeError("the reference server ended before it took a connection")

    def stop(self) -> None:
        """Stop serving and cut open connections; return when the thread has ended."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._leave.set)
        self._thread.join()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `stop`; whoever waits for the start is told in any case."""
        try:
            super().run(sockets)
        finally:
            self._listening.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self._listening.set()

    async def main_loop(self) -> None:
        """Wait for `stop`."""
        await self._leave.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what listens and what is connected, without waiting for clients."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for listener in sockets or []:
            listener.close()
