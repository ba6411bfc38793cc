"""The pure functions with which judgements say what they expect of an answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Any, Protocol, TypeVar

from conformance.contract import clock
from conformance.contract.schemas import parse_timestamp
from conformance.contract.verdict import Blame, BrokenPromiseError, NotJudgedError

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "nothing", "__bool__": lambda _: False})()
"""Stands for a field that an object does not have; it is false, like null."""


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
    def retries(self) -> tuple[str, ...]:
        """What the earlier attempts got."""

    @property
    def ambiguous(self) -> bool:
        """Whether an earlier attempt may have been carried out."""

    @property
    def precondition(self) -> str:
        """Why the answer tells nothing of what was asked, or an empty text."""

    @property
    def failure(self) -> Any:  # noqa: ANN401 (has blame and text; its class lives in a room above)
        """Why there is no answer."""

    def summary(self) -> str:
        """Return the answer in a few words."""


SCANNED = 20
"""So many times the characters that it shows are read by `shorten`: blanks may fill a text."""
MOST_CHANGES = 20
"""Differences between two states that a message names."""
_JSON = json.JSONEncoder(ensure_ascii=False, default=str)
_ASCII = json.JSONEncoder(default=str)


class Sent(Answered, Protocol):
    """An exchange of which the judgement needs more."""

    @property
    def method(self) -> str:
        """The HTTP method of the request."""

    @property
    def echo(self) -> str:
        """Where the answer repeats the credential that was sent, empty if nowhere."""


MOST_SHOWN = 5
"""Of many answers that are wrong alike, a message tells of so many."""
LONGEST_LINE = 100_000
"""Within how many characters of two values their first difference is looked for."""
SHOWN_BEFORE = 10
"""How much of what two values have in common is shown before their first difference."""
A = TypeVar("A", bound=Answered)


def answered(exchange: A) -> A:
    """Return the exchange if its answer can be judged.

    Raises NotJudgedError when there is no whole answer, when the gateway kept refusing (429, 503: the
    documents allow both at any time), when it could not pass a request on that nobody sent again (502, 504),
    when the answer has a reason that lies before the request, and when a repeated write meets a conflict that
    its own first attempt may have caused; `expect_errors` takes that conflict where it is the error that the
    promise names.
    """
    if exchange.failure:
        raise NotJudgedError(exchange.failure.blame, f"{exchange.label}: {exchange.failure.text}")
    if exchange.precondition:
        raise NotJudgedError(Blame.PRECONDITION, exchange.precondition)
    if exchange.status in (429, 503):
        raise NotJudgedError(Blame.TARGET, f"{exchange.label}: the gateway kept answering {exchange.status}")
    if unrepeated(exchange):
        raise NotJudgedError(Blame.TARGET, f"{exchange.label}: {exchange.status}, and it was sent just once")
    if exchange.ambiguous and exchange.status == HTTPStatus.CONFLICT:
        raise NotJudgedError(Blame.NETWORK, f"{exchange.label}: repeated after a lost or refused attempt")
    return exchange


def unrepeated(exchange: Answered) -> bool:
    """Tell whether a gateway alone answered, a single time: it says nothing of what is behind it."""
    return exchange.status in (502, 504) and not exchange.retries


def broken(
    expected: str, got: object, *exchanges: Answered, at: str = "", statuses: Iterable[int] = ()
) -> BrokenPromiseError:
    """Return the exception that says what a promise expected and what came instead.

    `at` is the path of the field that it is about, `statuses` are those of which one was promised: a target
    that never shows that field, or has another status for all of its kind, breaks one promise, not all.
    """
    culprits = tuple(exchange.number for exchange in exchanges)
    return BrokenPromiseError(expected, shorten(got), culprits, at, tuple(statuses))


def shorten(value: object, limit: int = 300) -> str:
    """Return a value as one line of at most `limit` characters: a text as it is, all else as JSON."""
    text = value if isinstance(value, str) else _as_json(value, SCANNED * limit)
    line = " ".join(text[: SCANNED * limit].split())
    whole = len(line) <= limit and len(text) <= SCANNED * limit
    return line if whole else f"{line[: limit - 1]}…"


def apart(left: object, right: object, limit: int = 80) -> tuple[str, str]:
    """Return two values as lines that show their first difference, without a long beginning in common."""
    lines = [shorten(value, LONGEST_LINE) for value in (left, right)]
    if lines[0] == lines[1]:  # they differ in blanks, or in how characters are composed
        lines = [_as_json(value, LONGEST_LINE, _ASCII) for value in (left, right)]
    pairs = enumerate(zip(*lines, strict=False))
    common = next((place for place, (here, there) in pairs if here != there), min(map(len, lines)))
    if common > limit // 2:
        lines = [f"…{line[common - SHOWN_BEFORE :]}" for line in lines]
    return shorten(lines[0], limit) or '""', shorten(lines[1]) or '""'


def _as_json(value: object, enough: int, encoder: json.JSONEncoder = _JSON) -> str:
    """Return the beginning of a value as JSON: a large document is written no further than it is shown."""
    if value is MISSING:
        return repr(value)
    written, size = [], 0
    for part in encoder.iterencode(value):
        written.append(part)
        size += len(part)
        if size > enough:
            break
    return "".join(written)


def expect_success(exchange: Answered, *statuses: int) -> Mapping[str, Any]:
    """Expect one of `statuses` (200 if none is named) and a JSON object; return the object."""
    allowed = statuses or (200,)
    wanted = " or ".join(map(str, allowed))
    if answered(exchange).status not in allowed:
        raise broken(f"{wanted} to {exchange.label}", exchange.summary(), exchange, statuses=allowed)
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
    expect_each(answers, wanted, lambda answer: is_error(answer, *statuses, kind=kind), statuses)


def expect_each(
    answers: Mapping[str, Answered],
    wanted: str,
    fits: Callable[[Answered], bool],
    statuses: Iterable[int] = (),
) -> None:
    """Expect several answers to fit what is `wanted`; tell of all that do not, as `expect_errors` does.

    `statuses` are all that may fit.
    """
    wrong = {asked: answer for asked, answer in answers.items() if not fits(answer)}
    judged = {asked: answer for asked, answer in wrong.items() if _judgeable(answer)}
    if judged:
        asked, answer = next(iter(judged.items()))
        if len(judged) == 1:
            raise broken(f"{wanted} to {asked}", answer.summary(), answer, statuses=statuses)
        got = "; ".join(f"{asked} → {answer.summary()}" for asked, answer in judged.items())
        raise broken(f"{wanted} to each", got, *judged.values(), statuses=statuses)
    for answer in wrong.values():
        answered(answer)


def expect_not_found(answers: Mapping[str, Answered], kind: str | None, *, well_formed: bool) -> None:
    """Expect 404s, or 400s where nobody knows what ids look like, since these may be malformed (N79)."""
    if well_formed:
        expect_errors(answers, HTTPStatus.NOT_FOUND, kind=kind)
    else:
        expect_errors(answers, HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)


def is_error(exchange: Answered, *statuses: int, kind: str | None = None) -> bool:
    """Tell whether an answer has one of the statuses, and `error.type` is `kind` where it can be read."""
    as_named = kind is None or error_type(exchange) in (None, kind)
    return exchange.status in statuses and as_named and not exchange.precondition


def _judgeable(exchange: Answered) -> bool:
    try:
        answered(exchange)
    except NotJudgedError:
        return False
    return True


def expect_no_server_error(exchanges: Iterable[Sent]) -> None:
    """Expect that the server failed on none of the requests; tell of all on which it did (N181).

    A gateway's 503 is none of its failures (N24), nor is a 501 to a method that no route has.
    """
    failed = [exchange for exchange in exchanges if _failed(exchange)]
    if failed:
        got = _some(f"{exchange.label} → {exchange.summary()}" for exchange in failed)
        raise broken("no 5xx, whatever is sent", got, *failed[:MOST_SHOWN])


def expect_no_echo(exchanges: Iterable[Sent]) -> None:
    """Expect that no answer repeats the credential that its request carried; tell of all that do (N185)."""
    repeating = [exchange for exchange in exchanges if exchange.echo]
    if repeating:
        got = _some(f"it stands in {e.echo} of the {e.status} to {e.label}" for e in repeating)
        raise broken("no answer to hold the credential that was sent", got, *repeating[:MOST_SHOWN])


def _some(answers: Iterable[str]) -> str:
    """Return the first few of many texts, each once, and how many are left out."""
    texts = list(dict.fromkeys(answers))
    more = len(texts) - MOST_SHOWN
    return "; ".join([*texts[:MOST_SHOWN], *([f"and {more} more"] if more > 0 else [])])


def _failed(exchange: Sent) -> bool:
    status = exchange.status or 0
    offered = exchange.method in {"GET", "POST"}
    refuses = (HTTPStatus.SERVICE_UNAVAILABLE, *(() if offered else (HTTPStatus.NOT_IMPLEMENTED,)))
    silent = status in refuses or unrepeated(exchange)
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR and not silent


def refused(exchange: Answered) -> bool:
    """Tell whether a request was refused for what it said; the gateway's 429 says nothing of that."""
    client_error = exchange.status in range(400, 500) and exchange.status != HTTPStatus.TOO_MANY_REQUESTS
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
        wanted_text, got_text = apart(wanted, got)
        raise broken(f"{path} to be {wanted_text} in answer to {exchange.label}", got_text, exchange, at=path)


