"""Requests that no client should send: whatever they are answered, no server must fail on them (N181)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import EVERY_MODE, story
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
ODD_QUERIES: Mapping[str, Mapping[str, object]] = {
    "a limit beyond 64 bits": {"limit": "9" * 30},
    "a limit with an exponent": {"limit": "1e3"},
    "an empty limit": {"limit": ""},
    "a superscript as limit": {"limit": "\u00b2"},
    "a NUL as status": {"status": "\0"},
    "a NUL as cursor": {"after_id": "\0"},
    "an empty cursor": {"after_id": ""},
    "an empty page": {"page": ""},
    "a cursor beyond ASCII": {"before_id": "dep_🚀"},
    "a page that nobody gave": {"page": "%%%"},
    "a page beyond ASCII": {"page": "🚀"},
    "an agent of 3,000 characters": {"agent_id": "a" * 3_000},
    "a NUL as agent": {"agent_id": "agent_\0"},
    "a bound that is no time": {"created_at[gte]": "yesterday"},
    "a bound in the year 99999": {"created_at[lte]": "99999-01-01T00:00:00Z"},
    "a bound with an offset of 99 hours": {"created_at[gte]": "2026-01-01T00:00:00+99:00"},
    "bounds that UTC has no years for": {
        "created_at[gte]": "0001-01-01T00:00:00+14:00",
        "created_at[lte]": "9999-12-31T23:59:59-12:00",
    },
    "a NUL as include_archived": {"include_archived": "\0"},
}
ODD_RUN_QUERIES: Mapping[str, Mapping[str, object]] = {
    "a NUL as deployment": {"deployment_id": "\0"},
    "a NUL as trigger type": {"trigger_type": "\0"},
    "a bound that is no time": {"created_at[gt]": "yesterday"},
    "a page that nobody gave": {"page": "%%%"},
}


@dataclass(frozen=True)
class Odd:
    """Answers by what was sent."""

    answers: Mapping[str, Exchange]


@story(modes=EVERY_MODE)
def odd_queries(api: Api) -> Odd:
    """Both lists are asked for with values that no server can make sense of."""
    lists = {
        f"list with {what}": api.list(query, label=f"list with {what}", probe=True)
        for what, query in ODD_QUERIES.items()
    }
    runs = {
        f"list all runs with {what}": api.all_runs(query, label=f"list all runs with {what}", probe=True)
        for what, query in ODD_RUN_QUERIES.items()
    }
    return Odd({**lists, **runs})


def odd_updates() -> Rows:
    """Return updates that are hardly JSON, hold values of a wrong type deep inside, or break parsers."""
    schedule = yearly()
    # What a server may take comes first: only what is refused behind it lies between two reads.
    taken: Mapping[str, Body] = {
        "a NUL in a key of metadata": {"metadata": {"a\0key": "value"}},
        "a NUL in an event": {"initial_events": ["A\0text"]},
    }
    changes: Mapping[str, Body] = {
        "null as an event": {"initial_events": [None]},
        "a list as the type of an event": {"initial_events": [{"type": ["user.message"], "content": "text"}]},
        "a number as content": {"initial_events": [{"type": "user.message", "content": 7}]},
        "null as events": {"initial_events": None},
        "a list as agent": {"agent": []},
        "null as agent": {"agent": None},
        "a version beyond 64 bits": {"agent": {"id": "$agent", "type": "agent", "version": 10**30}},
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
