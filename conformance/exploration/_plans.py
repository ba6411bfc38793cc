"""The walks that the lifecycle search takes: plans of actions, drawn by Hypothesis.

A plan names deployments by slots and values by kinds, so that it stays a plan when actions are left out;
what is really sent follows when it is played.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

UPDATES: Final = ("name", "description", "metadata", "schedule", "initial_events", "name metadata")
REFUSALS: Final = ("empty-name", "long-name", "bad-cron", "partial-schedule", "no-events")
ACTIONS: Final = ("pause", "unpause", "archive")
LISTS: Final = ("status=paused", "status=active", "include_archived=true", "")
ACTIONS_PER_PLAN: Final = 28


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do with the deployment in a slot, which is made when it is first needed.

    `verb` is `rest` (nothing), `make`, `read`, `toggle` (pause if active, else unpause), `pause`, `unpause`,
    `archive`, `update` (`detail`: the fields), `invalid` (an update that must be refused; `detail`: why),
    `foreign` (`detail` asked by another tenant) or `list` (`detail`: the query; no slot).
    """

    verb: str
    slot: int = 0
    detail: str = ""


REST: Final = Action("rest")
Plan = tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Flavour:
    """What a kind of walk does, by weight, and how many deployments it has; the first is scheduled."""

    slots: int
    weights: Mapping[str, int]


FLAVOURS: Final = (
    Flavour(2, {"toggle": 12, "update": 7, "read": 1}),
    Flavour(4, {"toggle": 6, "make": 2, "update": 4, "read": 5, "list": 3}),
    Flavour(6, {"toggle": 7, "archive": 6, "list": 5, "update": 1, "read": 1}),
    Flavour(
        3, {"toggle": 3, "pause": 3, "unpause": 3, "archive": 1, "invalid": 6, "foreign": 3, "update": 2}
    ),
)


def plans(flavour: Flavour, *, two_tenants: bool) -> SearchStrategy[Plan]:
    """Return a strategy for plans of a flavour; without a second tenant nothing is `foreign`."""
    weights = {verb: weight for verb, weight in flavour.weights.items() if two_tenants or verb != "foreign"}
    weighted = [
        st.sampled_from(_variants(verb, flavour.slots))
        for verb, weight in weights.items()
        for _ in range(weight)
    ]
    action = st.one_of(st.just(REST), *weighted)
    # Plans have one length and get shorter by resting: of its own accord Hypothesis draws few long lists.
    actions = st.lists(action, min_size=ACTIONS_PER_PLAN, max_size=ACTIONS_PER_PLAN)
    return actions.map(lambda drawn: tuple(one for one in drawn if one != REST))


def _variants(verb: str, slots: int) -> Sequence[Action]:
    details: Mapping[str, Sequence[str]] = {"update": UPDATES, "invalid": REFUSALS, "foreign": ACTIONS}
    if verb == "list":
        return [Action(verb, detail=query) for query in LISTS]
    # With few slots the first is as busy as all others, so that histories get long.
    chosen = [*[0] * (slots - 1), *range(1, slots)] if slots <= 4 else range(slots)  # noqa: PLR2004 (few)
    return [Action(verb, slot, detail) for slot in chosen for detail in details.get(verb, ("",))]


def to_json(plan: Plan) -> str:
    """Return a plan as JSON, for a later run to play."""
    return json.dumps([astuple(action) for action in plan])


def from_json(text: str) -> Plan:
    """Return the plan that `to_json` wrote."""
    return tuple(Action(*parts) for parts in json.loads(text))
