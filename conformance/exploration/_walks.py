"""The walks of the lifecycle search: which are taken, and how one that broke a promise is made short."""

from __future__ import annotations

import time
from collections.abc import Iterator

from conformance.contract.verdict import Finding
from conformance.exploration._explore import SHRINK_SECONDS, FoundError
from conformance.exploration._machine import Machine
from conformance.exploration._plans import FLAVOURS, Plan, draw, to_json
from conformance.exploration._telling import told
from conformance.exploration.registry import Searched
from conformance.target.api import SETTLE_SECONDS, Api

EXAMPLES_PER_WALK = 25
"""For so many `--examples` one walk of each flavour is taken: it is as much work as many small examples."""
PATIENCE_WHILE_SHRINKING = 0.2
"""Seconds a read may lag once a promise is known to be broken and only the story is made shorter."""


def walk_all(api: Api) -> Searched:
    """Take walks of every flavour; return the shortest story for each promise that one broke.

    Raises NotJudgedError, or whatever else stopped a walk, unless a broken promise was found before.
    """
    walker = _Walker(api)
    try:
        for plan in _plans_of(api):
            walker.take(plan)
    except Exception:
        if not walker.found:
            raise
    return Searched(tuple(walker.found.values()), walker.walks)


def _plans_of(api: Api) -> Iterator[Plan]:
    settings = api.target.settings
    for number in range(max(1, settings.examples // EXAMPLES_PER_WALK)):
        for flavour in FLAVOURS:
            seed = f"{settings.seed}/{flavour.__name__}/{number}"
            yield draw(flavour, seed, two_tenants=bool(settings.second_token))


class _Walker:
    """Takes walks; `found` holds the story of each promise that was broken, `walks` how many were taken."""

    def __init__(self, api: Api) -> None:
        self.found: dict[str, Finding] = {}
        self.walks = 0
        self._api = api
        self._patience = SETTLE_SECONDS
        self._give_up = float("inf")

    def take(self, plan: Plan) -> None:
        """Walk once; of a promise that breaks for the first time in this run, find the shortest story.

        What looks like an answer out of order may be the work of an operation on another deployment: the walk
        is repeated with care, and if that blames another promise, it is right.
        """
        error = self._walk(plan)
        if error is None:
            return
        second = self._walk(plan, careful=True) or error
        if second.requirement not in self.found:
            self._note(second)
            self._give_up = min(self._give_up, time.monotonic() + SHRINK_SECONDS)
            self._shorten(plan, second.requirement, careful=second.requirement != error.requirement)

    def _shorten(self, plan: Plan, requirement: str, *, careful: bool) -> None:
        """Leave out actions, many at a time and then fewer, as long as the same promise breaks."""
        tried: set[Plan] = set()
        size = len(plan)
        while size:
            start, shorter = 0, False
            while start < len(plan):
                candidate = plan[:start] + plan[start + size :]
                known = candidate in tried or time.monotonic() > self._give_up
                tried.add(candidate)
                error = None if known else self._walk(candidate, careful=careful)
                if error and error.requirement == requirement:
                    self._note(error)
                    plan, shorter = candidate, True
                else:
                    start += 1
            size = min(len(plan), 2) if shorter and size <= 2 else size // 2  # noqa: PLR2004 (a pair)
        plain = self._walk(plan) if careful else None
        if plain and plain.requirement == requirement:
            self._note(plain)

    def _note(self, error: FoundError) -> None:
        self.found[error.requirement] = Finding(
            error.requirement, error.error.expected, error.error.got, error.steps, error.replay
        )

    def _walk(self, plan: Plan, *, careful: bool = False) -> FoundError | None:
        """Play a plan, then put away what it made; return what it found. NotJudgedError passes through."""
        self.walks += 1
        api = Api(self._api.target, self._api.story, self._api.known, self._api.creations)  # its own patience
        machine = Machine(api, self._api.body, self._patience, careful=careful)
        first = api.target.next_number()
        try:
            machine.play(plan)
        except FoundError as found:
            self._patience = PATIENCE_WHILE_SHRINKING
            exchanges = [one for one in api.target.exchanges(api.story) if one.number > first]
            letters = {slot.id: slot.letter for slot in machine.slots.values()}
            found.steps = told(found, exchanges, letters, api.target)
            found.replay = to_json(plan)
            return found
        finally:
            machine.put_away()
        return None
