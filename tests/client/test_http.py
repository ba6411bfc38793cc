"""Hostile servers: each request ends in an answer or a failure with the right blame, in bounded time and size.

The limits are tiny, and no test looks at a clock: without a limit the test would hang.
"""

from __future__ import annotations

import gzip
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from conformance.client.exchange import Failure
from conformance.client.wire.answer import Answer, Limits
from conformance.client.wire.transport import Http
from conformance.contract.verdict import Blame
from tests.client.rawserver import Answering, RawServer, answering, hang_up, http

SILENCE, TOTAL, CAP = 0.3, 0.6, 100_000
DRIP_SECONDS = 0.05
BODY = b'{"id": "dep_1"}'
Send = Callable[[Answering], Answer | Failure]


@pytest.fixture
def client() -> Iterator[Http]:
    limits = Limits(connect=2, silence=SILENCE, total=TOTAL, body=CAP)
    http_client = Http(limits, trust_environment=False)
    yield http_client
    http_client.close()


@pytest.fixture
def patient() -> Iterator[Http]:
    """A client that minds no silence, only the time of the whole answer."""
    http_client = Http(Limits(silence=10, total=TOTAL), trust_environment=False)
    yield http_client
    http_client.close()


@pytest.fixture
def send(client: Http) -> Send:
    def send(answer: Answering) -> Answer | Failure:
        with RawServer(answer) as server:
            return client.send("GET", f"{server.url}/deployments", {"accept": "application/json"}, None)

    return send


def failed(outcome: Answer | Failure, blame: Blame, words: str) -> bool:
    return isinstance(outcome, Failure) and outcome.blame is blame and words in outcome.text


def forever(
    connection: socket.socket, head: bytes, drop: bytes, server_over: Callable[[float], bool]
) -> None:
    """Send `drop` again and again, until the test is over."""
    with suppress(OSError):
        connection.sendall(head)
        while not server_over(DRIP_SECONDS):
            connection.sendall(drop)


def dripping(client: Http, head: bytes, drop: bytes) -> Answer | Failure:
    server: RawServer
    with RawServer(lambda connection, _: forever(connection, head, drop, server.over.wait)) as server:
        return client.send("GET", server.url, {}, None)


def test_an_answer_with_its_headers_in_lower_case(send: Send) -> None:
    answer = send(answering(http("200 OK", BODY, "X-Request-ID: one", "x-request-id: two", "Date: then")))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.content) == (200, BODY)
    assert answer.headers["x-request-id"] == "one"
    assert answer.headers["date"] == "then"


def test_a_server_that_never_answers(send: Send) -> None:
    assert failed(send(lambda *_: None), Blame.TARGET, "silence of 0.3 s")


DRIPS = {
    "the status line": (b"", b"H"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
    "a header": (b"HTTP/1.1 200 OK\r\na:", b"b"),
    "the body": (b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n", b"x"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "1xx answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
}


@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS)
def test_a_server_that_drips(patient: Http, drip: tuple[bytes, bytes]) -> None:
    assert failed(dripping(patient, *drip), Blame.TARGET, "no whole answer within 0.6 s")


def test_a_deadline_does_not_reach_into_the_next_request(client: Http) -> None:
    with RawServer(answering(http())) as server:
        assert failed(dripping(client, b"", b"H"), Blame.TARGET, "no whole answer")
        assert isinstance(client.send("GET", server.url, {}, None), Answer)


@pytest.mark.parametrize(
    "head", [b"Content-Length: 999999999999", b"Transfer-Encoding: chunked", b"Connection: close"]
)
def test_an_endless_body(client: Http, head: bytes) -> None:
    part = b"x" * 5000
    piece = b"1388\r\n%s\r\n" % part if b"chunked" in head else part

    def pour(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n")
        while True:
            connection.sendall(piece)

    with RawServer(pour) as server:
        outcome = client.send("GET", server.url, {}, None)
    assert failed(outcome, Blame.TARGET, "larger than 100000 bytes")


def test_a_body_of_exactly_the_cap(send: Send) -> None:
    answer = send(answering(http(body=b"x" * CAP)))
    assert isinstance(answer, Answer)
    assert len(answer.content) == CAP
    assert failed(send(answering(http(body=b"x" * (CAP + 1)))), Blame.TARGET, "larger than 100000 bytes")


def test_a_body_shorter_than_announced(send: Send) -> None:
    content = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"

    def cut(connection: socket.socket, _: bytes) -> None:
        connection.sendall(content)
        hang_up(connection)

    assert failed(send(cut), Blame.TARGET, "broken answer")
    assert failed(send(answering(content)), Blame.TARGET, "no whole answer")


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "deflate"])
def test_a_compressed_body_is_undone(send: Send, encoding: str) -> None:
    packed = zlib.compress(BODY) if encoding == "deflate" else gzip.compress(BODY)
    answer = send(answering(http("200 OK", packed, f"Content-Encoding: {encoding}")))
    assert isinstance(answer, Answer)
    assert answer.content == BODY


@pytest.mark.parametrize("behind", [b"", bytes(512)], ids=["nothing behind", "padded"])
def test_a_gzip_body_may_have_members_and_padding(send: Send, behind: bytes) -> None:
    members = b"".join(gzip.compress(part) for part in (BODY[:3], b"", BODY[3:]))
    answer = send(answering(http("200 OK", members + behind, "Content-Encoding: gzip")))
    assert isinstance(answer, Answer)
    assert answer.content == BODY


def test_a_compressed_answer_without_a_body(send: Send) -> None:
    answer = send(answering(http("200 OK", b"", "Content-Encoding: gzip")))
    assert isinstance(answer, Answer)
    assert answer.content == b""


