"""Stories about updates: each field changed alone, bodies that change nothing, what is left open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from conformance.contract.judgement import field
from conformance.stories.ids import unknown_id
from conformance.stories.registry import story
from conformance.stories.updates_refused import FULL_METADATA
from conformance.stories.values import yearly
from conformance.target.api import Api
from conformance.target.creations import created_id
from conformance.target.exchange import Exchange
from conformance.target.prerequisites import pick, resources


@dataclass(frozen=True)
class Change:
    """One update: what was sent, the read before it, its answer and the read after it."""

    sent: Mapping[str, object]
    before: Exchange
    answer: Exchange
    after: Exchange


@dataclass(frozen=True)
class Updates:
    """Updates of one deployment, one after the other: each changes one field alone or nothing.

    `kept_key` is a metadata key that none of them names; `old_event` and `new_event` are texts of the events
    before and after `events`. Of a lent deployment some fields are left alone. `metadata` is sent more than a
    second after the change before it, `deleted` does nothing but delete a key. `rescheduled`, `replaced`,
    `exchanged` and `moved` are of another deployment, with as many metadata keys as it may have: the first
    two are sent more than a second after what came before, with the third a key goes and a key comes, and the
    last one changes the environment, if the account has two.
    """

    name: Change
    description: Change
    events: Change | None
    metadata: Change | None
    expression: Change | None
    timezone: Change | None
    empty_metadata: Change
    nothing: Change
    kept_key: str = "d"
    old_event: str = ""
    new_event: str = ""
    deleted: Change | None = None
    rescheduled: Change | None = None
    replaced: Change | None = None
    exchanged: Change | None = None
    moved: Change | None = None

    @property
    def dated(self) -> tuple[Change, ...]:
        """Those sent more than a second after the last change before."""
        return self.name, *_made(self.rescheduled, self.metadata, self.replaced)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Those that change a field."""
        others = _made(self.events, self.metadata, self.deleted)
        return self.name, self.description, *others, *self.of_schedule

    @property
    def of_schedule(self) -> tuple[Change, ...]:
        """Those that change the schedule."""
        return _made(self.expression, self.timezone)


def _made(*changes: Change | None) -> tuple[Change, ...]:
    return tuple(change for change in changes if change)


@story()
def updates(api: Api) -> Updates:
    """A scheduled deployment is updated field by field and read after each update."""
    old, new = "An event to be replaced", "The only event that stays"
    made = api.create_deployment(
        schedule=yearly(),
        metadata={"a": "old", "b": "old", "d": "kept"},
        initial_events=[api.known.event(old), api.known.event(old)],
    )
    body = api.body(schedule=yearly(), metadata=FULL_METADATA)
    other = api.create(body, label=f"create with {len(FULL_METADATA)} metadata keys")
    before = api.get(made.id, label="read before the updates")
    api.wait_for_next_second()
    full = created_id(other)
    rescheduled = change_to(api, full, other, {"schedule": yearly(minute=45)}) if full else None
    name = change_to(api, made.id, before, {"name": f"{made.name} umbenannt 已改名"})
    kept = {"description": "Geändert, 更新, 🚀", **name.sent}
    description = change_to(api, made.id, name.after, kept, "description beside the name it has")
    events = change_to(api, made.id, description.after, {"initial_events": [api.known.event(new)]})
    api.wait_for_next_second()
    before = api.get(made.id, label="read before the update of metadata")
    metadata = change_to(api, made.id, before, {"metadata": {"a": "geändert, 新", "b": None, "c": "set"}})
    deleted = change_to(api, made.id, metadata.after, {"metadata": {"c": None}}, "metadata to lose a key")
    expression = change_to(api, made.id, deleted.after, {"schedule": yearly(minute=30, hour=9)})
    timezone = change_to(
        api, made.id, expression.after, {"schedule": yearly(minute=30, hour=9, timezone="Asia/Kolkata")}
    )
    empty_metadata = change_to(api, made.id, timezone.after, {"metadata": {}})
    nothing = change_to(api, made.id, empty_metadata.after, {})
    told = Updates(
        name,
        description,
        events,
        metadata,
        expression,
        timezone,
        empty_metadata,
        nothing,
        old_event=old,
        new_event=new,
        deleted=deleted,
        rescheduled=rescheduled,
    )
    return _update_further(api, told, full, rescheduled.after) if full and rescheduled else told


