"""Creating: POST /deployments, with no more than the required fields."""

from __future__ import annotations

from datetime import timedelta

from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.contract.comparing import field, without
from conformance.contract.judgement import broken, expect_field, expect_object, expect_success
from conformance.contract.schemas import timestamp_text
from conformance.contract.verdict import Blame
from conformance.suite.archive.stories import ArchiveTwice
from conformance.suite.engine.preflight import Preflight
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.stored import CREATED, OK, both, expect_stored
from conformance.suite.judging.times import expect_now, timestamp
from conformance.suite.shared.creating import Stored

SKEW = timedelta(seconds=2)


@requirement("create.minimal-is-accepted")
def test_a_minimal_body_is_accepted(preflight: Preflight, bare_creation: Stored) -> None:
    refused = preflight.no_creation
    if refused and (refused.blame is Blame.CREDENTIALS or preflight.created is None):
        raise refused
    if preflight.created:
        expect_success(preflight.created, OK, CREATED)
    expect_stored(bare_creation)


@requirement("create.returns-deployment")
def test_a_creation_answers_with_a_deployment(creatable: Exchange, target: Target) -> None:
    expect_field(creatable, "type", "deployment")
    prefix, made = target.profile.deployment_ids.prefix, field(creatable.json, "id")
    if not isinstance(made, str) or not made.startswith(prefix) or made == prefix:
        raise broken(f"an id that begins with {prefix}", made, creatable)


@requirement("create.starts-active")
def test_a_new_deployment_is_active(
    creatable: Exchange, bare_creation: Stored, whole_creation: Stored
) -> None:
    for exchange in fresh(creatable, bare_creation, whole_creation):
        expect_field(exchange, "status", "active")


@requirement("create.starts-unpaused-and-unarchived")
def test_a_new_deployment_is_neither_paused_nor_archived(
    creatable: Exchange, bare_creation: Stored, whole_creation: Stored
) -> None:
    for exchange in fresh(creatable, bare_creation, whole_creation):
        for name in ("paused_reason", "archived_at"):
            if expect_object(exchange).get(name) is not None:
                got = field(exchange.json, name)
                raise broken(f"no {name} in answer to {exchange.label}", got, exchange, at=name)


def fresh(creatable: Exchange, *stored: Stored) -> list[Exchange]:
    """Return every sight of deployments that nobody touched after they were made."""
    return [creatable, *(one for pair in stored if pair.read for one in both(pair))]


@requirement("create.manual-only-has-null-schedule")
def test_without_a_schedule_schedule_is_null(creatable: Exchange, bare_creation: Stored) -> None:
    for exchange in fresh(creatable, bare_creation):
        if (got := field(expect_object(exchange), "schedule")) is not None:
            raise broken(f"schedule to be null in answer to {exchange.label}", got, exchange, at="schedule")


@requirement("create.timestamps-agree")
def test_a_new_deployment_was_created_and_updated_now(
    creatable: Exchange, bare_creation: Stored, whole_creation: Stored
) -> None:
    answers = (creatable, *(stored.answer for stored in (bare_creation, whole_creation) if stored.read))
    for answer in answers:
        created, updated = timestamp(answer, "created_at"), timestamp(answer, "updated_at")
        if abs(created - updated) > SKEW:
            wanted = f"updated_at to equal created_at, {timestamp_text(created)}"
            raise broken(wanted, timestamp_text(updated), answer)
        expect_now(answer, "created_at")


@requirement("create.absent-lists-are-empty")
def test_lists_that_were_not_sent_are_empty(creatable: Exchange, bare_creation: Stored) -> None:
    for exchange in fresh(creatable, bare_creation):
        expect_field(exchange, "resources", [])
        expect_field(exchange, "vault_ids", [])


@requirement("create.absent-metadata-is-empty")
def test_metadata_that_was_not_sent_is_empty(
    creatable: Exchange, bare_creation: Stored, archive_twice_if_any: ArchiveTwice | None
) -> None:
    """The server may write its own `cas_config` into it."""
    namesake = archive_twice_if_any and archive_twice_if_any.same_name
    reused = [namesake] if namesake and namesake.succeeded else []
    for exchange in (*fresh(creatable, bare_creation), *reused):
        document = without(expect_object(exchange), ["metadata.cas_config"])
        if (got := field(document, "metadata")) != {}:
            expected = f"metadata to be empty in answer to {exchange.label}"
            raise broken(expected, got, exchange, at="metadata")


@requirement("create.absent-environment-variables-are-empty")
def test_variables_that_were_not_sent_are_an_empty_text(creatable: Exchange, bare_creation: Stored) -> None:
    for exchange in fresh(creatable, bare_creation):
        expect_field(exchange, "environment_variables", "")
