"""The walks of the lifecycle search: which are taken, and how one that broke a promise is made short."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from conformance.contract.verdict import Blame, Finding, NotJudgedError
from conformance.exploration._explore import SHRINK_SECONDS, FoundError
from conformance.exploration._machine import Machine
from conformance.exploration._plans import FLAVOURS, Plan, Walk, draw, read_walk, shortest
from conformance.exploration._telling import concerning, told
from conformance.exploration.registry import Searched, replays
from conformance.target.api import SETTLE_SECONDS, Api

EXAMPLES_PER_WALK = 25
"""For so many `--examples` one walk of each flavour is taken: it is as much work as many small examples."""
PATIENCE_WHILE_SHRINKING = 0.0
"""Seconds a read may lag while a story is only made shorter; the shortest is confirmed with full patience."""


def walk_all(api: Api) -> Searched:
    """Take walks of every flavour; return the shortest story for each promise that one broke.

    Replayed walks come first, and are all if one breaks a promise again. The flavours are walked side by
    side, so that a slow target costs the longest walk and not all of them.
    Raises NotJudgedError, or whatever else stopped a walk, unless a broken promise was found before.
    """
    walker = _Walker(api)
    try:
        for walk in replays(api):
            walker.retake(walk)
        for plans in [] if walker.told else _rounds(api):
            walker.take(plans)
    except Exception:
        if not walker.told:
            raise
    return Searched(walker.told, walker.walks)


def _rounds(api: Api) -> Iterator[Sequence[Plan]]:
    """Yield a plan of each flavour, as often as `--examples` asks for."""
    settings = api.target.settings
    for number in range(max(1, settings.examples // EXAMPLES_PER_WALK)):
        yield [
            draw(
                flavour,
                f"{settings.seed}/{flavour.__name__}/{number}",
                two_tenants=bool(settings.second_token),
            )
            for flavour in FLAVOURS
        ]


class _Walker:
    """Takes walks; `walks` is how many were taken."""

    def __init__(self, api: Api) -> None:
        self.walks = 0
        self._found: dict[str, Finding] = {}
        self._doubtful: dict[str, Finding] = {}
        self._api = api
        self._give_up = float("inf")

    @property
    def told(self) -> tuple[Finding, ...]:
        """The story of each promise that was broken.

        What only broke beside other walks may be their work: it counts when nothing broke in a walk alone.
        """
        return tuple((self._found or self._doubtful).values())

    def retake(self, walk: Walk) -> None:
        """Take a walk that broke a promise in another run; it is short already."""
        two_tenants = self._api.target.settings.second_token
        plan = tuple(action for action in walk.plan if two_tenants or action.verb != "foreign")
        error = self._walk(plan, careful=walk.careful)
        if error:
            self._found.setdefault(error.requirement, _finding(error))

    def take(self, plans: Sequence[Plan]) -> None:
        """Walk plans side by side, then tell what each that broke a promise found."""
        with ThreadPoolExecutor(len(plans)) as pool:
            walks = [(plan, pool.submit(self._walk_again, plan)) for plan in plans]
        failed = [(plan, walk.result()) for plan, walk in walks if not walk.exception()]
        for plan, error in failed:
            if error:
                self._explain(plan, error)
        for _, walk in walks:
            walk.result()

    def _walk_again(self, plan: Plan) -> FoundError | None:
        """Play a plan; once more if an answer could not be judged, as where a gateway lost one."""
        try:
            return self._walk(plan)
        except NotJudgedError as error:
            if error.blame not in (Blame.NETWORK, Blame.TARGET):
                raise
            return self._walk(plan)

    def _explain(self, plan: Plan, error: FoundError) -> None:
        """Find the shortest story of a promise that breaks for the first time in this run.

        What looks like an answer out of order may be the work of an operation on another deployment: the walk
        is repeated with care, and if that blames another promise, it is right.
        """
        alone = self._walk(plan)
        if alone is None:
            self._doubtful[error.requirement] = _finding(error)
            return
        second = self._walk(plan, careful=True)
        careful = second is not None and second.requirement != alone.requirement
        best = second if second and careful else alone
        if best.requirement not in self._found:
            self._found[best.requirement] = _finding(best)
            self._give_up = min(self._give_up, time.monotonic() + SHRINK_SECONDS)
            walked = read_walk(json.loads(best.replay)).plan
            self._shorten(walked, best.requirement, careful=careful)

    def _shorten(self, plan: Plan, requirement: str, *, careful: bool) -> None:
        """Leave out actions as long as the same promise breaks; note the shortest story once confirmed."""
        tried = {plan}

        def breaks(candidate: Plan) -> bool:
            if candidate in tried or time.monotonic() > self._give_up:
                return False
            tried.add(candidate)
            error = self._walk(candidate, careful=careful, patience=PATIENCE_WHILE_SHRINKING)
            return error is not None and error.requirement == requirement

        short = shortest(plan, breaks)
        for with_care in sorted({False, careful}):
            confirmed = self._walk(short, careful=with_care)
            if confirmed and confirmed.requirement == requirement:
                self._found[requirement] = _finding(confirmed)
                return

    def _walk(
        self, plan: Plan, *, careful: bool = False, patience: float = SETTLE_SECONDS
    ) -> FoundError | None:
        """Play a plan, then put away what it made; return what it found. NotJudgedError passes through."""
        self.walks += 1
        api = Api(self._api.target, self._api.story, self._api.known, self._api.creations)  # its own patience
        machine = Machine(api, self._api.body, patience, careful=careful)
        first = api.target.next_number()
        try:
            machine.play(plan)
        except FoundError as found:
            letters = {slot.id: slot.letter for slot in machine.slots.values()}
            later = [one for one in api.target.exchanges(api.story) if one.number > first]
            found.steps = told(found, concerning(later, letters, found), letters, api.target)
            found.replay = Walk(plan[: machine.turn], careful=careful).dumped()
            return found
        finally:
            machine.put_away()
        return None


def _finding(found: FoundError) -> Finding:
    return Finding(found.requirement, found.error.expected, found.error.got, found.steps, found.replay)
