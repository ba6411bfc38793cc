"""The pure functions with which judgements say what they expect of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from conformance.contract.comparing import MISSING, apart, changes, field, same, shorten
from conformance.contract.verdict import Blame, BrokenPromiseError, NotJudgedError


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


class Sent(Answered, Protocol):
    """An exchange of which the judgement needs more."""

    @property
    def method(self) -> str:
        """The HTTP method of the request."""

    @property
    def echo(self) -> str:
        """Where the answer repeats the credential that was sent, empty if nowhere."""


WHOLE = "$"
"""What stands for the path of a field where a whole answer is not as promised."""
MOST_SHOWN = 5
"""Of many answers that are wrong alike, a message tells of so many."""
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
        raise broken(f"a JSON object in answer to {exchange.label}", document, exchange, at=WHOLE)
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


def expect_field(exchange: Answered, path: str, wanted: object) -> None:
    """Expect the field at `path` of the answer to equal `wanted`.

    A field that is not there is as good as null: that it is there all the same is a promise of its own.
    """
    got = field(expect_object(exchange), path)
    if not same(None if got is MISSING and wanted is None else got, wanted):
        wanted_text, got_text = apart(wanted, got)
        raise broken(f"{path} to be {wanted_text} in answer to {exchange.label}", got_text, exchange, at=path)


def expect_unchanged(before: Answered, after: Answered, *, but: Iterable[str] = ()) -> None:
    """Expect two reads of one deployment to be equal, except for the `but` paths and what time moves."""
    changed = changes(expect_success(before), expect_success(after), but)
    if changed:
        raise broken(f"nothing to have changed ({after.label})", "; ".join(changed), before, after)
