"""The catalogue of twins: odd but legal reference servers, none of which may be accused of anything."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar

from conformance.reference import REVISIONS, Clock, Service, SystemClock

T = TypeVar("T", bound=type[Service])
ADVISORY = frozenset({"object.no-undocumented-fields"})
"""Warnings that even a conforming server may earn: it has fields that the documents do not know."""


class SkewedClock(SystemClock):
    """A clock that is minutes ahead of everybody else's."""

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=7)


@dataclass(frozen=True)
class Twin:
    """One odd but legal server; `foreign` deployments of other people lie in its account.

    One that is `alone` joins no team: beside what another does, something could not be judged, and rightly so.
    """

    id: str
    service: type[Service]
    revisions: tuple[str, ...]
    foreign: int
    skewed: bool
    alone: bool

    def clock(self) -> Clock:
        """Return the clock of its server."""
        return SkewedClock() if self.skewed else SystemClock()

    @property
    def overridden(self) -> frozenset[str]:
        """The methods and attributes of the reference server that its service has in another way."""
        own = (kind for kind in self.service.__mro__ if issubclass(kind, Service) and kind is not Service)
        return frozenset(name for kind in own for name in vars(kind) if name not in {"__doc__", "__module__"})


_twins: dict[str, Twin] = {}


def twin(
    *, revisions: tuple[str, ...] = REVISIONS, foreign: int = 0, skewed: bool = False, alone: bool = False
) -> Callable[[T], T]:
    """Register the decorated service as a twin under its class name."""

    def register(service: T) -> T:
        _twins[service.__name__] = Twin(service.__name__, service, revisions, foreign, skewed, alone)
        return service

    return register


@cache
def load_twins() -> dict[str, Twin]:
    """Import every module of this folder and return the twins by id."""
    package = importlib.import_module("tests.twins")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "catalogue":
            importlib.import_module(f"tests.twins.{module.name}")
    return dict(_twins)


def twin_named(name: str) -> Twin:
    """Return the twin of a name, or of names with a plus between them the twin that is all of them at once.

    Raises KeyError for an unknown name.
    """
    twins = [load_twins()[part] for part in name.split("+")]
    if len(twins) == 1:
        return twins[0]
    service = type("".join(twin.id for twin in twins), tuple(twin.service for twin in twins), {})
    service.__doc__ = " ".join(str(twin.service.__doc__) for twin in twins)
    revisions = tuple(revision for revision in REVISIONS if all(revision in twin.revisions for twin in twins))
    foreign, skewed = max(twin.foreign for twin in twins), any(twin.skewed for twin in twins)
    return Twin(name, service, revisions, foreign, skewed, alone=False)


def teams(size: int) -> list[Twin]:
    """Return twins of which each is up to `size` twins at once, and which are all twins together.

    Freedoms of one server go together where they change different methods of it.
    """
    found: list[list[Twin]] = []
    for twin in load_twins().values():
        for team in found:
            names = frozenset[str]().union(*(other.overridden for other in team))
            common = set(twin.revisions).intersection(*(other.revisions for other in team))
            alone = twin.alone or any(other.alone for other in team)
            if not alone and len(team) < size and common and names.isdisjoint(twin.overridden):
                team.append(twin)
                break
        else:
            found.append([twin])
    return [twin_named("+".join(twin.id for twin in team)) for team in found]