def test_a_gzip_bomb_is_noticed_early(send: Send) -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    assert len(bomb) < CAP
    outcome = send(answering(http("200 OK", bomb, "Content-Encoding: gzip")))
    assert failed(outcome, Blame.TARGET, "larger than 100000 bytes")
    members = gzip.compress(bytes(CAP // 2)) * 3
    assert failed(
        send(answering(http("200 OK", members, "Content-Encoding: gzip"))), Blame.TARGET, "larger than 100000"
    )


@pytest.mark.parametrize(
    ("encoding", "body", "words"),
    [
        ("br", b"x", "content-encoding 'br' was not asked for"),
        ("gzip, gzip", b"x", "was not asked for"),
        ("x" * 5000, b"x", "was not asked for"),
        ("gzip", b"no gzip at all", "broken answer"),
        ("gzip", gzip.compress(BODY, mtime=0)[:-9], "the compressed body ends too early"),
        (
            "gzip",
            gzip.compress(b"", mtime=0) + gzip.compress(BODY, mtime=0)[:-9],
            "the compressed body ends too early",
        ),
    ],
)
def test_a_body_that_cannot_be_undone(send: Send, encoding: str, body: bytes, words: str) -> None:
    outcome = send(answering(http("200 OK", body, f"Content-Encoding: {encoding}")))
    assert failed(outcome, Blame.TARGET, words)
    assert isinstance(outcome, Failure)
    assert len(outcome.text) < 300


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_an_answer_and_not_followed(client: Http, status: str) -> None:
    with RawServer(answering(http())) as other:
        redirect = http(status, b"", f"Location: {other.url}/elsewhere")
        with RawServer(answering(redirect)) as server:
            answer = client.send("POST", server.url, {"authorization": "Bearer pt-secret"}, b"{}")
        assert isinstance(answer, Answer)
        assert answer.status == int(status[:3])
        assert other.requests == []


def test_nobody_listens(client: Http) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = client.send("GET", f"http://127.0.0.1:{port}", {}, None)
    assert failed(outcome, Blame.NETWORK, "cannot connect: ")


def test_a_name_that_does_not_exist(client: Http) -> None:
    assert failed(client.send("GET", "http://nobody.invalid", {}, None), Blame.NETWORK, "cannot connect: ")


def test_a_server_that_takes_no_connection() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:  # the backlog is full now: a further connection is neither taken nor refused
            filler.setblocking(False)
            filler.connect_ex(address)
        client = Http(Limits(connect=0.3), trust_environment=False)
        outcome = client.send("GET", f"http://127.0.0.1:{address[1]}", {}, None)
        client.close()
        for filler in fillers:
            filler.close()
    assert failed(outcome, Blame.NETWORK, "cannot connect within 0.3 s")


def test_a_reset(send: Send) -> None:
    def reset(connection: socket.socket, _: bytes) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ConnectionError

    assert failed(send(reset), Blame.TARGET, "broken answer: ")


def test_a_connection_closed_before_the_answer(send: Send) -> None:
    assert failed(send(lambda connection, _: hang_up(connection)), Blame.TARGET, "disconnected")


BROKEN = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "a broken status": b"HTTP/1.1 abc OK\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a header without a colon": b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "a broken chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
    "a chunk without an end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx0\r\n\r\n",
    "a huge head": b"HTTP/1.1 200 OK\r\na: " + b"x" * 300_000 + b"\r\n\r\n",
    "an unknown transfer encoding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: smoke\r\n\r\nx",
    "NUL": bytes(200),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_is_no_http(send: Send, content: bytes) -> None:
    outcome = send(answering(content))
    assert failed(outcome, Blame.TARGET, "broken answer: ")
    assert isinstance(outcome, Failure)
    assert "\n" not in outcome.text
    assert len(outcome.text) < 300


def test_1xx_answers_come_before_the_answer(send: Send) -> None:
    answer = send(answering(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" * 3 + http(body=BODY)))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.content) == (200, BODY)


def test_a_server_that_closes_after_each_answer(client: Http) -> None:
    def once(connection: socket.socket, _: bytes) -> None:
        connection.sendall(http("200 OK", BODY, "Connection: close"))
        hang_up(connection)

    with RawServer(once) as server:
        answers = [client.send("GET", server.url, {}, None) for _ in range(3)]
        assert server.connections == 3
    assert [isinstance(answer, Answer) and answer.content for answer in answers] == [BODY] * 3


def test_a_connection_is_used_again(client: Http) -> None:
    with RawServer(answering(http(body=BODY))) as server:
        for _ in range(3):
            assert isinstance(client.send("GET", server.url, {}, None), Answer)
        assert server.connections == 1


def test_chunks_and_a_body_until_the_end(send: Send) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n1\r\n\n\r\n0\r\n\r\n"
    answer = send(answering(chunked))
    assert isinstance(answer, Answer)
    assert answer.content == b"{}\n"

    def until_the_end(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n{}")
        hang_up(connection)

    answer = send(until_the_end)
    assert isinstance(answer, Answer)
    assert answer.content == b"{}"


def test_what_is_sent_is_what_was_asked_for(client: Http) -> None:
    with RawServer(answering(http())) as server:
        client.send(
            "POST", f"{server.url}/a%2Fb?x=1&y=%20", {"x-one": "1", "authorization": "Bearer t"}, b"[]"
        )
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert lines[0] == "post /a%2fb?x=1&y=%20 http/1.1"
    names = [line.partition(":")[0] for line in lines[1:]]
    assert sorted(names) == ["authorization", "content-length", "host", "x-one"]
    assert body == b"[]"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/" + "x" * 100_000, "http://127.0.0.1:1/\n", "http://[bad"]
)
def test_a_request_that_cannot_be_sent_raises_nothing(client: Http, url: str) -> None:
    assert isinstance(client.send("GET", url, {}, None), Failure)
