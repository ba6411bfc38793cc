"""What the documents leave open about schedules, as explicit values (N71; fact sheet 1.18, 9.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class Gap(StrEnum):
    """What becomes of a wall-clock time that does not exist because clocks go forward."""

    SKIP = "skip"
    """It is left out."""
    NEXT = "next"
    """It happens at the first instant after the gap, once for all times in the gap."""
    SHIFT = "shift"
    """It happens later by the length of the gap."""
    DEBIAN = "debian"
    """NEXT for jobs at fixed times, SKIP where the minute or the hour begins with a star."""


class Overlap(StrEnum):
    """What becomes of a wall-clock time that exists twice because clocks go back."""

    BOTH = "both"
    FIRST = "first"
    LAST = "last"
    DEBIAN = "debian"
    """FIRST for jobs at fixed times, BOTH where the minute or the hour begins with a star."""


class DayRule(StrEnum):
    """How day-of-month and day-of-week combine when neither of them is a bare star."""

    OR = "or"
    """Either suffices, as POSIX says."""
    VIXIE = "vixie"
    """Either suffices, but both must match if one of them begins with a star, such as `*/2`."""
    AND = "and"
    """Both must match."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One legal reading of a schedule; away from clock changes `gap` and `overlap` make no difference."""

    gap: Gap = Gap.SKIP
    overlap: Overlap = Overlap.BOTH
    day_rule: DayRule = DayRule.OR

    def __str__(self) -> str:
        return f"gap={self.gap} overlap={self.overlap} day_rule={self.day_rule}"


ALL_POLICIES = tuple(Policy(*choice) for choice in product(Gap, Overlap, DayRule))
"""Every legal reading, the literal one (`Policy()`) first."""
