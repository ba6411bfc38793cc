"""A story about a whole life: one deployment from its creation to its archive."""

from __future__ import annotations

from dataclasses import dataclass, replace

from conformance.stories.registry import story
from conformance.stories.values import yearly
from conformance.target.api import Api, Created
from conformance.target.exchange import Exchange


@dataclass(frozen=True)
class Lifecycle:
    """Every answer that showed the deployment, in order; `paused_update` is the update while paused.

    `before_paused_update` and `after_paused_update` are the reads around it, `sent` is its description.
    `renamed` is the read after an update of the name, before the archive.
    """

    states: tuple[Exchange, ...]
    sent: str
    before_paused_update: Exchange
    paused_update: Exchange
    after_paused_update: Exchange
    renamed: Exchange | None = None


@story()
def lifecycle(api: Api) -> Lifecycle:
    """A deployment is created, updated, paused, updated while paused, unpaused, renamed, archived."""
    made = api.create_deployment(schedule=yearly())
    life = live(api, made)
    name = f"{made.name} renamed"
    update = api.update(made.id, {"name": name}, label="rename before the archive")
    renamed = _read(api, made.id, "name", name)
    end = [
        update,
        renamed,
        api.archive(made.id),
        api.get_until(made.id, lambda state: state.get("archived_at") is not None),
    ]
    return replace(life, states=(*life.states, *end), renamed=renamed)


def live(api: Api, made: Created) -> Lifecycle:
    """Update a deployment, pause it, update it while paused, unpause it; read after each."""
    sent = "changed while paused"
    states = [made.exchange, api.get(made.id)]
    # From here on a step that sets updated_at back to the creation shows.
    api.wait_for_next_second()
    first = "changed while active"
    states += [api.update(made.id, {"description": first}), _read(api, made.id, "description", first)]
    states += [api.pause(made.id), _read(api, made.id, "status", "paused")]
    update = api.update(made.id, {"description": sent}, label="update a paused deployment")
    after = _read(api, made.id, "description", sent)
    before = states[-1]
    states += [update, after, api.unpause(made.id), _read(api, made.id, "status", "active")]
    return Lifecycle(tuple(states), sent, before, update, after)


def _read(api: Api, deployment_id: str, name: str, wanted: str) -> Exchange:
    return api.get_until(deployment_id, lambda state: state.get(name) == wanted)
