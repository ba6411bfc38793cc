"""Stories about updates that the documents leave open or do not offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field
from conformance.suite.engine.registry import story
from conformance.suite.shared.ids import unknown_id
from conformance.suite.shared.values import yearly
from conformance.suite.update.changes import Change


@dataclass(frozen=True)
class Cleared:
    """What is done to a deployment whose schedule was taken away: an unpause, and another schedule."""

    unpause: Exchange
    again: Change


@dataclass(frozen=True)
class OpenUpdates:
    """Answers to updates that the documents leave open or do not offer, and reads after some of them.

    `read_only` are the answers by the field sent; `after_read_only` is the read after all of these. `cleared`
    is what came after null, if that took the schedule away. `absent` deletes `never-there`, a metadata key.
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
    cleared: Cleared | None = None
    absent: Exchange | None = None


@story()
def open_updates(api: Api) -> OpenUpdates:
    """PATCH and PUT, null for schedule and metadata, and fields that only the server sets."""
    made = api.obtain(schedule=yearly())
    path = api.target.routes.deployment(made.id)
    change = {"description": "changed in another way"}
    read_only: dict[str, object] = {
        "status": "paused",
        "paused_reason": {"type": "manual"},
        "id": unknown_id(api).id,
        "archived_at": "2020-01-01T00:00:00Z",
    }
    before = api.first_read(made, "read")
    patch = api.send("PATCH", path, body=change, label="PATCH a deployment", probe=True)
    put = api.send("PUT", path, body=change, label="PUT a deployment", probe=True)
    api.get(made.id, label="read after PATCH and PUT", probe=True)  # what was refused must not be done
    sent = {"metadata": {"never-there": None}}
    absent = api.update(made.id, sent, label="update metadata to lose a key that is not there", probe=True)
    schedule_null = api.update(made.id, {"schedule": None}, label="update schedule to null", probe=True)
    after_schedule_null = api.get(made.id, probe=True)
    return OpenUpdates(
        before=before,
        patch=patch,
        put=put,
        schedule_null=schedule_null,
        after_schedule_null=after_schedule_null,
        cleared=_go_on_without(api, made.id, after_schedule_null),
        absent=absent,
        metadata_null=api.update(made.id, {"metadata": None}, label="update metadata to null", probe=True),
        after_metadata_null=api.get(made.id, probe=True),
        read_only={
            field: api.update(made.id, {field: value}, label=f"update {field}", probe=True)
            for field, value in read_only.items()
        },
        after_read_only=api.get(made.id, label="read after updates of read-only fields", probe=True),
    )


def _go_on_without(api: Api, deployment_id: str, read: Exchange) -> Cleared | None:
    """Pause and unpause a deployment whose schedule null has taken away, if it has, and send another one."""
    if field(read.json, "schedule") is not None:
        return None
    api.pause(deployment_id, probe=True)
    unpause = api.unpause(deployment_id, label="unpause one whose schedule was taken away", probe=True)
    sent = {"schedule": yearly(minute=50, hour=6)}
    label = "update a schedule that was taken away to another"
    answer = api.update(deployment_id, sent, label=label, probe=True)
    return Cleared(unpause, Change(sent, read, answer, answer))
