"""Requests one step outside a limit that the documents set, as cases of searches."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.client.api import Api
from conformance.client.calls.guarded import ABSENT
from conformance.contract.catalogue import load_catalogue
from conformance.suite.create import refusals as creations
from conformance.suite.create.refusals import REQUIRED
from conformance.suite.exploration.binding import binding
from conformance.suite.exploration.case_limits import check_fields, in_month
from conformance.suite.exploration.cases import reader
from conformance.suite.exploration.properties.body_parts import NAME_BEGINNING, unique
from conformance.suite.schedule import refusals as schedules
from conformance.suite.shared.invalid_requests import InvalidRequest, filled
from conformance.suite.shared.values import cron, far_month
from conformance.suite.update import refusals as updates

REFUSALS = (400, 404)
WRONG_TYPES: Mapping[str, object] = {
    "name": ["text"],
    "description": [],
    "agent": 7,
    "environment_id": 7,
    "initial_events": {},
    "schedule": "daily",
    "metadata": ["text"],
    "vault_ids": "text",
    "resources": "text",
}
"""A value of another JSON type than the documents give a field."""
EVENT: Mapping[str, object] = {"type": "user.message", "content": "$content"}
MESSAGE: Mapping[str, object] = {"type": "user.message", "content": [{"type": "text", "text": "Hello"}]}
AGENT: Mapping[str, object] = {"id": "$agent", "type": "agent"}


@dataclass(frozen=True)
class Violation:
    """An `InvalidRequest` in the form of a file: JSON alone.

    Of a name `change` holds the ending ("" stays empty), since a run begins each in its own way. `without`
    names a field to leave out.
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
        if (
            self.without not in ("", *REQUIRED)
            or not self.statuses
            or any(status not in REFUSALS for status in self.statuses)
        ):
            raise ValueError(f"unknown: {self!r:.120}")
        check_fields(self.change)

    def __str__(self) -> str:
        return self.what + (" beside a valid description" if self.beside else "")

    def applied(self, api: Api, body: Mapping[str, object]) -> dict[str, object]:
        """Return `body` with this violation."""
        fields = {**body, **{name: _sent(api, name, value) for name, value in self.change.items()}}
        if self.beside:
            fields["description"] = f"Changed by {unique(api)}"
        return {name: value for name, value in fields.items() if name != self.without}


def violation(row: InvalidRequest, *, beside: bool = False) -> Violation:
    """Return the violation of a row, alone or beside a valid change of the description."""
    absent = "".join(name for name, value in row.change.items() if value is ABSENT)
    change = {name: _saved(name, value) for name, value in row.change.items() if name != absent}
    return Violation(row.requirement, row.asked, change, absent, row.statuses, beside)


def _saved(name: str, value: object) -> object:
    """Return the value of a field without what `_sent` adds."""
    return value[NAME_BEGINNING:] if name == "name" and isinstance(value, str) else value


def _sent(api: Api, name: str, value: object) -> object:
    if name == "name" and isinstance(value, str) and value:
        return unique(api) + value
    return filled(api, {}, name, value)


def read_violation(data: Any) -> Violation:  # noqa: ANN401 (it comes from a file)
    """Return a saved violation, its schedule bound to a month that is far away now.

    Raises ValueError for what is none, or no search would send.
    """
    saved = reader(Violation)(data)
    schedule = saved.change.get("schedule")
    expression = schedule.get("expression") if isinstance(schedule, dict) else None
    if not isinstance(schedule, dict) or not isinstance(expression, str):
        return saved
    later = {**schedule, "expression": in_month(expression, far_month())}
    return replace(saved, change={**saved.change, "schedule": later})


def _cron(row: InvalidRequest, asked: str, expression: str) -> InvalidRequest:
    """Return a row with another expression that is none, bound to a month far away."""
    return replace(row, asked=asked, change={"schedule": cron(expression.format(month=far_month()), "UTC")})


CREATION_LIMITS: Sequence[Violation] = tuple(map(violation, (
    *(
        creations.wrong_type(f"{json.dumps(value)} as {name}", {name: value})
        for name, value in WRONG_TYPES.items()
    ),
    creations.wrong_type("7 as name", {"name": 7}),
    creations.wrong_type("JSON in a text as initial_events", {"initial_events": json.dumps([MESSAGE])}),
    creations.wrong_type("true as version", {"agent": {**AGENT, "version": True}}),
    creations.wrong_type("false as schedule", {"schedule": False}),
    creations.wrong_type("an empty list as schedule", {"schedule": []}),
    *(
        replace(creations.NOT_TEXT[0], asked=f"{value} as metadata value", change={"metadata": bag})
        for value, bag in {"true": {"a": "text", "b": True}, "0": {"a": "text", "b": 0}}.items()
    ),
    replace(
        creations.UNKNOWN_TYPE,
        asked="the event type message",
        change={"initial_events": [{**EVENT, "type": "message"}]},
    ),
    replace(
        creations.AGENT_WITHOUT_TYPE,
        asked="an agent object of the type environment",
        change={"agent": {**AGENT, "type": "environment"}},
    ),
    _cron(schedules.NO_CRON[0], "the minute 60", "60 3 1 {month} *"),
    _cron(schedules.NO_CRON[0], "a comma behind the minute", "0, 3 1 {month} *"),
)))  # fmt: skip
"""What belongs to every run: values that a server converts, or looks at too briefly.

One more than each limit is sent by the stories of creations.
"""

UPDATE_LIMITS: Sequence[Violation] = tuple(violation(row, beside=True) for row in (
    updates.wrong_type("a text as event", {"initial_events": ["$text"]}),
    updates.wrong_type("null among the events", {"initial_events": ["A good event", None]}),
    updates.wrong_type("a text as version", {"agent": {**AGENT, "version": "1"}}),
    updates.wrong_type("an object as environment_id", {"environment_id": {"id": "$environment"}}),
    updates.wrong_type("an empty text as vault_ids", {"vault_ids": ""}),
    updates.wrong_type("an empty object as resources", {"resources": {}}),
    updates.wrong_type("false as schedule", {"schedule": False}),
    *(
        replace(updates.NUMBER_AS_VALUE, asked=f"{value} as metadata value", change={"metadata": bag})
        for value, bag in {"7.5": {"key-0": 7.5}, "true": {"key-0": True}, "[]": {"key-0": []}}.items()
    ),
    *(
        replace(
            updates.UNKNOWN_TYPE,
            asked=f"the event type {kind}",
            change={"initial_events": [{**EVENT, "type": kind}]},
        )
        for kind in ("user.messages", "User.Message")
    ),
    updates.schedule("update.schedule-type-must-be-cron", "null as type of a schedule", type=None),
    updates.schedule("update.schedule-type-must-be-cron", "an empty text as type of a schedule", type=""),
    updates.schedule("update.unknown-zone-is-400", "a time zone without a region", timezone="Olympus"),
    _cron(updates.NO_CRON, "the day 0", "0 3 0 {month} *"),
    _cron(updates.NO_CRON, "a step of 0", "*/0 3 1 {month} *"),
    _cron(updates.NO_CRON, "the hours 3-25", "0 3-25 1 {month} *"),
    _cron(updates.NO_CRON, "a negative minute", "-5 3 1 {month} *"),
))  # fmt: skip
"""The same for an update, each beside a valid change."""


def promised(api: Api, violations: Sequence[Violation]) -> list[Violation]:
    """Return those that the target's vendor promises to refuse."""
    optional = () if api.target.profile.deployments.environment_required else ("environment_id",)
    bound = binding(violations, lambda one: one.requirement)
    return [one for one in bound if one.without not in optional]
