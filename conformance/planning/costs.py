"""What stories and searches cost, as measured on the reference server and recorded in `costs.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path

COSTS = Path(__file__).with_name("costs.toml")
FEW, DEFAULT = 10, 25
"""Numbers of examples for which the cost of a search is recorded."""


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
        return Cost(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    def as_toml(self) -> str:
        """Return the figures that are not 0 as an inline table."""
        named = zip((f.name for f in fields(self)), astuple(self), strict=True)
        return "{ " + ", ".join(f"{name} = {value}" for name, value in named if value) + " }"


UNKNOWN = Cost(get=10, post=10, created=2, left=2)


def cost_of(name: str, examples: int) -> Cost:
    """Return what a story, or a search with so many examples, costs; one not recorded is taken for large."""
    costs = recorded().get(name, {"cost": UNKNOWN})
    if "cost" in costs:
        return costs["cost"]
    few, usual, part = costs["few"], costs["default"], (examples - FEW) / (DEFAULT - FEW)
    line = {
        f.name: getattr(few, f.name) + part * (getattr(usual, f.name) - getattr(few, f.name))
        for f in fields(few)
    }
    return Cost(**{name: max(0.0, value) for name, value in line.items()})


@cache
def recorded() -> Mapping[str, Mapping[str, Cost]]:
    """Return the costs of each story under `cost`, of each search under `few` and `default`."""
    tables = tomllib.loads(COSTS.read_text(encoding="utf-8"))
    return {name: {key: Cost(**cost) for key, cost in costs.items()} for name, costs in tables.items()}
