"""What judgements read of the times that a target shows."""

from __future__ import annotations

from datetime import datetime, timedelta

from conformance.client.exchange import Exchange
from conformance.contract.comparing import field, instant
from conformance.contract.judgement import broken, expect_object
from conformance.contract.schemas import parse_timestamp, timestamp_text

NEAR = timedelta(minutes=10)
"""How far a database's clock may be from the gateway's: less than any zone's offset."""
ROUNDED = timedelta(seconds=2)
"""How far times of one object may be apart the wrong way, by rounding and between nodes."""


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
    """Expect a field to say when the request was answered, in UTC (fact sheet, 1.6).

    That is known from the answer's Date header. Where there is none, our clock says nothing of the target's:
    then the field must not lie before `created_at`.
    """
    stated = timestamp(exchange, name)
    if exchange.date is None:
        _expect_not_before_creation(exchange, name, stated)
    elif abs(stated - exchange.date) > NEAR + timedelta(seconds=exchange.seconds):
        wanted = f"{name} to be near the Date header, {timestamp_text(exchange.date)}"
        raise broken(wanted, timestamp_text(stated), exchange)


def _expect_not_before_creation(exchange: Exchange, name: str, stated: datetime) -> None:
    created = instant(field(exchange.json, "created_at"))
    if created and stated < created - ROUNDED:
        wanted = f"{name} not to be before created_at, {timestamp_text(created)}"
        raise broken(wanted, timestamp_text(stated), exchange)
