"""Property search over bodies where none is needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.contract.judgement import answered, broken, expect_field, expect_success, expect_unchanged
from conformance.exploration.registry import Searched, search
from conformance.stories.values import yearly
from conformance.target.api import Api
from conformance.target.exchange import Exchange

SERVER_ERROR = 500
DEPTH = 1_000
BODIES: Mapping[str, bytes] = {
    "an array": b"[]",
    "an array of objects": b'[{"status":"active"}]',
    "a number": b"17",
    "a huge number": b"1e999",
    "a text": b'"pause"',
    "null": b"null",
    "a boolean": b"true",
    "unknown fields": b'{"reason":"lunch","until":12,"force":true}',
    "fields of the deployment": b'{"status":"active","paused_reason":null,"archived_at":null,"name":""}',
    "a huge object": json.dumps({f"key {n}": "value" * 10 for n in range(1_500)}).encode(),
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
TYPES = ("application/json", "", "text/plain", "application/xml", "application/x-www-form-urlencoded",
         "multipart/form-data; boundary=x", "application/json; charset=utf-16", "*/*")  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What an action must have made of a deployment once it is carried out, field by field."""

    makes: str
    keeps: str
    fields: Mapping[str, object]


OUTCOMES: Mapping[str, Outcome] = {
    "pause": Outcome(
        "pause.makes-it-paused",
        "pause.refused-changes-nothing",
        {"status": "paused", "paused_reason.type": "manual", "archived_at": None},
    ),
    "unpause": Outcome(
        "unpause.makes-it-active",
        "unpause.refused-changes-nothing",
        {"status": "active", "paused_reason": None, "archived_at": None},
    ),
    "archive": Outcome(
        "archive.sets-archived-at",
        "archive.refused-changes-nothing",
        {"schedule.upcoming_runs_at": []},
    ),
}


@dataclass(frozen=True)
class OddBody:
    """An action, a body that it does not need, and the type that the body claims to have."""

    action: str
    body: str
    content_type: str

    def __str__(self) -> str:
        return f"{self.action} with {self.body} as {self.content_type or 'nothing'}"


@search("property.odd-bodies")
def odd_bodies(api: Api) -> Searched:
    """Whatever body an action carries, it is carried out wholly or not at all."""
    from hypothesis import strategies as st

    from conformance.exploration._explore import explore

    strategy = st.builds(
        OddBody, st.sampled_from([*OUTCOMES]), st.sampled_from([*BODIES]), st.sampled_from(TYPES)
    )
    first = [OddBody("pause", body, TYPES[0]) for body in ("an array", "unknown fields", "a deep nesting")]
    return explore(api, strategy, lambda odd: _act(api, odd), first=first)


def _act(api: Api, odd: OddBody) -> None:
    from conformance.exploration._explore import upholding

    made = api.create_deployment(schedule=yearly())
    acts: Mapping[str, Callable[..., Exchange]] = {
        "pause": api.pause,
        "unpause": api.unpause,
        "archive": api.archive,
    }
    gone = False
    try:
        if odd.action == "unpause":
            api.pause(made.id, label="pause it first")
        before = answered(api.get(made.id, label="read before"))
        exchange = acts[odd.action](
            made.id,
            label=str(odd),
            content=BODIES[odd.body],
            headers={"content-type": odd.content_type},
            probe=True,
        )
        gone = odd.action == "archive" and exchange.succeeded
        _judge(api, odd, before, exchange)
        with upholding("pause.odd-bodies"):
            if exchange.status is not None and exchange.status >= SERVER_ERROR:
                raise broken(f"2xx or 4xx to {odd}", exchange.summary(), exchange)
    finally:
        if not gone:
            api.archive(made.id, label="archive it")


def _judge(api: Api, odd: OddBody, before: Exchange, exchange: Exchange) -> None:
    """Expect the state before or the full state after: the latter if it succeeded, the former if refused."""
    from conformance.exploration._explore import upholding

    outcome = OUTCOMES[odd.action]
    moved: Callable[[Mapping[str, object]], bool] = lambda read: read.get(_MARK[odd.action]) != _mark(  # noqa: E731 (TODO)
        before, odd.action
    )
    if exchange.succeeded:
        read = api.get_until(_id(before), moved)
    else:
        read = api.get(_id(before), label="read after")
    unclear = not exchange.succeeded and not _refused(exchange)
    carried_out = exchange.succeeded or (unclear and isinstance(read.json, dict) and moved(read.json))
    if carried_out:
        with upholding(outcome.makes):
            _expect_done(read, odd.action, outcome)
    else:
        with upholding(outcome.keeps):
            expect_unchanged(before, read)
