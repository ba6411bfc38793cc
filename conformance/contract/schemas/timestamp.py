"""RFC 3339 timestamps, read strictly: the standard library's reader takes far more than the RFC allows."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DATE_TIME = re.compile(
    r"(?P<minute>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:)"
    r"(?P<second>[0-5][0-9]|60)"
    r"(?P<rest>(?:\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))"
)

LONGEST = 1_000
"""Characters of the longest timestamp: nobody's clock has so many digits."""


def timestamp_text(moment: datetime) -> str:
    """Return an aware moment as the documents write timestamps: with a Z where it is in UTC."""
    return moment.isoformat().replace("+00:00", "Z")


def parse_timestamp(text: object) -> datetime | None:
    """Return the aware UTC instant that an RFC 3339 `date-time` names, or None if `text` is not one.

    A zone is required; lower-case `t` and `z`, any numeric offset and fractions of any length are legal
    (https://www.rfc-editor.org/rfc/rfc3339#section-5.6). Digits beyond the microsecond are cut off. The leap
    second 23:59:60 UTC is the instant after it, as the standard library has none. Instants outside the years
    1 to 9999 cannot be represented and count as no timestamp.
    """
    match = _DATE_TIME.fullmatch(text) if isinstance(text, str) and len(text) <= LONGEST else None
    if match is None:
        return None
    leap = match["second"] == "60"
    second = "59" if leap else match["second"]
    try:
        instant = datetime.fromisoformat(f"{match['minute']}{second}{match['rest']}".upper()).astimezone(UTC)
        if leap and (instant.hour, instant.minute) != (23, 59):
            return None
        return instant + timedelta(seconds=leap)
    except (ValueError, OverflowError):
        return None
