"""Time zones by name in every database at hand, and what they make of one wall-clock time (PEP 495)."""

from __future__ import annotations

import zoneinfo
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from conformance.errors import ConformanceError

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_QUARTER = timedelta(minutes=15)
_NOTHING = timedelta(0)
FIRST_YEAR, LAST_YEAR = 2, 9998
"""Within them no conversion between zones leaves Python's calendar."""


class ZoneError(ConformanceError, ValueError):
    """A name is no time zone known here; the message says what was given and what is allowed."""


def find_zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name such as `Asia/Shanghai`; `ZoneError` if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        known = "the time zone database on this machine"
        raise ZoneError(
            f"{name!r} is not in {known}; use an IANA name such as UTC or Asia/Shanghai"
        ) from error


@cache
def find_zones(name: str) -> tuple[ZoneInfo, ...]:
    """Return the zone of an IANA name in each database that has it, once where they agree to the byte.

    `zoneinfo` reads the system's database alone where there is one, though the `tzdata` package may be newer;
    governments change their minds, and which edition a target has is its own affair. `ZoneError` if none has
    the name.
    """
    known = find_zone(name)  # refuses what is no name, such as a path that leads elsewhere
    found = [ZoneInfo.from_file(BytesIO(content), name) for content in dict.fromkeys(_contents(name))]
    return tuple(found) or (known,)


def _contents(name: str) -> Iterator[bytes]:
    places = [Path(folder) / name for folder in zoneinfo.TZPATH]
    yield from (place.read_bytes() for place in [place for place in places if place.is_file()][:1])
    packaged = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    if packaged.is_file():
        yield packaged.read_bytes()


@dataclass(frozen=True, slots=True)
class Moment:
    """The instants (UTC) of one wall-clock time.

    `before` and `after` read it with the offset before and after the nearest change of clocks. They are
    equal for ordinary times; `before < after` for times that exist twice; `after < before` for times in a
    gap, where `before` is what the time becomes when it is put off by the length of the gap.
    """

    before: datetime
    after: datetime

    @classmethod
    def of(cls, wall: datetime, zone: ZoneInfo) -> Moment:
        """Read the naive `wall` in `zone`."""
        before, after = _offsets(wall, zone)
        utc = wall.replace(tzinfo=UTC)
        return cls(utc - before, utc - after)

    def end_of_gap(self, zone: ZoneInfo) -> datetime:
        """Return the first instant after the gap in which this moment lies."""
        offset = self.after.astimezone(zone).utcoffset()
        minutes = (self.before - self.after) // _MINUTE
        passed = bisect_left(
            range(minutes), 1, key=lambda m: (self.after + m * _MINUTE).astimezone(zone).utcoffset() != offset
        )
        return self.after + passed * _MINUTE


def steady_offset(day: date, zone: ZoneInfo) -> timedelta | None:
    """Return the offset of a day on which, and on whose eve, no clock changes; otherwise None."""
    midnight = datetime.combine(day, time())
    offsets = {offset for n in (-1, 0, 1) for offset in _offsets(midnight + n * _DAY, zone)}
    return offsets.pop() if len(offsets) == 1 else None


def changes_oddly(near: datetime, zone: ZoneInfo) -> bool:
    """Tell whether within a day of an instant clocks change off the hour, or by other than whole hours.

    They do on Chatham (at 02:45) and Lord Howe (by half an hour). Schedulers that go from hour to hour miss,
    or double, some of what lies around such a change, and no document rules that out.
    """
    within = FIRST_YEAR <= near.year <= LAST_YEAR
    if not within or steady_offset(near.astimezone(zone).date(), zone) is not None:
        return False
    start = near.replace(minute=0, second=0, microsecond=0) - _DAY
    instants = [start + n * _QUARTER for n in range(2 * _DAY // _QUARTER)]
    offsets = [instant.astimezone(zone).utcoffset() or _NOTHING for instant in instants]
    return any(
        after != before and ((after - before) % _HOUR or (instant + before).minute)
        for instant, (before, after) in zip(instants[1:], pairwise(offsets), strict=True)
    )


def _offsets(wall: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    local = wall.replace(tzinfo=zone)
    return local.utcoffset() or _NOTHING, local.replace(fold=1).utcoffset() or _NOTHING
