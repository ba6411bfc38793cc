"""The HTTP side of the clone."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.vendors.clone.service import Call, Clone

BASE = "/v1"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    service: Clone


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    timeout = 30

    def serve(self) -> None:
        parts = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = unquote(parts.path).removeprefix(BASE)
        answer = self.server.service.answer(Call(self.command, path, query, headers, content))
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        named = {**answer.headers, "content-type": "application/json", "content-length": str(len(body))}
        for name, value in named.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as in the base)
        """Say nothing."""


for _method in METHODS:
    setattr(_Handler, f"do_{_method}", _Handler.serve)


class CloneServer:
    """Serves on a free port of the loopback for as long as its `with` lasts."""

    def __init__(self, service: Clone | None = None) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.service = service or Clone()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{BASE}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
