"""The walks of the lifecycle search: which are taken, and how one that broke a promise is made short."""

from __future__ import annotations

import json
from collections.abc import Iterator

from conformance.client.api import Api, Created
from conformance.client.calls.guarded import SETTLE_SECONDS
from conformance.client.exchange import timeline
from conformance.contract.verdict import Blame, Finding, NotJudgedError
from conformance.suite.exploration.allowance import Allowance, check_room
from conformance.suite.exploration.binding import binds
from conformance.suite.exploration.driver import FoundError, finding
from conformance.suite.exploration.kept_deployment import Kept
from conformance.suite.exploration.model.bodies import REQUIREMENT_OF
from conformance.suite.exploration.model.machine import Machine, Slot
from conformance.suite.exploration.model.plans import (
    FLAVOURS,
    LETTERS,
    Plan,
    PlannedWalk,
    draw,
    read_walk,
    shortest,
)
from conformance.suite.exploration.model.walk_report import concerning, walk_timeline
from conformance.suite.exploration.registry import Searched, replays

PATIENCE_WHILE_SHRINKING = 0.0
"""Seconds a read may lag while a story is only made shorter; the shortest is confirmed with full patience."""


def walk_all(api: Api) -> Searched:
    """Take walks of every flavour; return the shortest story for each promise that one broke.

    Replayed walks come first, and are all if one breaks a promise again. A walk goes on with the deployments
    that the one before did not archive.
    Raises NotJudgedError, or whatever else stopped a walk, unless a broken promise was found before.
    """
    walker = _Walker(api)
    try:
        for walk in replays(api):
            walker.rerun(walk)
        for plan in [] if walker.findings else _plans(api):
            walker.run(plan)
    except Exception:
        if not walker.findings:
            raise
    finally:
        walker.leave()
    return Searched((*walker.findings, *walker.accepted.values()), walker.walks)


def _plans(api: Api) -> Iterator[Plan]:
    """Yield plans of all flavours, as often as the footprint says."""
    settings = api.target.settings
    two_tenants = bool(settings.second_token)
    for number in range(settings.reach.walks):
        for flavour in FLAVOURS:
            plan = draw(flavour, f"{settings.seed}/{flavour.__name__}/{number}", two_tenants=two_tenants)
            yield tuple(one for one in plan if one.verb != "invalid" or binds(REQUIREMENT_OF[one.detail]))


class _Walker:
    """Takes walks; `walks` is how many were taken."""

    def __init__(self, api: Api) -> None:
        self.walks = 0
        self._found: dict[str, Finding] = {}
        self._doubtful: dict[str, Finding] = {}
        self._api = api
        self._allowance = Allowance(api)
        self._left: list[Slot] = []
        self.accepted: dict[str, Finding] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The story of each promise that was broken.

        What only broke beside other walks may be their work: it counts when nothing broke in a walk alone.
        """
        return tuple((self._found or self._doubtful).values())

    def rerun(self, walk: PlannedWalk) -> None:
        """Take a walk that broke a promise in another run; it is short already."""
        two_tenants = self._api.target.settings.second_token
        plan = tuple(action for action in walk.plan if two_tenants or action.verb != "foreign")
        error = self._walk(plan, careful=walk.careful)
        if error:
            self._found.setdefault(error.requirement, finding(error))

    def run(self, plan: Plan) -> None:
        """PlannedWalk a plan, and tell what it found; once more if an answer was lost or cannot be judged."""
        check_room(self._api, len(LETTERS))
        try:
            found = self._walk(plan, goes_on=True)
        except NotJudgedError as error:
            if error.blame not in (Blame.NETWORK, Blame.TARGET):
                raise
            found = self._walk(plan)
        if found:
            self._explain(plan, found)

    def leave(self) -> None:
        """Let other searches go on with what the last walk left, unless something was found."""
        for slot in self._left:
            kept = Kept(self._api, Created(slot.id, str(slot.shown.get("name")), slot.created))
            if self.findings:
                kept.put_away()
            else:
                kept.leave()

    def _explain(self, plan: Plan, error: FoundError) -> None:
        """Find the shortest story of a promise that breaks for the first time in this run.

        What looks like an answer out of order may be the work of an operation on another deployment: the walk
        is repeated with care, and if that blames another promise, it is right.
        """
        if not self._allowance.is_left:
            self._doubtful.setdefault(error.requirement, finding(error))  # it may follow from what was found
            return
        with self._allowance.spending():
            alone = self._walk(plan)
        if alone is None:
            self._doubtful[error.requirement] = finding(error)
            return
        with self._allowance.spending():
            second = self._walk(plan, careful=True)
        careful = second is not None and second.requirement != alone.requirement
        best = second if second and careful else alone
        if best.requirement not in self._found:
            self._found[best.requirement] = finding(best)
            walked = read_walk(json.loads(best.replay)).plan
            self._shorten(walked, best.requirement, careful=careful)

    def _shorten(self, plan: Plan, requirement: str, *, careful: bool) -> None:
        """Leave out actions as long as the same promise breaks; note the shortest story once confirmed."""
        tried = {plan}

        def breaks(candidate: Plan) -> bool:
            if candidate in tried or not self._allowance.is_left:
                return False
            tried.add(candidate)
            with self._allowance.spending():
                error = self._walk(candidate, careful=careful, patience=PATIENCE_WHILE_SHRINKING)
            return error is not None and error.requirement == requirement

        short = shortest(plan, breaks)
        for with_care in sorted({False, careful}):
            confirmed = self._walk(short, careful=with_care)
            if confirmed and confirmed.requirement == requirement:
                self._found[requirement] = finding(confirmed)
                return

    def _walk(
        self,
        plan: Plan,
        *,
        careful: bool = False,
        patience: float = SETTLE_SECONDS,
        goes_on: bool = False,
    ) -> FoundError | None:
        """Play a plan, on what another walk left if it `goes_on`, else on its own; return what it found.

        What it had is put away, unless the next walk can go on with it. NotJudgedError passes through.
        """
        self.walks += 1
        api = Api(self._api.target, self._api.story, self._api.known, self._api.creations)  # its own patience
        left, self._left = (self._left, []) if goes_on else ((), self._left)
        machine = Machine(api, self._api.body, patience, careful=careful, left=left)
        whole = False
        try:
            machine.play(plan)
            whole = True
        except FoundError as found:
            letters = {slot.id: slot.letter for slot in machine.slots.values()}
            exchanges = api.target.exchanges(api.story)
            found.steps = walk_timeline(found, concerning(exchanges, letters, found), letters)
            found.replay = PlannedWalk(plan[: machine.turn], careful=careful).dumped()
            return found
        finally:
            if whole and goes_on and not machine.accepted:
                self._left = machine.leave()
            else:
                machine.put_away()
            for one in machine.accepted:
                culprits = [e for e in api.target.exchanges(api.story) if e.number in one.error.culprits]
                one.steps = timeline(culprits, one.error.culprits)
                self.accepted.setdefault(one.requirement, finding(one))
        return None
