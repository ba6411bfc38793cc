"""Stories about creations that the documents leave open: what comes of them is told, nothing is expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.creating import Refusals, Stored, store, try_creations
from conformance.stories.registry import story
from conformance.target.api import Api
from conformance.target.exchange import Exchange
from conformance.target.prerequisites import event

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
    """What came of values that the documents do not speak of, by what was sent."""

    stored: Mapping[str, Stored]


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
    return OpenValues(_stored(api, bodies))


@story()
def event_forms(api: Api) -> OpenValues:
    """Deployments are created whose event content is a text, and blocks."""
    bodies = {
        "text": api.body(initial_events=[event("Content as text", "string")]),
        "blocks": api.body(initial_events=[event("Content as blocks", "blocks")]),
    }
    return OpenValues(_stored(api, bodies))


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


def _stored(api: Api, bodies: Mapping[str, Mapping[str, object]]) -> dict[str, Stored]:
    return {what: store(api, body, f"create with {what}", probe=True) for what, body in bodies.items()}
