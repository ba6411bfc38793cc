"""When a deployment was created, for telling whose it is.

A target may show times as numbers. That breaks a promise of the schema, and must not leave behind what the
run made: here alone such a number is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from conformance.contract.comparing import instant

EARLIEST: Final = 1_000_000_000
"""Seconds of 2001: what is less counts something else, such as deployments."""
LATEST: Final = 4_102_444_800
"""Seconds of 2100."""
UNITS: Final = (1, 1000)
"""How many of what a number counts are a second."""


def creation_time(item: Mapping[str, object]) -> datetime | None:
    """Return when a deployment says that it was created, None where that cannot be read.

    A timestamp is read as everywhere; a number as seconds or milliseconds since 1970, if that is in our time.
    """
    shown = item.get("created_at")
    return instant(shown) or _counted(shown)


def _counted(shown: object) -> datetime | None:
    if isinstance(shown, bool) or not isinstance(shown, int | float):
        return None
    units = (unit for unit in UNITS if EARLIEST * unit <= shown < LATEST * unit)
    return next((datetime.fromtimestamp(shown / unit, UTC) for unit in units), None)
