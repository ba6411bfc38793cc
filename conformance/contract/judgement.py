"""The pure functions with which judgements say what they expect of an answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from conformance.contract.schemas import parse_timestamp
from conformance.contract.verdict import Blame, BrokenPromiseError, NotJudgedError

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "nothing"})()
"""Stands for a field that an object does not have."""


class Answered(Protocol):
    """What a judgement needs to know of an exchange; an `Exchange` is one."""

    @property
    def number(self) -> int:
        """Its place in the run."""

    @property
    def label(self) -> str:
        """What the request was for."""

    @property
    def status(self) -> int | None:
        """The HTTP status, None without an answer."""

    @property
    def json(self) -> object:
        """The answer's JSON document."""

    @property
    def ambiguous(self) -> bool:
        """Whether an earlier attempt may have been carried out."""

    @property
    def failure(self) -> Any:  # noqa: ANN401 (has blame and text; its class lives in a room above)
        """Why there is no answer."""

    def summary(self) -> str:
        """Return the answer in a few words."""


BAD_REQUEST, NOT_FOUND, CONFLICT, TOO_MANY = 400, 404, 409, 429
A = TypeVar("A", bound=Answered)


def answered(exchange: A) -> A:
    """Return the exchange if its answer can be judged.

    Raises NotJudgedError when there is no whole answer, when the gateway kept refusing (429, 503: the
    documents allow both at any time), and when a repeated write meets a conflict that its own first attempt
    may have caused; `expect_errors` takes that conflict where it is the error that the promise names.
    """
    if exchange.failure:
        raise NotJudgedError(exchange.failure.blame, f"{exchange.label}: {exchange.failure.text}")
    if exchange.status in (429, 503):
        raise NotJudgedError(Blame.TARGET, f"{exchange.label}: the gateway kept answering {exchange.status}")
    if exchange.ambiguous and exchange.status == CONFLICT:
        raise NotJudgedError(Blame.NETWORK, f"{exchange.label}: repeated after a lost or refused attempt")
    return exchange


def broken(expected: str, got: object, *exchanges: Answered) -> BrokenPromiseError:
    """Return the exception that says what a promise expected and what came instead."""
    return BrokenPromiseError(expected, shorten(got), tuple(exchange.number for exchange in exchanges))


def shorten(value: object, limit: int = 300) -> str:
    """Return a value as one line of at most `limit` characters: a text as it is, all else as JSON."""
    text = value if isinstance(value, str) else _as_json(value)
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _as_json(value: object) -> str:
    return repr(value) if value is MISSING else json.dumps(value, ensure_ascii=False, default=repr)


def expect_success(exchange: Answered, *statuses: int) -> Mapping[str, Any]:
    """Expect one of `statuses` (200 if none is named) and a JSON object; return the object."""
    allowed = statuses or (200,)
    wanted = " or ".join(map(str, allowed))
    if answered(exchange).status not in allowed:
        raise broken(f"{wanted} to {exchange.label}", exchange.summary(), exchange)
    return expect_object(exchange)


def expect_object(exchange: Answered) -> Mapping[str, Any]:
    """Expect a JSON object as the body; return it."""
    document = answered(exchange).json
    if not isinstance(document, dict):
        raise broken(f"a JSON object in answer to {exchange.label}", document, exchange)
    return document


def expect_error(exchange: Answered, *statuses: int, kind: str | None = None) -> None:
    """Expect an error status, and `error.type` to be `kind` where the envelope can be read.

    Whether the envelope can be read is a promise of its own (`errors.envelope`), judged on every error.
    """
    expect_errors({exchange.label: exchange}, *statuses, kind=kind)


def expect_errors(answers: Mapping[str, Answered], *statuses: int, kind: str | None = None) -> None:
    """Expect the same error of several requests, as `expect_error` does; tell of all that differ.

    `answers` holds exchanges by a few words that say what was asked.
    """
    wanted = " or ".join(map(str, statuses)) + (f" {kind}" if kind else "")
    wrong = {asked: one for asked, one in answers.items() if not is_error(one, *statuses, kind=kind)}
    judged = {asked: one for asked, one in wrong.items() if _judgeable(one)}
    if judged:
        asked, one = next(iter(judged.items()))
        if len(judged) == 1:
            raise broken(f"{wanted} to {asked}", one.summary(), one)
        got = "; ".join(f"{asked} → {one.summary()}" for asked, one in judged.items())
        raise broken(f"{wanted} to each", got, *judged.values())
    for one in wrong.values():
        answered(one)


def expect_not_found(answers: Mapping[str, Answered], kind: str, *, well_formed: bool) -> None:
    """Expect 404s, or 400s where nobody knows what ids look like, since these may be malformed (N79)."""
    if well_formed:
        expect_errors(answers, NOT_FOUND, kind=kind)
    else:
        expect_errors(answers, BAD_REQUEST, NOT_FOUND)


def is_error(exchange: Answered, *statuses: int, kind: str | None = None) -> bool:
    """Tell whether an answer has one of the statuses, and `error.type` is `kind` where it can be read."""
    return exchange.status in statuses and (kind is None or error_type(exchange) in (None, kind))


