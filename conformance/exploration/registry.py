"""How a function becomes a search, and which searches there are."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import Finding
from conformance.stories.registry import Story
from conformance.target.api import Api


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found: one finding for each requirement, and how many examples it tried."""

    findings: tuple[Finding, ...]
    examples: int


T = TypeVar("T", bound=Callable[[Api], Searched])
_searches: dict[str, Story] = {}


def search(search_id: str) -> Callable[[T], T]:
    """Register the decorated function as the search `search_id`, which has its row in the catalogue."""
    row = load_catalogue().searches[search_id]

    def register(tell: T) -> T:
        _searches[search_id] = Story(search_id, tell, row.needs, row.revisions, guard=False, tier=row.tier)
        return tell

    return register


@cache
def load_searches() -> Mapping[str, Story]:
    """Import every module of this room and return its searches by id."""
    package = importlib.import_module("conformance.exploration")
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"conformance.exploration.{module.name}")
    return dict(_searches)
