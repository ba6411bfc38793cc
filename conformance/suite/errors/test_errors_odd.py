"""What must not make a server fail, or answer in another way than it does otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from conformance.client.exchange import NOT_JSON, Exchange
from conformance.contract.judgement import answered, broken, expect_no_server_error, refused
from conformance.contract.schemas import violations
from conformance.suite.errors.clients import REFUSABLE, Clients
from conformance.suite.errors.unknown_ids import ByRoute
from conformance.suite.get.malformed_ids import STOPPED_ON_THE_WAY, MalformedIds
from conformance.suite.judging.answers import of_stories
from conformance.suite.judging.requirement import requirement

MALFORMED = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
"""What a malformed id may get."""
STOPPED_WITH = (HTTPStatus.FORBIDDEN, 414, 431)
"""Statuses that say a proxy or a firewall took offence, in whatever form."""


@requirement("errors.no-server-error")
def test_nothing_makes_the_server_fail(every_exchange: tuple[Exchange, ...]) -> None:
    expect_no_server_error(of_stories(every_exchange))


@requirement("errors.malformed-id-is-refused")
def test_a_malformed_id_is_refused(
    malformed_ids: MalformedIds, unknown_deployment: ByRoute, revision: str
) -> None:
    read, listed = (unknown_deployment.answers[f"GET /deployments/{{id}}{rest}"] for rest in ("", "/runs"))
    asked = {f"a read of {what}": one for what, one in malformed_ids.answers.items()}
    asked |= {f"a run of {what}": one for what, one in malformed_ids.runs.items()}
    if not listed.succeeded:  # else not even a well-formed id is looked up
        asked |= {f"runs of {what}": one for what, one in malformed_ids.lists.items()}
    usual = not violations("error", revision, read.json)
    wrong = {
        what: one
        for what, one in asked.items()
        if _reached(one) and not _is_refused(what, one, revision, in_envelopes=usual)
    }
    expect_none(wrong, "400 or 404 and the envelope to each malformed id", MALFORMED)
    if not any(map(_reached, asked.values())):
        answered(next(iter(asked.values())))


def _reached(exchange: Exchange) -> bool:
    """Tell whether the server answered: that it failed, or that a gateway kept it back, is told elsewhere."""
    return exchange.succeeded or exchange.status in range(300, 400) or refused(exchange)


def _is_refused(what: str, exchange: Exchange, revision: str, *, in_envelopes: bool) -> bool:
    """Tell whether a malformed id got what it must; some may be refused on the way, by whatever is there.

    Where not even the usual errors come `in_envelopes`, the status alone is looked at.
    """
    foreign = exchange.status in STOPPED_WITH or (exchange.json is NOT_JSON and refused(exchange))
    if foreign and what.partition(" of ")[2] in STOPPED_ON_THE_WAY:
        return True
    enveloped = not in_envelopes or not violations("error", revision, exchange.json)
    return exchange.status in MALFORMED and enveloped


def expect_none(wrong: Mapping[str, Exchange], expected: str, statuses: tuple[int, ...] = ()) -> None:
    """Expect no answer to be wrong; tell of all that are, by what was asked.

    `statuses` are those that were promised, if these are.
    """
    if wrong:
        got = "; ".join(f"{asked} → {one.summary()}{_form(one)}" for asked, one in wrong.items())
        raise broken(expected, got, *wrong.values(), statuses=statuses)


def _form(exchange: Exchange) -> str:
    kind = exchange.headers.get("content-type", "no type")
    return f" as {kind}" if exchange.json is NOT_JSON else ""


@requirement("errors.same-for-every-client")
def test_errors_are_the_same_for_every_client(clients: Clients, revision: str) -> None:
    wrong = {
        f"{asked} with {words}": other
        for asked, answers in clients.asked.items()
        for words, other in answers.others.items()
        if _differs(words, answers.usual, other, revision)
    }
    expect_none(wrong, "the status and the envelope that other clients get, to each")
    for answers in clients.asked.values():
        answered(answers.usual)


def _differs(words: str, usual: Exchange, other: Exchange, revision: str) -> bool:
    """Tell whether a client got another error than the usual one.

    Where the usual answer is none that could be expected, nothing is known. A firewall may take a client for
    another kind of guest than it is.
    """
    if not refused(usual) or not _reached(other) or other.status in REFUSABLE.get(words, ()):
        return False
    if other.status == HTTPStatus.FORBIDDEN and other.json is NOT_JSON:
        return False
    if other.status != usual.status:
        return True
    return bool(violations("error", revision, other.json)) and not violations("error", revision, usual.json)
