"""Creating: what the documents leave open is observed."""

from __future__ import annotations

import pytest

from conformance.contract.judgement import field, shorten
from conformance.stories.creating import Refusals, Stored
from conformance.stories.creation_open import OpenValues, OtherForm, WrongShapes
from conformance.suite.requirement import Observe, requirement
from conformance.suite.stored import told
from conformance.target.exchange import Exchange

pytestmark = pytest.mark.usefixtures("creatable")


def outcome(answer: Exchange, path: str) -> str:
    """Return what a creation was answered and, if it made something, what it says of the field at `path`."""
    if not answer.succeeded:
        return answer.summary()
    return f"{answer.summary()}, {path} reads {shorten(field(answer.json, path), 120)}"


@requirement("create.schedule-null")
def test_schedule_null(open_values: OpenValues, observe: Observe) -> None:
    observe(outcome(open_values.answers["schedule null"], "schedule"))


@requirement("create.blank-name")
def test_a_blank_name(open_values: OpenValues, observe: Observe) -> None:
    observe(outcome(open_values.answers["a blank name"], "name"))


@requirement("create.description-null")
def test_description_null(open_values: OpenValues, observe: Observe) -> None:
    observe(outcome(open_values.answers["description null"], "description"))


@requirement("create.absent-description")
def test_an_absent_description(bare_creation: Stored, observe: Observe) -> None:
    observe(outcome(bare_creation.answer, "description"))


@requirement("create.malformed-environment-variables")
def test_malformed_environment_variables(open_values: OpenValues, observe: Observe) -> None:
    observe(outcome(open_values.answers["variables without an equals sign"], "environment_variables"))


@requirement("create.unknown-field")
def test_an_unknown_field(open_values: OpenValues, observe: Observe) -> None:
    observe(outcome(open_values.answers["an unknown field"], "conformance_unknown_field"))


@requirement("create.only-system-message")
def test_a_lone_system_message(open_values: OpenValues, observe: Observe) -> None:
    observe(open_values.answers["only a system message"].summary())


@requirement("create.event-content-forms")
def test_forms_of_event_content(
    other_event_form: OtherForm, whole_creation: Stored, observe: Observe
) -> None:
    usual = {"string": "blocks", "blocks": "string"}[other_event_form.form]
    forms = {usual: whole_creation, other_event_form.form: other_event_form.stored}
    observe("; ".join(f"{form}: {_content(stored)}" for form, stored in sorted(forms.items())))


def _content(stored: Stored) -> str:
    if stored.read is None:
        return stored.answer.summary()
    events = field(stored.read.json, "initial_events")
    content = field(events[0], "content") if isinstance(events, list) and events else events
    form = "text" if isinstance(content, str) else "blocks" if isinstance(content, list) else "neither"
    return f"{stored.answer.summary()}, reads as {form}"


@requirement("create.agent-object-without-version")
def test_an_agent_object_without_version(open_references: Refusals, observe: Observe) -> None:
    answer = open_references.answers["an agent object without version"]
    agent = f", agent {shorten(field(answer.json, 'agent'))}" if answer.succeeded else ""
    observe(answer.summary() + agent)


@requirement("create.unknown-agent-version")
def test_an_unknown_agent_version(open_references: Refusals, observe: Observe) -> None:
    observe(open_references.answers["an unknown agent version"].summary())


@requirement("create.unknown-agent")
def test_an_unknown_agent(open_references: Refusals, observe: Observe) -> None:
    observe(open_references.answers["an unknown agent"].summary())


@requirement("create.unknown-environment")
def test_an_unknown_environment(open_references: Refusals, observe: Observe) -> None:
    observe(open_references.answers["an unknown environment"].summary())


@requirement("create.wrong-shape-of-body")
def test_bodies_that_are_no_objects(wrong_shapes: WrongShapes, observe: Observe) -> None:
    observe(told(wrong_shapes.answers))
