"""Creating: what is promised to be refused."""

from __future__ import annotations

import pytest

from conformance.contract.judgement import expect_errors
from conformance.stories.creating import Refusals
from conformance.suite.requirement import requirement

pytestmark = pytest.mark.usefixtures("creatable")

BAD_REQUEST, NOT_FOUND = 400, 404


@requirement("create.missing-field-is-400")
def test_a_missing_field_is_400(incomplete_creations: Refusals) -> None:
    missing = ("no name", "no agent", "no environment_id", "no initial_events")
    expect_errors(incomplete_creations.of(*missing), BAD_REQUEST)


@requirement("create.unknown-event-type-is-400")
def test_an_unknown_event_type_is_400(incomplete_creations: Refusals) -> None:
    unknown = ("an unknown event type", "an unknown event type after a good event")
    expect_errors(incomplete_creations.of(*unknown), BAD_REQUEST)


@requirement("create.event-without-type-is-400")
def test_an_event_without_type_is_400(incomplete_creations: Refusals) -> None:
    untyped = ("an event without type", "an event without type after a good event")
    expect_errors(incomplete_creations.of(*untyped), BAD_REQUEST)


@requirement("create.name-of-257-is-400")
def test_a_name_of_257_is_400(beyond_the_limits: Refusals) -> None:
    names = ("a name of 257, ASCII", "a name of 257, beyond ASCII")
    expect_errors(beyond_the_limits.of(*names), BAD_REQUEST)


@requirement("create.empty-name-is-400")
def test_an_empty_name_is_400(beyond_the_limits: Refusals) -> None:
    expect_errors(beyond_the_limits.of("an empty name"), BAD_REQUEST)


@requirement("create.no-events-is-400")
def test_no_events_are_400(beyond_the_limits: Refusals) -> None:
    expect_errors(beyond_the_limits.of("no events"), BAD_REQUEST)


@requirement("create.51-events-is-400")
def test_51_events_are_400(beyond_the_limits: Refusals) -> None:
    expect_errors(beyond_the_limits.of("51 events"), BAD_REQUEST)


@requirement("create.51-vaults-are-refused")
def test_51_vaults_are_refused(beyond_the_limits: Refusals) -> None:
    """The vaults do not exist, which a server may notice first."""
    expect_errors(beyond_the_limits.of("51 vaults"), BAD_REQUEST, NOT_FOUND)


@requirement("create.17-metadata-keys-are-400")
def test_17_metadata_keys_are_400(beyond_the_limits: Refusals) -> None:
    expect_errors(beyond_the_limits.of("17 metadata keys"), BAD_REQUEST)


@requirement("create.metadata-key-of-65-is-400")
def test_a_metadata_key_of_65_is_400(beyond_the_limits: Refusals) -> None:
    expect_errors(beyond_the_limits.of("a metadata key of 65"), BAD_REQUEST)


@requirement("create.metadata-value-of-513-is-400")
def test_a_metadata_value_of_513_is_400(beyond_the_limits: Refusals) -> None:
    expect_errors(beyond_the_limits.of("a metadata value of 513"), BAD_REQUEST)


@requirement("create.metadata-values-are-text")
def test_metadata_values_of_other_types_are_400(metadata_that_is_no_text: Refusals) -> None:
    expect_errors(metadata_that_is_no_text.answers, BAD_REQUEST)


@requirement("create.agent-object-needs-type")
def test_an_agent_object_without_type_is_400(agent_without_type: Refusals) -> None:
    expect_errors(agent_without_type.answers, BAD_REQUEST)


@requirement("create.archived-agent-is-400")
def test_an_archived_agent_is_400(archived_agent: Refusals) -> None:
    expect_errors(archived_agent.answers, BAD_REQUEST)


@requirement("create.archived-environment-is-400")
def test_an_archived_environment_is_400(archived_environment: Refusals) -> None:
    expect_errors(archived_environment.answers, BAD_REQUEST)
