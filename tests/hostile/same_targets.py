"""Targets that answer the same to everything, however well it is written."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Any, Self

from tests.client.rawserver import RawServer, answering, http
from tests.hostile.catalogue import INCOMPLETE, TOKEN, Raw, add, always

JSON = "Content-Type: application/json"


def _same(name: str, status: str, body: bytes, *headers: str, codes: tuple[int, ...] = (1, 3)) -> None:
    always(name, answering(http(status, body, JSON, *headers)), codes=codes)


def _error(kind: str, message: str = "no") -> bytes:
    return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()


PAGE = b"<!doctype html><html><head><script>alert(']]>')</script></head><body>It works!</body></html>"
DEPLOYMENT: dict[str, Any] = {"id": "dep_1", "type": "deployment", "name": "prod", "status": "active"}
ODD = json.dumps(
    {**DEPLOYMENT, "name": "\x00\x1b[2J]]><script>\ud800\u202e::error::x\r\n##[error]", "status": "\x9b31m"}
).encode()
DUPLICATES = b'{"id": "dep_1", "id": "dep_2", "data": [], "data": [{"id": 1, "id": 2}], "has_more": false}'

always("AlwaysHtml", answering(http("200 OK", PAGE, "Content-Type: text/html")))
_same("AlwaysEmptyList", "200 OK", b"[]")
_same("AlwaysEmptyObject", "200 OK", b"{}")
_same("AlwaysNull", "200 OK", b"null")
_same("AlwaysNumber", "200 OK", b"1e999999")
_same("AlwaysLongNumber", "200 OK", b"9" * 1_000_000)
_same("AlwaysNothing", "200 OK", b"")
_same("AlwaysNoContent", "204 No Content", b"")
_same("AlwaysBroken", "500 Internal Server Error", _error("api_error"))
_same("AlwaysBusy", "503 Service Unavailable", b"busy", "Retry-After: 0", codes=(INCOMPLETE,))
_same("AlwaysThrottled", "429 Too Many Requests", b"{}", "Retry-After: 99999999999999", codes=(INCOMPLETE,))
_same("AlwaysThrottledOddly", "429 Too Many Requests", b"{}", "Retry-After: \xb2", codes=(INCOMPLETE,))
_same("AlwaysUnauthenticated", "401 Unauthorized", _error("authentication_error"), codes=(INCOMPLETE,))
_same("AlwaysForbidden", "403 Forbidden", _error("permission_error"), codes=(INCOMPLETE,))
_same("AlwaysNotFound", "404 Not Found", _error("not_found_error"))
_same("AlwaysConflict", "409 Conflict", _error("conflict_error"))
_same("AlwaysTheSameDeployment", "200 OK", json.dumps(DEPLOYMENT).encode())
_same("AlwaysOddText", "200 OK", ODD)
_same("AlwaysDuplicateKeys", "200 OK", DUPLICATES)
_same("AlwaysNotANumber", "200 OK", b'{"data": NaN, "id": Infinity, "has_more": -Infinity}')
_same("AlwaysAnErrorOfOddText", "400 Bad Request", _error("\x1b]0;owned\x07", "]]>\x00\ud800<script>" * 50))
_same("AlwaysManyNodes", "200 OK", b'{"data": [' + b"[]," * 2_500_000 + b"[]]}")


class Redirecting(Raw):
    """Sends everybody to another host, which writes down who came."""

    def __init__(self, status: int) -> None:
        self._other = RawServer(answering(http("200 OK", b"{}")))
        self._open = ExitStack()
        where = f"Location: {self._other.url}/api/v1/cloud/deployments?token={TOKEN}"
        super().__init__(answering(http(f"{status} Elsewhere", b"", where)))

    def __enter__(self) -> Self:
        self._open.enter_context(self._other)
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._open.close()

    def complaints(self) -> list[str]:
        return [f"the other host got {request[:200]!r}" for request in self._other.requests]


for _status in (301, 302, 303, 307, 308):
    add(f"Redirects{_status}", partial(Redirecting, _status))


class TakesTurns(Raw):
    """Answers well and badly in turns, so that it never fails often enough in a row."""

    def __init__(self, good: bytes, bad: bytes) -> None:
        self._lock, self._count = threading.Lock(), 0
        super().__init__(lambda connection, _: connection.sendall(self._next(good, bad)))

    def _next(self, good: bytes, bad: bytes) -> bytes:
        with self._lock:
            self._count += 1
            return bad if self._count % 2 else good


add("BrokenHttpInTurns", lambda: TakesTurns(http("200 OK", b"{}", JSON), b"nonsense\r\n\r\n"))
