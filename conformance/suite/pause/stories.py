"""Stories about pausing: what a pause changes, what a second one answers, pauses again and again."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.client.api import Api, Created
from conformance.client.calls.guarded import ABSENT
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import story
from conformance.suite.shared.ids import tracing
from conformance.suite.shared.list_pages import find_listed, holds
from conformance.suite.shared.values import yearly

CYCLES = 3
LISTED = ("pause.is-listed",)
READ_LATER = ("pause.is-stored",)
READ_AFTER_REFUSALS = ("pause.refused-changes-nothing", "pause.again-keeps-it-paused")
"""What reads the lists, the late reads and the last read of a deployment that is paused twice."""


def _paused_ones(api: Api) -> dict[str, object]:
    return {"status": "paused", "limit": api.largest_page}


@dataclass(frozen=True)
class PauseTwice:
    """The states around a first, a second and a third pause; `later` are reads over a second after it."""

    created: Created
    before: Exchange
    first: Exchange
    after_first: Exchange
    listed_paused: Exchange
    listed_active: Exchange
    later: tuple[Exchange, ...]
    second: Exchange
    third: Exchange
    after_third: Exchange


@story(parts={"lists": LISTED, "late reads": READ_LATER, "a read after refusals": READ_AFTER_REFUSALS})
def pause_twice(api: Api) -> PauseTwice:
    """A scheduled deployment is paused over a second after its creation, and twice over a second later."""
    created = api.obtain(schedule=yearly())
    before = api.first_read(created, "read the active deployment")
    if api.wants(*LISTED):  # what is kept of this answer must not be given where another one is due
        api.list(_paused_ones(api), label="list paused ones before the pause")
    api.wait_for_next_second()  # or a list with an old updated_at would look current
    first = api.pause(created.id, label="pause an active deployment")
    after_first = api.get_until(created.id, lambda state: state.get("status") == "paused")
    listed_paused = api.when_wanted(
        LISTED, lambda: find_listed(api, _paused_ones(api), created.id, like=after_first)
    )
    active_ones = {"status": "active", "limit": api.largest_page}
    listed_active = api.when_wanted(
        LISTED, lambda: api.list_until(active_ones, lambda page: not holds(page, created.id))
    )
    api.wait_for_next_second()
    return PauseTwice(
        created=created,
        before=before,
        first=first,
        after_first=after_first,
        listed_paused=listed_paused,
        listed_active=listed_active,
        later=tuple(
            api.when_wanted(
                READ_LATER, lambda: api.get(created.id, label="read the paused deployment once more")
            )
            for _ in range(2)
        ),
        second=api.pause(created.id, label="pause a paused deployment", headers=tracing()),
        third=api.pause(created.id, label="pause a paused deployment again"),
        after_third=api.when_wanted(
            READ_AFTER_REFUSALS, lambda: api.get(created.id, label="read after the refused pauses")
        ),
    )


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
    api.get(made.id, label="read before a pause with an array", probe=True)
    array = api.pause(made.id, body=[], label="pause with an array", probe=True)
    api.get(made.id, label="read after a pause with an array", probe=True)  # refused must mean not done
    return PauseBodies(empty, after, unknown, array)


@dataclass(frozen=True)
class PauseCycle:
    """Pauses and unpauses in turn: the answers of each turn, and reads of both states in the last.

    In that one each is asked for `again` before the read; `last_active` is read over a second later, and
    `listed` is the list of paused ones before the unpause.
    """

    before: Exchange
    turns: tuple[tuple[Exchange, Exchange], ...]
    last_paused: Exchange
    last_active: Exchange
    again: tuple[Exchange, Exchange]
    listed: Exchange | None = None


@story(parts={"a list": LISTED})
def pause_cycle(api: Api) -> PauseCycle:
    """A scheduled deployment is paused and unpaused three times."""
    # A new one: whether a pause after an unpause is possible must not have been tried before.
    metadata = {str(turn): "through every turn" for turn in range(CYCLES)}  # an object like any other
    events = [api.known.event(f"Event {number} of a cycle") for number in range(CYCLES + 1)]
    # Whatever may be left out, some story that changes the status does without, while the rest is rich.
    made = api.obtain(schedule=yearly(), metadata=metadata, initial_events=events, description=ABSENT)
    before = api.first_read(made, "read")
    turns = [
        (
            api.pause(made.id, label=f"pause, turn {turn} of {CYCLES}"),
            api.unpause(made.id, label=f"unpause, turn {turn} of {CYCLES}"),
        )
        for turn in range(1, CYCLES)
    ]
    pause = api.pause(made.id, label=f"pause, turn {CYCLES} of {CYCLES}")
    again = api.pause(made.id, label=f"pause again, turn {CYCLES} of {CYCLES}")
    paused = api.get_until(made.id, lambda state: state.get("status") == "paused")
    listed = find_listed(api, _paused_ones(api), made.id) if api.wants(*LISTED) else None
    unpause = api.unpause(made.id, label=f"unpause, turn {CYCLES} of {CYCLES}")
    awake = api.unpause(made.id, label=f"unpause again, turn {CYCLES} of {CYCLES}")
    api.wait_for_next_second()  # a first read that is stale, and no other, does not merely lag behind
    active = api.get_until(made.id, lambda state: state.get("status") == "active")
    return PauseCycle(before, (*turns, (pause, unpause)), paused, active, (again, awake), listed)
