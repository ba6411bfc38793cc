"""Updates that clear a field."""

from __future__ import annotations

import pytest

from conformance.contract.comparing import MISSING, field
from conformance.contract.judgement import broken, expect_success
from conformance.contract.verdict import NotApplicableError
from conformance.suite.judging.requirement import requirement
from conformance.suite.update.cleared import DESCRIPTION, LISTS, SCHEDULE, SECRETS, TOKEN, Clearing

pytestmark = pytest.mark.usefixtures("creatable")


@requirement(DESCRIPTION)
def test_a_description_can_be_cleared(clearing: Clearing) -> None:
    expect_cleared(clearing, ("description",), (None, ""))


@requirement(LISTS)
def test_lists_can_be_cleared(clearing: Clearing) -> None:
    expect_cleared(clearing, ("resources", "vault_ids"), ([],))


@requirement(SCHEDULE)
def test_a_schedule_can_be_cleared(clearing: Clearing) -> None:
    expect_cleared(clearing, ("schedule",), (None,))


def expect_cleared(clearing: Clearing, fields: tuple[str, ...], empty: tuple[object, ...]) -> None:
    """Expect updates of some fields to be accepted, and reads after them to show one of the empty values."""
    for one in clearing.updates:
        if one.field in fields:
            expect_success(one.answer)
            got = field(expect_success(one.read), one.field)
            if got not in empty and not (got is MISSING and None in empty):
                wanted = f"{one.field} to be cleared by {one.words}"
                raise broken(wanted, got, one.answer, one.read, at=one.field)


@requirement(SECRETS)
def test_a_secret_is_not_shown(clearing: Clearing) -> None:
    if not clearing.entrusted:
        raise NotApplicableError("no repository with a token was sent")
    given, read = clearing.entrusted
    if not given.succeeded:
        raise NotApplicableError(f"a repository with a token was not taken: {given.summary()}")
    for exchange in (given, read):
        if TOKEN in str(field(exchange.json, "resources")):
            raise broken(f"no token in answer to {exchange.label}", "the token that was sent", exchange)
