"""What the lifecycle search sends for the words of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from conformance.client.calls.guarded import ABSENT
from conformance.client.prerequisites import Prerequisites
from conformance.contract import limits
from conformance.contract.shapes import Shapes
from conformance.suite.shared.values import cron, far_month, padded, yearly

REQUIREMENT_OF: Final = {
    "empty-name": "update.empty-name-is-400",
    "long-name": "update.name-of-257-is-400",
    "bad-cron": "update.invalid-cron-is-400",
    "partial-schedule": "update.partial-schedule-is-400",
    "no-events": "update.events-outside-1-to-50-are-400",
}


class Body(Protocol):
    """Makes a valid create body with a fresh name, as `Api.body` does."""

    def __call__(self, **changes: object) -> dict[str, object]:
        """Return the body with some fields changed."""


@dataclass(frozen=True, slots=True)
class Values:
    """Values for the bodies of one walk; `known` is what deployments refer to, `shapes` how bodies look."""

    body: Body
    known: Prerequisites
    shapes: Shapes

    def creation(self, *, scheduled: bool) -> dict[str, object]:
        """Return the body of a deployment with every field that updates change."""
        metadata = {"kept": "é日🙂", "dropped": "soon", "turn": "0"}
        return self.body(schedule=yearly() if scheduled else ABSENT, metadata=metadata)

    def changes(self, fields: str, turn: int) -> dict[str, object]:
        """Return the body of a valid update of some fields (divided by blanks).

        What need not be as it was is new in each turn.
        """
        events = [self.known.event(f"Event {number} of turn {turn}") for number in range(turn % 3 + 1)]
        values: dict[str, object] = {
            "name": self.body()["name"] if "name" in fields.split() else None,
            "description": f"Turn {turn} of a conformance run: é日🙂",
            "metadata": {"turn": str(turn), f"turn-{turn}": "new", "dropped": None},
            "schedule": yearly(minute=turn % 60),
            "initial_events": events,
            "agent": self._agent(),
            "environment_id": self.known.environment_id,
            "resources": [],
            "vault_ids": [],
        }
        # A vendor may not require an environment: then none may be known, and none is sent.
        sent = (field for field in fields.split() if field != "environment_id" or values[field])
        return {field: values[field] for field in sent}

    def _agent(self) -> object:
        """Return version 1 of the agent where deployments have a later one unasked, else the agent alone."""
        version = self.known.agent_version
        pinned = isinstance(version, int) and version > 1
        return self.shapes.agent(self.known.agent, 1 if pinned else None)

    def invalid(self, why: str, turn: int) -> dict[str, object]:
        """Return an update that must be refused because of one field; its description would be valid."""
        fields: dict[str, dict[str, object]] = {
            "empty-name": {"name": ""},
            "long-name": {"name": padded("conformance-too-long-", limits.NAME + 1)},
            "bad-cron": {"schedule": cron(f"61 3 1 {far_month()} *")},
            "partial-schedule": {"schedule": {"expression": f"0 3 1 {far_month()} *"}},
            "no-events": {"initial_events": []},
        }
        return {"description": f"Turn {turn}, which must be refused", **fields[why]}
