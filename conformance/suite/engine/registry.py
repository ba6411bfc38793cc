"""How a function becomes a story, and which stories there are."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Literal, TypeVar

from conformance.client.api import Api
from conformance.contract.areas import AREAS
from conformance.contract.mode import Mode

Lent = Literal["either", "scheduled", "manual-only"]
Collect = Callable[[Api], object]
T = TypeVar("T", bound=Collect)


@dataclass(frozen=True, slots=True)
class Story:
    """A registered story: its name (also that of its fixture), the function that tells it, what it needs.

    `needs` are options without which it is not told; it makes sense where one of some
    `promises` is made. The
    evidence of a `guard` has a property `disturbed`: whether the target changes deployments that no request
    named, so that stories told side by side disturb each other. A story of another `tier` than core takes
    real time or costs money, and is told only when that tier is chosen. `lent` says whether a lent deployment
    needs a schedule, or none, or may have either. It `makes` deployments of which others are told where a run
    makes few, or is `listing` those that stories share for lists. Of its `parts` each is told only where one
    of some requirements is judged.
    """

    name: str
    collect: Collect
    needs: tuple[str, ...]
    promises: tuple[str, ...]
    guard: bool
    tier: str = "core"
    lent: Lent = "either"
    makes: bool = False
    listing: bool = False
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


IF_ANY = "_if_any"
"""Ends the name of the fixture that is None where its story is not told, or could not be."""
EVERY_MODE = tuple(Mode)
"""Of a story that reads, and needs nothing of its own to be there."""
LITTLE = (Mode.READ_ONLY, Mode.LENT)
"""Of a story told with what is there, in place of one that makes deployments."""
_stories: dict[tuple[Mode, str], Story] = {}


def story(
    *,
    needs: tuple[str, ...] = (),
    promises: tuple[str, ...] = (),
    guard: bool = False,
    tier: str = "core",
    modes: tuple[Mode, ...] = (Mode.FULL,),
    lent: Lent = "either",
    makes: bool = False,
    listing: bool = False,
    parts: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> Callable[[T], T]:
    """Register the decorated function as a story under its own name.

    `promises` are the requirements of which the target's vendor must speak, one at least, if there are any.
    It is told in `modes`; in others a function of the same name may tell it with less, to the same evidence.
    """

    def register(collect: T) -> T:
        name = collect.__name__
        for mode in modes:
            if (mode, name) in _stories:
                raise ValueError(f"two stories are called {name} in the mode {mode}")
            _stories[mode, name] = Story(
                name, collect, needs, promises, guard, tier, lent, makes=makes, listing=listing, parts=parts
            )
        return collect

    return register


@cache
def story_modules() -> tuple[ModuleType, ...]:
    """Import and return the modules of every area, and of the modes, that are no tests."""
    rooms = (importlib.import_module(f"conformance.suite.{name}") for name in (*AREAS, "modes", "shared"))
    names = (
        f"{room.__name__}.{module.name}"
        for room in rooms
        for module in pkgutil.iter_modules(room.__path__)
        if not module.name.startswith("test_")
    )
    return tuple(map(importlib.import_module, names))


@cache
def load_stories(mode: Mode = Mode.FULL) -> Mapping[str, Story]:
    """Import every module with stories and return those that are told in a mode, by name."""
    story_modules()
    return {name: story for (collected_in, name), story in _stories.items() if collected_in is mode}