def same(left: object, right: object) -> bool:
    """Tell whether two JSON values are equal.

    Unlike in Python, true is not 1; two timestamps within the same second are equal, since the documents
    promise no precision and show different ones on different routes (fact sheet, 1.6 and 1.16).
    """
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) and isinstance(right, str) and left != right:
        return _same_instant(left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def instant(value: object) -> datetime | None:
    """Return the moment that a timestamp means, for comparing moments; None for what is no timestamp at all.

    One without a zone counts as UTC here: that it lacks the zone breaks a promise of its own
    (`object.matches-schema`) and no other.
    """
    return parse_timestamp(value) or (parse_timestamp(f"{value}Z") if isinstance(value, str) else None)


def _same_instant(left: str, right: str) -> bool:
    first, second = instant(left), instant(right)
    return first is not None and second is not None and abs((first - second).total_seconds()) < 1


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return a line for each field that differs between two states of one object, if they are not many."""
    found = _walk("", before, after)
    lines = []
    for path, *values in islice(found, MOST_CHANGES):
        old, new = apart(*values)
        lines.append(f"{shorten(path, 80)}: {old} → {shorten(new, 80)}")
    return [*lines, "and more"] if next(found, None) else lines


def _walk(prefix: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted({*before, *after}):
        clock.check()
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


def documented(
    document: Mapping[str, Any], fields: Mapping[str, tuple[str, ...]] = DOCUMENTED
) -> dict[str, Any]:
    """Return the documented part of a deployment; contents of events are texts, where they have one (N47)."""
    known = {name: document[name] for name in fields if name in document}
    if isinstance(known.get("initial_events"), list):
        known["initial_events"] = list(map(_as_sent, known["initial_events"]))
    return {
        name: {key: value[key] for key in fields[name] if key in value}
        if fields[name] and isinstance(value, dict)
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
