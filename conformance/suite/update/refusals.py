"""Updates that the documents promise to refuse: a row for each mistake, by the story that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from conformance.contract import limits
from conformance.suite.create.refusals import (
    DESCRIPTION,
    GOOD,
    REQUIRED,
    UNKNOWN,
    UNTYPED,
    events,
    name_of,
    vaults,
)
from conformance.suite.schedule.refusals import without
from conformance.suite.shared.invalid_requests import (
    INVALID,
    UPDATE,
    Body,
    InvalidRequest,
    Limit,
    Rows,
    constant,
)
from conformance.suite.shared.values import SCHEDULE_PARTS, padded, yearly

FULL_METADATA: Final = {f"key-{number}": "kept" for number in range(limits.METADATA_KEYS)}
"""As many keys as a deployment may have: what rows change, and that one more is too many, goes by these."""
WHOLE: Final = yearly(minute=15, hour=4)
NO_AGENT: Final = f"agent_{'0' * 32}"
_row = partial(InvalidRequest, route=UPDATE)
_limit = partial(Limit, route=UPDATE)


def wrong_type(asked: str, change: Body, *, beside: bool = False) -> InvalidRequest:
    """Return an update with a value of another JSON type than the documents give a field."""
    return _row("errors.wrong-type-is-400", asked, change, kind=INVALID, beside=beside)


def _key_of(size: int) -> Body:
    return {"metadata": {"key-0": None, "k" * size: "value"}}


def _value_of(size: int) -> Body:
    return {"metadata": {"key-1": "kept", "key-0": "v" * size}}


def _malformed(asked: str, content: bytes) -> InvalidRequest:
    return _row("errors.malformed-json-is-400", asked, {}, content=constant(content), kind=INVALID)


def schedule(requirement: str, asked: str, *, beside: bool = False, **parts: object) -> InvalidRequest:
    """Return an update of the schedule with other `parts` than a valid one has."""
    return _row(requirement, asked, {"schedule": {**WHOLE, **parts}}, beside=beside)


_METADATA, _EVENTS = "update.metadata-beyond-limits-is-400", "update.events-outside-1-to-50-are-400"
_TYPE, _CRON = "update.unknown-event-type-is-400", "update.invalid-cron-is-400"
LONG_NAME: Final = _limit("update.name-of-257-is-400", "a name of {} characters", limits.NAME, name_of("n"))
LIMITS: Final = (LONG_NAME, _limit(_EVENTS, "{} events", limits.EVENTS, events))
IMPLIED_LIMITS: Final = (
    _limit(_METADATA, "a metadata key of {} characters", limits.METADATA_KEY, _key_of),
    _limit(_METADATA, "a metadata value of {} characters", limits.METADATA_VALUE, _value_of),
    _limit("update.51-vaults-are-refused", "{} vaults", limits.VAULTS, vaults, statuses=(400, 404)),
)
"""Limits that the page on updates does not repeat."""
EMPTY_NAME: Final = _row("update.empty-name-is-400", "an empty name", {"name": ""}, beside=True)
NO_EVENT: Final = _row(_EVENTS, "no event", {"initial_events": []}, beside=True)
ONE_KEY_MORE: Final = _row(
    "update.17th-metadata-key-is-400",
    "a 17th metadata key",
    {"metadata": {"key-0": "changed", "one-too-many": "value"}},
)
NUMBER_AS_VALUE: Final = _row(_METADATA, "a number as metadata value", {"metadata": {"key-0": 7}})
UNKNOWN_TYPE: Final = _row(_TYPE, "an unknown event type", {"initial_events": [UNKNOWN]})
NO_CRON: Final = schedule(_CRON, "the minute 61", expression=WHOLE["expression"].replace("15", "61"))
PARTIAL: Final = tuple(
    _row("update.partial-schedule-is-400", f"a schedule without {part}", {"schedule": without(part, WHOLE)})
    for part in SCHEDULE_PARTS
)
TEXT_AS_SCHEDULE: Final = wrong_type("text as schedule", {"schedule": WHOLE["expression"]})
MALFORMED: Final = _malformed("malformed JSON", b'{"name":')
PROMISED: Final[Rows] = (
    EMPTY_NAME,
    *(limit.beyond() for limit in LIMITS),
    NO_EVENT,
    MALFORMED,
    _malformed("a second document", b'{"description":"before a second document"}{}'),
    _row(EMPTY_NAME.requirement, "an empty name again", {"name": ""}, beside=True),
)
LIKELY: Final[Rows] = (
    ONE_KEY_MORE,
    _row(ONE_KEY_MORE.requirement, "a 17th metadata key alone", {"metadata": {"one-too-many": "value"}}),
    *(limit.beyond() for limit in IMPLIED_LIMITS),
    NUMBER_AS_VALUE,
    UNKNOWN_TYPE,
    _row(
        _TYPE,
        "an unknown event type after 49 good events",
        {"initial_events": [*[GOOD] * (limits.EVENTS - 1), UNKNOWN]},
    ),
    _row(_TYPE, "an event without type", {"initial_events": [UNTYPED]}),
    wrong_type("a list as name", {"name": ["text"]}, beside=True),
    wrong_type("an empty list as metadata", {"metadata": []}, beside=True),
    wrong_type("false as description", {"description": False}),
    wrong_type("a number among the vaults", {"vault_ids": [7]}),
    wrong_type("an object among the vaults", {"vault_ids": [{}]}),
    wrong_type("a fraction as version", {"agent": {"type": "agent", "id": "$agent", "version": 1.5}}),
    wrong_type("an object with the key 0 as events", {"initial_events": {"0": "$event"}}),
    wrong_type("a list of pairs as metadata", {"metadata": [["key-0", "value"]]}),
    wrong_type("an object as resources", {"resources": {"type": "file", "file_id": f"file_{0:024}"}}),
    _row("", "an unknown agent", {"agent": NO_AGENT}, beside=True),
    *(
        _row("update.required-fields-cannot-be-cleared", f"null as {name}", {name: None}, beside=True)
        for name in REQUIRED
    ),
    _row(
        "update.description-of-2049-is-400",
        f"a description of {DESCRIPTION + 1}",
        {"description": padded("It is too long. ", DESCRIPTION + 1)},
    ),
)
PROMISED_SCHEDULES: Final[Rows] = (
    schedule(_CRON, "the cron 'not a cron'", expression="not a cron"),
    schedule(_CRON, "a cron of 4 fields", beside=True, expression=WHOLE["expression"].rpartition(" ")[0]),
    NO_CRON,
    *PARTIAL,
)
LIKELY_SCHEDULES: Final[Rows] = (
    schedule("update.schedule-type-must-be-cron", "the schedule type in capitals", beside=True, type="CRON"),
    schedule("update.unknown-zone-is-400", "an unknown time zone", timezone="Asia/Olympus"),
    schedule("update.unknown-zone-is-400", "the time zone Local", timezone="Local"),
    schedule("update.six-fields-are-400", "a cron of 6 fields", expression=f"0 {WHOLE['expression']}"),
    TEXT_AS_SCHEDULE,
    _row("update.partial-schedule-is-400", "an empty object as schedule", {"schedule": {}}),
    wrong_type("null as time zone", {"schedule": {**WHOLE, "timezone": None}}),
    wrong_type("a list as expression", {"schedule": {**WHOLE, "expression": WHOLE["expression"].split()}}),
)


_archived = partial(_row, beside=True, unchanged=True)
_AGENT = "update.archived-agent-is-400"
UPDATES: Final[Mapping[str, Rows]] = {
    "refused_updates": (*PROMISED, *LIKELY),
    "refused_schedule_updates": (*PROMISED_SCHEDULES, *LIKELY_SCHEDULES),
    "update_to_archived_agent": (
        _archived(_AGENT, "an archived agent", {"agent": "$archived-agent"}),
        _archived(
            _AGENT,
            "version 1 of an archived agent",
            {"agent": {"id": "$archived-agent", "type": "agent", "version": 1}},
        ),
    ),
    "update_to_archived_environment": (
        _archived(
            "update.archived-environment-is-400",
            "an archived environment",
            {"environment_id": "$archived-environment"},
        ),
    ),
}
