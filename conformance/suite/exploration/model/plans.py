"""The walks that the lifecycle search takes: plans of actions, drawn from the run's seed.

A plan names deployments by slots and values by kinds, so that it stays a plan when actions are left out;
what is really sent follows when it is played. What a walk must hold is dealt, not drawn, so that every run
holds it: each field is updated while active and while paused, each kind of refusal occurs, deployments are
archived in both states. Their order is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from random import Random
from typing import Any, Final, TypeVar

REFERENCES = "agent environment_id resources vault_ids"
UPDATES: Final = ("name", "description", "metadata", "schedule", "initial_events", REFERENCES)
"""What updates change; those that lead to other objects, which cannot be made here, go together.

`environment_variables` are left out: that an update takes them is not documented, only modelled by an SDK.
"""
REFUSALS: Final = ("empty-name", "long-name", "bad-cron", "partial-schedule", "no-events")
ACTIONS: Final = ("pause", "unpause", "archive")
VERBS: Final = ("make", "read", "toggle", "invalid", "foreign", "list", *ACTIONS)
LETTERS: Final = "ABCDEFG"
"""What stories call the deployments in the slots."""
LONGEST_PLAN: Final = 500
PAIR: Final = 2
ARCHIVED: Final = 3
"""How many are archived, after a number of toggles less than that."""
LISTS: Final = ("status=paused", "status=active", "include_archived=true", "agent_id=mine", "")
BY_PAGE: Final = tuple(query + "&by=page" for query in LISTS)
BOTH_WAYS: Final = tuple(query + "&by=both" for query in LISTS)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do with the deployment in a slot, which is made when it is first needed.

    `verb` is `make`, `read`, `toggle` (pause if active, else unpause), `pause`, `unpause`, `archive`,
    `update` (`detail`: the fields, divided by blanks), `invalid` (an update that must be refused; `detail`:
    why), `foreign` (`detail` is asked by another tenant) or `list` (`detail`: the query, in which `mine`
    stands for the agent of all and `by=page` for going on by token, `by=both` by id too; no slot).
    Deployments that are made in slots of even number have a schedule from the start.
    """

    verb: str
    slot: int = 0
    detail: str = ""


Plan = tuple[Action, ...]
T = TypeVar("T")
Flavour = Callable[[Random], Iterable[Action]]


def long_life(random: Random) -> Iterator[Action]:
    """Pause and unpause one deployment often; update each field once while active and once while paused."""
    active, paused = _shuffled(random, UPDATES), _shuffled(random, UPDATES)
    history = []
    for while_active, while_paused in zip(active, paused, strict=True):
        history += [Action("update", 0, while_active), Action("toggle"), Action("update", 0, while_paused)]
        history += [Action("toggle")]
    other = [
        Action("toggle", 1),
        Action("update", 1, "name metadata"),
        Action("toggle", 1),
    ]
    yield from _interleaved(random, [history, other])


def neighbours(random: Random) -> Iterator[Action]:
    """Make four deployments; pause the oldest, then the newest, while all others are active; mix the rest.

    Lists by status go on after a deployment of that status where those of the other follow.
    """
    order = _shuffled(random, range(4))
    yield from (Action("make", slot) for slot in order)
    oldest, newest = Action("toggle", order[0]), Action("toggle", order[-1])
    yield from (oldest, _listed("paused"), oldest)
    yield from (newest, oldest, _listed("paused"), newest, _listed("active"), oldest)
    histories = [
        [Action("toggle", slot), Action("update", slot, random.choice(UPDATES)), Action("toggle", slot)]
        for slot in range(4)
    ]
    lists = [Action("list", detail=query) for query in _shuffled(random, LISTS)]
    yield from _interleaved(random, [*histories, lists])


def endings(random: Random) -> Iterator[Action]:
    """Archive what is active, paused and unpaused; ask for more; make two others and list everything.

    Lists go on after the newer of the two, where the other and all that is archived follow.
    """
    toggles = _shuffled(random, range(ARCHIVED))
    late = _shuffled(random, ("archive", "pause", "unpause", "update", "invalid"))[:ARCHIVED]
    histories = [
        [*[Action("toggle", slot)] * count, Action("archive", slot), _late(random, verb, slot)]
        for slot, (count, verb) in enumerate(zip(toggles, late, strict=True))
    ]
    yield from _interleaved(random, histories)
    yield from (Action("make", slot) for slot in range(len(LETTERS) - PAIR, len(LETTERS)))
    yield from (Action("list", detail=query) for query in _shuffled(random, (*LISTS[:2], *BOTH_WAYS[2:])))


