"""What tells of the inside of a server is recognised, and what merely looks like it is left alone."""

from __future__ import annotations

import time

import pytest

from conformance.contract.disclosure import SHAPES, disclosed

TRACE, FILE, SQL, HOST = SHAPES
TELLING = [
    (TRACE, "Traceback (most recent call last):"),
    (TRACE, 'File "app.py", line 7, in get'),
    (TRACE, "TypeError: x\n    at Object.handle (/app/dist/routes.js:10:15)"),
    (TRACE, "\tat com.acme.api.Deployments.get(Deployments.java:88)"),
    (TRACE, "goroutine 17 [running]:"),
    (TRACE, "panic: runtime error: index out of range"),
    (TRACE, "thread 'main' panicked at src/main.rs:3:5"),
    (TRACE, "java.lang.NullPointerException"),
    (TRACE, "System.Data.SqlClient.SqlException: timeout"),
    (TRACE, "Undefined index in /var/www/api/index.php on line 12"),
    (FILE, "open /etc/deployments/config.yaml: no such file"),
    (FILE, "cannot read /srv/app/lifecycle.py"),
    (FILE, "handlers/pause.go:123: already paused"),
    (FILE, r"cannot find C:\inetpub\api\web.config"),
    (SQL, "SELECT id, name FROM deployments WHERE id = $1"),
    (SQL, "UPDATE deployments SET status = 'paused'"),
    (SQL, 'syntax error at or near "\'"'),
    (SQL, 'duplicate key value violates unique constraint "name_key"'),
    (SQL, 'pq: invalid input syntax for type uuid: "x"'),
    (SQL, "UNIQUE constraint failed: deployments.name"),
    (SQL, "ORA-00942: table or view does not exist"),
    (HOST, "upstream db-0.db.prod.svc.cluster.local refused"),
    (HOST, "dial tcp 10.1.2.3:5432: connect: connection refused"),
    (HOST, "connect ECONNREFUSED 127.0.0.1:6379"),
    (HOST, "no route to scheduler.internal:8080"),
]
HARMLESS = [
    "The deployment is already paused.",
    "ValidationError: name is required",
    "Invalid cron at position 3 (field:5)",
    "select an agent from the list, or update its settings",
    "No such column in the schedule",
    "/v1/deployments/dep_1/pause was not found",
    "see https://docs.example.com/api/errors.html#L10",
    "Etc/GMT+5 is no zone; America/Argentina/Buenos_Aires is",
    "errors.internal",
    "type.googleapis.com/google.rpc.ErrorInfo",
    "your address 10.1.2.3:51234 is blocked",
    "on line 3 of the request",
    "must be at most 256 characters; got 300:400",
]


@pytest.mark.parametrize(("shape", "text"), TELLING)
def test_a_telling_text_is_recognised(shape: str, text: str) -> None:
    assert shape in dict(disclosed(text, ""))


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_text_is_left_alone(text: str) -> None:
    assert list(disclosed(text, "")) == []


def test_what_was_sent_may_be_repeated() -> None:
    asked = "http://127.0.0.1:8080/etc/api/deployments SELECT a FROM b"
    assert list(disclosed(f"not found: {asked} ", asked)) == []
    assert dict(disclosed("not found: /etc/passwd", asked)) == {FILE: "/etc/passwd"}


@pytest.mark.parametrize(
    "piece", ["a.", "a-", "/a", "at (", "a.a/", "SELECT ", "10.", 'File "', "System.a.", "A:\\a\\"]
)
def test_a_hostile_text_costs_little(piece: str) -> None:
    began = time.process_time()
    list(disclosed(piece * (64 * 1024 // len(piece)), ""))
    assert time.process_time() - began < 5