def _judgeable(exchange: Answered) -> bool:
    try:
        answered(exchange)
    except NotJudgedError:
        return False
    return True


def refused(exchange: Answered) -> bool:
    """Tell whether a request was refused for what it said; the gateway's 429 says nothing of that."""
    client_error = exchange.status in range(400, 500) and exchange.status != TOO_MANY
    return client_error and not exchange.ambiguous


def error_type(exchange: Answered) -> str | None:
    """Return `error.type` of an error body, or None when there is no such text."""
    error = exchange.json.get("error") if isinstance(exchange.json, dict) else None
    kind = error.get("type") if isinstance(error, dict) else None
    return kind if isinstance(kind, str) else None


def field(document: object, path: str) -> Any:  # noqa: ANN401 (JSON)
    """Return the value at a dotted path of an object, or `MISSING`."""
    for name in path.split("."):
        if not isinstance(document, dict) or name not in document:
            return MISSING
        document = document[name]
    return document


def expect_field(exchange: Answered, path: str, wanted: object) -> None:
    """Expect the field at `path` of the answer to equal `wanted`."""
    got = field(expect_object(exchange), path)
    if not same(got, wanted):
        raise broken(f"{path} to be {shorten(wanted, 80)} in answer to {exchange.label}", got, exchange)


def same(one: object, other: object) -> bool:
    """Tell whether two JSON values are equal.

    Unlike in Python, true is not 1; two timestamps within the same second are equal, since the documents
    promise no precision and show different ones on different routes (fact sheet, 1.6 and 1.16).
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) and isinstance(other, str) and one != other:
        return _same_instant(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def instant(value: object) -> datetime | None:
    """Return the moment that a timestamp means, for comparing moments; None for what is no timestamp at all.

    One without a zone counts as UTC here: that it lacks the zone breaks a promise of its own
    (`object.matches-schema`) and no other.
    """
    return parse_timestamp(value) or (parse_timestamp(f"{value}Z") if isinstance(value, str) else None)


def _same_instant(one: str, other: str) -> bool:
    first, second = instant(one), instant(other)
    return first is not None and second is not None and abs((first - second).total_seconds()) < 1


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return a line for each field that differs between two states of one object."""
    return [f"{path}: {shorten(old, 80)} → {shorten(new, 80)}" for path, old, new in _walk("", before, after)]


def _walk(prefix: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[tuple[str, Any, Any]]:
    for name in sorted({*before, *after}):
        path, old, new = f"{prefix}{name}", before.get(name, MISSING), after.get(name, MISSING)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _walk(f"{path}.", old, new)
        elif not same(old, new):
            yield path, old, new


VOLATILE = ("schedule.upcoming_runs_at", "schedule.last_run_at", "metadata.cas_config")
"""What may move between two reads without any request: time passes."""


DOCUMENTED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("id", "type", "name", "description", "environment_id", "environment_variables", "initial_events",
         "resources", "vault_ids", "metadata", "status", "archived_at", "created_at", "updated_at"),
        (),
    ),
    "agent": ("id", "type", "version"),
    "schedule": ("type", "expression", "timezone", "upcoming_runs_at", "last_run_at"),
    "paused_reason": ("type",),
}  # fmt: skip
"""The documented fields of a deployment and of the objects in it; what else a server adds may move freely."""


def documented(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the documented part of a deployment; contents of events are texts, where they have one (N47)."""
    known = {name: document[name] for name in DOCUMENTED if name in document}
    if isinstance(known.get("initial_events"), list):
        known["initial_events"] = list(map(_as_sent, known["initial_events"]))
    return {
        name: {key: value[key] for key in DOCUMENTED[name] if key in value}
        if DOCUMENTED[name] and isinstance(value, dict)
        else value
        for name, value in known.items()
    }


def changes(before: Mapping[str, Any], after: Mapping[str, Any], but: Iterable[str] = ()) -> list[str]:
    """Return a line for each documented field that differs, except `but` and what time moves."""
    paths = (*VOLATILE, *but)
    return differences(without(documented(before), paths), without(documented(after), paths))


def expect_unchanged(before: Answered, after: Answered, *, but: Iterable[str] = ()) -> None:
    """Expect two reads of one deployment to be equal, except for the `but` paths and what time moves."""
    changed = changes(expect_success(before), expect_success(after), but)
    if changed:
        raise broken(f"nothing to have changed ({after.label})", "; ".join(changed), before, after)


def without(document: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return a copy of an object without the fields at the dotted paths."""
    copy = dict(document)
    for path in paths:
        head, dot, rest = path.partition(".")
        if not dot:
            copy.pop(head, None)
        elif isinstance(copy.get(head), dict):
            copy[head] = without(copy[head], [rest])
    return copy


def _as_sent(event: object) -> object:
    text = content_text(event)
    return event if text is None or not isinstance(event, dict) else {**event, "content": text}


def content_text(event: object) -> str | None:
    """Return the text of an event's content, be it a string or blocks (N47); None when it is neither."""
    content = event.get("content") if isinstance(event, dict) else None
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else [None]
    texts = [block.get("text") if isinstance(block, dict) else None for block in blocks]
    return "".join(map(str, texts)) if all(isinstance(text, str) for text in texts) else None
