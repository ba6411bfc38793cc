"""What a deployment in an answer says of the model's state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from conformance.contract.comparing import DOCUMENTED, MISSING, content_text, field, same, shorten
from conformance.contract.lifecycle.state import ACTIVE, OPEN, PAUSED, DeploymentState

MANUAL: Final = {"type": "manual"}
SERVERS_KEY: Final = "cas_config"
"""The metadata key that the revision 2026-06 keeps for the server's own settings and counters."""
LEARNED: Final = (
    "name", "description", "agent", "environment_id", "initial_events", "resources", "vault_ids", "metadata",
    "schedule", "environment_variables",
)  # fmt: skip
"""The documented fields that keep their value until a request names them."""
SENT_OF_SCHEDULE: Final = ("type", "expression", "timezone")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A field of a deployment that denies the model's state, with both values as one line."""

    field: str
    expected: str
    got: str


def contradictions(state: DeploymentState, document: Mapping[str, Any]) -> list[Contradiction]:
    """Return what a deployment object shows otherwise than the state predicts, status and reason first."""
    return [
        Contradiction(name, shorten(wanted, 120), shorten(got, 120))
        for name, wanted, got in (*_lifecycle(state, document), *_fields(state, document))
    ]


def learn(state: DeploymentState, document: Mapping[str, Any]) -> DeploymentState:
    """Return the state with the values that an answer shows in place of what was not predicted so exactly."""
    shown = {name: document[name] for name in LEARNED if name in document}
    if state.renamed:
        shown["name"] = state.fields.get("name", MISSING)
    metadata, schedule = shown.get("metadata"), shown.get("schedule")
    if isinstance(metadata, dict):
        shown["metadata"] = {key: value for key, value in metadata.items() if key != SERVERS_KEY}
    if isinstance(schedule, dict):
        shown["schedule"] = {key: schedule[key] for key in SENT_OF_SCHEDULE if key in schedule}
    status = document.get("status")
    known = status in (ACTIVE, PAUSED) and state.status == OPEN
    return replace(
        state,
        fields={name: value for name, value in {**state.fields, **shown}.items() if value is not MISSING},
        status=str(status) if known else state.status,
    )


def adopt(state: DeploymentState, document: Mapping[str, Any]) -> DeploymentState:
    """Return the state that an answer shows, whatever was predicted: `learn`, with the status."""
    return learn(replace(state, status=OPEN), document)


def _lifecycle(state: DeploymentState, document: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    """Yield the contradictions of status, reason and archiving; an archived one's reason is open (N130)."""
    status, reason = document.get("status", MISSING), document.get("paused_reason")
    if state.status not in (OPEN, status):
        yield "status", state.status, status
    elif state.status == PAUSED and not state.archived and not _is_manual(reason):
        yield "paused_reason", MANUAL, reason
    elif state.status == ACTIVE and not state.archived and reason is not None:
        yield "paused_reason", None, reason
    archived_at = document.get("archived_at")
    if state.archived != (archived_at is not None):
        yield "archived_at", "a timestamp" if state.archived else None, archived_at
    schedule = document.get("schedule")
    upcoming = schedule.get("upcoming_runs_at") if isinstance(schedule, dict) else None
    if state.archived and upcoming:
        yield "schedule.upcoming_runs_at", [], upcoming


def _is_manual(reason: object) -> bool:
    return isinstance(reason, dict) and reason.get("type") == MANUAL["type"]


def _fields(state: DeploymentState, document: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    for name, wanted in state.fields.items():
        got = document.get(name, MISSING)
        if state.renamed and name == "name":
            if not (isinstance(got, str) and re.fullmatch(re.escape(wanted) + r"_archived_\d+", got)):
                yield name, f"{wanted}_archived_ and digits", got
        elif not (state.archived and name == "schedule") and not _agree(name, got, wanted):
            yield name, wanted, got


def _agree(name: str, got: object, wanted: object) -> bool:
    """Tell whether a field shows what it should; an agent sent by its id alone is shown with its version."""
    if name == "agent" and isinstance(wanted, str) and isinstance(got, dict):
        return got.get("id") == wanted
    if name == "initial_events" and isinstance(wanted, list) and isinstance(got, list):
        return len(got) == len(wanted) and all(map(_is_event, got, wanted))
    return same(_plain(name, got), _plain(name, wanted))


def _is_event(got: object, wanted: object) -> bool:
    """Tell whether an event is the one that was sent; a content in a form of its own says nothing (N47)."""
    text, sent = content_text(got), content_text(wanted)
    return field(got, "type") == field(wanted, "type") and (text == sent or None in (text, sent))


def _plain(name: str, value: object) -> object:
    """Return a value so that two forms of it that the documents do not tell apart are equal."""
    match name, value:
        case "description", None:
            return ""
        case "metadata", dict():
            return {key: entry for key, entry in value.items() if key != SERVERS_KEY}
        case "agent", dict():
            return {key: value.get(key) for key in DOCUMENTED["agent"]}
        case "schedule", dict():
            return {key: value.get(key) for key in SENT_OF_SCHEDULE}
    return value
