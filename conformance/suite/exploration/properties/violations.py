"""Requests one step outside a limit that the documents set, as cases of searches."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.client.api import ABSENT, Api
from conformance.contract.catalogue import load_catalogue
from conformance.suite.create import refusals as creations
from conformance.suite.create.refusals import REQUIRED
from conformance.suite.exploration.binding import binding
from conformance.suite.exploration.case_limits import check_fields, in_month
from conformance.suite.exploration.cases import reader
from conformance.suite.exploration.properties.body_parts import NAME_BEGINNING, unique
from conformance.suite.shared.invalid_requests import InvalidRequest, filled
from conformance.suite.shared.values import far_month
from conformance.suite.update import refusals as updates

REFUSALS = (400, 404)
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


CREATION_LIMITS: Sequence[Violation] = (
    *(violation(limit.beyond()) for limit in creations.LIMITS),
    *(
        violation(creations.wrong_type(f"{json.dumps(value)} as {name}", {name: value}))
        for name, value in WRONG_TYPES.items()
    ),
)
"""What belongs to every run: one more than each limit of a creation."""


def promised(api: Api, violations: Sequence[Violation]) -> list[Violation]:
    """Return those that the target's vendor promises to refuse."""
    optional = () if api.target.profile.deployments.environment_required else ("environment_id",)
    bound = binding(violations, lambda one: one.requirement)
    return [one for one in bound if one.without not in optional]


UPDATE_LIMITS: Sequence[Violation] = tuple(
    violation(row, beside=beside)
    for beside in (False, True)
    for row in (
        *(limit.beyond() for limit in (*updates.LIMITS, *updates.IMPLIED_LIMITS)),
        updates.ONE_KEY_MORE,
        updates.NO_CRON,
        updates.PARTIAL[-1],
        updates.TEXT_AS_SCHEDULE,
    )
)
"""The same for an update, each limit alone and beside a valid change."""
