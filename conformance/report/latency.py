"""How fast a target answered: counts in classes, which add up over the processes of a run."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest

BOUNDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
"""The upper bounds of all classes but the last, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Latency:
    """How many answers came within each of `BOUNDS`, and last how many took longer."""

    counts: tuple[int, ...]

    def __add__(self, other: Latency) -> Latency:
        return Latency(tuple(map(sum, zip_longest(self.counts, other.counts, fillvalue=0))))

    def within(self, share: float) -> str:
        """Return within how many milliseconds a share of all answers came, such as `50 ms`; empty of none."""
        total = sum(self.counts)
        for place, reached in enumerate(accumulate(self.counts)):
            if total and reached >= share * total:
                return f"{BOUNDS[place]} ms" if place < len(BOUNDS) else f"more than {BOUNDS[-1]} ms"
        return ""

    def classes(self) -> Sequence[tuple[str, int]]:
        """Return the classes with their counts, from the first to the last that is not empty."""
        names = [*(f"up to {bound} ms" for bound in BOUNDS), "longer"]
        held = [place for place, count in enumerate(self.counts) if count]
        pairs = list(zip(names, self.counts, strict=False))
        return pairs[held[0] : held[-1] + 1] if held else []


NO_LATENCY = Latency(())
"""Of a run that got no answer."""


def latency_of(seconds: Iterable[float]) -> Latency:
    """Return the latency of answers that took so long."""
    counts = [0] * (len(BOUNDS) + 1)
    for duration in seconds:
        counts[bisect_left(BOUNDS, duration * 1000)] += 1
    return Latency(tuple(counts))