def refusals(random: Random) -> Iterator[Action]:
    """Ask for what must be refused, while active and while paused: bad updates, conflicts, other tenants.

    Conflicts come again, also after an update.
    """
    bad = [Action("invalid", 0, why) for why in _shuffled(random, REFUSALS)]
    busy = [*(step for one in bad for step in (Action("toggle"), one)), Action("toggle")]
    again = [
        *[Action("pause", 1), Action("pause", 1), Action("update", 1, "description"), Action("pause", 1)],
        *[Action("unpause", 1), Action("unpause", 1), Action("archive", 1), Action("archive", 1)],
    ]
    foreign = [Action("foreign", 0, verb) for verb in _shuffled(random, ACTIONS)]
    yield from _interleaved(random, [busy, again, foreign])


FLAVOURS: Final[Sequence[Flavour]] = (long_life, refusals, neighbours, endings)
"""In the order in which they are walked: each goes on with what the one before did not archive."""


def draw(flavour: Flavour, seed: str, *, two_tenants: bool) -> Plan:
    """Return the plan of a flavour that a seed decides; without a second tenant nothing is `foreign`."""
    actions = flavour(Random(seed))  # noqa: S311 (a walk that can be repeated, no secret)
    return tuple(action for action in actions if two_tenants or action.verb != "foreign")


def shortest(plan: Plan, breaks: Callable[[Plan], bool]) -> Plan:
    """Return a plan that still `breaks` what the given one does, and from which nothing can be left out.

    First all that is done to one deployment, or all lists, are left out; then many actions at a time, then
    fewer; one or two that are only there for a deployment to be made become just that.
    """
    for group in dict.fromkeys((action.verb == "list", action.slot) for action in plan):
        without = tuple(action for action in plan if (action.verb == "list", action.slot) != group)
        plan = without if breaks(without) else plan
    size = len(plan)
    while size:
        before, start = plan, 0
        while start < len(plan):
            shorter = plan[:start] + plan[start + size :]
            simpler = (*plan[:start], Action("make", plan[start].slot), *plan[start + size :])
            if breaks(shorter):
                plan = shorter
            elif size <= PAIR and plan[start].verb != "list" and breaks(simpler):
                plan = simpler
            else:
                start += 1
        again = plan != before and size <= PAIR  # what was in between is gone: pairs may stand side by side
        size = min(len(plan), PAIR) if again else size // 2
    return plan


@dataclass(frozen=True, slots=True)
class PlannedWalk:
    """A plan and how it is played: a `careful` walk reads more often, and knows better who changed what."""

    plan: Plan
    careful: bool = False

    def dumped(self) -> str:
        """Return it as JSON, for a later run to take."""
        return json.dumps({"careful": self.careful, "plan": [astuple(action) for action in self.plan]})


def read_walk(data: Any) -> PlannedWalk:  # noqa: ANN401 (it comes from a file)
    """Return the walk that was dumped as this data; raises ValueError for what is none."""
    try:
        walk = PlannedWalk(tuple(Action(*parts) for parts in data["plan"]), careful=data["careful"] is True)
    except (TypeError, KeyError):
        raise ValueError("expected careful and a plan of [verb, slot, detail]") from None
    strange = [action for action in walk.plan if not _is_known(action)]
    if strange or len(walk.plan) > LONGEST_PLAN:
        raise ValueError(f"unknown: {strange[0]!r:.120}" if strange else f"more than {LONGEST_PLAN} actions")
    return walk


def _is_known(action: Action) -> bool:
    fields = {field for words in UPDATES for field in words.split()}
    if not (isinstance(action.verb, str) and isinstance(action.detail, str)):
        return False
    details: Mapping[str, Collection[object]] = {
        "invalid": REFUSALS,
        "foreign": ACTIONS,
        "list": LISTS + BY_PAGE + BOTH_WAYS,
    }
    if action.verb == "update":
        known = fields.issuperset(action.detail.split())
    else:
        known = action.verb in VERBS and action.detail in details.get(action.verb, ("",))
    return known and isinstance(action.slot, int) and 0 <= action.slot < len(LETTERS)


def _listed(status: str) -> Action:
    """Return the list of a status, gone on with by id and by token."""
    return Action("list", detail=f"status={status}&by=both")


def _late(random: Random, verb: str, slot: int) -> Action:
    details = {"update": UPDATES, "invalid": REFUSALS}.get(verb, ("",))
    return Action(verb, slot, random.choice(details))


def _shuffled(random: Random, values: Sequence[T]) -> list[T]:
    return random.sample(values, len(values))


def _interleaved(random: Random, histories: Sequence[Sequence[Action]]) -> Iterator[Action]:
    """Yield all actions of some histories, each history in its order, the histories mixed at random."""
    turns = _shuffled(random, [number for number, history in enumerate(histories) for _ in history])
    left = [iter(history) for history in histories]
    for number in turns:
        yield next(left[number])
