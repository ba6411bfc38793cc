"""What judgements read of the times that a target shows."""

from __future__ import annotations

from datetime import datetime, timedelta

from conformance.client.exchange import Exchange
from conformance.contract.judgement import broken, expect_object, field, instant
from conformance.contract.schemas import parse_timestamp, timestamp_text

NEAR = timedelta(minutes=10)
"""How far a database's clock may be from the gateway's or ours: less than any zone's offset."""


def timestamp(exchange: Exchange, name: str) -> datetime:
    """Expect an RFC 3339 timestamp at the top of an answer; return it."""
    value = field(expect_object(exchange), name)
    at = parse_timestamp(value)
    if at is None:
        raise broken(f"{name} to be a timestamp in answer to {exchange.label}", value, exchange, at=name)
    return at


def expect_advanced(before: Exchange, *later: Exchange) -> None:
    """Expect `updated_at` to be later than before, in each of some answers."""
    earlier, *moved = (instant(field(expect_object(one), "updated_at")) for one in (before, *later))
    for exchange, after in zip(later, moved, strict=True):
        if earlier is None or after is None or after <= earlier:
            than = timestamp_text(earlier) if earlier else "a timestamp"
            expected = f"updated_at after {than} in answer to {exchange.label}"
            got = timestamp_text(after) if after else field(exchange.json, "updated_at")
            raise broken(expected, got, exchange, at="updated_at")


def expect_now(exchange: Exchange, name: str) -> None:
    """Expect a field to say when the request was answered, in UTC (fact sheet, 1.6)."""
    clock, stated = exchange.date or exchange.sent_at, timestamp(exchange, name)
    if abs(stated - clock) > NEAR + timedelta(seconds=exchange.seconds):
        raise broken(
            f"{name} to be near the clock, {timestamp_text(clock)}", timestamp_text(stated), exchange
        )
