"""One search computes at a time, while the others wait for the target."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_COMPUTING = threading.Lock()


@contextmanager
def computing() -> Iterator[None]:
    """Keep other searches from generating examples until the block ends, or while it is `waiting`.

    Hypothesis parses source code to describe functions. Up to 3.12, CPython counts the depth of all syntax
    trees under construction together, and raises SystemError when two threads build one each. Nothing is
    lost: only one thread computes at a time anyway.
    """
    with _COMPUTING:
        yield


@contextmanager
def waiting() -> Iterator[None]:
    """Let other searches compute until the block ends; only inside `computing`, and in the same thread."""
    _COMPUTING.release()
    try:
        yield
    finally:
        _COMPUTING.acquire()
