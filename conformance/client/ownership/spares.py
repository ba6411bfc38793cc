"""Deployments that one search is done with and another may go on with, since none is ever deleted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.client.exchange import Exchange

Fits = Callable[[Mapping[str, Any]], bool]
"""Tells of a deployment, as it was read last, whether it will do."""


@dataclass(frozen=True, slots=True)
class Spare:
    """A deployment: its creation, how it was read last, and what was answered to changes of it."""

    id: str
    name: str
    created: Exchange
    shown: Exchange
    told: Sequence[Exchange]


class Spares:
    """The spare deployments of a run, over all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spares: list[Spare] = []

    def give(self, spare: Spare) -> None:
        """Leave a deployment to whoever asks next."""
        with self._lock:
            self._spares.append(spare)

    def take(self, fits: Fits, is_live: Callable[[str], bool]) -> Spare | None:
        """Return the oldest spare that is still live and fits, None when there is none."""
        with self._lock:
            self._spares = [spare for spare in self._spares if is_live(spare.id)]
            found = next((spare for spare in self._spares if fits(_object(spare.shown.json))), None)
            if found:
                self._spares.remove(found)
            return found


def _object(document: object) -> Mapping[str, Any]:
    return document if isinstance(document, dict) else {}