def _update_further(api: Api, told: Updates, full: str, before: Exchange) -> Updates:
    """Change the events of the other deployment, one of its metadata keys for another, its environment."""
    replaced = change_to(api, full, before, {"initial_events": [api.known.event(told.new_event)]})
    exchanged = moved = None
    # Whether keys of the server's own count is not said.
    if field(replaced.after.json, "metadata") == FULL_METADATA:
        patch = {"metadata": {"key-0": None, "another-key": "set"}}
        exchanged = change_to(api, full, replaced.after, patch, "one metadata key for another")
    environments = api.send("GET", "/environments", label="look for a second environment", probe=True)
    others = (one for one in resources(environments.json) if one.get("id") != api.known.environment)
    if environment := pick(others, archived=False):
        last = exchanged or replaced
        moved = change_to(api, full, last.after, {"environment_id": environment})
    return replace(told, replaced=replaced, exchanged=exchanged, moved=moved)


@dataclass(frozen=True)
class Rescheduling:
    """Changes of a schedule that no example shows; None where none was made.

    `added` gives a manual-only deployment a schedule. Then it is paused and gets another: `resumed` is the
    unpause after that.
    """

    added: Change | None = None
    resumed: Change | None = None


@story()
def rescheduling(api: Api) -> Rescheduling:
    """A manual-only deployment is given a schedule, and another while it is paused; then it is unpaused."""
    made = api.create_deployment()
    schedule = {"schedule": yearly(minute=15)}
    added = change_to(api, made.id, made.exchange, schedule, "a manual-only deployment with a schedule")
    api.pause(made.id)
    other = {"schedule": yearly(minute=20, hour=7)}
    while_paused = change_to(api, made.id, added.after, other, "the schedule of a paused deployment")
    unpause = api.unpause(made.id)
    after = api.get_until(made.id, lambda state: state.get("status") == "active")
    return Rescheduling(added, Change(other, while_paused.after, unpause, after))


def change_to(
    api: Api, deployment_id: str, before: Exchange, sent: Mapping[str, object], what: str = ""
) -> Change:
    """Send an update and read once it shows; `before` shows the state before it."""
    answer = api.update(deployment_id, sent, label=f"update {what or next(iter(sent), 'nothing')}")
    after = api.get_until(deployment_id, lambda state: shows(state, sent))
    return Change(sent, before, answer, after)


def shows(state: object, sent: Mapping[str, object]) -> bool:
    """Tell whether a deployment shows what an update sent; objects may hold more, events look otherwise."""
    return isinstance(state, dict) and all(_shows(state.get(key), value) for key, value in sent.items())


def _shows(value: object, wanted: object) -> bool:
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(_shows(value.get(key), part) for key, part in wanted.items())
    if isinstance(wanted, list):
        return isinstance(value, list) and len(value) == len(wanted)
    return value == wanted


def shows_text(value: object, text: str) -> bool:
    """Tell whether a text stands somewhere in a JSON value, in whichever form events have (N47)."""
    return text in json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class OpenUpdates:
    """Answers to updates that the documents leave open or do not offer, and reads after some of them.

    `read_only` are the answers by the field sent; `after_read_only` is the read after all of these.
    """

    before: Exchange
    patch: Exchange
    put: Exchange
    schedule_null: Exchange
    after_schedule_null: Exchange
    metadata_null: Exchange
    after_metadata_null: Exchange
    read_only: Mapping[str, Exchange]
    after_read_only: Exchange


@story()
def open_updates(api: Api) -> OpenUpdates:
    """PATCH and PUT, null for schedule and metadata, and fields that only the server sets."""
    made = api.create_deployment(schedule=yearly(), metadata={"a": "value"})
    path = f"/deployments/{made.id}"
    change = {"description": "changed in another way"}
    read_only: dict[str, object] = {
        "status": "paused",
        "paused_reason": {"type": "manual"},
        "id": unknown_id(api).id,
        "archived_at": "2020-01-01T00:00:00Z",
    }
    return OpenUpdates(
        before=api.get(made.id),
        patch=api.send("PATCH", path, body=change, label="PATCH a deployment", probe=True),
        put=api.send("PUT", path, body=change, label="PUT a deployment", probe=True),
        schedule_null=api.update(made.id, {"schedule": None}, label="update schedule to null", probe=True),
        after_schedule_null=api.get(made.id, probe=True),
        metadata_null=api.update(made.id, {"metadata": None}, label="update metadata to null", probe=True),
        after_metadata_null=api.get(made.id, probe=True),
        read_only={
            field: api.update(made.id, {field: value}, label=f"update {field}", probe=True)
            for field, value in read_only.items()
        },
        after_read_only=api.get(made.id, label="read after updates of read-only fields", probe=True),
    )
