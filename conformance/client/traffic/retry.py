"""What may be sent again, and when.

After a 429 or 503 anything, after a 502 or 504 twice anything but a run, which costs money, and after a lost
connection only what reads.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

REFUSED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
"""What a gateway may answer at any time without passing a request on (N24)."""
GATEWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
"""What a gateway answers that had no answer from behind it; repeated often enough, it stands."""
MOST_GATEWAY = 2
BACK_OFF = (1.0, 2.0, 4.0)
"""Seconds between tries after a 429 or 503, as the vendor's overview page advises."""
JITTER = 0.25
"""The part of such a wait by which it may be longer, so that threads do not come back together."""
MOST_STATED = 6
"""How often a request is repeated when each refusal told when to come back."""
LONGEST_RETRY_AFTER = 30.0
LONG_WAIT, PATIENCE = 5.0, 60.0
"""Waits longer than this many seconds, and how many seconds all of them may take, over all threads."""
PATIENCE_REGAINED = 0.25
"""Seconds by which each answer between such waits lets them take longer again."""
SAFE = ("GET", "HEAD")
LOST = ("disconnected", "Connection reset", "Broken pipe")
"""What the words of a failure say when a connection was lost, such as one that the target no longer kept."""


class Patience:
    """How much longer the run waits for a target that wants long waits; shared by all threads."""

    def __init__(self) -> None:
        self._left = PATIENCE
        self._lock = threading.Lock()

    def regain(self) -> None:
        """Note an answer."""
        with self._lock:
            self._left = min(self._left + PATIENCE_REGAINED, PATIENCE)

    def spend(self, seconds: float) -> bool:
        """Take the seconds of a wait; False when long ones have taken all that they may."""
        with self._lock:
            if seconds > LONG_WAIT:
                self._left -= seconds
            return seconds <= LONG_WAIT or self._left >= 0


def stated_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` asks for, capped; None when it asks for nothing readable.

    A date is taken relative to the answer's own `Date`, since the target's clock may be wrong.
    """
    stated = headers.get("retry-after", "").strip()
    if stated.isascii() and stated.isdecimal():
        return min(float(stated), LONGEST_RETRY_AFTER)
    until, now = _moment(stated), _moment(headers.get("date", "")) or datetime.now(UTC)
    return None if until is None else min(max((until - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def back_off(tries: int) -> float | None:
    """Return the seconds before the next try when nobody told them, None after the last."""
    if tries >= len(BACK_OFF):
        return None
    return BACK_OFF[tries] * (1 + random.uniform(0, JITTER))  # noqa: S311 (no secret)


def repeatable_when_lost(method: str, *, text: str, tries: int) -> bool:
    """Tell whether a request whose connection was lost may be sent once more: a write may have arrived.

    A probe is repeated as well: a target may close any connection, and one that breaks on what is asked does
    so again.
    """
    return method in SAFE and not tries and lost(text)


def repeatable_by_gateway(path: str, status: int, tries: int) -> bool:
    """Tell whether a request that a gateway may not have passed on may be sent once more."""
    return status in GATEWAY and tries < MOST_GATEWAY and not path.rstrip("/").endswith("/run")


def lost(text: str) -> bool:
    """Tell whether a failure says that a connection ended before an answer began."""
    return any(word in text for word in LOST)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
