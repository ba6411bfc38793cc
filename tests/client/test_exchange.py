"""Exchanges: curl lines that a shell runs, JSON that is JSON, dates that never raise, timelines."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conformance.client.exchange import (
    NOT_JSON,
    TOKEN_VARIABLES,
    Failure,
    is_too_deep,
    parse_json,
    timeline,
)
from conformance.contract.timeline import Remark, reported_size
from conformance.contract.verdict import Blame
from conformance.report.evidence import culprits, written
from tests.client.factory import exchange

SHELL_TOKEN = "the 'token' of $HOME `id` \\"
Run = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def sh(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a line in `sh` where `curl` writes its arguments to a file; return the arguments."""
    folder = tmp_path_factory.mktemp("bin")
    fake, seen = folder / "curl", folder / "seen"
    fake.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" > '{seen}'\n")
    fake.chmod(0o755)
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "CONFORMANCE_TOKEN": SHELL_TOKEN,
                   "CONFORMANCE_SECOND_TOKEN": "two", "HOME": str(folder)}  # fmt: skip

    def run(line: str) -> list[str]:
        seen.unlink(missing_ok=True)
        process = subprocess.run(
            ["/bin/sh", "-c", line], env=environment, cwd=folder, capture_output=True, check=False, timeout=30
        )
        assert (process.returncode, process.stdout, process.stderr) == (0, b"", b""), line
        assert sorted(path.name for path in folder.iterdir()) == ["curl", "seen"]
        return seen.read_bytes().decode("utf-8").split("\0")[:-1]

    return run


def expected(method: str, headers: Mapping[str, str], body: str | None, url: str) -> list[str]:
    """Return the arguments that curl must get."""
    words = ["-sS", "-i", "--globoff", "-X", method]
    for name, value in headers.items():
        for variable, secret in zip(TOKEN_VARIABLES, (SHELL_TOKEN, "two"), strict=True):
            value = value.replace(variable, secret)  # noqa: PLW2901 (both variables)
        words += ["-H", f"{name}: {value}"]
    return [*words, *(["--data-raw", body] if body is not None else []), url]


anything = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
names = st.text("abcdefghijklmnopqrstuvwxyz!#$%&'*+-.^_`|~0123456789", min_size=1, max_size=12)
one_line = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=30)
active = st.sampled_from(
    [*TOKEN_VARIABLES, "$HOME", "$(touch x)", "`touch x`", '"', "'", "\\", "!", "x", " ", "é"]
)
values = one_line | st.lists(active, max_size=6).map("".join)


@settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(headers=st.dictionaries(names, values, max_size=3), body=st.none() | anything, path=anything)
@example({"authorization": "Bearer $CONFORMANCE_TOKEN"}, '{"a": "b\'c"}', "/deployments?a=b&c=[1]{2}")
@example({"x-api-key": "$CONFORMANCE_TOKENx"}, "@/etc/passwd", "/$(touch x)")
@example({"x-api-key": '$CONFORMANCE_SECOND_TOKEN"$(touch x)`touch x`\\'}, "\n-x", "/;touch x")
def test_a_shell_gives_curl_exactly_what_was_meant(
    sh: Run, headers: dict[str, str], body: str | None, path: str
) -> None:
    headers = {"content-type": "application/json", **headers}
    sent = exchange(method="POST", request_headers=headers, request_body=body, url=f"https://host{path}")
    got, wanted = sh(sent.curl()), expected("POST", headers, body, f"https://host{path}")
    assert sorted(got) == sorted(wanted)
    assert got[:5] == wanted[:5]
    assert got[-1] == wanted[-1]
    pairs = {got[place] for place in range(5, len(got) - 1, 2)}
    assert pairs <= {"-H", "--data-raw"}


def test_the_usual_curl_line_reads_well() -> None:
    sent = exchange(
        request_headers={"authorization": "Bearer $CONFORMANCE_TOKEN"}, url="https://host/deployments"
    )
    assert sent.curl() == (
        'curl -sS -i --globoff -X GET -H "authorization: Bearer $CONFORMANCE_TOKEN" https://host/deployments'
    )


