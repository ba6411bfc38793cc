"""Of many exchanges those that tell most, with a word on how many were left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from conformance.client.exchange import Exchange, timeline
from conformance.contract.timeline import Remark, ShownExchange, Timeline


def excerpt(exchanges: Sequence[Exchange], culprits: Collection[int], most: int) -> Timeline:
    """Return the timeline of at most `most` exchanges: culprits and the end first, then what is beside them.

    A remark says how many were left out, wherever some were.
    """
    kept = sorted(_places(exchanges, culprits, most))
    parts: list[ShownExchange | Remark] = []
    for place, before in zip([*kept, len(exchanges)], [-1, *kept], strict=True):
        if left := place - before - 1:
            text = f"   ({left} exchange{'s' * (left > 1)} left out here: evidence.json.gz has them)"
            parts.append(Remark(text))
        if place < len(exchanges):
            parts += timeline([exchanges[place]], culprits)
    return tuple(parts)


def _places(exchanges: Sequence[Exchange], culprits: Collection[int], most: int) -> Sequence[int]:
    """Return the places of the exchanges that tell most: of many culprits the first and the last ones."""
    last = len(exchanges) - 1
    ends = [p for p, exchange in enumerate(exchanges) if p == last or exchange.number in culprits]
    if len(ends) >= most:
        return [*ends[: most // 2], *ends[most // 2 - most :]]
    return sorted(range(last + 1), key=lambda place: min(_distance(place, end) for end in ends))[:most]


def _distance(place: int, end: int) -> int:
    """Return how far an exchange is from one that matters; what comes after that says less."""
    return end - place if place <= end else 2 * (place - end)
