"""What the lifecycle search sends for the words of a plan."""

from __future__ import annotations

from conformance.stories.values import cron, padded, yearly
from conformance.target.api import ABSENT, Api

TOO_LONG = 257
REQUIREMENT_OF = {
    "empty-name": "update.empty-name-is-400",
    "long-name": "update.name-of-257-is-400",
    "bad-cron": "update.invalid-cron-is-400",
    "partial-schedule": "update.partial-schedule-is-400",
    "no-events": "update.events-outside-1-to-50-are-400",
}


def creation(api: Api, *, scheduled: bool) -> dict[str, object]:
    """Return the body of a deployment with every field that updates change."""
    return api.body(
        schedule=yearly() if scheduled else ABSENT, metadata={"kept": "é日🙂", "dropped": "soon", "turn": "0"}
    )


def changes(api: Api, fields: str, turn: int) -> dict[str, object]:
    """Return the body of a valid update of some fields (names divided by blanks), new in each turn."""
    values: dict[str, object] = {
        "name": api.body()["name"],
        "description": f"Turn {turn} of a conformance run: é日🙂",
        "metadata": {"turn": str(turn), f"turn-{turn}": "new", "dropped": None},
        "schedule": yearly(minute=turn % 60),
        "initial_events": [
            api.known.event(f"Event {number} of turn {turn}") for number in range(turn % 3 + 1)
        ],
    }
    return {field: values[field] for field in fields.split()}


def invalid(api: Api, why: str, turn: int) -> dict[str, object]:
    """Return an update that must be refused because of one field; its description would be valid."""
    fields: dict[str, dict[str, object]] = {
        "empty-name": {"name": ""},
        "long-name": {"name": padded(str(api.body()["name"]), TOO_LONG)},
        "bad-cron": {"schedule": cron("61 3 1 1 *")},
        "partial-schedule": {"schedule": {"expression": "0 3 1 1 *"}},
        "no-events": {"initial_events": []},
    }
    return {"description": f"Turn {turn}, which must be refused", **fields[why]}
