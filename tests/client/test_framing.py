"""Bytes that no answer accounts for: never another request's answer, always the target's broken framing."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

from conformance.client.exchange import Failure
from conformance.client.wire.answer import Answer, Limits
from conformance.client.wire.connection import Shot
from conformance.client.wire.transport import Http
from conformance.contract.verdict import Blame
from tests.client.rawserver import Answering, RawServer, answering, hang_up, http

LIMITS = Limits(connect=2, silence=2, total=4)
GOOD = http(body=b'{"id": "dep_1"}')
FORGED = http("201 Created", b'{"id": "dep_forged"}')
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"


@pytest.fixture
def client() -> Iterator[Http]:
    made = Http(LIMITS, trust_environment=False)
    yield made
    made.close()


def broken(outcome: Answer | Failure, words: str = "broken framing: ") -> bool:
    return isinstance(outcome, Failure) and outcome.blame is Blame.TARGET and words in outcome.text


BEHIND = {
    "a second answer": ("GET", GOOD + FORGED),
    "half an answer": ("GET", GOOD + FORGED[:20]),
    "more than Content-Length": ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}garbage"),
    "more than the last chunk": ("GET", CHUNKED + b"7\r\ngarbage\r\n0\r\n\r\n"),
    "a blank line": ("GET", GOOD + b"\r\n"),
    "a body for HEAD": ("HEAD", GOOD),
    "a body for 204": ("POST", b"HTTP/1.1 204 No Content\r\n\r\n{}"),
    "chunks for 204": ("POST", b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a body for 304": ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n{}"),
    "no length but 0": ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n{}"),
    "an answer though it closes": ("GET", http("200 OK", b"{}", "Connection: close") + FORGED),
}  # fmt: skip


@pytest.mark.parametrize(("method", "content"), BEHIND.values(), ids=BEHIND)
def test_bytes_behind_an_answer(client: Http, method: str, content: bytes) -> None:
    with RawServer(answering(content)) as server:
        alone = [client.send(method, server.url, {}, None) for _ in range(3)]
        together = [hit.answer for hit in client.volley([Shot(method, server.url, {}, None)] * 3)]
        assert server.connections == 6
    assert all(map(broken, alone + together))


CONTRADICTORY = {
    "two lengths": b"Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}",
    "a list of two lengths": b"Content-Length: 2, 4\r\n\r\n{}{}",
    "a length beside chunks": b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "twice chunked": b"Transfer-Encoding: chunked, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "gzip as transfer encoding": b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("headers", CONTRADICTORY.values(), ids=CONTRADICTORY)
def test_a_length_that_is_said_in_two_ways(client: Http, headers: bytes) -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\n" + headers)) as server:
        outcomes = [client.send("GET", server.url, {}, None) for _ in range(2)]
        assert server.connections == 2
    assert all(broken(outcome, "broken ") for outcome in outcomes)


AGREEING = {
    "one length twice": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a length that the chunks have": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunks with extensions and trailers": b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n",
}


@pytest.mark.parametrize("headers", AGREEING.values(), ids=AGREEING)
def test_odd_framing_that_leaves_nothing_open(client: Http, headers: bytes) -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\n" + headers)) as server:
        outcomes = [client.send("GET", server.url, {}, None) for _ in range(2)]
    assert all(isinstance(outcome, Answer) and outcome.content == b"{}" for outcome in outcomes)


def late(content: bytes) -> Answering:
    """Answer well, and then again, unasked, when the first answer was read."""

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(GOOD)
        time.sleep(0.05)
        connection.sendall(content)

    return answer


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_that_comes_between_two_requests_is_the_answer_to_neither(
    client: Http, method: str
) -> None:
    with RawServer(late(FORGED)) as server:
        first = client.send("GET", server.url, {}, None)
        time.sleep(0.2)
        second = client.send(method, server.url, {}, b"{}")
        assert len(server.requests) == 1
        third = client.send(method, server.url, {}, b"{}")
    assert isinstance(first, Answer)
    assert broken(second)
    assert isinstance(second, Failure)
    assert not second.sent
    assert isinstance(third, Answer)
    assert third.status == 200


@pytest.mark.parametrize("content", [b"", http("408 Request Timeout", b"", "Connection: close")])
def test_a_server_may_end_an_idle_connection(client: Http, content: bytes) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        late(content)(connection, b"")
        hang_up(connection)

    with RawServer(answer) as server:
        for _ in range(3):
            assert isinstance(client.send("POST", server.url, {}, b"{}"), Answer)
            time.sleep(0.2)
        assert server.connections == 3


class Hasty(RawServer):
    """Answers before it is asked."""

    def _serve(self, connection: socket.socket) -> None:
        connection.sendall(FORGED)
        super()._serve(connection)


class Far(httpcore.SyncBackend):
    """Connections that take a moment: what the other side says first has arrived by then."""

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:  # noqa: ANN401 (passed on)
        stream = super().connect_tcp(*args, **kwargs)
        time.sleep(0.1)
        return stream


def test_an_answer_before_the_request_is_none() -> None:
    client = Http(LIMITS, trust_environment=False, network=Far())
    with Hasty(answering(GOOD)) as server:
        outcomes = [client.send("POST", server.url, {}, b"{}") for _ in range(5)]
        outcomes += [hit.answer for hit in client.volley([Shot("POST", server.url, {}, b"{}")] * 3)]
    assert all(broken(outcome) for outcome in outcomes)


def test_an_answer_that_comes_in_halves(client: Http) -> None:
    def halves(connection: socket.socket, _: bytes) -> None:
        for part in (GOOD[:9], GOOD[9:-4], GOOD[-4:]):
            connection.sendall(part)
            time.sleep(0.05)

    with RawServer(halves) as server:
        outcomes = [client.send("GET", server.url, {}, None) for _ in range(3)]
        assert server.connections == 1
    assert all(isinstance(outcome, Answer) for outcome in outcomes)


def test_an_answer_to_a_request_that_was_not_read_whole_counts(client: Http) -> None:
    read = threading.Event()

    class Early(RawServer):
        def _serve(self, connection: socket.socket) -> None:
            connection.recv(100)
            connection.sendall(http("413 Content Too Large", b"{}", "Connection: close"))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
            read.set()

    with Early(answering(b"")) as server:
        outcome = client.send("POST", server.url, {}, b"x" * 5_000_000)
        assert isinstance(outcome, Answer)
        assert outcome.status == 413
        assert read.wait(20)


def test_informational_answers_have_an_end(client: Http) -> None:
    few, many = (b"HTTP/1.1 103 Early Hints\r\n\r\n" * count + GOOD for count in (100, 101))
    with RawServer(answering(few)) as server:
        assert isinstance(client.send("GET", server.url, {}, None), Answer)
    with RawServer(answering(many)) as server:
        assert broken(client.send("GET", server.url, {}, None), "more than 100 answers 1xx")


def test_of_duplicate_headers_the_first_counts_alone_and_together(client: Http) -> None:
    with RawServer(answering(http("200 OK", b"{}", "X-Request-Id: one", "X-Request-Id: two"))) as server:
        alone = client.send("GET", server.url, {}, None)
        together = client.volley([Shot("GET", server.url, {}, None)] * 2)
    for outcome in (alone, *(hit.answer for hit in together)):
        assert isinstance(outcome, Answer)
        assert outcome.headers["x-request-id"] == "one"


def test_a_burst_of_compressed_bodies_is_bounded_like_one(client: Http) -> None:
    members = gzip.compress(bytes(7 * 1024 * 1024)) * 100
    with RawServer(answering(http("200 OK", members, "Content-Encoding: gzip"))) as server:
        tracemalloc.start()
        together = client.volley([Shot("GET", server.url, {}, None)] * 2)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert all(broken(hit.answer, "larger than 8388608 bytes") for hit in together)
    assert peak < 100 * 1024 * 1024


def test_members_of_a_compressed_body_without_content_have_an_end() -> None:
    client = Http(Limits(body=100_000), trust_environment=False)
    members = gzip.compress(b"", mtime=0) * 10_000
    with RawServer(answering(http("200 OK", members, "Content-Encoding: gzip"))) as server:
        assert broken(client.send("GET", server.url, {}, None), "larger than 100000 bytes")
    client.close()
