"""Evidence as reports show it: exchanges, redacted and cut, and remarks between them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownExchange:
    """One request and its answer, without secrets and of a size that a report can hold.

    `command` is a curl line. `sent_at` is RFC 3339 in UTC. `status` is None when no whole answer came, then
    `failure` says why. `summary` is the answer in a few words, `headers` are some of its headers, `size` are
    the bytes of the whole body. `retries` says what earlier attempts got. A `culprit` shows the broken
    promise. Exchanges that were sent `together` make up a burst. `step` numbers the steps of a story that is
    read from its beginning, and `gist` is what matters to it in the answer; elsewhere they are 0 and empty.
    """

    number: int
    label: str
    command: str
    sent_at: str
    seconds: float
    status: int | None
    summary: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    size: int = 0
    failure: str = ""
    retries: tuple[str, ...] = ()
    culprit: bool = False
    together: bool = False
    step: int = 0
    gist: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A line or more between exchanges: how many were left out, or what they show together."""

    text: str


Timeline = tuple[ShownExchange | Remark, ...]


def within(entries: Iterable[ShownExchange | Remark], most: int) -> Timeline:
    """Return the first entries that take about `most` bytes in a report, and how many others there are."""
    kept: list[ShownExchange | Remark] = []
    dropped = 0
    for entry in entries:
        if most < 0:
            dropped += 1
            continue
        kept.append(entry)
        most -= reported_size((entry,))
    if dropped:
        kept.append(Remark(f"({dropped} more exchanges are left out: the text would be too long)"))
    return tuple(kept)


def reported_size(timeline: Timeline) -> int:
    """Return the bytes that evidence takes in a report, where some characters take six and more."""
    return len(json.dumps(plain(timeline)))


def redacted(timeline: Timeline, redact: Callable[[str], str]) -> Timeline:
    """Return evidence with `redact` applied to everything in it that a target or a user had a say in."""
    return tuple(
        Remark(redact(entry.text)) if isinstance(entry, Remark) else _redacted(entry, redact)
        for entry in timeline
    )


def _redacted(entry: ShownExchange, redact: Callable[[str], str]) -> ShownExchange:
    texts = ("label", "command", "summary", "body", "failure", "gist")
    changed: dict[str, Any] = {name: redact(getattr(entry, name)) for name in texts}
    headers = {redact(name): redact(value) for name, value in entry.headers.items()}
    return replace(entry, headers=headers, retries=tuple(map(redact, entry.retries)), **changed)


def plain(timeline: Timeline) -> list[dict[str, Any]]:
    """Return evidence as JSON."""
    return [asdict(entry) for entry in timeline]


def timeline_from(rows: Sequence[Mapping[str, Any]]) -> Timeline:
    """Return the evidence that `plain` made JSON of; raises TypeError for what it did not make."""
    return tuple(
        Remark(**row) if "text" in row else ShownExchange(**{**row, "retries": tuple(row["retries"])})
        for row in rows
    )
