"""The walks of the lifecycle search: which are taken, and what is told of one that broke a promise."""

from __future__ import annotations

from conformance.contract.verdict import Finding
from conformance.exploration._explore import FoundError, explore
from conformance.exploration._machine import Machine
from conformance.exploration._plans import FLAVOURS, Plan, plans, to_json
from conformance.exploration._telling import told
from conformance.exploration.registry import Searched
from conformance.target.api import SETTLE_SECONDS, Api

EXAMPLES_PER_WALK = 25
"""For so many `--examples` one walk of each flavour is taken: it is as much work as many small examples."""
PATIENCE_WHILE_SHRINKING = 0.5
"""Seconds a read may lag once a promise is known to be broken and only the story is made shorter."""


class Walker:
    """Walks plans; knows whether something was found already."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._patience = SETTLE_SECONDS

    def __call__(self, plan: Plan) -> None:
        """Play a plan and put away what it made; raises FoundError and NotJudgedError."""
        api = Api(self._api.target, self._api.story, self._api.known, self._api.creations)  # its own patience
        machine = Machine(api, self._api.body, self._patience)
        first = api.target.next_number()
        try:
            machine.play(plan)
        except FoundError as found:
            self._patience = PATIENCE_WHILE_SHRINKING
            exchanges = [one for one in api.target.exchanges(api.story) if one.number > first]
            letters = {slot.id: slot.letter for slot in machine.slots.values()}
            found.steps = told(found, exchanges, letters, api.target)
            found.replay = to_json(plan)
            raise
        finally:
            machine.put_away()


def walk_all(api: Api) -> Searched:
    """Take walks of every flavour; return the shortest story for each requirement that one broke."""
    two_tenants = bool(api.target.settings.second_token)
    # Hypothesis begins with the simplest plan, which is empty: it costs nothing and is not counted.
    number = 1 + max(1, api.target.settings.examples // EXAMPLES_PER_WALK)
    walker = Walker(api)
    searched = [
        explore(api, plans(flavour, two_tenants=two_tenants), walker, examples=number) for flavour in FLAVOURS
    ]
    shortest: dict[str, Finding] = {}
    for finding in (finding for one in searched for finding in one.findings):
        known = shortest.get(finding.requirement)
        if known is None or len(finding.replay) < len(known.replay):
            shortest[finding.requirement] = finding
    return Searched(tuple(shortest.values()), sum(one.examples for one in searched))
