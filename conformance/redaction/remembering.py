"""What a function makes of texts, remembered within a bound in bytes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T", bound=str | bytes)
LONGEST = 4096
"""The most characters of a text that is remembered: longer ones hardly come again."""
MOST_BYTES = 8 * 1024 * 1024


class Remembered(dict[str, T]):
    """What `make` makes of each text that is asked for; all is forgotten when it takes `most` bytes."""

    def __init__(self, make: Callable[[str], T], most: int = MOST_BYTES) -> None:
        super().__init__()
        self._make = make
        self._most = most
        self._bytes = 0

    def __missing__(self, text: str) -> T:
        made = self._make(text)
        if len(text) > LONGEST:
            return made
        size = sys.getsizeof(text) + sys.getsizeof(made)
        if self._bytes + size > self._most:
            self.clear()
            self._bytes = 0
        self._bytes += size
        self[text] = made
        return made
