"""Creating: what the documents leave open is observed."""

from __future__ import annotations

import pytest

from conformance.client.exchange import Exchange
from conformance.contract.comparing import field, shorten
from conformance.suite.create.open import OtherForm
from conformance.suite.judging.rows import observations, observed
from conformance.suite.judging.stored import reads
from conformance.suite.shared.creating import Stored

pytestmark = pytest.mark.usefixtures("creatable")
VALUES, REFERENCES = "open_values.answers", "open_references.answers"


def forms(other: OtherForm, whole: Stored) -> str:
    """Return how event content reads that was sent in either form."""
    usual = {"string": "blocks", "blocks": "string"}[other.form]
    stored = {usual: whole, other.form: other.stored}
    return "; ".join(f"{form}: {_content(one)}" for form, one in sorted(stored.items()))


def _content(stored: Stored) -> str:
    if stored.read is None:
        return stored.answer.summary()
    events = field(stored.read.json, "initial_events")
    content = field(events[0], "content") if isinstance(events, list) and events else events
    form = "text" if isinstance(content, str) else "blocks" if isinstance(content, list) else "neither"
    return f"{stored.answer.summary()}, reads as {form}"


def resolved(answer: Exchange) -> str:
    """Return an answer and the agent that it shows, if it was accepted."""
    agent = f", agent {shorten(field(answer.json, 'agent'))}" if answer.succeeded else ""
    return answer.summary() + agent


globals().update(
    observations(
        observed("create.schedule-null", reads("schedule"), f"{VALUES}.schedule null"),
        observed("create.blank-name", reads("name"), f"{VALUES}.a blank name"),
        observed("create.description-null", reads("description"), f"{VALUES}.description null"),
        observed("create.absent-description", reads("description"), "bare_creation.answer"),
        observed(
            "create.malformed-environment-variables",
            reads("environment_variables"),
            f"{VALUES}.variables without an equals sign",
        ),
        observed("create.unknown-field", reads("conformance_unknown_field"), f"{VALUES}.an unknown field"),
        observed("create.only-system-message", "{}", f"{VALUES}.only a system message"),
        observed("create.event-content-forms", forms, "other_event_form", "whole_creation"),
        observed(
            "create.agent-object-without-version", resolved, f"{REFERENCES}.an agent object without version"
        ),
        observed("create.unknown-agent-version", "{}", f"{REFERENCES}.an unknown agent version"),
        observed("create.unknown-agent", "{}", f"{REFERENCES}.an unknown agent"),
        observed("create.unknown-environment", "{}", f"{REFERENCES}.an unknown environment"),
        observed("create.wrong-shape-of-body", "{}", "wrong_shapes.answers"),
    )
)
