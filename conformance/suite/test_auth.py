"""Credentials."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.contract.judgement import broken, expect_errors, expect_unchanged
from conformance.stories.credentials import Intrusions, OtherCredentials, Tried
from conformance.suite.pages import Newest, made_since
from conformance.suite.requirement import Observe, requirement
from conformance.target.exchange import Exchange
from conformance.target.target import Target

UNAUTHENTICATED = 401


def expect_unauthenticated(answers: Mapping[str, Exchange], target: Target) -> None:
    """Expect every answer to be the documented refusal of wrong credentials."""
    expect_errors(answers, UNAUTHENTICATED, kind=target.profile.error_types[UNAUTHENTICATED])


@requirement("auth.missing-is-401")
def test_no_credentials_are_401_everywhere(intrusions: Tried, target: Target) -> None:
    expect_unauthenticated(intrusions.nothing.answers, target)


@requirement("auth.unknown-token-is-401")
def test_an_unknown_token_is_401_everywhere(
    intrusions: Tried, other_credentials: OtherCredentials, target: Target
) -> None:
    expect_unauthenticated(
        {**intrusions.unknown_token.answers, "no token after the scheme": other_credentials.no_token}, target
    )


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


@requirement("auth.other-scheme")
def test_another_scheme(other_credentials: OtherCredentials, observe: Observe) -> None:
    observe(f"Basic: {other_credentials.basic.summary()}")


@requirement("auth.unknown-id-without-credentials")
def test_an_unknown_id_without_credentials(other_credentials: OtherCredentials, observe: Observe) -> None:
    observe(
        f"none: {other_credentials.nothing_for_unknown.summary()}; "
        f"unknown token: {other_credentials.unknown_for_unknown.summary()}"
    )
