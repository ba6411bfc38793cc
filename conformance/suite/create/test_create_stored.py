"""Creating: what is promised to be accepted is stored as it was sent."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.contract.answers import VendorAnswers
from conformance.contract.comparing import content_text, field, shorten
from conformance.contract.judgement import broken, expect_field, expect_object
from conformance.contract.verdict import NotApplicableError
from conformance.suite.create.accepted import KeptVariables, PinnedAgent, SameName
from conformance.suite.create.limits import AtTheLimits
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.stored import both, expect_stored
from conformance.suite.shared.creating import Stored

pytestmark = pytest.mark.usefixtures("creatable")


@requirement("create.stores-what-was-sent")
def test_plain_fields_are_stored(whole_creation: Stored) -> None:
    read = expect_stored(whole_creation)
    for name in ("name", "description", "environment_id"):
        expect_field(read, name, whole_creation.sent[name])
    vaults, shown = (field(one, "vault_ids") for one in (whole_creation.sent, read.json))
    if isinstance(vaults, list) and not (isinstance(shown, list) and sorted(shown) == sorted(vaults)):
        raise broken(f"the vault_ids {shorten(vaults)} in any order", shown, read)


@requirement("create.environment-variables-are-stored")
def test_environment_variables_are_stored(
    creation_with_variables: KeptVariables, whole_creation_if_any: Stored | None
) -> None:
    name, stored = "environment_variables", creation_with_variables.stored
    shown = [expect_stored(stored), *(one for one in creation_with_variables.later if one.succeeded)]
    for exchange in shown:
        expect_field(exchange, name, stored.sent[name])
    whole = whole_creation_if_any
    if whole and whole.read and name in whole.sent:
        expect_field(whole.read, name, whole.sent[name])


@requirement("create.agent-as-text")
def test_an_agent_given_as_text_has_a_version(bare_creation: Stored) -> None:
    for exchange in both(bare_creation):
        expect_field(exchange, "agent.id", bare_creation.sent["agent"])
        expect_field(exchange, "agent.type", "agent")
        version = field(exchange.json, "agent.version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise broken("agent.version to be a number from 1 on", version, exchange, at="agent.version")


@requirement("create.agent-version-is-pinned")
def test_a_version_of_an_agent_is_pinned(pinned_agent: PinnedAgent) -> None:
    if pinned_agent.pinned is None:
        raise NotApplicableError("judged with --agent-id of an agent that has two versions")
    read = expect_stored(pinned_agent.pinned)
    for part in ("id", "type", "version"):
        expect_field(read, f"agent.{part}", field(pinned_agent.pinned.sent, f"agent.{part}"))


@requirement("create.name-of-256-is-stored")
def test_a_name_of_256_is_stored(at_the_limits: AtTheLimits) -> None:
    for alphabet, stored in at_the_limits.names.items():
        read = expect_stored(stored)
        wanted, got = stored.sent["name"], expect_object(read).get("name")
        if got != wanted:
            shown = f"{len(got)} characters: {got}" if isinstance(got, str) else got
            raise broken(f"the name of 256 characters, {alphabet}", shown, stored.answer, read, at="name")


@requirement("create.metadata-at-its-limits-is-stored")
def test_the_fullest_metadata_is_stored(at_the_limits: AtTheLimits) -> None:
    for alphabet, stored in at_the_limits.metadata.items():
        read = expect_stored(stored)
        wanted, got = stored.sent["metadata"], expect_object(read).get("metadata")
        wrong = _wrong_entries(wanted, got)
        if wrong:
            expected = f"the fullest metadata, {alphabet}, as it was sent"
            raise broken(expected, wrong, stored.answer, read, at="metadata")


def _wrong_entries(wanted: object, got: object) -> str:
    """Return what is wrong with metadata that is not as it was sent; `cas_config` is the server's own."""
    if not isinstance(wanted, Mapping) or not isinstance(got, Mapping):
        return f"no object: {shorten(got)}"
    keys = (wanted.keys() | got.keys()) - {"cas_config"}
    wrong = sorted(key for key in keys if wanted.get(key) != got.get(key))
    return "; ".join(f"{shorten(key, 70)}: {shorten(got.get(key, 'nothing'), 40)}" for key in wrong)


@requirement("create.50-events-are-stored")
def test_50_events_are_stored_in_order(at_the_limits: AtTheLimits) -> None:
    for stored in at_the_limits.events.values():
        expect_events(expect_stored(stored), stored.sent["initial_events"])


def expect_events(read: Exchange, sent: object) -> None:
    """Expect as many events of the same types and texts; content may be stored as a string or as blocks."""
    got = expect_object(read).get("initial_events")
    wanted = sent if isinstance(sent, list) else []
    if not isinstance(got, list) or len(got) != len(wanted):
        count = f"{len(got)} events" if isinstance(got, list) else got
        raise broken(f"{len(wanted)} events in answer to {read.label}", count, read, at="initial_events")
    for number, (one, other) in enumerate(zip(wanted, got, strict=True), 1):
        text = content_text(other)
        differs = text is not None and text != content_text(one)
        if differs or field(other, "type") != field(one, "type"):
            raise broken(f"event {number} to be {shorten(one)}", other, read)


@requirement("create.duplicate-name")
def test_a_taken_name_is_a_conflict_if_refused(same_name_twice: SameName, target: Target) -> None:
    (second,) = same_name_twice.second.answers.values()
    if not second.succeeded:
        VendorAnswers(target.profile).expect("duplicate-name", {second.label: second})
