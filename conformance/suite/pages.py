"""Reading list answers in judgements."""

from __future__ import annotations

from datetime import timedelta

from conformance.contract.judgement import broken, expect_success, field
from conformance.stories.pages import ids
from conformance.target.exchange import Exchange

SLACK = timedelta(seconds=1)
"""Servers may keep fractions and show whole seconds, or stamp a creation a moment before they sort it in."""


def expect_page(exchange: Exchange) -> list[str]:
    """Expect a list answer; return the ids on it."""
    data = field(expect_success(exchange), "data")
    if not isinstance(data, list):
        raise broken(f"a data array in answer to {exchange.label}", data, exchange)
    return ids(exchange)


def seen(exchange: Exchange) -> str:
    """Return a list answer in a few words for an observation."""
    if not exchange.succeeded:
        return exchange.summary()
    return f"{exchange.summary()} with {len(ids(exchange))} deployments"
