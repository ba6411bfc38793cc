"""What judgements of actions need to have gone before, and what they read of the states around them."""

from __future__ import annotations

from conformance.contract.judgement import MISSING, field, same, shorten
from conformance.contract.verdict import Blame, NotApplicableError, NotJudgedError
from conformance.target.exchange import Exchange


def need(exchange: Exchange, path: str, wanted: object) -> None:
    """Raise NotJudgedError unless an earlier step left a field at a value: that breaks another promise."""
    got = field(exchange.json, path)
    if not same(got, wanted):
        raise NotJudgedError(
            Blame.PRECONDITION, f"it needs {path} {wanted!r}; {exchange.label} showed {shorten(got, 80)}"
        )


def need_archived(exchange: Exchange) -> None:
    """Raise NotJudgedError unless a read shows an archived deployment."""
    if field(exchange.json, "archived_at") in (None, MISSING):
        raise NotJudgedError(Blame.PRECONDITION, f"no archived deployment was there: {exchange.summary()}")


def need_listing(exchange: Exchange) -> None:
    """Raise NotApplicableError when a target lists no runs half a year ahead: no horizon is documented.

    Raises NotJudgedError when there is no list at all.
    """
    listed = field(exchange.json, "schedule.upcoming_runs_at")
    if not isinstance(listed, list):
        raise NotJudgedError(Blame.PRECONDITION, f"{exchange.label} showed no list of upcoming runs")
    if not listed:
        raise NotApplicableError("the target lists no run of a schedule that is due in half a year")
