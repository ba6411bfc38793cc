"""Stories about creations that the documents leave open: what comes of them is told, nothing is expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.prerequisites import event
from conformance.suite.engine.registry import story
from conformance.suite.shared.creating import Refusals, Stored, probe_creations, store
from conformance.suite.shared.invalid_requests import Body
from conformance.vendors.profile import EventForm

NO_SUCH_VERSION = 999_999
NOTHING = "0" * 32


@story()
def open_references(api: Api) -> Refusals:
    """Creations name agents, versions and environments that do not exist, and an agent without version."""
    agent = {"id": api.known.agent, "type": "agent"}
    return probe_creations(
        api,
        {
            "an agent object without version": api.body(agent=agent),
            "an unknown agent version": api.body(agent={**agent, "version": NO_SUCH_VERSION}),
            "an unknown agent": api.body(agent=f"agent_{NOTHING}"),
            "an unknown environment": api.body(environment_id=f"env_{NOTHING}"),
        },
    )


@dataclass(frozen=True)
class OpenValues:
    """Answers to creations with values that the documents do not speak of, by what was sent."""

    answers: Mapping[str, Exchange]


@story()
def open_values(api: Api) -> OpenValues:
    """Creations hold a blank name, nulls, odd variables, an unknown field, a lone system message.

    Several are sent at once, but not both texts that mark what the run made; what is refused together is
    sent again in halves.
    """
    message = {**api.known.event("Only this."), "type": "system.message"}
    described: dict[str, Body] = {
        "a blank name": {"name": "   "},
        "only a system message": {"initial_events": [message]},
        "schedule null": {"schedule": None},
        "variables without an equals sign": {"environment_variables": "NOEQUALS"},
    }
    named: dict[str, Body] = {
        "description null": {"description": None},
        "an unknown field": {"conformance_unknown_field": "value"},
    }
    return OpenValues({**_together(api, described), **_together(api, named)})


def _together(api: Api, values: Mapping[str, Body]) -> dict[str, Exchange]:
    """Send a creation with all values, and halves of what is refused; return the answer that each got."""
    changes = {name: value for fields in values.values() for name, value in fields.items()}
    answer = api.create(api.body(**changes), label=f"create with {' and '.join(values)}", probe=True)
    if answer.succeeded or len(values) == 1:
        return dict.fromkeys(values, answer)
    asked, middle = list(values), len(values) // 2
    halves = ({what: values[what] for what in part} for part in (asked[:middle], asked[middle:]))
    return {what: one for half in halves for what, one in _together(api, half).items()}


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
