"""Stories about creations that the documents leave open: what comes of them is told, nothing is expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.creating import Refusals, Stored, store, try_creations
from conformance.stories.registry import story
from conformance.target.api import Api
from conformance.target.exchange import Exchange
from conformance.target.prerequisites import EventForm, event

NO_SUCH_VERSION = 999_999
NOTHING = "0" * 32


@story()
def open_references(api: Api) -> Refusals:
    """Creations name agents, versions and environments that do not exist, and an agent without version."""
    agent = {"id": api.known.agent, "type": "agent"}
    return try_creations(
        api,
        {
            "an agent object without version": api.body(agent=agent),
            "an unknown agent version": api.body(agent={**agent, "version": NO_SUCH_VERSION}),
            "an unknown agent": api.body(agent=f"agent_{NOTHING}"),
            "an unknown environment": api.body(environment_id=f"env_{NOTHING}"),
        },
        probe=True,
    )


@dataclass(frozen=True)
class OpenValues:
    """Answers to creations with values that the documents do not speak of, by what was sent."""

    answers: Mapping[str, Exchange]


@story()
def open_values(api: Api) -> OpenValues:
    """Creations hold a blank name, nulls, odd variables, an unknown field, a lone system message."""
    message = {**api.known.event("Only this."), "type": "system.message"}
    bodies = {
        "a blank name": api.body(name="   "),
        "schedule null": api.body(schedule=None),
        "description null": api.body(description=None),
        "variables without an equals sign": api.body(environment_variables="NOEQUALS"),
        "an unknown field": api.body(conformance_unknown_field="value"),
        "only a system message": api.body(initial_events=[message]),
    }
    return OpenValues(
        {what: api.create(body, label=f"create with {what}", probe=True) for what, body in bodies.items()}
    )


@dataclass(frozen=True)
class OtherForm:
    """A creation in the form of event content that the rest of the run does not use."""

    form: str
    stored: Stored


@story()
def other_event_form(api: Api) -> OtherForm:
    """A deployment is created whose event content is a text where the others have blocks, or the reverse."""
    form: EventForm = "string" if api.known.event_form == "blocks" else "blocks"
    body = api.body(initial_events=[event("Content in the other form", form)])
    return OtherForm(form, store(api, body, f"create with event content as {form}", probe=True))


@dataclass(frozen=True)
class WrongShapes:
    """Answers to bodies that are JSON but no object, by their kind."""

    answers: Mapping[str, Exchange]


@story()
def wrong_shapes(api: Api) -> WrongShapes:
    """Creations are tried whose body is an array, a text, a number and null."""
    shapes = {"an array": [], "a text": "text", "a number": 7, "null": None}
    return WrongShapes(
        {
            what: api.create(shape, label=f"create with {what} as body", probe=True)
            for what, shape in shapes.items()
        }
    )
