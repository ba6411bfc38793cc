"""Credentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.contract.comparing import field
from conformance.contract.judgement import answered, broken, expect_unchanged
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.auth.credentials import Intrusions, OtherCredentials, Tried
from conformance.suite.auth.misplaced import Misplaced
from conformance.suite.auth.strangers import Strangers
from conformance.suite.errors.unknown_ids import ByRoute
from conformance.suite.judging.answers import expect_refusals
from conformance.suite.judging.list_answers import Newest, made_since
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed

ALL, ONE_DEPLOYMENT = "GET /deployments", "GET /deployments/{id}"


def expect_unauthenticated(answers: Mapping[str, Exchange], target: Target) -> None:
    """Expect every answer to be the documented refusal of wrong credentials."""
    expect_refusals(answers, HTTPStatus.UNAUTHORIZED, target)


@requirement("auth.missing-is-401")
def test_no_credentials_are_401_everywhere(intrusions: Tried, target: Target) -> None:
    expect_unauthenticated(intrusions.nothing.answers, target)


@requirement("auth.unknown-token-is-401")
def test_an_unknown_token_is_401_everywhere(
    intrusions: Tried, other_credentials: OtherCredentials, target: Target
) -> None:
    others = {"no token after the scheme": other_credentials.no_token, **other_credentials.guessed}
    expect_unauthenticated({**intrusions.unknown_token.answers, **others}, target)


@requirement("auth.refused-changes-nothing")
def test_wrong_credentials_change_nothing(intrusions: Intrusions, newest: Newest) -> None:
    listed = made_since(newest())
    for intrusion in (intrusions.nothing, intrusions.unknown_token):
        expect_unchanged(*intrusion.active)
        expect_unchanged(*intrusion.paused)
        made = listed.get(str(intrusion.description))
        if made:
            tried = intrusion.answers["POST /deployments"]
            raise broken("no deployment made without permission", f"{made} is listed", tried)


@requirement("auth.api-key-header-is-401")
def test_the_api_key_header_is_no_credential(other_credentials: OtherCredentials, target: Target) -> None:
    expect_unauthenticated({"x-api-key": other_credentials.api_key}, target)


@requirement("auth.only-bearer-opens")
def test_nothing_but_bearer_opens(misplaced_credentials: Misplaced, intrusions: Tried) -> None:
    expect_closed(misplaced_credentials, intrusions)


@requirement("auth.token-in-query-opens-nothing")
def test_a_token_in_the_query_opens_nothing(token_in_query: Misplaced, intrusions: Tried) -> None:
    expect_closed(token_in_query, intrusions)


def expect_closed(misplaced: Misplaced, intrusions: Tried) -> None:
    """Expect a token in a wrong place to open nothing, however it is refused.

    What is open without a token as well shows nothing of tokens.
    """
    nothing, unknown = intrusions.nothing.answers, intrusions.unknown_token.answers
    tried = [(f"a list {place}", one, nothing[ALL]) for place, one in misplaced.lists.items()]
    tried += [(f"a read {place}", one, nothing[ONE_DEPLOYMENT]) for place, one in misplaced.reads.items()]
    if misplaced.beside:
        tried.append(("a read beside an unknown token", misplaced.beside, unknown[ONE_DEPLOYMENT]))
    opened = {place: one for place, one, without in tried if one.succeeded and not without.succeeded}
    if opened:
        got = "; ".join(f"{place} → {one.summary()}" for place, one in opened.items())
        raise broken("a refusal to each token in a wrong place", got, *opened.values())
    for _, one, without in tried:
        answered(one)
        if without.succeeded:
            raise NotJudgedError(Blame.PRECONDITION, f"it is open without a token as well: {without.label}")


@requirement("auth.ids-stay-hidden")
def test_ids_stay_hidden_from_strangers(
    intrusions: Tried, strangers: Strangers, other_credentials: OtherCredentials
) -> None:
    _expect_alike(intrusions.nothing, strangers.nothing, "without credentials")
    _expect_alike(intrusions.unknown_token, strangers.unknown_token, "with an unknown token")
    there = intrusions.nothing.answers[ONE_DEPLOYMENT]
    unknown, again = strangers.nothing.answers[ONE_DEPLOYMENT], other_credentials.nothing_for_unknown
    if _words(unknown) == _words(again) != _words(there) and not there.succeeded:
        got = f"{_words(there)!r} about one that exists, {_words(unknown)!r} about others"
        raise broken("the same message about every id without credentials", got, there, unknown, again)


def _expect_alike(existing: ByRoute, unknown: ByRoute, how: str) -> None:
    for route, answer in unknown.answers.items():
        there = existing.answers[route]
        got = answered(there).summary(), answered(answer).summary()
        if got[0] != got[1] and not there.succeeded:  # whom that lets in, no other id is hidden from
            differing = f"{got[0]} about one that exists, {got[1]} about an unknown one"
            raise broken(f"one answer to {route} {how}, whatever the id", differing, there, answer)


def _words(exchange: Exchange) -> object:
    """Return what an error says, without the id that was asked for."""
    message = field(exchange.json, "error.message")
    asked = exchange.url.rpartition("/")[2]
    return message.replace(asked, "…") if isinstance(message, str) else message


def challenged(exchanges: Sequence[Exchange]) -> str:
    """Return how many refusals of credentials say which are wanted, for an observation."""
    refusals = [e for e in exchanges if e.status == HTTPStatus.UNAUTHORIZED]
    return f"WWW-Authenticate on {sum('www-authenticate' in e.headers for e in refusals)} of {len(refusals)}"


globals().update(
    observations(
        observed("auth.challenge", challenged, "every_exchange"),
        observed("auth.other-scheme", "Basic: {}", "other_credentials.basic"),
        observed(
            "auth.unknown-id-without-credentials",
            "none: {}; unknown token: {}",
            "other_credentials.nothing_for_unknown",
            "other_credentials.unknown_for_unknown",
        ),
    )
)
