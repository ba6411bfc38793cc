"""Stories about the Idempotency-Key header."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.registry import story
from conformance.stories.values import yearly
from conformance.target.api import Api
from conformance.target.exchange import Exchange

LONG_KEYS = (256, 2048)


@dataclass(frozen=True)
class KeyedCreation:
    """One creation sent three times with one key; between the last two, other bodies with that key.

    `description` is that of the creation; `refused` holds the answers to the other bodies by description,
    `listed` the newest deployments after all.
    """

    first: Exchange
    second: Exchange
    third: Exchange
    description: str
    other_bodies: Mapping[str, Exchange]
    refused: Mapping[str, Exchange]
    listed: Exchange


@story()
def keyed_creation(api: Api) -> KeyedCreation:
    """A creation is repeated with its key, then other bodies are sent with that key, then it is repeated."""
    key, body, other = _key(), api.body(), api.body()
    other_event = {**body, "initial_events": [api.known.event("Another first event")]}
    first = api.create(body, headers=key, label="create with a key")
    second = api.create(body, headers=key, label="create again with that key")
    api.wait_for_next_second()
    answers = {
        "another name and description": api.create(other, headers=key, label="create another with that key"),
        "another event": api.create(other_event, headers=key, label="create with that key, another event"),
    }
    return KeyedCreation(
        first=first,
        second=second,
        third=api.create(body, headers=key, label="create a third time with that key"),
        description=str(body["description"]),
        other_bodies=answers,
        refused={str(other["description"]): answers["another name and description"]},
        listed=api.list_refused(),
    )


@dataclass(frozen=True)
class KeyedPause:
    """A pause repeated with its key, and sent with another one; reads with one key before and after it."""

    first: Exchange
    after_first: Exchange
    second: Exchange
    after_second: Exchange
    other_key: Exchange
    read_before: Exchange
    read_after: Exchange


@story()
def keyed_pause(api: Api) -> KeyedPause:
    """A deployment is paused twice with one key, once with another, and read with a key before and after."""
    made = api.create_deployment(schedule=yearly())
    reading, key = _key(), _key()
    read_before = api.get(made.id, headers=reading, label="read with a key", probe=True)
    first = api.pause(made.id, headers=key, label="pause with a key")
    after_first = api.get_until(made.id, lambda state: state.get("status") == "paused")
    api.wait_for_next_second()
    return KeyedPause(
        first=first,
        after_first=after_first,
        second=api.pause(made.id, headers=key, label="pause again with that key"),
        after_second=api.get(made.id, label="read after the repeated pause"),
        other_key=api.pause(made.id, headers=_key(), label="pause with another key"),
        read_before=read_before,
        read_after=api.get(made.id, headers=reading, label="read again with that key", probe=True),
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
    made = api.create_deployment()
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


def _key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}
