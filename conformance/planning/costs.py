"""What stories and searches cost, as `python -m tests.bench.costs` measured it on the reference server."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields, replace
from functools import cache
from pathlib import Path

from conformance.config.footprint import FOOTPRINTS
from conformance.config.settings import Settings

COSTS = Path(__file__).with_name("costs.toml")
TOGETHER = "searches together"
"""The row of what all searches create where one goes on with what another created."""
USUAL, MORE = "small", "normal"
"""The footprints between which the cost of another number of examples lies, or beyond them."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Requests by kind, deployments created and left to the clean-up, seconds of waiting."""

    get: float = 0
    post: float = 0
    other: float = 0
    created: float = 0
    left: float = 0
    waits: float = 0.0

    @property
    def requests(self) -> float:
        """How many requests are sent, the clean-up not included."""
        return self.get + self.post + self.other

    def at_least(self, other: Cost) -> Cost:
        """Return the larger of each figure."""
        return Cost(**{f.name: max(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)})

    def __add__(self, other: Cost) -> Cost:
        return self.plus(1, other)

    def plus(self, times: float, other: Cost) -> Cost:
        """Return the sum of these figures and so many `times` those of another cost."""
        return Cost(**{f.name: getattr(self, f.name) + times * getattr(other, f.name) for f in fields(self)})

    def less(self, other: Cost) -> Cost:
        """Return what is left of these figures, but for the waiting."""
        left = self.plus(-1, other)
        return replace(left.at_least(Cost()), waits=self.waits)

    def as_toml(self) -> str:
        """Return the figures that are not 0 as an inline table."""
        named = zip((f.name for f in fields(self)), astuple(self), strict=True)
        return "{ " + ", ".join(f"{name} = {value}" for name, value in named if value) + " }"


UNKNOWN = Cost(get=10, post=10, created=2, left=2)


def cost_of(name: str, settings: Settings) -> Cost:
    """Return what a story or search costs, told alone; one not recorded is taken for large.

    What another number of examples than the footprint's costs follows from two that are recorded.
    """
    costs = recorded().get(name, {"cost": UNKNOWN})
    if "cost" in costs:
        return costs.get(settings.footprint, costs["cost"])
    if settings.examples is None or not name.startswith("property."):
        return costs.get(settings.footprint, Cost())
    few, many = FOOTPRINTS[USUAL].examples, FOOTPRINTS[MORE].examples
    part = (settings.examples - few) / (many - few)
    line = costs[USUAL].plus(part, costs[MORE].plus(-1, costs[USUAL]))
    return Cost(**{f.name: max(0.0, getattr(line, f.name)) for f in fields(line)})


def reused(by_story: Mapping[str, Cost], settings: Settings) -> Cost:
    """Return what is saved where searches go on with deployments of others, each with all that it takes."""
    alone = sum(
        cost.created for name, cost in by_story.items() if "cost" not in recorded().get(name, ("cost",))
    )
    together = recorded()[TOGETHER].get(settings.footprint, Cost())
    saved = max(0.0, alone - together.created)
    return Cost(get=saved, post=saved, created=saved, left=saved)


def part_of(story: str, part: str) -> str:
    """Return the row of what a part of a story costs."""
    return f"{story}: {part}"


def usual(name: str, cost: Cost) -> Cost:
    """Return what a story costs that makes all that it needs."""
    return recorded().get(name, {}).get("cost", cost)


def lacking(told: Mapping[str, Cost], alone: Mapping[str, Cost]) -> Cost:
    """Return what stories make that go on with deployments of others, where too few of those are told.

    `alone` is what each costs that makes all that it needs.
    """
    needed = max((alone[name].created - cost.created for name, cost in told.items()), default=0)
    made = sum(cost.created for cost in told.values()) - 1  # nobody changes the first
    more = max(0.0, needed - made)
    return Cost(post=more, created=more, left=more)


@cache
def recorded() -> Mapping[str, Mapping[str, Cost]]:
    """Return the costs of each search by footprint, of each story under `cost` and where it asks less."""
    tables = tomllib.loads(COSTS.read_text(encoding="utf-8"))
    return {name: {key: Cost(**cost) for key, cost in costs.items()} for name, costs in tables.items()}
