"""A story about a whole life: one deployment from its creation to its archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from conformance.client.api import Api, Created
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import story
from conformance.suite.shared.values import renamed_to, yearly

FIRST = "changed while active"
GIVEN = {"given": "while paused"}
LATER = (
    "object.identity-never-moves",
    "object.updated-at-never-goes-back",
    "unpause.active-is-conflict",
    "unpause.refused-changes-nothing",
    "runs.only-when-asked",
    "archive.renames",
    "archive.keeps-status-active",
    "archive.changes-only-its-own-fields",
)
"""The requirements that read what comes after the unpause."""
LOOKS_ARCHIVED = "renamed_archived_1781427523"
"""A name that ends like that of an archived deployment is a name like others."""


@dataclass(frozen=True)
class Refusal:
    """A request that must be refused, and reads of the deployment around it."""

    before: Exchange
    answer: Exchange
    after: Exchange


@dataclass(frozen=True)
class Lifecycle:
    """Every answer that showed the deployment, in order; `paused_update` is the update while paused.

    `before_pause` is the read before the pause; `before_paused_update` and `after_paused_update` are those
    around the update, `sent` is its description and `more` what it named besides. `unpaused` is the read
    after the unpause. `paused_again` and `unpaused_again` are a second pause and a second unpause, each after
    an update.
    `given` is the answer to a key of metadata that was given to the paused deployment.
    `renamed` is the read after an update of the name, and `runs` the list of runs, before the archive.
    """

    states: tuple[Exchange, ...]
    sent: str
    before_pause: Exchange
    before_paused_update: Exchange
    paused_update: Exchange
    after_paused_update: Exchange
    paused_again: Refusal
    unpaused: Exchange
    unpaused_again: Refusal | None = None
    renamed: Exchange | None = None
    runs: Exchange | None = None
    more: Mapping[str, object] = field(default_factory=dict)
    given: Exchange | None = None


@story(parts={"its end": LATER})
def lifecycle(api: Api) -> Lifecycle:
    """A deployment is created, updated, paused, updated while paused, unpaused, renamed, archived."""
    api.reserve(1, archiving=True)
    made = api.create_deployment(schedule=yearly(), metadata={"since": "the creation"})
    cleared = {"vault_ids": [], "resources": [], "schedule": yearly(minute=10)}
    first = {"description": FIRST, "metadata": {"since": "an update"}, **cleared}
    life = live(api, made, first, _more(api, made))
    if not api.wants(*LATER):
        return life
    name = renamed_to(made.name, LOOKS_ARCHIVED)
    update = api.update(made.id, {"name": name}, label="rename before the archive")
    renamed = _read(api, made.id, "name", name)
    unpaused_again = _refuse(
        api, made.id, renamed, api.unpause, "unpause an active deployment, renamed since"
    )
    runs = api.runs(made.id, label="list the runs of what never ran")
    end = [
        update,
        renamed,
        unpaused_again.after,
        api.archive(made.id),
        api.get_until(made.id, lambda state: state.get("archived_at") is not None),
    ]
    return replace(
        life, states=(*life.states, *end), unpaused_again=unpaused_again, renamed=renamed, runs=runs
    )


def _more(api: Api, made: Created) -> dict[str, object]:
    """Return what a paused deployment is given beside another description."""
    change: dict[str, object] = {
        "name": renamed_to(made.name, "renamed while paused"),
        "initial_events": [api.known.event("Changed while paused")],
    }
    if isinstance(api.known.agent_version, int) and api.known.agent_version > 1:
        change["agent"] = {"id": api.known.agent, "type": "agent", "version": 1}
    return change


def live(
    api: Api, made: Created, change: Mapping[str, object], more: Mapping[str, object] | None = None
) -> Lifecycle:
    """Update a deployment, pause it, update it while paused, unpause it; read after each.

    `change` is the first update and names the description; `more` is what the update while paused names
    besides. Then come one with nothing in it, one
    with nothing new and one that must be refused: none may make it active.
    """
    sent, besides = "changed while paused", more or {}
    states = [made.exchange, api.first_read(made, "read")]
    # From here on a step that sets updated_at back to the creation shows.
    api.wait_for_next_second()
    before_pause = [api.update(made.id, change), _read(api, made.id, "description", change["description"])]
    before = [api.pause(made.id), _read(api, made.id, "status", "paused")]
    update = api.update(made.id, {"description": sent, **besides}, label="update a paused deployment")
    after = _read(api, made.id, "description", sent)
    api.update(made.id, {}, label="update a paused deployment with nothing")
    api.update(made.id, {"description": sent}, label="update a paused deployment with what it has")
    given = None
    if besides:
        label = "update the metadata of a paused deployment"
        given = api.update(made.id, {"metadata": GIVEN}, label=label)
    api.update(made.id, {"name": ""}, label="update the name of a paused deployment to an empty one")
    read = api.get(made.id, label="read after the refused update of a paused deployment")
    paused_again = _refuse(api, made.id, read, api.pause, "pause a paused deployment, updated since")
    unpaused = [api.unpause(made.id), _read(api, made.id, "status", "active")]
    states += [*before_pause, *before, update, after, read, paused_again.after, *unpaused]
    return Lifecycle(
        states=tuple(states),
        sent=sent,
        before_pause=before_pause[-1],
        before_paused_update=before[-1],
        paused_update=update,
        after_paused_update=after,
        paused_again=paused_again,
        unpaused=unpaused[-1],
        more=besides,
        given=given,
    )


def _refuse(
    api: Api, deployment_id: str, before: Exchange, act: Callable[..., Exchange], label: str
) -> Refusal:
    """Ask for what must be refused, and read what became of it."""
    answer = act(deployment_id, label=label)
    return Refusal(before, answer, api.get(deployment_id, label=f"read after the refusal to {label}"))


def _read(api: Api, deployment_id: str, name: str, wanted: object) -> Exchange:
    return api.get_until(deployment_id, lambda state: state.get(name) == wanted)
