"""The catalogue of hostile targets: none may hang the suite, fill its memory, break its reports or misuse it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from tests.client.rawserver import Answering, RawServer

TOKEN = "pt-Ho5tile+target/0nly=sees~this!7f3a"
KEPT, BROKEN, INCOMPLETE = 0, 1, 3
EITHER = (BROKEN, INCOMPLETE)
SILENT = ("--timeout", "1.5", "--connect-timeout", "1")
"""Options for targets that make us wait: the defaults differ in nothing but the seconds."""


class Opened(Protocol):
    """A target that is open."""

    @property
    def base_url(self) -> str:
        """Everything before `/deployments`."""

    @property
    def token(self) -> str:
        """The token that opens it."""

    def complaints(self) -> list[str]:
        """Return what must not have been done to it."""


class Raw(RawServer):
    """A server of raw bytes as a target."""

    token = TOKEN

    @property
    def base_url(self) -> str:
        return f"{self.url}/api/v1/cloud"

    def complaints(self) -> list[str]:
        return []


Opening = Callable[[], AbstractContextManager[Opened]]


@dataclass(frozen=True)
class Hostile:
    """One hostile target: how it is opened, the options that its run needs, the exit codes that fit."""

    id: str
    open: Opening
    arguments: tuple[str, ...]
    codes: tuple[int, ...]


_targets: dict[str, Hostile] = {}


def add(name: str, opening: Opening, *arguments: str, codes: tuple[int, ...] = EITHER) -> None:
    """Register a target."""
    _targets[name] = Hostile(name, opening, arguments, codes)


def always(name: str, answer: Answering, *arguments: str, codes: tuple[int, ...] = EITHER) -> None:
    """Register a target that meets every request in the same way."""
    add(name, lambda: Raw(answer), *arguments, codes=codes)


def load_hostile() -> dict[str, Hostile]:
    """Import the modules with targets and return them by id."""
    package = importlib.import_module("tests.hostile")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.endswith("targets"):
            importlib.import_module(f"tests.hostile.{module.name}")
    return dict(_targets)
