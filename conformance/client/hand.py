"""What one story has taken from the stock: each deployment is made what the story needs by an update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from conformance.client import rich_values
from conformance.client.answers import created_id
from conformance.client.ownership.pool import Member
from conformance.client.ownership.stock import Stock, Turn
from conformance.contract import limits

if TYPE_CHECKING:
    from conformance.client.api import Api, Created
    from conformance.client.exchange import Exchange

State = Mapping[str, object]
ACTIVE: State = {"status": "active", "archived_at": None}
READ = "read a deployment that another has used"


class Hand:
    """The deployments of the stock that a story has, until it ends."""

    def __init__(self, api: Api, stock: Stock) -> None:
        self._api = api
        self._stock = stock
        self._free: list[Member] = []
        self._used: list[Created] = []
        self._leased = 0
        self._listed = False
        self._last: dict[str, Exchange] = {}

    def reserve(self, count: int, turn: Turn, *, scheduled: bool = True) -> None:
        """Take as many as the story needs, all at once; those are best that are `scheduled`, or are not."""
        if not self._stock.makes(self._api.story):  # who waits for itself waits for ever
            self._free += self._stock.take(count, turn, lambda one: scheduled == _is_scheduled(one.shown))
            self._leased += count

    def draw(self, changes: State, *, rich: bool) -> Exchange | None:
        """Return a read of an active deployment that shows all `changes`, None where one is to be made.

        If it is to be `rich`, all its other fields are.
        """
        made = self._next()
        if made is None:
            return None
        if rich:
            return self._enrich(made, changes)
        return self._fit(made, changes)

    def draw_any(self, changes: State) -> Exchange | None:
        """Return a read of a rich active deployment; one that has no schedule is given that of `changes`."""
        made = self._next()
        if made is None:
            return None
        if _is_scheduled(self._last[made]):
            changes = {}
        if self._is_rich(made) and not changes:
            return self._fit(made, {})
        return self._enrich(made, changes)

    def draw_manual_only(self) -> Exchange | None:
        """Return a read of a rich active deployment without a schedule; none is ever taken away."""
        if not self._leased:
            self.reserve(1, Turn.AS_MADE, scheduled=False)
        read = self.draw_any({})
        return None if _is_scheduled(read) else read

    def note(self, exchange: Exchange) -> None:
        """Note how a deployment was shown last: whoever has it next need not read it to change it."""
        made = created_id(exchange)
        if made and "status" in _state(exchange):
            self._last[made] = exchange

    def _next(self) -> str | None:
        """Return the id of the next deployment that the story took, None when there is none."""
        if not (self._leased or self._listed):
            self.reserve(1, Turn.CHANGING)
        for member in self._free[:1]:
            self._free.remove(member)
            self._used.append(member.made)
            made = member.made.id
            if made not in self._last:
                self._last[made] = member.shown or self._api.get(made, label=READ)
            return made if _state(self._last[made]) else None
        return None

    def keep(self, made: Created) -> None:
        """Count what the story made itself among what others get when it has ended."""
        self._used.append(made)

    def give_back(self) -> None:
        """Let others have all that the story has not archived."""
        live = self._api.creations.is_live
        used = [Member(made, self._last.get(made.id)) for made in self._used if live(made.id)]
        left = [*self._free, *used]
        self._stock.give_back(left, self._leased)
        self._free, self._used, self._leased = [], [], 0

    def keep_listed(self) -> None:
        """Leave all that the story has to those who list it, after whom it is read again."""
        self._stock.give_back((), self._leased - len(self._used))
        self._stock.keep_listed(map(Member, self._used))
        self._free, self._used, self._leased = [], [], 0
        self._listed = True

    def _is_rich(self, made: str) -> bool:
        events = _state(self._last[made]).get("initial_events")
        many = isinstance(events, list) and len(events) == limits.EVENTS
        return self._stock.is_rich(made) and (many or self._api.story not in rich_values.MOST_EVENTS)

    def _enrich(self, made: str, changes: State) -> Exchange | None:
        read = self._fit(made, self._api.enriched(changes))
        if read:
            self._stock.note_rich(made)
        return read

    def _fit(self, made: str, wanted: State) -> Exchange | None:
        """Make a deployment active and what is wanted; return a read that shows it, None if none does."""
        if self._stock.given_up:
            return None
        state = _state(self._last[made])
        if state.get("status") == "paused":
            self._api.unpause(made, label="make it active again")
        change = _missing(state, wanted)
        if "name" not in change and len(str(state.get("name"))) > rich_values.NAME:
            change["name"] = self._api.body()["name"]  # an archive must have room for its suffix
        wanted = {**wanted, **ACTIVE, "name": change.get("name", state.get("name"))}
        taken = not change or self._api.update(made, change, label="make it what the story needs").succeeded
        read = self._api.get_until(made, lambda state: _shows(state, wanted)) if taken else None
        if read and _shows(_state(read), wanted):
            return read
        self._stock.give_up()
        return None


def _state(read: Exchange | None) -> State:
    return read.json if read and isinstance(read.json, dict) else {}


def _is_scheduled(read: Exchange | None) -> bool:
    return _state(read).get("schedule") is not None


def _missing(state: State, wanted: State) -> dict[str, object]:
    """Return the update that brings a deployment from a state to what is wanted; it always names events."""
    change = {
        name: value
        for name, value in wanted.items()
        if name == "initial_events" or not _holds(name, state.get(name), value)
    }
    if isinstance(metadata := change.get("metadata"), dict):
        gone = _texts(state.get("metadata")).keys() - metadata.keys()
        change["metadata"] = {**dict.fromkeys(sorted(gone)), **metadata}
    return change


def _texts(metadata: object) -> State:
    """Return metadata without what the server has put there: that is no text."""
    found = metadata if isinstance(metadata, dict) else {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def _shows(state: State, wanted: State) -> bool:
    return all(_holds(name, state.get(name), value) for name, value in wanted.items())


def _holds(name: str, shown: object, value: object) -> bool:
    """Tell whether a field shows a value: an object may show more, an agent as text its id alone."""
    if name == "initial_events":
        return isinstance(shown, list) and isinstance(value, list) and len(shown) == len(value)
    if name == "agent" and isinstance(shown, dict) and isinstance(value, str):
        return shown.get("id") == value
    if name == "metadata":
        return _texts(shown) == value
    if not (isinstance(shown, dict) and isinstance(value, dict)):
        return shown == value or (not shown and not value)
    return value.items() <= shown.items()
