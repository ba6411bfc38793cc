"""Targets that answer well until they do not: a relay before the reference server that loses its temper."""

from __future__ import annotations

import http.client
import itertools
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Self
from urllib.parse import urlsplit

from tests.client.rawserver import RawServer, hang_up
from tests.client.rawserver import http as answer_of
from tests.hostile.catalogue import SILENT, TOKEN, add
from tests.hostile.served import Malicious, Served

Temper = Callable[[socket.socket, bytes, int], bytes | None]
"""Is given the connection, the request and its number: bytes to send instead, None to let the request pass."""


class Relay(RawServer):
    """Passes requests on to a reference server, unless its temper says otherwise."""

    token = TOKEN

    def __init__(self, temper: Temper) -> None:
        self._temper = temper
        self._behind = Served(Malicious)
        self._numbers = itertools.count(1)
        super().__init__(self._meet)

    def __enter__(self) -> Self:
        self._behind.__enter__()
        return super().__enter__()

    def __exit__(self, *trouble: object) -> None:
        super().__exit__(None, None, None)
        self._behind.__exit__(*trouble)

    @property
    def base_url(self) -> str:
        return self.url + urlsplit(self._behind.base_url).path

    def complaints(self) -> list[str]:
        return self._behind.complaints()

    def _meet(self, connection: socket.socket, request: bytes) -> None:
        answer = self._temper(connection, request, next(self._numbers))
        connection.sendall(self.passed_on(request) if answer is None else answer)

    def passed_on(self, request: bytes) -> bytes:
        """Return the whole answer of the reference server to a whole request."""
        head, _, body = request.partition(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")
        method, path, _ = line.split(" ")
        headers = dict(field.split(": ", 1) for field in fields if ": " in field)
        upstream = http.client.HTTPConnection(urlsplit(self._behind.base_url).netloc)
        upstream.request(method, path, body or None, headers)
        response = upstream.getresponse()
        content = response.read()
        upstream.close()
        kept = [
            f"{name}: {value}" for name, value in response.getheaders() if name.lower() != "content-length"
        ]
        return answer_of(f"{response.status} {response.reason}", content, *kept)


def _after(count: int, then: Callable[[socket.socket], bytes]) -> Temper:
    return lambda connection, _, number: then(connection) if number > count else None


def _hang(connection: socket.socket) -> bytes:
    while connection.recv(65536):
        pass
    raise ConnectionError


def _hang_up(connection: socket.socket) -> bytes:
    hang_up(connection)
    raise ConnectionError


def _is_write(request: bytes) -> bool:
    return request.startswith(b"POST")


def _silent_writes(connection: socket.socket, request: bytes, number: int) -> bytes | None:
    return _hang(connection) if _is_write(request) and number > 20 else None


def _silent_in_turns(connection: socket.socket, _: bytes, number: int) -> bytes | None:
    return _hang(connection) if number > 20 and number % 3 == 0 else None


def _late_writes(_: socket.socket, request: bytes, number: int) -> bytes | None:
    if _is_write(request) and number > 20:
        time.sleep(2.5)
    return None


THROTTLED = answer_of("429 Too Many Requests", b"", "Retry-After: 31536000")
BUSY = answer_of("503 Service Unavailable", b"", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT")


def _throttled_in_turns(_: socket.socket, __: bytes, number: int) -> bytes | None:
    return THROTTLED if number > 20 and number % 2 else None


for _count in (3, 12, 60, 300):
    add(f"DiesAfter{_count}", partial(Relay, _after(_count, _hang_up)))
add("FallsSilentAfter100", lambda: Relay(_after(100, _hang)), *SILENT)
add("ThrottlesAfter100", lambda: Relay(_after(100, lambda _: THROTTLED)))
add("BusyAfter100", lambda: Relay(_after(100, lambda _: BUSY)))
add("SilentToWrites", lambda: Relay(_silent_writes), *SILENT)
add("SilentInTurns", lambda: Relay(_silent_in_turns), *SILENT)
add("AnswersWritesTooLate", lambda: Relay(_late_writes), *SILENT)
add("ThrottlesInTurns", lambda: Relay(_throttled_in_turns))
