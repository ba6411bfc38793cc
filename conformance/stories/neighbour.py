"""A story about bystanders: what is done to one deployment must not touch others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.contract.judgement import changes, field
from conformance.stories.registry import story
from conformance.stories.values import yearly
from conformance.target.api import Api
from conformance.target.exchange import Exchange


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

    `made` is the answer to the creation of the older one.
    """

    made: Exchange
    older: Bystander
    younger: Bystander

    @property
    def disturbed(self) -> bool:
        """Whether the target changed a deployment that no request named, be it before the first read."""
        archived = [isinstance(field(one.json, "archived_at"), str) for one in (self.made, self.older.before)]
        return self.older.disturbed or self.younger.disturbed or archived == [False, True]


@story(guard=True)
def neighbour(api: Api) -> Neighbours:
    """One deployment is paused, unpaused, updated and archived between two to which nothing is done."""
    older = api.create_deployment(schedule=yearly())
    older_before = api.get(older.id, label="read the older bystander")
    made = api.create_deployment(schedule=yearly(minute=30))
    younger = api.create_deployment()
    before = (older_before, _pause(api, younger.id))
    api.wait_for_next_second()
    after: dict[str, tuple[Exchange, Exchange]] = {}
    for action, act in _actions(api, made.id).items():
        act()
        after[action] = (
            api.get(older.id, label=f"read the older bystander after the {action}"),
            api.get(younger.id, label=f"read the younger bystander after the {action}"),
        )
    return Neighbours(
        older.exchange,
        Bystander(before[0], {action: reads[0] for action, reads in after.items()}),
        Bystander(before[1], {action: reads[1] for action, reads in after.items()}),
    )


def _pause(api: Api, deployment_id: str) -> Exchange:
    """Pause the younger bystander and read it; once more if another story's request has woken it already."""
    for _ in range(2):
        api.pause(deployment_id, label="pause the younger bystander")
        read = api.get_until(deployment_id, lambda state: state.get("status") == "paused")
        if field(read.json, "status") == "paused":
            break
    return read


def _actions(api: Api, deployment_id: str) -> dict[str, Callable[[], Exchange]]:
    change = {"description": "changed beside two bystanders"}
    return {
        "pause": lambda: api.pause(deployment_id),
        "unpause": lambda: api.unpause(deployment_id),
        "update": lambda: api.update(deployment_id, change),
        "archive": lambda: api.archive(deployment_id),
    }


def _differ(before: object, after: object) -> bool:
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return False
    return bool(changes(before, after))
