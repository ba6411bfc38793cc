"""What a run may spend on stories that it tells once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager


class Allotment:
    """What is left of some amounts, such as seconds and requests; `used` tells how many were used."""

    def __init__(self, most: Sequence[float], used: Callable[[], Sequence[float]]) -> None:
        self._most = tuple(most)
        self._left = list(most)
        self._used = used

    def is_left(self, part: float = 0.0) -> bool:
        """Tell whether more than a part of each amount is left."""
        return all(left > part * most for left, most in zip(self._left, self._most, strict=True))

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Count what is used meanwhile."""
        before = self._used()
        try:
            yield
        finally:
            spent = (now - then for now, then in zip(self._used(), before, strict=True))
            self._left = [left - some for left, some in zip(self._left, spent, strict=True)]
