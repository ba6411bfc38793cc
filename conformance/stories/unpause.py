"""Stories about unpausing: what it changes, what a second one answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.pause import KEPT
from conformance.stories.registry import story
from conformance.stories.values import yearly
from conformance.target.api import Api, Created
from conformance.target.exchange import Exchange


@dataclass(frozen=True)
class UnpauseTwice:
    """The states around a first and a second unpause."""

    created: Created
    paused: Exchange
    first: Exchange
    after_first: Exchange
    second: Exchange
    after_second: Exchange


@story()
def unpause_twice(api: Api) -> UnpauseTwice:
    """A scheduled deployment is paused, over a second later unpaused, and again over a second later."""
    created = api.obtain(schedule=yearly(), metadata=KEPT)
    api.pause(created.id)
    api.wait_for_next_second()  # from here on an unpause that leaves updated_at as it was shows
    paused = api.get_until(created.id, lambda state: state.get("status") == "paused")
    first = api.unpause(created.id, label="unpause a paused deployment")
    after_first = api.get_until(created.id, _is_active)
    api.wait_for_next_second()
    second = api.unpause(created.id, label="unpause an active deployment")
    after_second = api.get(created.id, label="read after the refused second unpause")
    return UnpauseTwice(created, paused, first, after_first, second, after_second)


def _is_active(state: Mapping[str, object]) -> bool:
    return state.get("status") == "active" and state.get("paused_reason") is None
