"""Bodies one step outside a limit that the documents set, and the promise that each is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.contract.catalogue import load_catalogue
from conformance.exploration._parts import KEY_LIMIT, NAME_ROOM, VALUE_LIMIT, unique
from conformance.stories.values import far_month, yearly
from conformance.target.api import Api

EVENT_LIMIT = 50
VAULT_LIMIT = 50
METADATA_LIMIT = 16
WRONG_TYPES: Mapping[str, object] = {
    "name": ["text"],
    "description": 7,
    "agent": 7,
    "environment_id": 7,
    "initial_events": {},
    "schedule": "daily",
    "metadata": ["text"],
    "vault_ids": "text",
    "resources": "text",
}
"""A value of another JSON type than the documents give a field."""


@dataclass(frozen=True)
class Violation:
    """Changes to a valid body that make it invalid.

    `change` sets fields: of a name it holds the ending ("" stays empty), of events the texts or whole
    events. `without` names a field to leave out. `beside` adds a valid change of the description.
    """

    requirement: str
    what: str
    change: Mapping[str, Any] = field(default_factory=dict)
    without: str = ""
    statuses: tuple[int, ...] = (400,)
    beside: bool = False

    def __post_init__(self) -> None:
        if self.requirement not in load_catalogue().requirements:
            raise ValueError(f"unknown requirement {self.requirement!r:.120}")

    def __str__(self) -> str:
        return self.what + (" beside a valid description" if self.beside else "")

    def applied(self, api: Api, body: Mapping[str, object]) -> dict[str, object]:
        """Return `body` with this violation."""
        fields = {**body, **{name: _sent(api, name, value) for name, value in self.change.items()}}
        if self.beside:
            fields["description"] = f"Changed by {unique(api)}"
        return {name: value for name, value in fields.items() if name != self.without}


def _sent(api: Api, name: str, value: object) -> object:
    if name == "name" and isinstance(value, str) and value:
        return unique(api) + value
    if name == "initial_events" and isinstance(value, list):
        return [api.known.event(event) if isinstance(event, str) else event for event in value]
    return value


def long_name(requirement: str, filling: str, beyond: int) -> Violation:
    """Return a name that is `beyond` characters longer than allowed."""
    ending = (filling * (NAME_ROOM + beyond))[: NAME_ROOM + beyond]
    return Violation(requirement, f"a name of {256 + beyond} characters", {"name": ending})


def many_events(requirement: str, count: int) -> Violation:
    """Return `count` events."""
    return Violation(requirement, f"{count} events", {"initial_events": [f"event {n}" for n in range(count)]})


def many_keys(requirement: str, count: int) -> Violation:
    """Return `count` keys of metadata."""
    keys = {f"key {n}": "value" for n in range(count)}
    return Violation(requirement, f"{count} metadata keys", {"metadata": keys})


def metadata(requirement: str, what: str, key: str, value: object) -> Violation:
    """Return metadata with one entry."""
    return Violation(requirement, what, {"metadata": {key: value}})


def many_vaults(count: int) -> Violation:
    """Return `count` vault ids; a server may also miss the vaults (N49)."""
    vaults = [f"vault_{n:032x}" for n in range(count)]
    return Violation(
        "create.51-vaults-are-refused", f"{count} vault ids", {"vault_ids": vaults}, "", (400, 404)
    )


def schedule(requirement: str, what: str, **changes: str) -> Violation:
    """Return a schedule that would not fire for months, with some of its parts changed."""
    return Violation(requirement, what, {"schedule": {**yearly(), **changes}})


def partial_schedule(requirement: str, part: str) -> Violation:
    """Return a schedule that lacks a part."""
    parts = {name: value for name, value in yearly().items() if name != part}
    return Violation(requirement, f"a schedule without {part}", {"schedule": parts})


CREATION_LIMITS: Sequence[Violation] = (
    long_name("create.name-of-257-is-400", "n", 1),
    long_name("create.name-of-257-is-400", "\U0001f680", 1),
    many_events("create.51-events-is-400", EVENT_LIMIT + 1),
    many_vaults(VAULT_LIMIT + 1),
    many_keys("create.17-metadata-keys-are-400", METADATA_LIMIT + 1),
    metadata("create.metadata-key-of-65-is-400", "a metadata key of 65", "k" * (KEY_LIMIT + 1), "value"),
    metadata(
        "create.metadata-value-of-513-is-400", "a metadata value of 513", "key", "v" * (VALUE_LIMIT + 1)
    ),
    *(
        Violation("errors.wrong-type-is-400", f"{json.dumps(value)} as {name}", {name: value})
        for name, value in WRONG_TYPES.items()
    ),
)
"""What belongs to every run: one more than each limit of a creation."""

UPDATE_LIMITS: Sequence[Violation] = tuple(
    Violation(one.requirement, one.what, one.change, beside=beside)
    for beside in (False, True)
    for one in (
        long_name("update.name-of-257-is-400", "n", 1),
        many_events("update.events-outside-1-to-50-are-400", EVENT_LIMIT + 1),
        metadata("update.17th-metadata-key-is-400", "a 17th metadata key", "one too many", "value"),
        schedule("update.invalid-cron-is-400", "minute 60", expression=f"60 3 1 {far_month()} *"),
        partial_schedule("update.partial-schedule-is-400", "timezone"),
        metadata(
            "update.metadata-beyond-limits-is-400",
            "a metadata value of 513",
            "key 0",
            "v" * (VALUE_LIMIT + 1),
        ),
        Violation("errors.wrong-type-is-400", "text as schedule", {"schedule": "daily"}),
    )
)
"""The same for an update, each limit alone and beside a valid change."""
