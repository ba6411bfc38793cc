"""A story about bystanders: what is done to one deployment must not touch others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from conformance.client.api import Api, Created
from conformance.client.exchange import Exchange
from conformance.contract.comparing import changes, field
from conformance.suite.engine.registry import story
from conformance.suite.shared.values import yearly


@dataclass(frozen=True)
class Bystander:
    """A deployment to which nothing is done: read before, and after each action on another one."""

    before: Exchange
    after: Mapping[str, Exchange]

    @property
    def disturbed(self) -> bool:
        """Whether any read differs from the first."""
        reads = [read for read in self.after.values() if self.before.succeeded and read.succeeded]
        return any(_differ(self.before.json, read.json) for read in reads)


@dataclass(frozen=True)
class Neighbours:
    """An active scheduled deployment older than the one acted upon, and a paused one that is younger.

    The name of each begins with that of the one before. `made` is the answer to the creation of the older.
    `acted` are an update of the one between them and its archive; there was but a refusal between the two.
    """

    made: Exchange
    older: Bystander
    younger: Bystander
    acted: tuple[Exchange, Exchange] | None = None

    @property
    def archived_at_once(self) -> tuple[tuple[Exchange, Exchange], ...]:
        """The update and the archive, where both succeeded."""
        return (self.acted,) if self.acted and all(one.succeeded for one in self.acted) else ()

    @property
    def disturbed(self) -> bool:
        """Whether the target changed a deployment that no request named, be it before the first read."""
        archived = [isinstance(field(one.json, "archived_at"), str) for one in (self.made, self.older.before)]
        return self.older.disturbed or self.younger.disturbed or archived == [False, True]


@story(guard=True)
def neighbour(api: Api) -> Neighbours:
    """One deployment is paused, unpaused, updated and archived between two to which nothing is done.

    Each time it is asked for once more, which must be refused. It has the schedule of the older one and the
    agent of both, is updated to the schedule of the younger one, and is given a vault that they have: what
    some servers keep once for all who share it.
    """
    api.reserve(3, archiving=True)
    older = api.create_deployment(name=api.body()["name"], schedule=yearly())  # with room for more
    older_before = api.first_read(older, "read the older bystander")
    # A key is added to its metadata, which must have room for that.
    made = _create_namesake(api, older, schedule=yearly(), metadata={"made": "beside two"}, vault_ids=[])
    younger = _create_namesake(api, made, schedule=yearly(minute=45))  # as what it is updated to
    before = (older_before, _pause(api, younger.id))
    api.wait_for_next_second()
    after: dict[str, tuple[Exchange, Exchange]] = {}
    acted: dict[str, Exchange] = {}
    for action, act in _actions(api, made.id).items():
        acted[action], _ = [once() for once in act]
        after[action] = (
            api.get(older.id, label=f"read the older bystander after the {action}"),
            api.get(younger.id, label=f"read the younger bystander after the {action}"),
        )
    return Neighbours(
        older.exchange,
        Bystander(before[0], {action: reads[0] for action, reads in after.items()}),
        Bystander(before[1], {action: reads[1] for action, reads in after.items()}),
        (acted["update"], acted["archive"]),
    )


def _pause(api: Api, deployment_id: str) -> Exchange:
    """Pause the younger bystander and read it; once more if another story's request has woken it already."""
    for _ in range(2):
        api.pause(deployment_id, label="pause the younger bystander")
        read = api.get_until(deployment_id, lambda state: state.get("status") == "paused")
        if field(read.json, "status") == "paused":
            break
    return read


def _create_namesake(api: Api, other: Created, **changes: object) -> Created:
    """Create a deployment whose name merely begins like that of another one."""
    name = f"{other.name}-kin"
    return api.create_deployment(name=name, description=f"Made by a conformance run ({name}).", **changes)


def _actions(api: Api, deployment_id: str) -> dict[str, Sequence[Callable[[], Exchange]]]:
    """Return requests by what they ask for: one that is carried out, then one that must be refused."""
    pause, unpause, archive = (partial(act, deployment_id) for act in (api.pause, api.unpause, api.archive))
    change: dict[str, object] = {
        "description": "changed beside two",
        "metadata": {"changed": "beside two"},
        "schedule": yearly(minute=45),
        "initial_events": [api.known.event("Changed beside two")],
        "vault_ids": [*api.known.vaults[:1]],
    }
    if isinstance(api.known.agent_version, int) and api.known.agent_version > 1:
        change["agent"] = {"id": api.known.agent, "type": "agent", "version": 1}
    bodies: tuple[Mapping[str, object], ...] = (change, {"name": ""})
    return {
        "pause": (pause, partial(pause, label="pause again")),
        "unpause": (unpause, partial(unpause, label="unpause again")),
        "update": tuple(partial(api.update, deployment_id, body) for body in bodies),
        "archive": (archive, partial(archive, label="archive again")),
    }


def _differ(before: object, after: object) -> bool:
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return False
    return bool(changes(before, after))
