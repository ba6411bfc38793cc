"""Stories about the Idempotency-Key header."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.client.answers import created_id
from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import story
from conformance.suite.shared.values import yearly
from conformance.suite.update.changes import shows

LONG_KEYS = (256, 2048)
SINCE, FIRST, UPDATED, OTHER = "since", "first", "updated", "another"


@dataclass(frozen=True)
class KeyedCreation:
    """One creation sent four times with one key, also after an update, other bodies and an archive.

    The third time is after an update, which has a key of its own, a pause, and other bodies with that key;
    the last time is after the archive, which has a key, is `repeated` with it and read at `last`.
    `description` is that of the creation; `refused` holds the answers to the other bodies by description,
    `listed` the newest deployments after all. `updated` is the read after an update of the key `SINCE`,
    `after` the read after the third creation, both None when nothing was made; `late` is the last answer,
    None when nothing was archived.
    """

    first: Exchange
    second: Exchange
    third: Exchange
    description: str
    other_bodies: Mapping[str, Exchange]
    refused: Mapping[str, Exchange]
    listed: Exchange
    updated: Exchange | None = None
    after: Exchange | None = None
    late: Exchange | None = None
    archived: Exchange | None = None
    repeated: Exchange | None = None
    last: Exchange | None = None


@story()
def keyed_creation(api: Api) -> KeyedCreation:
    """A creation is repeated with its key, also after an update, other bodies and an archive."""
    key, body, other = _key(), api.body(), api.body()
    other_event = {**body, "initial_events": [api.known.event("Another first event")]}
    first = api.create(body, headers=key, label="create with a key", valid=True)
    second = api.create(body, headers=key, label="create again with that key")
    made = created_id(first)
    updated = _update_and_pause(api, made) if made else None
    api.wait_for_next_second()
    answers = {
        "another name and description": api.create(
            other, headers=key, label="create another with that key", may_conflict=True
        ),
        "another event": api.create(
            other_event, headers=key, label="create with that key, another event", may_conflict=True
        ),
        "another event again": api.create(
            other_event, headers=key, label="create with that key, that event again", may_conflict=True
        ),
    }
    third = api.create(body, headers=key, label="create a third time with that key")
    after = api.get(made, label="read after the repeated creation") if made else None
    ending = _key()
    archived = api.archive(made, headers=ending, label="archive it with a key") if made else None
    repeated = last = late = None
    if made and archived and archived.succeeded:
        repeated = api.archive(made, headers=ending, label="archive it again with that key")
        last = api.get(made, label="read after the repeated archive")
        again = "create with that key after the archive"
        late = api.create(body, headers=key, label=again, may_conflict=True)
    return KeyedCreation(
        first=first,
        second=second,
        third=third,
        description=str(body["description"]),
        other_bodies=answers,
        refused={str(other["description"]): answers["another name and description"]},
        listed=api.list_refused(),
        updated=updated,
        after=after,
        late=late,
        archived=archived,
        repeated=repeated,
        last=last,
    )


@dataclass(frozen=True)
class KeyedUpdate:
    """An update with a key, a read after one with another, the first repeated with its key, and a read.

    Before it is repeated, that key is sent with another body (`other`) and the deployment is paused.
    """

    first: Exchange
    between: Exchange
    repeated: Exchange
    after: Exchange
    other: Exchange | None = None


@dataclass(frozen=True)
class KeyedPause:
    """A pause repeated with its key, and sent with another one; reads with one key before and after it.

    The other key differs in its last character alone. Then an unpause with a key, the pause once more with
    its key, the unpause `awake` with its own, and a read; then updates, a pause, and the `last` one with the
    first key, which four others have followed.
    """

    first: Exchange
    after_first: Exchange
    second: Exchange
    after_second: Exchange
    other_key: Exchange
    read_before: Exchange
    read_after: Exchange
    after_unpause: Exchange
    late: Exchange
    after_late: Exchange
    update: KeyedUpdate
    awake: Exchange | None = None
    last: Exchange | None = None


@story()
def keyed_pause(api: Api) -> KeyedPause:
    """A deployment is paused twice with one key, once with another, unpaused, and paused with the first."""
    made = api.create_deployment(schedule=yearly(), metadata={"made": "to be updated"})
    reading, key = _key(), _key()
    read_before = api.get(made.id, headers=reading, label="read with a key", probe=True)
    first = api.pause(made.id, headers=key, label="pause with a key")
    after_first = api.get_until(made.id, lambda state: state.get("status") == "paused")
    api.wait_for_next_second()
    waking = _key()
    return KeyedPause(
        first=first,
        after_first=after_first,
        second=api.pause(made.id, headers=key, label="pause again with that key"),
        after_second=api.get(made.id, label="read after the repeated pause"),
        other_key=api.pause(made.id, headers=_like(key), label="pause with another key"),
        read_before=read_before,
        read_after=api.get(made.id, headers=reading, label="read again with that key", probe=True),
        after_unpause=_unpause(api, made.id, waking),
        late=api.pause(made.id, headers=key, label="pause with that key after an unpause"),
        awake=api.unpause(made.id, headers=waking, label="unpause again with its key"),
        after_late=api.get(made.id, label="read after the pause was repeated late"),
        update=_update_with_key(api, made.id),
        last=api.pause(made.id, headers=key, label="pause with the first key after four others"),
    )


def _unpause(api: Api, deployment_id: str, key: Mapping[str, str]) -> Exchange:
    """Unpause a deployment that was paused with a key; return the read after it."""
    api.unpause(deployment_id, headers=key, label="unpause after a pause with a key")
    return api.get_until(deployment_id, lambda state: state.get("status") == "active")


def _update_and_pause(api: Api, deployment_id: str) -> Exchange:
    """Update what was made with a key, with a key of its own, and pause it; return the read after both."""
    change = {"metadata": {SINCE: UPDATED}}
    api.update(deployment_id, change, headers=_key(), label="update it with another key")
    api.pause(deployment_id, label="pause it")
    wanted = {"status": "paused", **change}
    return api.get_until(deployment_id, lambda state: shows(state, wanted))


def _update_with_key(api: Api, deployment_id: str) -> KeyedUpdate:
    key, change, other = _key(), _since(FIRST), {"metadata": {SINCE: OTHER}}
    first = api.update(deployment_id, change, headers=key, label="update with a key")
    later = _since(UPDATED)
    api.update(deployment_id, later, headers=_key(), label="update it with another key")
    between = api.get_until(deployment_id, lambda state: shows(state, later))
    refused = api.update(deployment_id, other, headers=key, label="update otherwise with that key")
    api.pause(deployment_id, headers=_key(), label="pause before the update is repeated")
    return KeyedUpdate(
        first=first,
        between=between,
        repeated=api.update(deployment_id, change, headers=key, label="update again with that key"),
        after=api.get(deployment_id, label="read after the repeated update"),
        other=refused,
    )


@dataclass(frozen=True)
class EdgeKeys:
    """Updates with keys of unusual length by key, and a refusal under a key before and after its reason."""

    answers: Mapping[str, Exchange]
    refused: Exchange
    repeated: Exchange


@story()
def edge_keys(api: Api) -> EdgeKeys:
    """Updates carry very short and very long keys; a refused unpause is repeated when it is possible."""
    made = api.obtain()
    keys = {"of 1 character": secrets.choice("abcdef")}
    keys |= {f"of {length} characters": secrets.token_hex(length // 2) for length in LONG_KEYS}
    answers = {
        which: api.update(
            made.id,
            {"description": f"changed with a key {which}"},
            headers={"idempotency-key": key},
            label=f"update with a key {which}",
            probe=True,
        )
        for which, key in keys.items()
    }
    key = _key()
    refused = api.unpause(made.id, headers=key, label="unpause an active one with a key", probe=True)
    api.pause(made.id)
    repeated = api.unpause(made.id, headers=key, label="unpause the paused one with that key", probe=True)
    return EdgeKeys(answers, refused, repeated)


def _since(what: str) -> dict[str, object]:
    return {"description": f"Described {what}.", "metadata": {SINCE: what}}


def _key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


def _like(key: Mapping[str, str]) -> dict[str, str]:
    """Return a key that differs from another one in its last character alone."""
    return {name: f"{text[:-1]}{'0' if text[-1] != '0' else '1'}" for name, text in key.items()}
