"""Property search over bodies where none is needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.contract.judgement import answered, broken, expect_field, expect_success, expect_unchanged
from conformance.exploration._cases import reader
from conformance.exploration.registry import Searched, search
from conformance.stories.values import yearly
from conformance.target.api import Api, Created
from conformance.target.exchange import Exchange

NOT_FOUND, SERVER_ERROR = 404, 500
REFUSED = (400, 401, 403, 404, 405, 406, 409, 411, 413, 415, 422)
"""Refusals with which nothing may change."""
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
    """What an action makes of a deployment: `done` tells whether it was carried out, `fields` are then so.

    Each field has the promise that it is so. `stores`, `keeps` and `only` are the promises that what was
    answered is stored, that a refusal changes nothing and that no other fields move (None where the documents
    promise nothing). After a `final` action the deployment may be out of sight.
    """

    done: Callable[[Mapping[str, object]], bool]
    fields: Mapping[str, tuple[object, str]]
    stores: str
    keeps: str
    only: str | None = None
    final: bool = False


OUTCOMES: Mapping[str, Outcome] = {
    "pause": Outcome(
        lambda read: read.get("status") == "paused",
        {"paused_reason.type": ("manual", "pause.reason-is-manual")},
        "pause.is-stored",
        "pause.refused-changes-nothing",
        "pause.changes-only-its-own-fields",
    ),
    "unpause": Outcome(
        lambda read: read.get("status") == "active",
        {"paused_reason": (None, "unpause.clears-reason"), "archived_at": (None, "unpause.is-stored")},
        "unpause.is-stored",
        "unpause.refused-changes-nothing",
    ),
    "archive": Outcome(
        lambda read: read.get("archived_at") is not None,
        {},
        "archive.is-stored",
        "archive.refused-changes-nothing",
        final=True,
    ),
}


ALWAYS = (
    ("pause", "an array"),
    ("pause", "unknown fields"),
    ("pause", "fields of the deployment"),
    ("pause", "a deep nesting"),
    ("unpause", "not JSON"),
    ("unpause", "unknown fields"),
    ("archive", "not JSON"),
    ("archive", "unknown fields"),
)
"""What belongs to every run: an action and its body."""


@dataclass(frozen=True)
class OddBody:
    """An action, a body that it does not need, and the type that the body claims to have."""

    action: str
    body: str
    content_type: str

    def __post_init__(self) -> None:
        if self.action not in OUTCOMES or self.body not in BODIES or self.content_type not in TYPES:
            raise ValueError(f"unknown: {self!r:.120}")

    def __str__(self) -> str:
        return f"{self.action} with {self.body} as {self.content_type or 'nothing'}"


@search("property.odd-bodies", reads=reader(OddBody))
def odd_bodies(api: Api) -> Searched:
    """Whatever body an action carries, it is carried out wholly or not at all."""
    from hypothesis import strategies as st

    from conformance.exploration._explore import explore

    strategy = st.builds(
        OddBody, st.sampled_from([*OUTCOMES]), st.sampled_from([*BODIES]), st.sampled_from(TYPES)
    )
    first = [OddBody(*one, TYPES[0]) for one in ALWAYS]
    return explore(api, strategy, lambda odd: _act(api, odd), first=first)


def _act(api: Api, odd: OddBody) -> None:
    from conformance.exploration._explore import upholding

    made = api.create_deployment(schedule=yearly())
    act = {"pause": api.pause, "unpause": api.unpause, "archive": api.archive}[odd.action]
    headers = {"content-type": odd.content_type}
    try:
        if odd.action == "unpause":
            api.pause(made.id, label="pause it first")
        before = answered(api.get(made.id, label="read before"))
        exchange = act(made.id, label=str(odd), content=BODIES[odd.body], headers=headers, probe=True)
        _judge(api, made, OUTCOMES[odd.action], before, exchange)
        with upholding("pause.odd-bodies"):
            if exchange.status is not None and exchange.status >= SERVER_ERROR:
                raise broken(f"2xx or 4xx to {odd}", exchange.summary(), exchange)
    finally:
        if api.creations.is_live(made.id):
            api.archive(made.id, label="archive it")


def _judge(api: Api, made: Created, outcome: Outcome, before: Exchange, exchange: Exchange) -> None:
    """Expect the full state after a success, the state before after a refusal, else either of both."""
    from conformance.exploration._explore import upholding

    if exchange.succeeded:
        read = api.get_until(made.id, outcome.done)
    else:
        read = api.get(made.id, label="read after")
    if exchange.succeeded and outcome.final and read.status == NOT_FOUND:
        return  # that an archived deployment can be read is a weaker promise (N129)
    refused = exchange.status in REFUSED
    if exchange.succeeded or (not refused and outcome.done(expect_success(read))):
        with upholding(outcome.stores):
            if not outcome.done(expect_success(read)):
                raise broken("the action to be carried out, as its answer says", read.summary(), read)
        for path, (wanted, promise) in outcome.fields.items():
            with upholding(promise):
                expect_field(read, path, wanted)
        with upholding(outcome.only or outcome.stores):
            if outcome.only:
                expect_unchanged(before, read, but=("status", "paused_reason", "updated_at"))
    else:
        with upholding(outcome.keeps):
            expect_unchanged(before, read)
