"""How a function becomes a search, and which searches there are."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

from conformance.client.api import Api
from conformance.config.options import SettingsError
from conformance.contract.catalogue import load_catalogue
from conformance.contract.failure import SavedFailure
from conformance.contract.verdict import Finding
from conformance.suite.engine.registry import Story
from conformance.suite.engine.runner import ALONE
from conformance.suite.exploration.binding import bound_to
from conformance.suite.exploration.turns import computing


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found: one finding for each requirement, and how many examples it tried."""

    findings: tuple[Finding, ...]
    examples: int


T = TypeVar("T", bound=Callable[[Api], Searched])
CaseReader = Callable[[Any], Any]
"""Makes of the data in `Finding.replay` what a search tries; raises ValueError for what it cannot read."""
STRATEGIES = "conformance.suite.exploration.properties.strategies"
"""The one module that imports Hypothesis: not before a search runs."""
_searches: dict[str, Story] = {}
_readers: dict[str, CaseReader] = {}


def as_it_is(data: object) -> object:
    """Read a case of a search that has nothing to choose."""
    return data


def search(search_id: str, *, reads: CaseReader = as_it_is) -> Callable[[T], T]:
    """Register the decorated function as the search `search_id`, which has its row in the catalogue.

    A search tries what `replays` returns before all else. `reads` makes a case of what it wrote, as JSON,
    into `Finding.replay`.
    """
    row = load_catalogue().searches[search_id]

    def register(function: T) -> T:
        _searches[search_id] = Story(
            search_id, partial(_collect, function), row.needs, (), guard=False, tier=row.tier
        )
        _readers[search_id] = reads
        return function

    return register


def _collect(search: Callable[[Api], Searched], api: Api) -> Searched:
    with computing():  # importing Hypothesis builds syntax trees as well
        importlib.import_module(STRATEGIES)
    with bound_to(api):
        return search(api)


def check_case(failure: SavedFailure) -> None:
    """Raise SettingsError when the search of a saved failure cannot read its case."""
    load_searches()
    try:
        _readers[failure.search](failure.case)
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            f"--replay: {failure.path} holds a case that {failure.search} cannot read: {error}. "
            "Hint: was it saved by another version of the suite?"
        ) from None


def replays(api: Api) -> list[Any]:
    """Return the cases that `--replay` gives to the search that an `Api` belongs to."""
    mine = api.story.removesuffix(ALONE)
    failures = api.target.settings.replay
    return [_readers[mine](failure.case) for failure in failures if failure.search == mine]


@cache
def load_searches() -> Mapping[str, Story]:
    """Import every module of this room that may have searches and return them by id."""
    package = importlib.import_module("conformance.suite.exploration")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".test_" not in module.name and module.name != STRATEGIES:
            importlib.import_module(module.name)
    return dict(_searches)
