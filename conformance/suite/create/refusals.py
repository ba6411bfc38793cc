"""Creations that the documents promise to refuse: a row for each mistake, by the story that makes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from conformance.client.calls.guarded import ABSENT
from conformance.contract import limits
from conformance.suite.shared.invalid_requests import INVALID, Body, InvalidRequest, Limit, Rows
from conformance.suite.shared.values import padded

ALPHABETS: Final = {"ASCII": "abcdefgh", "beyond ASCII": "🚀工𠮷作שלבעד"}
"""What fills names up. Every code point is one character to any reader and no normalisation changes it."""
BEYOND: Final = ALPHABETS["beyond ASCII"]
REQUIRED: Final = ("name", "agent", "environment_id", "initial_events")
UNKNOWN: Final = {"type": "assistant.message", "content": "$content"}
UNTYPED: Final = {"content": "$content"}
SYSTEM: Final = {"type": "system.message", "content": "$content"}
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
    """Return so many events, not all of one type."""
    messages = [f"Event {number} of {count}" for number in range(1, count)]
    return {"initial_events": [*messages, SYSTEM]}


def bag(count: int) -> dict[str, str]:
    """Return metadata of so many keys."""
    return {f"key_{number:02}": f"value {number:02}" for number in range(count)}


def keys(count: int) -> Body:
    """Return a body with so many keys of metadata, one of them with an empty value."""
    return {"metadata": {**bag(count - 1), "empty": ""}}


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
AGENT_WITHOUT_TYPE: Final = InvalidRequest(
    "create.agent-object-needs-type",
    "an agent object without type",
    {"agent": {"id": "$agent", "version": 1}},
)
OUTCOME: Final = {
    "type": "user.define_outcome",
    "description": "A page that says hello",
    "rubric": {"type": "text", "content": "It says hello."},
}
MOST_ITERATIONS, DESCRIPTION, ENVIRONMENT, INSTRUCTIONS = 20, 2048, 128, 4096
"""Limits that not every vendor has."""


def _events_refused(requirement: str, asked: str, *sent: object) -> InvalidRequest:
    return InvalidRequest(requirement, asked, {"initial_events": [*sent]})


_LAST = "create.system-message-must-be-last"
EVENT_RULES: Final = (
    _events_refused("create.lone-system-message-is-400", "a system message alone", SYSTEM),
    _events_refused(_LAST, "a system message before a user's", SYSTEM, GOOD),
    _events_refused(_LAST, "two system messages", GOOD, SYSTEM, SYSTEM),
    _events_refused(
        "create.outcome-iterations",
        f"an outcome of {MOST_ITERATIONS + 1} iterations",
        {**OUTCOME, "max_iterations": MOST_ITERATIONS + 1},
    ),
    *(
        _events_refused(
            "create.outcome-must-be-whole",
            f"an outcome without {name}",
            {key: value for key, value in OUTCOME.items() if key != name},
        )
        for name in ("description", "rubric")
    ),
    _events_refused(
        "create.content-must-be-blocks", "a text as content", {"type": "user.message", "content": "Hello"}
    ),
    _events_refused(
        "create.empty-text-is-400",
        "an empty text block",
        {"type": "user.message", "content": [{"type": "text", "text": ""}]},
    ),
)
FIELD_RULES: Final = (
    *(
        InvalidRequest(
            "create.agent-version-below-one-is-400",
            f"the agent version {version}",
            {"agent": {"id": "$agent", "type": "agent", "version": version}},
        )
        for version in (0, -1)
    ),
    InvalidRequest(
        "create.description-of-2049-is-400",
        f"a description of {DESCRIPTION + 1}",
        {"description": padded("It is too long. ", DESCRIPTION + 1)},
    ),
    # A server may notice first that the environment, or the files, do not exist.
    InvalidRequest(
        "create.environment-id-of-129-is-refused",
        f"an environment id of {ENVIRONMENT + 1}",
        {"environment_id": padded("env_", ENVIRONMENT + 1, "0")},
        statuses=(400, 404),
    ),
    InvalidRequest(
        "create.501-resources-are-refused",
        "501 resources",
        {"resources": [{"type": "file", "file_id": f"file_{number:024}"} for number in range(501)]},
        statuses=(400, 404),
    ),
    InvalidRequest(
        "create.instructions-of-4097-are-refused",
        f"instructions of {INSTRUCTIONS + 1}",
        {
            "resources": [
                {
                    "type": "memory_store",
                    "memory_store_id": f"memstore_{0:024}",
                    "instructions": padded("Remember it. ", INSTRUCTIONS + 1),
                }
            ]
        },
        statuses=(400, 404),
    ),
    InvalidRequest(
        "create.unknown-resource-type-is-400",
        "a resource of an unknown type",
        {"resources": [{"type": "floppy_disk", "file_id": f"file_{0:024}"}]},
    ),
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
            "an unknown event type after 49 good events",
            {"initial_events": [*[GOOD] * (limits.EVENTS - 1), UNKNOWN]},
        ),
        NO_TYPE,
        InvalidRequest(
            NO_TYPE.requirement,
            "an event without type after a good event",
            {"initial_events": [GOOD, UNTYPED]},
        ),
        wrong_type("a list as name", {"name": ["text"]}),
        wrong_type("an event instead of a list", {"initial_events": "$event"}),
        wrong_type("an object with the key 0 as events", {"initial_events": {"0": "$event"}}),
        wrong_type("a list of pairs as metadata", {"metadata": [["key", "value"]]}),
        InvalidRequest("", "no name again", {"name": ABSENT}),
        *EVENT_RULES,
        *FIELD_RULES,
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
    "agent_without_type": (AGENT_WITHOUT_TYPE,),
    "archived_agent": (
        InvalidRequest("create.archived-agent-is-400", "an archived agent", {"agent": "$archived-agent"}),
        InvalidRequest(
            "create.archived-agent-is-400",
            "version 1 of an archived agent",
            {"agent": {"id": "$archived-agent", "type": "agent", "version": 1}},
        ),
    ),
    "archived_environment": (
        InvalidRequest(
            "create.archived-environment-is-400",
            "an archived environment",
            {"environment_id": "$archived-environment"},
        ),
    ),
}
