"""The catalogue of twins: odd but legal reference servers, none of which may be accused of anything."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar

from conformance.reference import REVISIONS, ReferenceServer, Service, Settings, SystemClock

T = TypeVar("T", bound=type[Service])
ADVISORY = frozenset({"object.no-undocumented-fields"})
"""Warnings that even a conforming server may earn: it has fields that the documents do not know."""


class SkewedClock(SystemClock):
    """A clock that is minutes ahead of everybody else's."""

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=7)


@dataclass(frozen=True)
class Twin:
    """One odd but legal server; `foreign` deployments of other people lie in its account."""

    id: str
    service: type[Service]
    revisions: tuple[str, ...]
    foreign: int
    skewed: bool

    def server(self, revision: str) -> ReferenceServer:
        """Return the server, not yet started."""
        settings = Settings(revision=revision)
        if self.skewed:
            settings = replace(settings, clock=SkewedClock())
        server = ReferenceServer(self.service, settings)
        if self.foreign:
            server.seed(count=self.foreign)
        return server


_twins: dict[str, Twin] = {}


def twin(
    *, revisions: tuple[str, ...] = REVISIONS, foreign: int = 0, skewed: bool = False
) -> Callable[[T], T]:
    """Register the decorated service as a twin under its class name."""

    def register(service: T) -> T:
        _twins[service.__name__] = Twin(service.__name__, service, revisions, foreign, skewed)
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
