"""What is better seen than read: a race as lanes, a schedule as a line of time. Places are in per cent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from conformance.report.html.evidence import ExchangeView

# Bodies may be cut, so they are searched as text and not read as JSON.
_FIRED = re.compile(r'"scheduled_at"\s*:\s*"([^"]{20,40})"')
_LISTED = re.compile(r'"upcoming_runs_at"\s*:\s*\[([^\]]*)')
_TEXT = re.compile(r'"([^"]{20,40})"')
MOST_MARKS = 60
SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lane:
    """One of the requests that were sent together; its `width` is the time to its answer."""

    exchange: ExchangeView
    width: float


@dataclass(frozen=True, slots=True)
class Instant:
    """Something on a line of time."""

    place: float
    time: str
    words: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class ScheduleDrawing:
    """When runs were due, which of them there were, and what was sent meanwhile."""

    due: Sequence[Instant]
    fired: Sequence[Instant]
    sent: Sequence[Instant]
    start: str
    end: str

    def entries(self) -> list[tuple[str, Instant]]:
        """Return everything in the order of time, each with the line on which it is."""
        rows = (("due", self.due), ("fired", self.fired), ("sent", self.sent))
        return sorted(((kind, entry) for kind, row in rows for entry in row), key=lambda pair: pair[1].place)


def lanes(exchanges: Sequence[ExchangeView]) -> list[Lane]:
    """Return the lanes of a race: the requests of its burst."""
    together = [exchange for exchange in exchanges if exchange.together]
    longest = max((exchange.milliseconds for exchange in together), default=0) or 1
    return [Lane(exchange, max(1.0, 100 * exchange.milliseconds / longest)) for exchange in together]


def timetable(exchanges: Sequence[ExchangeView]) -> ScheduleDrawing | None:
    """Return the line of time of a schedule that was watched, or None when none was.

    Its clock is the target's: that of the `date` of its answers.
    """
    dated = [(at, exchange) for exchange in exchanges if (at := _date(exchange))]
    if not dated:
        return None
    start, end = dated[0][0] - SOON, dated[-1][0] + SOON
    fired = _instants(text for exchange in exchanges for text in _FIRED.findall(exchange.body))
    due = _instants(
        text
        for exchange in exchanges
        for part in _LISTED.findall(exchange.body)
        for text in _TEXT.findall(part)
    )
    if end - start < 4 * SOON or not any(start <= at <= end for at in (*due, *fired)):
        return None
    start = min([start, *(at for at in fired if at > start - 10 * SOON)])

    def row(times: Iterable[datetime], words: str) -> list[Instant]:
        return [_instant(at, words, start, end) for at in times if start <= at <= end][:MOST_MARKS]

    sent = [
        replace(_instant(at, f"#{exchange.number} {exchange.label}", start, end), marked=exchange.marked)
        for at, exchange in dated
        if exchange.method == "POST"
    ]
    sent.sort(key=lambda instant: instant.marked)  # what is drawn last is seen
    ends = (f"{at:%H:%M:%S}Z" for at in (start, end))
    return ScheduleDrawing(row(due, "due"), row(fired, "a run for it"), sent[:MOST_MARKS], *ends)


def _instant(at: datetime, words: str, start: datetime, end: datetime) -> Instant:
    return Instant(round(100 * ((at - start) / (end - start)), 2), f"{at:%H:%M:%S}Z", words)


def _date(exchange: ExchangeView) -> datetime | None:
    try:
        at = parsedate_to_datetime(exchange.headers["date"])
    except (KeyError, ValueError):
        return None
    return at if at.tzinfo else None


def _instants(texts: Iterable[str]) -> list[datetime]:
    return sorted({at for text in texts for at in _read(text)})


def _read(text: str) -> Iterator[datetime]:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return
    if at.tzinfo:
        yield at
