"""Keeps a run from changing deployments while one of its stories looks at pages that must not shift."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 10.0
"""Seconds after which nobody waits any more: a dead target must not hold up the whole run."""


class Stillness:
    """Lets one thread at a time see deployments that no other thread changes.

    It is a courtesy and no lock: whoever has waited for `patience` seconds goes on all the same, and nobody
    else who uses the target is held up. So a judgement must not rest on it alone.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._moved = threading.Condition()
        self._changes = 0
        self._watcher: int | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Begin when changes under way are done; hold back those of other threads meanwhile."""
        me = threading.get_ident()
        with self._moved:
            self._moved.wait_for(lambda: self._watcher is None, self._patience)
            self._watcher = me
            self._moved.wait_for(lambda: not self._changes, self._patience)
        try:
            yield
        finally:
            with self._moved:
                if self._watcher == me:
                    self._watcher = None
                self._moved.notify_all()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Begin a change when nobody is watching."""
        with self._moved:
            self._moved.wait_for(lambda: self._watcher in (None, threading.get_ident()), self._patience)
            self._changes += 1
        try:
            yield
        finally:
            with self._moved:
                self._changes -= 1
                self._moved.notify_all()
