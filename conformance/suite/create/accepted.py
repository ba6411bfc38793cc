"""Stories about creations that the documents promise to accept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus

from conformance.client.answers import created_id
from conformance.client.api import Api, Created
from conformance.client.calls.guarded import ABSENT
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import story
from conformance.suite.shared.creating import Refusals, Stored, hand_on, read_back, refusals, store
from conformance.suite.shared.values import yearly

TEXT = "Zwölf Zeilen für 张伟 🚀 👩\u200d👧: 5\u00a0'quotes', \"double\", <tags> & a \\ backslash"
VARIABLES = "\n".join(
    ("FEATURE_FLAG=on", "LOG_LEVEL=info", *(f"NUMBER_{number}={number}" for number in range(70)))
)
"""More variables than a server is likely to have a fixed number of places for."""
KEPT_VARIABLES = "create.environment-variables-are-stored"


@story(makes=True)
def bare_creation(api: Api) -> Stored:
    """A deployment is created with the four required fields alone, and read."""
    stored = store(api, api.body(description=ABSENT), "create with nothing but the required fields")
    hand_on(api, stored)
    return stored


@story(makes=True)
def whole_creation(api: Api) -> Stored:
    """A scheduled deployment is created with text beyond ASCII, metadata and two events, and read."""
    body = api.body(
        schedule=yearly(minute=17),
        metadata={"team": "数据", "purpose": "conformance"},
        initial_events=[api.known.event("The first of two"), api.known.event("The second of two")],
    )
    body["description"] = f"{body['description']} {TEXT}"
    given = ("description", "metadata", "initial_events")
    stored = read_back(api, *api.create_rich(body, given, label="create with every field"))
    hand_on(api, stored)
    return stored


@dataclass(frozen=True)
class KeptVariables:
    """A creation with environment variables, and what showed the deployment after later changes."""

    stored: Stored
    later: tuple[Exchange, ...] = ()


@story(promises=(KEPT_VARIABLES,))
def creation_with_variables(api: Api) -> KeptVariables:
    """A deployment is created with environment variables, read, updated, paused, unpaused, and read again.

    It pins a version of the agent as well, if the target takes both.
    """
    if together := _together(api):
        return together[0]
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


@story(makes=True)
def pinned_agent(api: Api) -> PinnedAgent:
    """A deployment pins version 1 of the agent, if the first one took a later version unasked.

    It has environment variables as well, if they are judged and the target takes both.
    """
    if together := _together(api):
        return together[1]
    if not _latest(api):
        return PinnedAgent(None)
    stored = store(api, api.body(agent=_first_version(api)), "create with version 1 of the agent")
    if (made := created_id(stored.answer)) is None:
        return PinnedAgent(stored)
    moved = _move_between_versions(api, stored, made, _update_pinned(api, made))
    hand_on(api, replace(stored, read=None))
    return moved


def _latest(api: Api) -> int:
    """Return the version that a creation takes unasked, 0 where there is no other."""
    version = api.known.agent_version
    return version if isinstance(version, int) and version > 1 else 0


def _first_version(api: Api) -> dict[str, object]:
    return {"id": api.known.agent, "type": "agent", "version": 1}


def _update_pinned(api: Api, made: str) -> Exchange:
    return api.update(made, {"description": "beside a pinned version"}, label="update one that is pinned")


def _move_between_versions(api: Api, stored: Stored, made: str, updated: Exchange) -> PinnedAgent:
    agent, latest = _first_version(api), _latest(api)
    moved = api.update(made, {"agent": {**agent, "version": latest}}, label="update to a later version")
    back = api.update(made, {"agent": agent}, label="update back to version 1")
    return PinnedAgent(stored, updated, moved, latest, back)


def _together(api: Api) -> tuple[KeptVariables, PinnedAgent] | None:
    """Return what both stories yield of one deployment; None where there is to be none, or was none."""
    if not (_latest(api) and api.asks(KEPT_VARIABLES)):
        return None
    return api.shared("a version and variables", partial(_pin_with_variables, api))


def _pin_with_variables(api: Api) -> tuple[KeptVariables, PinnedAgent] | None:
    body = api.body(agent=_first_version(api), environment_variables=VARIABLES)
    stored = store(api, body, "create with version 1 of the agent and environment variables")
    if (made := created_id(stored.answer)) is None:
        return None
    updated = _update_pinned(api, made)
    pause, unpause = api.pause(made), api.unpause(made)
    read = api.get(made, label="read after an update, a pause and an unpause")
    kept = KeptVariables(stored, (updated, pause, unpause, read))
    return kept, _move_between_versions(api, stored, made, updated)


@dataclass(frozen=True)
class SameName:
    """A paused deployment, what a second creation of its name came to, and reads of the first around it.

    Before it was made, creations of its name had to be refused, without events (`nothing`) and with an
    invalid schedule (`never`). Where that took the name, as the answer `taken` says, the deployment has
    another one.
    """

    first: Created
    second: Refusals
    before: Exchange | None = None
    after: Exchange | None = None
    nothing: Exchange | None = None
    taken: Exchange | None = None
    never: Exchange | None = None


@story(makes=True)
def same_name_twice(api: Api) -> SameName:
    """Two deployments are created under one name, with which a creation was refused before."""
    bad = api.body(initial_events=[])
    nothing = api.create(bad, label="create without any event")
    bad = api.body(name=bad["name"], schedule={**yearly(), "expression": "99 3 1 1 *"})
    never = api.create(bad, label="create with its name and an invalid schedule", may_conflict=True)
    body = api.body(name=bad["name"])
    answer = api.create(body, label="create with the name of what was refused", may_conflict=True)
    taken = answer if answer.status == HTTPStatus.CONFLICT else None
    made = None if taken else created_id(answer)
    if made:
        api.creations.check_new(made)
    first = Created(made, str(body["name"]), answer) if made else api.create_deployment()
    api.pause(first.id, label="pause the one whose name is taken")
    before = api.get(first.id, label="read the one whose name is taken")
    api.wait_for_next_second()  # a refusal that touches the owner of the name shows in updated_at
    asked, body = "a taken name", api.body(name=first.name, metadata={"sent": "with a taken name"})
    answer = api.create(body, label=f"create with {asked}", may_conflict=True)
    after = api.get(first.id, label="read it after its name was tried again")
    if made:
        api.hand_on(first, after)
    return SameName(
        first,
        refusals({asked: answer}, {asked: body}),
        before,
        after,
        nothing=nothing,
        taken=taken,
        never=never,
    )