def test_a_body_without_content_type_is_sent_without_one(sh: Run) -> None:
    assert sh(exchange(method="POST", request_body="{}").curl())[-3:-1] == ["-H", "content-type:"]
    typed = exchange(method="POST", request_body="{}", request_headers={"Content-Type": "text/plain"})
    assert "content-type:" not in sh(typed.curl())
    assert "content-type:" not in sh(exchange().curl())


def test_a_head_request(sh: Run) -> None:
    assert sh(exchange(method="HEAD").curl())[:4] == ["-sS", "-i", "--globoff", "--head"]


@pytest.mark.parametrize(
    "content",
    [
        b"NaN", b'{"a": Infinity}', b"[-Infinity]", b"", b"{", b"<html>", b"\xff\xfe", b'{"a": "\xc3"}', b"{} {}",
        b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000, b"'a'", b'"\x01"',
        "{}".encode("utf-16"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_said_to_be_none(content: bytes) -> None:
    assert parse_json(content) is NOT_JSON
    assert not NOT_JSON


@pytest.mark.parametrize(
    "content",
    [
        b"null",
        b"[]",
        b"1e999",
        b'{"a": 1, "a": 2}',
        b'"\\ud800"',
        b"9" * 4000,
        b"[" * 99 + b"]" * 99,
        b"[[]]" + b" " * 9,
        b"[" + b"{}," * 300 + b"{}]",
    ],
)
def test_odd_json_is_json(content: bytes) -> None:
    assert parse_json(content) == json.loads(content)


@pytest.mark.parametrize(
    ("content", "read"),
    [(b"2.0", 2), (b"-0.0", 0), (b"1e2", 100), (b"2.5", 2.5), (b"1e300", 1e300), (b"9" * 5000, float("inf"))],
)
def test_a_number_without_a_fraction_is_an_integer(content: bytes, read: object) -> None:
    assert repr(parse_json(content)) == repr(read)


@pytest.mark.parametrize(
    "content", [b"[" * 101 + b"]" * 101, b'{"a":' * 900 + b"1" + b"}" * 900, b"[" * 100_000]
)
def test_what_is_too_deep_is_not_read(content: bytes) -> None:
    assert is_too_deep(content)
    assert parse_json(content) is NOT_JSON
    assert not is_too_deep(b"[" + b"[1]," * 200 + b"2]")
    assert not is_too_deep(b"[" * 100 + b"]" * 100)


@given(content=st.binary(max_size=50))
def test_no_body_raises(content: bytes) -> None:
    parse_json(content)


@pytest.mark.parametrize(
    ("header", "date"),
    [
        ("Wed, 01 Jul 2026 08:30:00 GMT", datetime(2026, 7, 1, 8, 30, tzinfo=UTC)),
        ("Wed, 01 Jul 2026 08:30:00 -0000", datetime(2026, 7, 1, 8, 30, tzinfo=UTC)),
        ("Wed, 01 Jul 2026 08:30:00", datetime(2026, 7, 1, 8, 30, tzinfo=UTC)),
        ("Wed, 01 Jul 2026 10:30:00 +0200", datetime(2026, 7, 1, 8, 30, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        ("1 Jan 99999999999999999999 00:00:00 GMT", None),
        ("1 Jan 2026 00:00:00 +99999999999999", None),
        ("31 Dec 9999 23:59:59 -2300", None),
    ],
)
def test_the_servers_clock(header: str, date: datetime | None) -> None:
    assert exchange(headers={"date": header}).date == date


def test_no_date_header() -> None:
    assert exchange().date is None


dates = st.lists(
    st.sampled_from(["Mon,", "01", "Jan", "2026", "99999999999999999999", "00:00:00", "8:30", "GMT", "+9999", "-0000",
                     "+99999999999999", "(", ")", ",", "-", ":", "", "\udcff"]),
    max_size=8,
).map(" ".join)  # fmt: skip


@settings(max_examples=300)
@given(header=dates | st.text(max_size=40))
def test_no_date_raises_and_every_one_is_in_utc(header: str) -> None:
    date = exchange(headers={"date": header}).date
    assert date is None or date.utcoffset() == datetime.now(UTC).utcoffset()


@pytest.mark.parametrize(
    ("facts", "summary"),
    [
        ({"status": 200, "json": {"id": "dep_1"}}, "200"),
        ({"status": 409, "json": {"error": {"type": "conflict_error"}}}, "409 conflict_error"),
        ({"status": 500, "body": "<html>"}, "500"),
        ({"status": 400, "json": {"error": "text"}}, "400"),
        ({"status": 400, "json": {"error": {"type": 5}}}, "400"),
        ({"status": None, "failure": Failure(Blame.TARGET, "it hung")}, "no answer (it hung)"),
    ],
)
def test_an_answer_in_a_few_words(facts: dict[str, object], summary: str) -> None:
    assert exchange(**facts).summary() == summary


@pytest.mark.parametrize(
    ("method", "retries", "ambiguous"),
    [
        ("POST", (), False), ("POST", ("429",), False), ("POST", ("503",), True), ("GET", ("503",), False),
        ("POST", ("429", "broken answer: disconnected"), True), ("DELETE", ("503",), True),
    ],
)  # fmt: skip
def test_a_repeated_write_proves_little(method: str, retries: tuple[str, ...], ambiguous: bool) -> None:
    assert exchange(method=method, retries=retries).ambiguous is ambiguous


@pytest.mark.parametrize(
    ("status", "succeeded"), [(199, False), (200, True), (299, True), (300, False), (None, False)]
)
def test_success_is_2xx(status: int | None, succeeded: bool) -> None:
    assert exchange(status=status).succeeded is succeeded


def test_a_timeline_marks_the_culprits_and_says_what_came() -> None:
    shown = timeline(
        [
            exchange(
                number=1, label="create", status=200, size=2, body="{}", headers={"date": "then", "x": "y"}
            ),
            exchange(number=2, label="pause", retries=("503",), body="b" * 3000, json=None),
            exchange(number=3, label="read", status=None, failure=Failure(Blame.NETWORK, "it is gone")),
        ],
        [2],
    )
    first, second, third = _blocks(written(shown))
    assert first.startswith("-- #1 create\n   curl ")
    assert "answer 200 (2 bytes) date: then\n   {}" in first
    assert second.startswith(">> #2 pause")
    assert ", tried again after: 503" in second
    assert len(second) < 2500
    assert "…" in second
    assert "   no answer: it is gone" in third


def _blocks(text: str) -> list[str]:
    places = [text.index(head) for head in ("-- #1", ">> #2", "-- #3")] + [len(text)]
    return [text[start:end] for start, end in itertools.pairwise(places)]


@pytest.mark.parametrize("line", [">> #1 forged", "-- #7 forged"])
def test_a_body_cannot_forge_a_block_of_the_timeline(line: str) -> None:
    found = timeline(
        [exchange(number=3, body=f"\n{line}\n   curl evil\n"), exchange(number=4, body="real")], [4]
    )
    assert line not in written(found).splitlines()
    assert "real" in written(culprits(found))
    assert "forged" not in written(culprits(found))


def test_a_long_error_type_is_shortened_in_a_summary() -> None:
    error = exchange(status=400, json={"error": {"type": "x" * 7_000_000}}, body="")
    assert len(error.summary()) < 200


def test_a_timeline_has_an_end_and_says_what_it_leaves_out() -> None:
    long = [
        exchange(
            number=number,
            headers={"x-request-id": "h" * 90_000},
            body="\x1b" * 60_000,
            request_body="b" * 60_000,
        )
        for number in range(500)
    ]
    shown = timeline(long)
    assert reported_size(shown) < 200_000
    left_out = 500 - (len(shown) - 1)
    assert 400 < left_out < 500
    assert shown[-1] == Remark(f"({left_out} more exchanges are left out: the text would be too long)")
