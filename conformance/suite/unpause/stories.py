"""Stories about unpausing: what it changes, what a second one answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from conformance.client.api import Api, Created
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import story
from conformance.suite.shared.values import yearly


@dataclass(frozen=True)
class UnpauseTwice:
    """The states around a first, a second and a third unpause; `later` is a read over a second after it.

    `pause` is the answer to a pause at last, where more is asked than every MUST.
    """

    created: Created
    paused: Exchange
    first: Exchange
    after_first: Exchange
    later: Exchange
    second: Exchange
    third: Exchange
    after_third: Exchange
    pause: Exchange | None = None


@story()
def unpause_twice(api: Api) -> UnpauseTwice:
    """A scheduled deployment is paused, over a second later unpaused, and twice over a second later."""
    created = api.obtain(schedule=yearly())
    api.pause(created.id)
    api.wait_for_next_second()  # from here on an unpause that leaves updated_at as it was shows
    paused = api.get_until(created.id, lambda state: state.get("status") == "paused")
    first = api.unpause(created.id, label="unpause a paused deployment")
    after_first = api.get_until(created.id, _is_active)
    api.wait_for_next_second()
    evidence = UnpauseTwice(
        created=created,
        paused=paused,
        first=first,
        after_first=after_first,
        later=api.get(created.id, label="read the unpaused deployment once more"),
        second=api.unpause(created.id, label="unpause an active deployment"),
        third=api.unpause(created.id, label="unpause an active deployment again"),
        after_third=api.get(created.id, label="read after the refused unpauses"),
    )
    if api.asks_musts_alone:
        return evidence
    return replace(evidence, pause=api.pause(created.id, label="pause after the refused unpauses"))


def _is_active(state: Mapping[str, object]) -> bool:
    return state.get("status") == "active" and state.get("paused_reason") is None
