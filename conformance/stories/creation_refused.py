"""Stories about creations that the documents promise to refuse."""

from __future__ import annotations

import json

from conformance.stories.creating import Refusals, refusals, try_creations
from conformance.stories.registry import story
from conformance.target.api import ABSENT, Api

REQUIRED = ("name", "agent", "environment_id", "initial_events")
NOT_TEXT = {"a number": 7, "an object": {"nested": "text"}, "a list": ["text"], "null": None}


@story()
def incomplete_creations(api: Api) -> Refusals:
    """Creations are tried that lack a required field, hold it in another type, or events of no known type."""
    good = api.known.event("A good event")
    unknown = {**good, "type": "assistant.message"}
    untyped = {name: value for name, value in good.items() if name != "type"}
    return try_creations(
        api,
        {
            **{f"no {name}": api.body(**{name: ABSENT}) for name in REQUIRED},
            "an unknown event type": api.body(initial_events=[unknown]),
            "an unknown event type after a good event": api.body(initial_events=[good, unknown]),
            "an event without type": api.body(initial_events=[untyped]),
            "an event without type after a good event": api.body(initial_events=[good, untyped]),
            "a list as name": api.body(name=["text"]),
            "an event instead of a list": api.body(initial_events=good),
        },
    )


@story()
def metadata_that_is_no_text(api: Api) -> Refusals:
    """Creations are tried with metadata values of other JSON types, each beside a good one."""
    return try_creations(
        api,
        {
            f"{what} as metadata value": api.body(metadata={"good": "text", "other": value})
            for what, value in NOT_TEXT.items()
        },
    )


@story()
def malformed_creations(api: Api) -> Refusals:
    """Creations are tried whose body is cut off or is no JSON at all."""
    bodies = {what: api.body() for what in ("half a body", "a body without its last brace", "a form as body")}
    _, open_ended, form = bodies.values()
    contents = (
        b'{"name":',
        json.dumps(open_ended).encode()[:-1],
        f"name={form['name']}&description={form['description']}".encode(),
    )
    answers = {
        what: api.create(body, label=f"create with {what}", content=content)
        for (what, body), content in zip(bodies.items(), contents, strict=True)
    }
    return refusals(answers, bodies)


@story(revisions=("2026-07",))
def agent_without_type(api: Api) -> Refusals:
    """A creation is tried whose agent object lacks the type."""
    body = api.body(agent={"id": api.known.agent, "version": 1})
    return try_creations(api, {"an agent object without type": body})


@story(needs=("archived-agent-id",))
def archived_agent(api: Api) -> Refusals:
    """A creation is tried with an archived agent."""
    return try_creations(api, {"an archived agent": api.body(agent=api.known.archived_agent_id)})


@story(needs=("archived-environment-id",))
def archived_environment(api: Api) -> Refusals:
    """A creation is tried in an archived environment."""
    body = api.body(environment_id=api.known.archived_environment_id)
    return try_creations(api, {"an archived environment": body})
