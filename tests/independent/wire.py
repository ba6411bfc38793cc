"""The HTTP side: a thread for each connection, and bytes written the way that `Ways` says."""

from __future__ import annotations

import json
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.independent.service import Answer, Call, Deployments
from tests.independent.ways import Ways

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
BASE = "/open/v9"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    timeout = 30

    def serve(self) -> None:
        service, ways = self.server.service, self.server.service.ways
        parts = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        time.sleep(ways.delay)
        if not self.server.admits():
            self.reply(Answer(429, None))
            return
        path = unquote(parts.path)
        call = Call(
            self.command, path.removeprefix(BASE), dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()}, content,
        )  # fmt: skip
        found = path.startswith(BASE)
        self.reply(service.answer(call) if found else Answer(404, None))

    def reply(self, answer: Answer) -> None:
        ways = self.server.service.ways
        body, kind = self.encoded(answer)
        headers = {"content-type": kind, **answer.headers}
        if ways.date:
            headers["date"] = formatdate(time.time() + ways.skew, usegmt=True)
        if answer.status == 401:
            headers["www-authenticate"] = "Bearer"
        if ways.request_id_header:
            headers["x-request-id"] = self.headers.get("x-request-id") or "r-1"
        if ways.cookies:
            headers["set-cookie"] = "lb=a1; Path=/"
        version = "HTTP/1.1"
        if ways.framing == "chunked":
            headers["transfer-encoding"] = "chunked"
            half = len(body) // 2
            pieces = [piece for piece in (body[:half], body[half:]) if piece]
            body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        elif ways.framing == "length":
            headers["content-length"] = str(len(body))
        else:
            version = "HTTP/1.0" if ways.framing == "http10" else version
            headers["connection"] = "close"
            self.close_connection = True
        cased = {"lower": str.lower, "Title": str.title, "UPPER": str.upper}[ways.header_case]
        lines = [f"{version} {answer.status} ", *(f"{cased(k)}: {v}" for k, v in headers.items()), "", ""]
        self.wfile.write("\r\n".join(lines).encode() + (b"" if self.command == "HEAD" else body))

    def encoded(self, answer: Answer) -> tuple[bytes, str]:
        ways = self.server.service.ways
        if answer.body is None or (
            ways.html_elsewhere and answer.status in (404, 405) and not answer.operation and self.elsewhere()
        ):
            return b"<html><h1>Sorry</h1></html>", "text/html"
        text = json.dumps(answer.body, ensure_ascii=ways.escaped, separators=(",", ":"))
        return text.encode() + b"\n", f"application/json{ways.charset}"

    def elsewhere(self) -> bool:
        return self.command not in ("GET", "POST")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as in the base)
        """Say nothing."""


for _method in METHODS:
    setattr(_Handler, f"do_{_method}", _Handler.serve)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, service: Deployments) -> None:
        self.service = service
        self._gate, self._tokens, self._at = threading.Lock(), service.ways.per_second, time.monotonic()
        super().__init__(("127.0.0.1", 0), _Handler)

    def admits(self) -> bool:
        """Tell whether the gateway lets one more request through this second."""
        rate = self.service.ways.per_second
        with self._gate:
            now = time.monotonic()
            self._tokens = min(rate, self._tokens + (now - self._at) * rate)
            self._at = now
            if rate and self._tokens < 1:
                return False
            self._tokens -= 1
            return True


class IndependentServer:
    """Serves on a free port of the loopback for as long as its `with` lasts."""

    def __init__(self, ways: Ways | None = None, service: type[Deployments] = Deployments) -> None:
        self.service = service(ways or Ways())
        self._server = _Server(self.service)
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
        self.service.journal.close()
