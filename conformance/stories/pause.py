"""Stories about pausing: what a pause changes, what a second one answers, pauses again and again."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.stories.ids import tracing
from conformance.stories.pages import find_listed, holds
from conformance.stories.registry import story
from conformance.stories.values import yearly
from conformance.target.api import Api, Created
from conformance.target.exchange import Exchange

CYCLES = 3
KEPT = {"kept": "while paused"}
"""Metadata that neither a pause nor an unpause names."""


@dataclass(frozen=True)
class PauseTwice:
    """The states around a first and a second pause."""

    created: Created
    before: Exchange
    first: Exchange
    after_first: Exchange
    listed_paused: Exchange
    listed_active: Exchange
    second: Exchange
    after_second: Exchange


@story()
def pause_twice(api: Api) -> PauseTwice:
    """A scheduled deployment is paused over a second after its creation, and again over a second later."""
    created = api.obtain(schedule=yearly(), metadata=KEPT)
    before = api.get(created.id, label="read the active deployment")
    api.wait_for_next_second()  # or a list with an old updated_at would look current
    first = api.pause(created.id, label="pause an active deployment")
    after_first = api.get_until(created.id, lambda state: state.get("status") == "paused")
    listed_paused = find_listed(api, {"status": "paused", "limit": 100}, created.id, like=after_first)
    listed_active = api.list_until(
        {"status": "active", "limit": 100}, lambda page: not holds(page, created.id)
    )
    api.wait_for_next_second()
    second = api.pause(created.id, label="pause a paused deployment", headers=tracing())
    after_second = api.get(created.id, label="read after the refused second pause")
    return PauseTwice(created, before, first, after_first, listed_paused, listed_active, second, after_second)


@dataclass(frozen=True)
class PauseManualOnly:
    """A manual-only deployment paused and unpaused, each with the read after it."""

    pause: Exchange
    paused: Exchange
    unpause: Exchange
    unpaused: Exchange


@story()
def pause_manual_only(api: Api) -> PauseManualOnly:
    """A deployment without a schedule is paused and unpaused."""
    made = api.obtain()
    return PauseManualOnly(
        pause=api.pause(made.id, label="pause a manual-only deployment"),
        paused=api.get_until(made.id, lambda state: state.get("status") == "paused"),
        unpause=api.unpause(made.id, label="unpause a manual-only deployment"),
        unpaused=api.get_until(made.id, lambda state: state.get("status") == "active"),
    )


@dataclass(frozen=True)
class PauseBodies:
    """Answers to pauses with a body, each of an active deployment."""

    empty_object: Exchange
    after_empty_object: Exchange
    unknown_field: Exchange
    array: Exchange


@story()
def pause_bodies(api: Api) -> PauseBodies:
    """An active deployment is paused with an empty object, with a field nobody knows, and with an array."""
    made = api.obtain(schedule=yearly())
    empty = api.pause(made.id, body={}, label="pause with an empty object")
    after = api.get_until(made.id, lambda state: state.get("status") == "paused")
    api.unpause(made.id, probe=True)
    unknown = api.pause(made.id, body={"reason": "a test"}, label="pause with an unknown field", probe=True)
    api.unpause(made.id, probe=True)
    array = api.pause(made.id, body=[], label="pause with an array", probe=True)
    return PauseBodies(empty, after, unknown, array)


@dataclass(frozen=True)
class PauseCycle:
    """Pauses and unpauses in turn: the answers of each turn, and reads of both states in the last."""

    before: Exchange
    turns: tuple[tuple[Exchange, Exchange], ...]
    last_paused: Exchange
    last_active: Exchange


@story()
def pause_cycle(api: Api) -> PauseCycle:
    """A scheduled deployment is paused and unpaused three times."""
    made = api.obtain(schedule=yearly())
    before = api.get(made.id)
    turns = [
        (
            api.pause(made.id, label=f"pause, turn {turn} of {CYCLES}"),
            api.unpause(made.id, label=f"unpause, turn {turn} of {CYCLES}"),
        )
        for turn in range(1, CYCLES)
    ]
    pause = api.pause(made.id, label=f"pause, turn {CYCLES} of {CYCLES}")
    paused = api.get_until(made.id, lambda state: state.get("status") == "paused")
    unpause = api.unpause(made.id, label=f"unpause, turn {CYCLES} of {CYCLES}")
    active = api.get_until(made.id, lambda state: state.get("status") == "active")
    return PauseCycle(before, (*turns, (pause, unpause)), paused, active)
