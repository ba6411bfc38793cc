"""Creations that the documents promise to refuse: a row for each mistake, by the story that makes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from conformance.client.api import ABSENT
from conformance.contract import limits
from conformance.suite.shared.invalid_requests import INVALID, Body, InvalidRequest, Limit, Rows
from conformance.suite.shared.values import padded

ALPHABETS: Final = {"ASCII": "abcdefgh", "beyond ASCII": "🚀工𠮷作שלבעד"}
"""What fills names up. Every code point is one character to any reader and no normalisation changes it."""
BEYOND: Final = ALPHABETS["beyond ASCII"]
REQUIRED: Final = ("name", "agent", "environment_id", "initial_events")
UNKNOWN: Final = {"type": "assistant.message", "content": "$content"}
UNTYPED: Final = {"content": "$content"}
GOOD: Final = "A good event"


def name_of(filling: str) -> Callable[[int], Body]:
    """Return what makes a name of a given length."""
    return lambda size: {"name": padded("", size, filling)}


def key_of(filling: str) -> Callable[[int], Body]:
    """Return what makes metadata with a key of a given length."""
    return lambda size: {"metadata": {"a good key": "value", padded("key", size, filling): "value"}}


def value_of(filling: str) -> Callable[[int], Body]:
    """Return what makes metadata with a value of a given length."""
    return lambda size: {"metadata": {"a good key": "value", "key": padded("", size, filling)}}


def events(count: int) -> Body:
    """Return so many events."""
    return {"initial_events": [f"Event {number} of {count}" for number in range(1, count + 1)]}


def bag(count: int) -> dict[str, str]:
    """Return metadata of so many keys."""
    return {f"key_{number:02}": f"value {number:02}" for number in range(count)}


def keys(count: int) -> Body:
    """Return a body with so many keys of metadata."""
    return {"metadata": bag(count)}


def vaults(count: int) -> Body:
    """Return the ids of so many vaults, none of which exists."""
    return {"vault_ids": [f"vault_{number:032x}" for number in range(count)]}


_NAME, _KEY, _VALUE = (
    "create.name-of-257-is-400",
    "create.metadata-key-of-65-is-400",
    "create.metadata-value-of-513-is-400",
)
LIMITS: Final = (
    Limit(_NAME, "a name of {}, ASCII", limits.NAME, name_of(ALPHABETS["ASCII"])),
    Limit(_NAME, "a name of {}, beyond ASCII", limits.NAME, name_of(BEYOND)),
    Limit("create.51-events-is-400", "{} events", limits.EVENTS, events),
    # A server may notice first that the vaults do not exist.
    Limit("create.51-vaults-are-refused", "{} vaults", limits.VAULTS, vaults, statuses=(400, 404)),
    Limit("create.17-metadata-keys-are-400", "{} metadata keys", limits.METADATA_KEYS, keys),
    Limit(_KEY, "a metadata key of {}", limits.METADATA_KEY, key_of("x")),
    Limit(_VALUE, "a metadata value of {}", limits.METADATA_VALUE, value_of("x")),
    Limit(_KEY, "a metadata key of {}, beyond ASCII", limits.METADATA_KEY, key_of(BEYOND)),
    Limit(_VALUE, "a metadata value of {}, beyond ASCII", limits.METADATA_VALUE, value_of(BEYOND)),
)
EMPTY: Final = (
    InvalidRequest("create.empty-name-is-400", "an empty name", {"name": ""}),
    InvalidRequest("create.no-events-is-400", "no events", {"initial_events": []}),
)
MISSING: Final = tuple(
    InvalidRequest("create.missing-field-is-400", f"no {name}", {name: ABSENT}) for name in REQUIRED
)
UNKNOWN_TYPE: Final = InvalidRequest(
    "create.unknown-event-type-is-400", "an unknown event type", {"initial_events": [UNKNOWN]}
)
NO_TYPE: Final = InvalidRequest(
    "create.event-without-type-is-400", "an event without type", {"initial_events": [UNTYPED]}
)
NOT_TEXT: Final = tuple(
    InvalidRequest(
        "create.metadata-values-are-text",
        f"{what} as metadata value",
        {"metadata": {"good": "text", "other": value}},
    )
    for what, value in {"a number": 7, "an object": {"nested": ""}, "a list": ["text"], "null": None}.items()
)


def wrong_type(asked: str, change: Body) -> InvalidRequest:
    """Return a creation with a value of another JSON type than the documents give a field."""
    return InvalidRequest("errors.wrong-type-is-400", asked, change, kind=INVALID)


def _malformed(asked: str, content: Callable[[Body], bytes]) -> InvalidRequest:
    return InvalidRequest("errors.malformed-json-is-400", asked, {}, content=content, kind=INVALID)


def _json(body: Body) -> bytes:
    return json.dumps(body).encode()


CREATIONS: Final[Mapping[str, Rows]] = {
    "beyond_the_limits": (*(limit.beyond() for limit in LIMITS), *EMPTY),
    "incomplete_creations": (
        *MISSING,
        UNKNOWN_TYPE,
        InvalidRequest(
            UNKNOWN_TYPE.requirement,
            "an unknown event type after a good event",
            {"initial_events": [GOOD, UNKNOWN]},
        ),
        NO_TYPE,
        InvalidRequest(
            NO_TYPE.requirement,
            "an event without type after a good event",
            {"initial_events": [GOOD, UNTYPED]},
        ),
        wrong_type("a list as name", {"name": ["text"]}),
        wrong_type("an event instead of a list", {"initial_events": "$event"}),
        InvalidRequest("", "no name again", {"name": ABSENT}),
    ),
    "metadata_that_is_no_text": NOT_TEXT,
    "malformed_creations": (
        _malformed("a comma behind the last member", lambda body: _json(body)[:-1] + b",}"),
        _malformed("a body without its last brace", lambda body: _json(body)[:-1]),
        _malformed(
            "a form as body",
            lambda body: f"name={body['name']}&description={body['description']}".encode(),
        ),
    ),
    "agent_without_type": (
        InvalidRequest(
            "create.agent-object-needs-type",
            "an agent object without type",
            {"agent": {"id": "$agent", "version": 1}},
        ),
    ),
    "archived_agent": (
        InvalidRequest("create.archived-agent-is-400", "an archived agent", {"agent": "$archived-agent"}),
    ),
    "archived_environment": (
        InvalidRequest(
            "create.archived-environment-is-400",
            "an archived environment",
            {"environment_id": "$archived-environment"},
        ),
    ),
}
