"""Bodies that no client should send: whatever they are answered, no server must fail on them (N181)."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.suite.shared.invalid_requests import Body, InvalidRequest, Rows, constant
from conformance.suite.shared.values import yearly

DEPTH = 1_000
UNREADABLE: Mapping[str, bytes] = {
    "an array": b"[]",
    "an array of objects": b'[{"status":"active"}]',
    "a number": b"17",
    "a huge number": b"1e999",
    "a text": b'"pause"',
    "null": b"null",
    "a boolean": b"true",
    "a deep nesting": b"[" * DEPTH + b"]" * DEPTH,
    "a deep nesting of objects": b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
    "half a document": b'{"reason":',
    "two documents": b"{}{}",
    "not JSON": b"pause, please",
    "broken UTF-8": b'{"reason":"\xff\xfe"}',
    "a lone surrogate": b'{"reason":"\\ud800"}',
    "a NUL": b"\0",
    "a blank": b" ",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a form": b"reason=lunch&until=12",
    "XML": b'<?xml version="1.0"?><pause/>',
}
"""Bodies that are no JSON object, or hardly one."""
CHOSEN = ("an array of objects", "null", "a huge number", "a deep nesting", "a deep nesting of objects",
          "broken UTF-8", "a lone surrogate", "a NUL", "a byte order mark")  # fmt: skip
"""Those that are sent as updates; creations are tried with others."""


def odd_updates() -> Rows:
    """Return updates that are hardly JSON, hold values of a wrong type deep inside, or break parsers."""
    schedule = yearly()
    # What a server may take comes first: only what is refused behind it lies between two reads.
    taken: Mapping[str, Body] = {
        "a NUL in a key of metadata": {"metadata": {"a\0key": "value"}},
        "a NUL in an event": {"initial_events": ["A\0text"]},
        "an empty key of metadata": {"metadata": {"": "value"}},
    }
    changes: Mapping[str, Body] = {
        "null as an event": {"initial_events": [None]},
        "a list as the type of an event": {"initial_events": [{"type": ["user.message"], "content": "text"}]},
        "a number as content": {"initial_events": [{"type": "user.message", "content": 7}]},
        "null as events": {"initial_events": None},
        "a list as agent": {"agent": []},
        "null as agent": {"agent": None},
        "a version beyond 64 bits": {"agent": {"id": "$agent", "type": "agent", "version": 10**30}},
        "an agent without an id": {"agent": {"type": "agent"}},
        "an agent whose id is an object": {"agent": {"id": {}, "type": "agent"}},
        "an object as environment": {"environment_id": {}},
        "null as name": {"name": None},
        "a number as cron": {"schedule": {**schedule, "expression": 7}},
        "a cron with a number beyond 64 bits": {
            "schedule": {**schedule, "expression": "9" * 30 + " * * * *"}
        },
        "a list as time zone": {"schedule": {**schedule, "timezone": []}},
        "a folder of the database as time zone": {"schedule": {**schedule, "timezone": "America"}},
        "a path as time zone": {"schedule": {**schedule, "timezone": "../../etc/passwd"}},
        "a NUL in the time zone": {"schedule": {**schedule, "timezone": "Asia/\0Shanghai"}},
        "an object as metadata value": {"metadata": {"key": {"deep": [{}]}}},
        "a text as metadata": {"metadata": "text"},
        "null as vault": {"vault_ids": [None]},
        "an object as vaults": {"vault_ids": {}},
        "null as resource": {"resources": [None]},
    }
    return (
        *(InvalidRequest("", what, change) for what, change in taken.items()),
        *(InvalidRequest("", what, {}, content=constant(UNREADABLE[what])) for what in CHOSEN),
        *(InvalidRequest("", what, change) for what, change in changes.items()),
    )
