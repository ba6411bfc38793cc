"""Stories about creations that the documents promise to accept."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from conformance.client.api import ABSENT, Api, Created
from conformance.client.exchange import Exchange
from conformance.client.ownership.creations import created_id
from conformance.suite.engine.registry import story
from conformance.suite.shared.creating import Refusals, Stored, read_back, refusals, store
from conformance.suite.shared.values import yearly

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
    given = ("description", "metadata", "initial_events")
    return read_back(api, *api.create_rich(body, given, label="create with every field"))


@dataclass(frozen=True)
class KeptVariables:
    """A creation with environment variables, and what showed the deployment after later changes."""

    stored: Stored
    later: tuple[Exchange, ...] = ()


@story(promises=("create.environment-variables-are-stored",))
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
    """A deployment of version 1 of the agent, None when there is no other version.

    `updated` is the answer to an update of something else, `moved` that to one to the `latest` version and
    `back` that to one back to version 1.
    """

    pinned: Stored | None
    updated: Exchange | None = None
    moved: Exchange | None = None
    latest: int = 0
    back: Exchange | None = None


@story()
def pinned_agent(api: Api) -> PinnedAgent:
    """A deployment pins version 1 of the agent, if the first one took a later version unasked."""
    version = api.known.agent_version
    if not isinstance(version, int) or version <= 1:
        return PinnedAgent(None)
    agent = {"id": api.known.agent, "type": "agent", "version": 1}
    stored = store(api, api.body(agent=agent), "create with version 1 of the agent")
    if (made := created_id(stored.answer)) is None:
        return PinnedAgent(stored)
    updated = api.update(made, {"description": "beside a pinned version"}, label="update one that is pinned")
    later = {"agent": {**agent, "version": version}}
    moved = api.update(made, later, label="update to a later version")
    back = api.update(made, {"agent": agent}, label="update back to version 1")
    return PinnedAgent(stored, updated, moved, version, back)


@dataclass(frozen=True)
class SameName:
    """A paused deployment, what a second creation of its name came to, and reads of the first around it.

    Before it was made, a creation of its name (`nothing`) had to be refused. Where that took the name, as the
    answer `taken` says, the deployment has another one.
    """

    first: Created
    second: Refusals
    before: Exchange | None = None
    after: Exchange | None = None
    nothing: Exchange | None = None
    taken: Exchange | None = None


@story()
def same_name_twice(api: Api) -> SameName:
    """Two deployments are created under one name, with which a creation was refused before."""
    bad = api.body(initial_events=[])
    nothing = api.create(bad, label="create without any event")
    body = api.body(name=bad["name"])
    answer = api.create(body, label="create with the name of what was refused", may_conflict=True)
    taken = answer if answer.status == HTTPStatus.CONFLICT else None
    made = None if taken else created_id(answer)
    if made:
        api.creations.check_new(made)
    first = Created(made, str(body["name"]), answer) if made else api.create_deployment()
    api.pause(first.id, label="pause the one whose name is taken")
    before = api.get(first.id, label="read the one whose name is taken")
    asked, body = "a taken name", api.body(name=first.name, metadata={"sent": "with a taken name"})
    answer = api.create(body, label=f"create with {asked}", may_conflict=True)
    after = api.get(first.id, label="read it after its name was tried again")
    return SameName(
        first,
        refusals({asked: answer}, {asked: body}),
        before,
        after,
        nothing=nothing,
        taken=taken,
    )
