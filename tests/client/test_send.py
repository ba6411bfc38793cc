"""Sending: repeats where documented, gives up on what is gone, numbers and records every exchange."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.client.credentials import Auth, Forged
from conformance.client.target import RECORDED_BODY, OutgoingRequest, Target
from conformance.client.traffic import rate_limiter as pace
from conformance.client.traffic import retry as repeating
from conformance.client.traffic.circuit_breaker import GIVE_UP_AFTER
from conformance.contract.verdict import Blame, NotApplicableError
from conformance.redaction.redactor import fingerprint
from tests.client.factory import SECOND, TOKEN, api_of, target_at
from tests.client.faketime import FakeTime
from tests.client.rawserver import Answering, RawServer, answering, hang_up, http

Setup = Callable[..., tuple[Target, RawServer]]
READ = OutgoingRequest(method="GET", path="/deployments/dep_1", label="read")
WRITE = OutgoingRequest(method="POST", path="/deployments/dep_1/pause", label="pause", content=b"")
RUN = OutgoingRequest(method="POST", path="/deployments/dep_1/run", label="run", content=b"")


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeating, "BACK_OFF", (0.001, 0.002, 0.004))
    monkeypatch.setattr(pace, "SLOWEST", 1000.0)


@pytest.fixture
def against(tmp_path: Path) -> Iterator[Setup]:
    """Start a raw server and a target that points to it."""
    with ExitStack() as stack:

        def start(answer: Answering, **chosen: Any) -> tuple[Target, RawServer]:  # noqa: ANN401 (settings)
            server = stack.enter_context(RawServer(answer))
            return stack.enter_context(target_at(server.url, tmp_path, **chosen)), server

        yield start


def one_after_another(*answers: bytes) -> Answering:
    """Answer with each in turn, then with the last one for ever; an empty one ends the connection."""
    left = list(answers)

    def answer(connection: socket.socket, _: bytes) -> None:
        content = left.pop(0) if len(left) > 1 else left[0]
        if not content:
            hang_up(connection)
        connection.sendall(content)

    return answer


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize("told", ["Retry-After: 0", "x-nothing: told", "Retry-After: Wed, 01 Jul 2026 00:00:00 GMT",
                                  "Retry-After: -1", "Retry-After: soon"])  # fmt: skip
def test_a_throttled_request_is_repeated(against: Setup, status: str, told: str) -> None:
    target, server = against(one_after_another(http(status, b"{}", told), http(body=b'{"id": 1}')))
    exchange = target.send("story", READ)
    assert (exchange.status, exchange.retries) == (200, (status[:3],))
    assert len(server.requests) == target.requests == 2


def test_it_is_repeated_three_times_at_most(against: Setup) -> None:
    target, server = against(answering(http("429 Too Many Requests")))
    exchange = target.send("story", READ)
    assert (exchange.status, exchange.retries) == (429, ("429",) * 3)
    assert len(server.requests) == target.requests == 4


def test_a_long_retry_after_is_capped_and_the_target_given_up(
    against: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, server = against(answering(http("429 Too Many Requests", b"{}", "Retry-After: " + "9" * 400)))
    clock = FakeTime()
    monkeypatch.setattr(target.manners.pace, "_clock", clock)
    monkeypatch.setattr(target.stopped, "wait", clock.wait)
    assert target.send("story", READ).retries == ("429", "429")
    assert clock.waited == pytest.approx(60, abs=1)
    failure = target.send("story", READ).failure
    assert failure is not None
    assert "given up: it asks for more patience than a run has; the last: 429" in failure.text
    assert len(server.requests) == 3


def test_what_one_thread_is_told_all_threads_heed(against: Setup) -> None:
    target, server = against(one_after_another(http("429 Wait", b"{}", "Retry-After: 1"), http()))
    arrivals: list[float] = []
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(target.send, "story", READ)
        while not server.requests:
            server.over.wait(0.001)
        told = time.monotonic()
        server.over.wait(0.2)
        others = [pool.submit(target.send, "story", READ) for _ in range(5)]
        for other in others:
            other.add_done_callback(lambda _: arrivals.append(time.monotonic()))
        assert first.result().retries == ("429",)
        assert all(other.result().status == 200 for other in others)
    assert min(arrivals) - told >= 0.95


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "404 None", "409 Conflict", "500 Oops", "200 OK"])
def test_other_answers_stand(against: Setup, status: str) -> None:
    target, server = against(answering(http(status)))
    assert target.send("story", WRITE).retries == ()
    assert len(server.requests) == 1


def test_a_gateway_that_reached_nobody_is_asked_twice_more(against: Setup) -> None:
    target, _ = against(one_after_another(http("502 Bad"), http("504 Late"), http("502 Bad")))
    exchange = target.send("story", WRITE)
    assert (exchange.status, exchange.retries, exchange.ambiguous) == (502, ("502", "504"), True)


def test_a_run_is_not_started_again_after_502(against: Setup) -> None:
    target, server = against(answering(http("502 Bad")))
    assert target.send("story", RUN).retries == ()
    assert len(server.requests) == 1


def test_a_write_after_503_is_ambiguous_and_one_after_429_is_not(against: Setup) -> None:
    target, _ = against(one_after_another(http("503 Wait"), http(), http("429 Wait"), http()))
    assert target.send("story", WRITE).ambiguous
    assert not target.send("story", WRITE).ambiguous


def test_a_read_is_tried_once_more_after_a_lost_connection(against: Setup) -> None:
    target, server = against(one_after_another(b"", http()))
    exchange = target.send("story", READ)
    assert exchange.status == 200
    assert "disconnected" in exchange.retries[0]
    assert len(server.requests) == 2


def test_a_write_is_not_for_it_may_have_arrived(against: Setup) -> None:
    target, server = against(one_after_another(b"", http()))
    failure = target.send("story", WRITE).failure
    assert failure is not None
    assert "disconnected" in failure.text
    assert len(server.requests) == 1


def test_a_connection_lost_twice_is_a_failure(against: Setup) -> None:
    target, server = against(one_after_another(b""))
    exchange = target.send("story", READ)
    assert exchange.status is None
    assert exchange.failure is not None
    assert exchange.failure.blame is Blame.TARGET
    assert len(server.requests) == 2


@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("POST", 1)])
def test_a_probe_that_loses_its_connection_is_repeated_if_it_reads(
    against: Setup, method: str, times: int
) -> None:
    target, server = against(one_after_another(b""))
    exchange = target.send("story", OutgoingRequest(method=method, path="/x", label="probe", probe=True))
    assert len(server.requests) == times
    assert exchange.failure is not None
    assert "disconnected" in exchange.failure.text


def test_a_target_that_is_gone_is_given_up(against: Setup) -> None:
    target, server = against(answering(b"nonsense\r\n\r\n"))
    exchanges = [target.send("story", READ) for _ in range(GIVE_UP_AFTER + 3)]
    assert len(server.requests) == target.requests == GIVE_UP_AFTER
    last = exchanges[-1].failure
    assert last is not None
    assert last.blame is Blame.TARGET
    assert not last.sent
    assert "given up: 6 requests in a row got no usable answer; the last: broken answer" in last.text


def test_a_usable_answer_between_keeps_the_target(against: Setup) -> None:
    bad, good = b"nonsense\r\n\r\n", http("500 Oops")
    target, _ = against(one_after_another(*([bad] * 5), good, *([bad] * 5), good))
    statuses = [target.send("story", READ).status for _ in range(12)]
    assert statuses[-1] == 500


def test_a_burst_of_429_to_concurrent_requests_is_no_reason_to_give_up(against: Setup) -> None:
    """A rate limiter may refuse everything that is in flight at one moment."""
    in_flight, lock, seen = threading.Barrier(8), threading.Lock(), [0]

    def answer(connection: socket.socket, _: bytes) -> None:
        with lock:
            seen[0] += 1
            first = seen[0] <= 8
        if first:
            in_flight.wait(10)
        connection.sendall(http("429 Wait", b"{}", "Retry-After: 0") if first else http())

    target, _ = against(answer)
    with ThreadPoolExecutor(8) as pool:
        exchanges = list(pool.map(lambda _: target.send("story", READ), range(8)))
    assert [exchange.status for exchange in exchanges] == [200] * 8
    assert [exchange.retries for exchange in exchanges] == [("429",)] * 8


def test_a_target_that_throttles_everything_is_given_up(against: Setup) -> None:
    target, server = against(answering(http("429 Wait", b"{}", "Retry-After: 0")))
    for _ in range(GIVE_UP_AFTER + 1):
        exchange = target.send("story", READ)
    assert exchange.status is None
    assert len(server.requests) == GIVE_UP_AFTER * 4


def test_nothing_is_sent_once_the_run_is_stopped(against: Setup) -> None:
    target, server = against(answering(http()))
    target.stopped.set()
    failure = target.send("story", READ).failure
    assert failure is not None
    assert failure.blame is Blame.HARNESS
    assert server.requests == []


def test_what_a_stop_held_back_is_no_reason_to_give_up(against: Setup) -> None:
    """After an interrupt the clean-up still has to be sent."""
    target, _ = against(answering(http()))
    target.stopped.set()
    for _ in range(GIVE_UP_AFTER + 1):
        target.send("story", READ)
    target.stopped.clear()
    assert target.send("story", READ).status == 200


def test_a_limit_ends_the_run_and_says_so(against: Setup) -> None:
    target, server = against(answering(http()), max_requests=3)
    failures = [target.send("story", READ).failure for _ in range(5)]
    assert [failure and failure.text for failure in failures] == [None] * 3 + [
        "not sent: --max-requests 3 was reached"
    ] * 2
    assert (len(server.requests), target.manners.ended_by) == (3, "--max-requests 3")


def test_a_limit_ends_every_wait(against: Setup) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        threading.Timer(0.05, target.manners.end, ["--max-seconds 9"]).start()
        connection.sendall(http("429 Wait", b"{}", "Retry-After: 20"))

    target, server = against(answer)
    assert target.send("story", READ).status == 429
    failure = target.send("story", READ).failure
    assert failure is not None
    assert failure.text == "not sent: --max-seconds 9 was reached"
    assert len(server.requests) == 1


def test_time_is_a_limit(against: Setup) -> None:
    target, _ = against(answering(http()), max_seconds=0.01)
    assert target.stopped.wait(20)
    assert target.manners.ended_by == "--max-seconds 0.01"


def test_a_volley_is_sent_whole_or_not_at_all(against: Setup) -> None:
    target, server = against(answering(http()), max_requests=5)
    assert [one.status for one in target.volley("story", [READ] * 3)] == [200] * 3
    assert [one.status for one in target.volley("story", [READ] * 3)] == [None] * 3
    assert len(server.requests) == 3


def test_a_volley_beyond_the_rate_is_another_runs(against: Setup) -> None:
    target, server = against(answering(http()), rate=3.0)
    with pytest.raises(NotApplicableError, match="--rate of at least 4"):
        target.volley("story", [READ] * 4)
    assert server.requests == []


def test_a_stop_ends_the_wait_before_a_repeat(against: Setup) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        target.stopped.set()
        connection.sendall(http("429 Wait", b"{}", "Retry-After: 30"))

    target, server = against(answer)
    assert target.send("story", READ).status == 429
    assert len(server.requests) == 1


def test_numbers_are_unique_and_ordered_whatever_the_threads_do(against: Setup) -> None:
    target, server = against(answering(http()))
    with ThreadPoolExecutor(16) as pool:
        sent = list(pool.map(lambda n: target.send(f"story {n % 2}", READ).number, range(64)))
    assert len(set(sent)) == 64
    assert [exchange.number for exchange in target.exchanges()] == sorted(sent)
    assert len(target.exchanges("story 0")) == len(target.exchanges("story 1")) == 32
    assert target.requests == len(server.requests) == 64


def test_numbers_tell_the_order_in_which_requests_went_out(against: Setup) -> None:
    """A change that had to wait follows what was read meanwhile: its state would seem to be known before."""
    target, _ = against(answering(http()))
    with ThreadPoolExecutor(1) as pool:
        with target.stillness.watching():
            waiting = pool.submit(target.send, "story", WRITE)
            time.sleep(0.2)
            read = target.send("story", READ)
        assert read.number < waiting.result().number


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_are_in_flight_than_allowed(against: Setup, concurrency: int) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def answer(connection: socket.socket, _: bytes) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        server.over.wait(0.005)
        with lock:
            now[0] -= 1
        connection.sendall(http())

    target, server = against(answer, concurrency=concurrency)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: target.send("story", READ), range(24)))
    assert most[0] <= concurrency


SENT = {
    "own": (OutgoingRequest(method="GET", path="/x", label="x"), f"authorization: Bearer {TOKEN}",
            ("authorization", "Bearer $CONFORMANCE_TOKEN")),
    "second": (OutgoingRequest(method="GET", path="/x", label="x", authorization=Auth.SECOND),
               f"authorization: Bearer {SECOND}", ("authorization", "Bearer $CONFORMANCE_SECOND_TOKEN")),
    "another header": (OutgoingRequest(method="GET", path="/x", label="x", authorization=Auth.NONE,
                               headers={"x-api-key": TOKEN}),
                       f"x-api-key: {TOKEN}", ("x-api-key", "$CONFORMANCE_TOKEN")),
    "in the middle": (OutgoingRequest(method="GET", path="/x", label="x", headers={"x-odd": f"a{TOKEN}b"}),
                      f"x-odd: a{TOKEN}b", ("x-odd", "a$CONFORMANCE_TOKENb")),
    "literal": (OutgoingRequest(method="GET", path="/x", label="x", authorization="Bearer nobody"),
                "authorization: Bearer nobody", ("authorization", "Bearer nobody")),
    "instead of ours": (OutgoingRequest(method="GET", path="/x", label="x", headers={"authorization": "Basic eDp5"}),
                        "authorization: Basic eDp5", ("authorization", "Basic eDp5")),
}  # fmt: skip


@pytest.mark.parametrize("case", SENT.values(), ids=SENT)
def test_headers_are_recorded_as_sent_with_a_variable_for_each_secret(
    against: Setup, case: tuple[OutgoingRequest, str, tuple[str, str]]
) -> None:
    request, on_the_wire, (name, shown) = case
    target, server = against(answering(http()))
    exchange = target.send("story", request)
    assert exchange.request_headers[name] == shown
    assert server.requests[0].decode().lower().count("authorization:") <= 1
    assert on_the_wire in server.requests[0].decode()
    assert TOKEN not in str(exchange)
    assert SECOND not in str(exchange)


def test_without_credentials_there_is_no_authorization(against: Setup) -> None:
    target, server = against(answering(http()), token="")
    target.send("story", READ)
    target.send("story", OutgoingRequest(method="GET", path="/x", label="x", authorization=Auth.NONE))
    assert all(b"authorization" not in request.lower() for request in server.requests)


def test_a_token_that_begins_like_the_other_is_named_rightly(against: Setup) -> None:
    target, _ = against(answering(http()), token="pt-shared", second_token="pt-shared-and-more")
    exchange = target.send(
        "story", OutgoingRequest(method="GET", path="/x", label="x", authorization=Auth.SECOND)
    )
    assert exchange.request_headers["authorization"] == "Bearer $CONFORMANCE_SECOND_TOKEN"


def test_an_echo_of_the_token_is_recorded_nowhere(against: Setup) -> None:
    coded = base64.b64encode(f"user:{TOKEN}".encode()).decode()
    body = f'{{"error": {{"message": "no {TOKEN} or {coded}", "access_token": "another"}}}}'.encode()
    echo = http("400 Bad", body, f"X-Echo: {TOKEN}", f"Set-Cookie: t={TOKEN}", f"X-{coded.rstrip('=')}: 1")
    target, _ = against(answering(echo))
    path = f"/deployments?after_id={TOKEN}"
    exchange = target.send(
        "story", OutgoingRequest(method="POST", path=path, label="x", content=TOKEN.encode())
    )
    for part in (
        exchange.shown,
        exchange.body,
        exchange.request_body,
        exchange.curl(),
        repr(exchange),
    ):
        assert TOKEN not in str(part)
        assert coded.rstrip("=") not in str(part)
        assert "another" not in str(part)
    assert exchange.request_body == fingerprint(TOKEN)
    assert isinstance(exchange.json, dict)
    assert TOKEN in exchange.json["error"]["message"]
    assert exchange.headers["x-echo"] == TOKEN
    assert exchange.url.endswith(path)


def test_a_failure_that_tells_the_token_is_redacted(against: Setup) -> None:
    target, _ = against(answering(http("200 OK", b"x", f"Content-Encoding: {TOKEN}")))
    exchange = target.send("story", READ)
    assert exchange.failure is not None
    assert TOKEN.lower() not in exchange.shown.failure
    assert fingerprint(TOKEN) in exchange.shown.failure
    assert TOKEN.lower() in exchange.failure.text


def test_a_long_body_is_cut_in_the_record_alone(against: Setup) -> None:
    body = b'{"a": "' + b"x" * (2 * RECORDED_BODY) + b'"}'
    target, _ = against(answering(http(body=body)))
    exchange = target.send("story", OutgoingRequest(method="POST", path="/x", label="x", content=body))
    assert exchange.size == len(body)
    assert len(exchange.body) <= RECORDED_BODY
    assert len(exchange.request_body or "") <= RECORDED_BODY
    assert isinstance(exchange.json, dict)
    assert len(exchange.json["a"]) == 2 * RECORDED_BODY


@pytest.mark.parametrize(
    "hostile", ["\ud800", "\0", "../x", "a/b?c#d", "..", "é", "%2e", "[1]", "x" * 100_000]
)
def test_any_id_that_a_target_invents_can_be_asked_for(against: Setup, hostile: str) -> None:
    target, server = against(answering(http()))
    api = api_of(target)
    api.get(hostile)
    api.get_any_run(hostile)
    api.list({"after_id": hostile})
    for request in server.requests:
        line = request.partition(b"\r\n")[0]
        assert line.endswith(b" HTTP/1.1")
        assert line.count(b" ") == 2


def test_a_volley_comes_back_in_order_and_counts_once(against: Setup) -> None:
    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(http(body=request.split()[1].removeprefix(b"/")))

    target, server = against(answer)
    requests = [OutgoingRequest(method="POST", path=f"/{n}", label=f"{n}", content=b"{}") for n in range(8)]
    exchanges = target.volley("story", requests)
    assert [exchange.json for exchange in exchanges] == list(range(8))
    assert len(server.requests) == target.requests == 8
    assert len(target.exchanges("story")) == 8


def test_a_volley_larger_than_the_concurrency_is_sent_whole(against: Setup) -> None:
    together = threading.Barrier(4)

    def answer(connection: socket.socket, _: bytes) -> None:
        together.wait(10)
        connection.sendall(http())

    target, _ = against(answer, concurrency=2)
    assert [exchange.status for exchange in target.volley("story", [READ] * 4)] == [200] * 4
    assert target._gate.acquire(blocking=False)
    assert target._gate.acquire(blocking=False)


def test_a_throttled_volley_is_one_useless_answer(against: Setup) -> None:
    target, _ = against(answering(http("429 Wait")))
    assert [exchange.status for exchange in target.volley("story", [READ] * 8)] == [429] * 8
    assert target.send("story", READ).status == 429


VOLLEY_HOSTILE: dict[str, tuple[bytes, bytes]] = {
    "silence": (b"", b""),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
    "the body": (b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n", b"x"),
    "1xx answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
}


@pytest.mark.parametrize("drip", VOLLEY_HOSTILE.values(), ids=VOLLEY_HOSTILE)
def test_a_volley_at_a_dripping_server_ends(against: Setup, drip: tuple[bytes, bytes]) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(drip[0])
        while not server.over.wait(0.05):
            connection.sendall(drip[1])

    target, server = against(answer, timeout=0.4)
    failures = [exchange.failure for exchange in target.volley("story", [READ] * 2)]
    assert [failure and failure.blame for failure in failures] == [Blame.TARGET] * 2


@pytest.mark.parametrize(
    "content", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
def test_a_volley_at_a_broken_server_is_a_failure(against: Setup, content: bytes) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(content)
        hang_up(connection)

    target, _ = against(answer)
    failures = [exchange.failure for exchange in target.volley("story", [READ] * 2)]
    assert [failure and failure.blame for failure in failures] == [Blame.TARGET] * 2


def test_a_volley_at_nobody_is_the_networks_fault(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with target_at(f"http://127.0.0.1:{port}", tmp_path) as target:
        failures = [exchange.failure for exchange in target.volley("story", [READ] * 2)]
    assert [failure and failure.blame for failure in failures] == [Blame.NETWORK] * 2


@pytest.mark.parametrize("kept", [1, 3, 7])
def test_what_is_left_of_a_token_cut_short_masks_nothing(against: Setup, kept: int) -> None:
    body = b'{"type":"error","error":{"type":"authentication_error","message":"put a PAT there"}}'
    target, _ = against(answering(http("401 Unauthorized", body)))
    forged = Forged(lambda token: token[:kept], "the token cut short")
    exchange = target.send("story", replace(READ, authorization=forged))
    assert exchange.body == body.decode()
    assert exchange.json == json.loads(body)
    assert exchange.url.endswith("/deployments/dep_1")


def test_a_forged_token_that_is_echoed_is_masked_but_judged_as_it_came(against: Setup) -> None:
    body = json.dumps({"error": {"message": f"no {TOKEN[:-1]}"}}).encode()
    target, _ = against(answering(http("401 Unauthorized", body)))
    forged = Forged(lambda token: token[:-1], "the token without its last character")
    exchange = target.send("story", replace(READ, authorization=forged))
    assert TOKEN[:-1] not in exchange.body
    assert exchange.json == json.loads(body)


def test_a_record_of_what_is_huge_is_not(tmp_path: Path) -> None:
    headers = (*(f"X-{number}: 1" for number in range(300)), "X-Long: " + "h" * 50_000)
    with (
        RawServer(answering(http("200 OK", b"{}", *headers[:-1]))) as server,
        target_at(server.url, tmp_path) as target,
    ):
        many = target.send(
            "story", OutgoingRequest(method="GET", path=f"/deployments/{'i' * 60_000}/runs", label="read")
        )
    with (
        RawServer(answering(http("200 OK", b"{}", headers[-1]))) as server,
        target_at(server.url, tmp_path) as target,
    ):
        long = target.send("story", OutgoingRequest(method="GET", path="/deployments", label="read"))
    assert len(many.url) < 8_100
    assert many.url.endswith("/runs")
    assert len(many.headers) == 100
    assert len(long.headers["x-long"]) == 2_000
