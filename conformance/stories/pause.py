"""Stories about pausing: what a pause changes, what a second one answers."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.stories.pages import holds
from conformance.stories.registry import story
from conformance.stories.values import yearly
from conformance.target.api import Api, Created
from conformance.target.exchange import Exchange


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
    """An active scheduled deployment is paused, read, listed, and over a second later paused again."""
    created = api.create_deployment(schedule=yearly())
    before = api.get(created.id, label="read the active deployment")
    first = api.pause(created.id, label="pause an active deployment")
    after_first = api.get_until(created.id, lambda state: state.get("status") == "paused")
    listed_paused = api.list_until({"status": "paused", "limit": 100}, lambda page: holds(page, created.id))
    listed_active = api.list_until(
        {"status": "active", "limit": 100}, lambda page: not holds(page, created.id)
    )
    api.wait_for_next_second()
    second = api.pause(created.id, label="pause a paused deployment")
    after_second = api.get(created.id, label="read after the refused second pause")
    return PauseTwice(created, before, first, after_first, listed_paused, listed_active, second, after_second)
