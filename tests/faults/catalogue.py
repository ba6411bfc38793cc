"""The catalogue of faults: reference servers with one promise broken, each naming which."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal, TypeVar

from conformance.reference import REVISIONS, Service

Hides = Literal["at once", "inputs", "sequence", "race", "side effect", "time"]
T = TypeVar("T", bound=type[Service])


@dataclass(frozen=True)
class Fault:
    """One fault: the faulty service, the requirement that must fail and the few others that may.

    `tiers` are those in which it shows, `time_scale` how fast the server's clock runs meanwhile;
    `found_by` is the search that finds it, empty when the requirement's own judgement does. `shown_by` names
    stories that suffice to show it, for a requirement that binds every answer. Without `revisions` it is a fault
    of other vendors alone.
    """

    id: str
    service: type[Service]
    breaks: str
    also: tuple[str, ...]
    hides: Hides
    revisions: tuple[str, ...]
    tiers: tuple[str, ...]
    time_scale: float
    found_by: str
    shown_by: tuple[str, ...]

    @property
    def area(self) -> str:
        return self.service.__module__.rpartition(".")[2]


UNPROVABLE: dict[str, str] = {}
"""Requirements that no fault can show broken, each with the reason."""
_faults: dict[str, Fault] = {}


def fault(
    *,
    breaks: str,
    also: tuple[str, ...] = (),
    hides: Hides = "at once",
    revisions: tuple[str, ...] = REVISIONS,
    tiers: tuple[str, ...] = ("core",),
    time_scale: float = 1,
    found_by: str = "",
    shown_by: tuple[str, ...] = (),
) -> Callable[[T], T]:
    """Register the decorated service as a fault under its class name."""

    def register(service: T) -> T:
        if service.__name__ in _faults:
            raise ValueError(f"two faults are called {service.__name__}")
        _faults[service.__name__] = Fault(
            service.__name__, service, breaks, also, hides, revisions, tiers, time_scale, found_by, shown_by
        )
        return service

    return register


vendor_fault = partial(fault, revisions=())
"""Registers a fault of what only other vendors than the plain server's promise: it is judged as each that does."""


@cache
def load_faults() -> dict[str, Fault]:
    """Import every module of this folder and return the faults by id, in one order whoever was imported first."""
    package = importlib.import_module("tests.faults")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "catalogue":
            importlib.import_module(f"tests.faults.{module.name}")
    return dict(sorted(_faults.items(), key=lambda entry: entry[1].service.__module__))


def mistakes() -> list[dict[str, str]]:
    """Return what each fault does, for `conformance explain`."""
    return [
        {
            "fault": fault.id,
            "text": " ".join(inspect.cleandoc(fault.service.__doc__ or "").split()),
            "breaks": fault.breaks,
            "found_by": fault.found_by,
        }
        for fault in load_faults().values()
    ]
