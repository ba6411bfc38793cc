"""What never changed of a deployment, and lists that show it otherwise.

A list may lag behind a change, and leave fields out. What every answer about a deployment shows alike, from
its creation to the end of the run, no list can have seen in another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from conformance.client.answers import is_archived
from conformance.client.exchange import Exchange
from conformance.contract.comparing import changes
from conformance.contract.lifecycle import LEARNED
from conformance.suite.judging.answers import Found
from conformance.suite.judging.histories import begins, histories, is_refused, named
from conformance.suite.shared.values import SCHEDULE_PARTS

COMPARED: Final = frozenset({"id", "type", "created_at", *LEARNED})
"""What actions do not move, those of others neither: an archive undoes a pause that no answer showed."""


def contradictions(
    exchanges: Iterable[Exchange], deployments: Iterable[Found]
) -> Iterator[tuple[Exchange, Exchange, list[str]]]:
    """Yield lists that contradict all answers about a deployment, with the first of these and what differs.

    `deployments` are those that exchanges show. One that a list shows archived, and no answer, says nothing:
    the clean-up of another shard archived it, and how is not kept.
    """
    known_of = histories(exchanges)
    lasting = {
        name: (history[0], shown)
        for name, history in known_of.items()
        if begins(history) and (shown := _lasting(history))
    }
    for page, document in deployments:
        name = str(document.get("id"))
        known = lasting.get(name) if named(page) is None else None
        if known and (not document.get("archived_at") or any(map(is_archived, known_of[name]))):
            first, shown = known
            listed = _own(document)
            both = shown.keys() & listed.keys()
            if differing := changes(
                {name: shown[name] for name in both}, {name: listed[name] for name in both}
            ):
                yield page, first, differing


def _lasting(history: Iterable[Exchange]) -> Mapping[str, Any]:
    """Return the fields that all answers show alike; none where an answer is lost or a change unanswered."""
    shown: dict[str, Any] | None = None
    for exchange in history:
        if is_refused(exchange):
            continue
        if not exchange.succeeded or not isinstance(exchange.json, dict):
            return {}
        if exchange.json.get("type") != "deployment":  # its runs
            continue
        state = _own(exchange.json)
        if shown is None:
            shown = state
        shown = {name: value for name, value in shown.items() if name in state and _same(name, value, state)}
    return shown or {}


def _same(name: str, value: object, state: Mapping[str, Any]) -> bool:
    return not changes({name: value}, {name: state[name]})


def _own(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a client sent of a deployment, and the rest that never moves."""
    schedule = document.get("schedule")
    sent = {part: schedule.get(part) for part in SCHEDULE_PARTS} if isinstance(schedule, dict) else schedule
    changed = {"schedule": sent} if "schedule" in document else {}
    return {name: value for name, value in {**document, **changed}.items() if name in COMPARED}
