"""How a function becomes a story, and which stories there are."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from conformance.target.api import Api

Tell = Callable[[Api], object]
T = TypeVar("T", bound=Tell)


@dataclass(frozen=True, slots=True)
class Story:
    """A registered story: its name (also that of its fixture), the function that tells it, what it needs.

    `needs` are options without which it is not told; `revisions` are those in which it makes sense. The
    evidence of a `guard` has a property `disturbed`: whether the target changes deployments that no request
    named, so that stories told side by side disturb each other. A story of another `tier` than core takes
    real time or costs money, and is told only when that tier is chosen.
    """

    name: str
    tell: Tell
    needs: tuple[str, ...]
    revisions: tuple[str, ...]
    guard: bool
    tier: str = "core"


_stories: dict[str, Story] = {}


def story(
    *,
    needs: tuple[str, ...] = (),
    revisions: tuple[str, ...] = (),
    guard: bool = False,
    tier: str = "core",
) -> Callable[[T], T]:
    """Register the decorated function as a story under its own name; `revisions` empty means all."""

    def register(tell: T) -> T:
        name = tell.__name__
        if name in _stories:
            raise ValueError(f"two stories are called {name}")
        _stories[name] = Story(name, tell, needs, revisions, guard, tier)
        return tell

    return register


@cache
def load_stories() -> Mapping[str, Story]:
    """Import every module of this room and return its stories by name."""
    package = importlib.import_module("conformance.stories")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"conformance.stories.{module.name}")
    return dict(_stories)
