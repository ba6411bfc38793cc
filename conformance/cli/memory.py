"""How this process holds the bodies of huge answers."""

from __future__ import annotations

import gc
from contextlib import suppress

M_ARENA_MAX = -8
M_MMAP_THRESHOLD = -3
"""The parameters of glibc's `mallopt`; see mallopt(3)."""
LARGE = 512 * 1024
"""Bytes from which on a block is given back as soon as it is free."""
MANY_OBJECTS = 50_000


def give_memory_back() -> None:
    """Let threads share one heap, and give large blocks back as soon as they are free, where glibc allocates.

    By itself glibc keeps a heap for each thread, and freed blocks in it for later ones: threads that read
    huge answers then hold three times of what all of them need. Only a process of our own may call it;
    pytest's may be anybody's.
    """
    import ctypes  # not at the top: most commands do without it

    with suppress(AttributeError, OSError, TypeError):  # no glibc, no such knob
        malloc = ctypes.CDLL(None)
        malloc.mallopt(M_ARENA_MAX, 1)
        malloc.mallopt(M_MMAP_THRESHOLD, LARGE)


def collect_rarely() -> None:
    """Look for cycles after tens of thousands of new objects: half the time of reading large JSON went there.

    Documents hold no cycles. Only a process of our own may call it, as above.
    """
    gc.set_threshold(MANY_OBJECTS)
