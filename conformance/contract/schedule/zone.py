"""Time zones by name, and what they make of one wall-clock time (PEP 495)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class ZoneError(ValueError):
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


def _offsets(wall: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    local = wall.replace(tzinfo=zone)
    return local.utcoffset() or timedelta(), local.replace(fold=1).utcoffset() or timedelta()
