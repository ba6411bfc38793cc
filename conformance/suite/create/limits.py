"""The story of what is exactly at the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.client.api import Api
from conformance.contract import limits
from conformance.suite.create.refusals import ALPHABETS, bag
from conformance.suite.engine.registry import story
from conformance.suite.shared.creating import Stored, hand_on, store
from conformance.suite.shared.values import LOOKALIKES, OTHER_LOOKALIKES, padded

TEXTS = {**ALPHABETS, "ASCII": "ab%41\"c'd\\e<i>f&amp;${g}{{h}}[i]#;--:@=+|^~`!?*"}
"""What fills other texts up: also what ASCII has for syntax, which names need not take."""


@dataclass(frozen=True)
class AtTheLimits:
    """Deployments as large as the documents allow; names, metadata and events by alphabet.

    All three are one deployment, if the target takes them together.
    """

    names: Mapping[str, Stored]
    metadata: Mapping[str, Stored]
    events: Mapping[str, Stored]


@story(makes=True)
def at_the_limits(api: Api) -> AtTheLimits:
    """Deployments with the longest name, the fullest metadata and the most events are created and read.

    Where a target refuses them together, each is tried alone.
    """
    alphabets = [*ALPHABETS][:1] if api.asks_musts_alone else ALPHABETS
    stored = {alphabet: _at_all_limits(api, alphabet) for alphabet in alphabets}
    names, metadata, events = (
        {alphabet: parts[place] for alphabet, parts in stored.items()} for place in range(3)
    )
    return AtTheLimits(names, metadata, events)


def _at_all_limits(api: Api, alphabet: str) -> tuple[Stored, Stored, Stored]:
    """Return creations with the longest name, the fullest metadata and the most events, in this order."""
    filling = ALPHABETS[alphabet]
    name = _named(api, limits.NAME, filling)
    metadata = _full_bag(TEXTS[alphabet], LOOKALIKES if alphabet == "ASCII" else OTHER_LOOKALIKES)
    events = _events(api, limits.EVENTS)
    together = {**name, "metadata": metadata, "initial_events": events}
    stored = store(api, together, f"create at all limits, {alphabet}")
    if stored.answer.succeeded:
        hand_on(api, stored)
        return stored, stored, stored
    return (
        store(api, _named(api, limits.NAME, filling), f"create with a name of {limits.NAME}, {alphabet}"),
        store(api, api.body(metadata=metadata), f"create with the fullest metadata, {alphabet}"),
        store(api, api.body(initial_events=events), f"create with {limits.EVENTS} events, {alphabet}"),
    )


def _named(api: Api, length: int, filling: str) -> dict[str, object]:
    body = api.body()
    return {**body, "name": padded(f"{body['name']}-", length, filling)}


def _events(api: Api, count: int) -> list[dict[str, object]]:
    """Return events of which one has all marks and scripts in its text, and every third is the same.

    One has its content before its type and, where there are blocks, two of them.
    """
    marked = api.known.event("".join(TEXTS.values()))
    last = dict(reversed(api.known.event("The last of the events").items()))
    if isinstance(blocks := last["content"], list):
        last = {**last, "content": [*blocks, *blocks]}
    others = [f"Event {number:02} of {count}" if number % 3 else "An event" for number in range(1, count - 1)]
    return [marked, *map(api.known.event, others), last]


def _full_bag(filling: str, lookalikes: Mapping[str, str]) -> dict[str, str]:
    key, value = padded("key-", limits.METADATA_KEY, filling), padded("", limits.METADATA_VALUE, filling)
    others = {**lookalikes, key: "value", "long_value": value}
    return {**bag(limits.METADATA_KEYS - len(others)), **others}
