"""Which requirement a contradiction between the model and an answer breaks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from conformance.contract.lifecycle.state import PAUSED, DeploymentState, Operation, Verb

OTHERS_UNTOUCHED: Final = "pause.leaves-others-alone"
IN_ANSWER: Final[Mapping[Verb, Mapping[str, str]]] = {
    Verb.READ: {},
    Verb.UPDATE: {"metadata": "update.metadata-is-merged", "initial_events": "update.events-are-replaced"},
    Verb.PAUSE: {"status": "pause.makes-it-paused", "paused_reason": "pause.reason-is-manual"},
    Verb.UNPAUSE: {
        "status": "unpause.makes-it-active",
        "paused_reason": "unpause.clears-reason",
        "schedule": "unpause.next-run-is-in-the-future",
    },
    Verb.ARCHIVE: {
        "status": "archive.keeps-status-active",
        "name": "archive.renames",
        "archived_at": "archive.sets-archived-at",
        "schedule.upcoming_runs_at": "archive.clears-upcoming-runs",
    },
}
BESIDES: Final = {
    Verb.READ: "get.has-the-shape-of-create",
    Verb.UPDATE: "update.keeps-what-was-not-sent",
    Verb.PAUSE: "pause.changes-only-its-own-fields",
    Verb.UNPAUSE: "pause.cycle-repeats",
    Verb.ARCHIVE: "archive.is-stored",
}
STORED: Final = {
    Verb.READ: "get.has-the-shape-of-create",
    Verb.UPDATE: "update.is-stored",
    Verb.PAUSE: "pause.is-stored",
    Verb.UNPAUSE: "unpause.is-stored",
    Verb.ARCHIVE: "archive.is-stored",
}
REFUSED: Final = {
    Verb.READ: "get.has-the-shape-of-create",
    Verb.UPDATE: "errors.refused-changes-nothing",
    Verb.PAUSE: "pause.refused-changes-nothing",
    Verb.UNPAUSE: "unpause.refused-changes-nothing",
    Verb.ARCHIVE: "archive.refused-changes-nothing",
}


def denied_by_answer(state: DeploymentState, operation: Operation, field: str) -> str:
    """Return the requirement that an answer breaks whose `field` denies what `operation` makes of `state`."""
    if operation.verb is Verb.UPDATE and state.status == PAUSED and field in ("status", "paused_reason"):
        return "update.of-paused-keeps-it-paused"
    if operation.verb is Verb.UPDATE and field not in operation.changes:
        return BESIDES[Verb.UPDATE]
    return IN_ANSWER[operation.verb].get(field, _unnamed(operation))


def denied_by_read(operation: Operation, *, refused: bool, others: bool, undone: bool) -> str:
    """Return the requirement that a read breaks.

    `operation` is the last one on the deployment and `refused` whether it was refused; `others`: operations
    on other deployments were accepted since it was last seen; `undone`: the read shows the state from before.
    """
    if operation.foreign:
        return "tenancy.other-tenant-is-refused"
    if refused:
        return REFUSED[operation.verb]
    if others and not undone:
        return OTHERS_UNTOUCHED
    return STORED[operation.verb]


def deniable(operation: Operation, field: str) -> frozenset[str]:
    """Return every requirement that a contradiction in a field may break after an operation."""
    verb = operation.verb
    named = IN_ANSWER[verb].get(field, _unnamed(operation))
    return frozenset({named, BESIDES[verb], STORED[verb], REFUSED[verb]})


def misplaced(state: DeploymentState, filters: Collection[str]) -> str:
    """Return the requirement that a list breaks which holds a deployment wrongly, or lacks it."""
    if state.archived:
        return "archive.is-listed-on-request" if "include_archived" in filters else "archive.hides-from-list"
    if "status" in filters:
        return "pause.is-listed" if state.status == PAUSED else "list.status-filter"
    return "list.agent-filter" if "agent_id" in filters else "list.after-id-walk"


def _unnamed(operation: Operation) -> str:
    """Return the requirement for a field that has none of its own: one that was sent, or one that was not."""
    return "update.returns-full-object" if operation.verb is Verb.UPDATE else BESIDES[operation.verb]
