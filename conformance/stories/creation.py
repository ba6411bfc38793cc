"""Stories about creations that the documents promise to accept."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.stories.creating import Refusals, Stored, refusals, store
from conformance.stories.registry import story
from conformance.stories.values import yearly
from conformance.target.api import ABSENT, Api, Created
from conformance.target.creations import created_id
from conformance.target.exchange import Exchange

TEXT = "Zwölf Zeilen für 张伟 🚀: 'quotes', \"double\", <tags> & a \\ backslash"
VARIABLES = "FEATURE_FLAG=on\nLOG_LEVEL=info"


@story()
def bare_creation(api: Api) -> Stored:
    """A deployment is created with the four required fields alone, and read."""
    return store(api, api.body(description=ABSENT), "create with nothing but the required fields")


@story()
def whole_creation(api: Api) -> Stored:
    """A scheduled deployment is created with text beyond ASCII, metadata and two events, and read."""
    body = api.body(
        schedule=yearly(minute=17),
        metadata={"team": "数据", "purpose": "conformance"},
        initial_events=[api.known.event("The first of two"), api.known.event("The second of two")],
    )
    body["description"] = f"{body['description']} {TEXT}"
    return store(api, body, "create with description, schedule, metadata and two events")


@dataclass(frozen=True)
class KeptVariables:
    """A creation with environment variables, and what showed the deployment after later changes."""

    stored: Stored
    later: tuple[Exchange, ...] = ()


@story(revisions=("2026-07",))
def creation_with_variables(api: Api) -> KeptVariables:
    """A deployment is created with environment variables, read, updated, paused, unpaused, and read again."""
    stored = store(api, api.body(environment_variables=VARIABLES), "create with environment variables")
    if (made := created_id(stored.answer)) is None:
        return KeptVariables(stored)
    update = api.update(made, {"description": "beside environment variables"})
    pause, unpause = api.pause(made), api.unpause(made)
    return KeptVariables(
        stored, (update, pause, unpause, api.get(made, label="read after an update, a pause and an unpause"))
    )


@dataclass(frozen=True)
class PinnedAgent:
    """A deployment of version 1 of the agent, None when there is no other version."""

    pinned: Stored | None


@story()
def pinned_agent(api: Api) -> PinnedAgent:
    """A deployment pins version 1 of the agent, if the first one took a later version unasked."""
    version = api.known.agent_version
    if not isinstance(version, int) or version <= 1:
        return PinnedAgent(None)
    body = api.body(agent={"id": api.known.agent, "type": "agent", "version": 1})
    return PinnedAgent(store(api, body, "create with version 1 of the agent"))


@dataclass(frozen=True)
class SameName:
    """A deployment, and what a second creation of its name came to."""

    first: Created
    second: Refusals


@story()
def same_name_twice(api: Api) -> SameName:
    """Two deployments are created under one name."""
    first = api.create_deployment()
    bodies = {"a taken name": api.body(name=first.name)}
    answers = {asked: api.create(body, label=f"create with {asked}") for asked, body in bodies.items()}
    return SameName(first, refusals(answers, bodies))
