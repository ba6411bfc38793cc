"""Targets that break HTTP, or the patience of whoever reads it, from the first request on."""

from __future__ import annotations

import gzip
import socket
import struct
import time
import zlib
from contextlib import suppress

from tests.client.rawserver import Answering, hang_up, http
from tests.hostile.catalogue import INCOMPLETE, SILENT, Raw, add, always

MEGABYTE = 1024 * 1024
JSON = "Content-Type: application/json"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def _then_close(content: bytes) -> Answering:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(content)
        hang_up(connection)

    return answer


def _never(connection: socket.socket, _: bytes) -> None:
    with suppress(OSError):
        while connection.recv(65536):
            pass


def _reset(connection: socket.socket, _: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    raise ConnectionError


def _drip(content: bytes) -> Answering:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(len(content)):
            connection.sendall(content[place : place + 1])
            time.sleep(0.05)

    return answer


def _endless(head: bytes, part: bytes) -> Answering:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(part)

    return answer


def _long(connection: socket.socket, _: bytes) -> None:
    connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % (100 * MEGABYTE))
    for _number in range(100):
        connection.sendall(b" " * MEGABYTE)


def _storm(connection: socket.socket, _: bytes) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100)


def _chunked(content: bytes) -> Answering:
    return _then_close(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + content)


def _encoded(coding: str, content: bytes) -> bytes:
    return http("200 OK", content, JSON, f"Content-Encoding: {coding}")


def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    zeros = b"0" * MEGABYTE
    return b"".join([*(packer.compress(zeros) for _ in range(1024)), packer.flush()])


always("NeverAnswers", _never, *SILENT, codes=(INCOMPLETE,))
always("Resets", _reset, codes=(INCOMPLETE,))
always("HangsUp", lambda connection, _: hang_up(connection), codes=(INCOMPLETE,))
always("DripsItsHead", _drip(HEAD + b"X-Long: " + b"x" * 100_000), *SILENT, codes=(INCOMPLETE,))
always("DripsItsBody", _drip(http("200 OK", b" " * 100_000)), *SILENT, codes=(INCOMPLETE,))
always("EndlessBody", _endless(HEAD + b"\r\n", b" " * MEGABYTE), codes=(INCOMPLETE,))
always(
    "EndlessChunks",
    _endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 10_000),
    codes=(INCOMPLETE,),
)
always("EndlessHead", _endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 10_000), codes=(INCOMPLETE,))
always("InformationalStorm", _storm, *SILENT, codes=(INCOMPLETE,))
always("HundredMegabytes", _long, codes=(INCOMPLETE,))
always("DeepJson", lambda c, _: c.sendall(http("200 OK", b"[" * 100_000 + b"]" * 100_000, JSON)))
always(
    "DeepObjects", lambda c, _: c.sendall(http("200 OK", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, JSON))
)
BOMB = _encoded("gzip", _bomb())
always("GzipBomb", lambda c, _: c.sendall(BOMB), codes=(INCOMPLETE,))
always(
    "BrokenGzip",
    lambda c, _: c.sendall(_encoded("gzip", gzip.compress(b"{}" * 50)[:-9])),
    codes=(INCOMPLETE,),
)
always("UnknownCoding", lambda c, _: c.sendall(_encoded("br\x1b[31m", b"{}")), codes=(INCOMPLETE,))
always("LengthTooLong", _then_close(HEAD + b"Content-Length: 500\r\n\r\n{}"), codes=(INCOMPLETE,))
always(
    "LengthTooLongAndOpen",
    lambda c, _: c.sendall(HEAD + b"Content-Length: 500\r\n\r\n{}"),
    *SILENT,
    codes=(INCOMPLETE,),
)
always("LengthTooShort", lambda c, _: c.sendall(HEAD + b'Content-Length: 2\r\n\r\n{"data": []}'))
always("LengthNegative", _then_close(HEAD + b"Content-Length: -5\r\n\r\n{}"), codes=(INCOMPLETE,))
always(
    "LengthsDiffer",
    _then_close(HEAD + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}"),
    codes=(INCOMPLETE,),
)
always(
    "LengthAstronomic",
    _then_close(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}"),
    codes=(INCOMPLETE,),
)
always("LengthBesideChunks", _chunked(b"5\r\n{}\r\n0\r\n\r\n"), codes=(INCOMPLETE,))
always("InvalidChunks", _chunked(b"zz\r\n{}\r\n0\r\n\r\n"), codes=(INCOMPLETE,))
always("HugeChunkSize", _chunked(b"f" * 5000 + b"\r\n{}\r\n"), codes=(INCOMPLETE,))
always("InvalidUtf8", lambda c, _: c.sendall(http("200 OK", b'{"data": ["\xff\xfe\xc0\x80"]}', JSON)))
always("InvalidHttp", _then_close(b"\x00\x01SSH-2.0-nothing\r\n\r\n"), codes=(INCOMPLETE,))
always("OldHttp", _then_close(b"<html>no head at all</html>"), codes=(INCOMPLETE,))
always(
    "StatusOutOfRange", _then_close(b"HTTP/1.1 99999 Wow\r\nContent-Length: 2\r\n\r\n{}"), codes=(INCOMPLETE,)
)
always("StatusUnknown", lambda c, _: c.sendall(http("799 Unheard of")))
always(
    "HugeHeader",
    lambda c, _: c.sendall(http("200 OK", b"{}", "X-Huge: " + "h" * MEGABYTE)),
    codes=(INCOMPLETE,),
)
always(
    "ThousandsOfHeaders",
    lambda c, _: c.sendall(http("200 OK", b"{}", *(f"X-{n}: {n}" for n in range(20_000)))),
    codes=(INCOMPLETE,),
)
always("ManyHeaders", lambda c, _: c.sendall(http("200 OK", b"{}", *(f"X-{n}: {n}" for n in range(2_000)))))
always(
    "InvalidHeaders",
    _then_close(b"HTTP/1.1 200 OK\r\nno colon here\r\n\x00: \x1b\r\n\r\n{}"),
    codes=(INCOMPLETE,),
)
always("ClosesAfterHeaders", _then_close(HEAD + b"Content-Length: 12\r\n\r\n"), codes=(INCOMPLETE,))
always("ClosesInTheHeaders", _then_close(HEAD), codes=(INCOMPLETE,))
always(
    "SwitchesProtocols",
    lambda c, _: c.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tls\r\n\r\n"),
    *SILENT,
)


class Hasty(Raw):
    """Answers before it is asked."""

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(http("200 OK", b'{"data": []}', JSON) * 3)
        super()._serve(connection)


class Busy(Raw):
    """Never takes a connection out of its queue."""

    def _accept(self) -> None:
        self.over.wait()


add("AnswersBeforeItIsAsked", lambda: Hasty(lambda c, _: c.sendall(http("200 OK", b"[]", JSON))))
add("TakesNoConnection", lambda: Busy(_never), *SILENT, codes=(INCOMPLETE,))
