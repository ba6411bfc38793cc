"""Stories about limits: exactly at them, and one beyond."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.creating import Refusals, Stored, store, try_creations
from conformance.stories.registry import story
from conformance.stories.values import padded
from conformance.target.api import Api

NAME, KEY, VALUE, KEYS, EVENTS, VAULTS = 256, 64, 512, 16, 50, 50
"""The documented limits: characters of a name, of a metadata key and value, then counts."""
ALPHABETS = {"ASCII": "abcdefgh", "beyond ASCII": "🚀工𠮷作"}
"""What fills texts up. Every code point is one character to any reader and no normalisation changes it."""


@dataclass(frozen=True)
class AtTheLimits:
    """Deployments as large as the documents allow; names, metadata and events by alphabet.

    All three are one deployment, if the target takes them together.
    """

    names: Mapping[str, Stored]
    metadata: Mapping[str, Stored]
    events: Mapping[str, Stored]


@story()
def at_the_limits(api: Api) -> AtTheLimits:
    """Deployments with the longest name, the fullest metadata and the most events are created and read.

    Where a target refuses them together, each is tried alone.
    """
    stored = {alphabet: _at_all_limits(api, alphabet) for alphabet in ALPHABETS}
    names, metadata, events = (
        {alphabet: parts[place] for alphabet, parts in stored.items()} for place in range(3)
    )
    return AtTheLimits(names, metadata, events)


def _at_all_limits(api: Api, alphabet: str) -> tuple[Stored, Stored, Stored]:
    """Return creations with the longest name, the fullest metadata and the most events, in this order."""
    filling = ALPHABETS[alphabet]
    name, bag, events = _named(api, NAME, filling), _full_bag(filling), _events(api, EVENTS)
    together = {**name, "metadata": bag, "initial_events": events}
    stored = store(api, together, f"create at all limits, {alphabet}")
    if stored.answer.succeeded:
        return stored, stored, stored
    return (
        store(api, _named(api, NAME, filling), f"create with a name of {NAME}, {alphabet}"),
        store(api, api.body(metadata=bag), f"create with the fullest metadata, {alphabet}"),
        store(api, api.body(initial_events=events), f"create with {EVENTS} events, {alphabet}"),
    )


@story()
def beyond_the_limits(api: Api) -> Refusals:
    """Creations one beyond each limit are tried."""
    names = {f"a name of 257, {which}": _named(api, NAME + 1, text) for which, text in ALPHABETS.items()}
    return try_creations(
        api,
        {
            **names,
            "an empty name": api.body(name=""),
            "no events": api.body(initial_events=[]),
            "51 events": api.body(initial_events=_events(api, EVENTS + 1)),
            "51 vaults": api.body(vault_ids=[f"vault_{secrets.token_hex(16)}" for _ in range(VAULTS + 1)]),
            "17 metadata keys": api.body(metadata=_bag(KEYS + 1)),
            "a metadata key of 65": api.body(metadata={padded("key", KEY + 1): "value"}),
            "a metadata value of 513": api.body(metadata={"key": padded("", VALUE + 1)}),
        },
    )


def _named(api: Api, length: int, filling: str) -> dict[str, object]:
    body = api.body()
    return {**body, "name": padded(f"{body['name']}-", length, filling)}


def _events(api: Api, count: int) -> list[dict[str, object]]:
    return [api.known.event(f"Event {number:02} of {count}") for number in range(count)]


def _bag(count: int) -> dict[str, str]:
    return {f"key_{number:02}": f"value {number:02}" for number in range(count)}


def _full_bag(filling: str) -> dict[str, str]:
    longest = {padded("key-", KEY, filling): "value", "long_value": padded("", VALUE, filling)}
    return {**_bag(KEYS - len(longest)), **longest}
