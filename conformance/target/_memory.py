"""How the process holds the bodies of huge answers."""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_MMAP_THRESHOLD = -3
"""The parameter of glibc's `mallopt`; see mallopt(3)."""
LARGE = 512 * 1024


def give_back_large_blocks() -> None:
    """Let every large block of memory go back to the system as soon as it is free, where glibc allocates.

    By itself glibc keeps freed blocks of some megabytes in each thread's own heap for later ones: threads
    that read huge answers then hold three times of what all of them need.
    """
    with suppress(AttributeError, OSError, TypeError):  # no glibc, no such knob
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)
