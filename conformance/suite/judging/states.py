"""What judgements of actions need to have gone before, and what they read of the states around them."""

from __future__ import annotations

from http import HTTPStatus

from conformance.client.exchange import Exchange
from conformance.contract.answers import VendorAnswers
from conformance.contract.comparing import MISSING, field, same, shorten
from conformance.contract.verdict import Blame, NotApplicableError, NotJudgedError


def _unmet(exchange: Exchange, reason: str) -> NotJudgedError:
    return NotJudgedError(Blame.PRECONDITION, reason, culprits=(exchange.number,))


def need(exchange: Exchange, path: str, wanted: object) -> None:
    """Raise NotJudgedError unless an earlier step left a field at a value: that breaks another promise."""
    got = field(exchange.json, path)
    if not same(got, wanted):
        showed = f"{exchange.label} showed {shorten(got, 80)}"
        raise _unmet(exchange, f"it needs {path} {shorten(wanted, 80)}; {showed}")


def need_success(exchange: Exchange) -> None:
    """Raise NotJudgedError unless an earlier step was accepted: that it is not breaks another promise."""
    if not exchange.succeeded:
        raise _unmet(exchange, f"{exchange.label} answered {exchange.summary()}")


def need_refusal(exchange: Exchange) -> None:
    """Raise NotJudgedError when a step was accepted that had to be refused: that breaks another promise."""
    if exchange.succeeded:
        raise _unmet(exchange, f"{exchange.label} was accepted: {exchange.summary()}")


def need_allowed(exchange: Exchange, answers: VendorAnswers, situation: str) -> None:
    """Raise NotJudgedError unless an earlier answer is allowed: one that is not breaks another promise."""
    if not answers.allow(situation, exchange):
        raise _unmet(exchange, f"{exchange.label} answered {exchange.summary()}")


def need_archived(exchange: Exchange) -> None:
    """Raise NotJudgedError unless an answer shows an archived deployment."""
    if field(exchange.json, "archived_at") in (None, MISSING):
        raise _unmet(exchange, f"no archived deployment was there: {exchange.summary()}")


def need_readable(exchange: Exchange) -> None:
    """Raise NotApplicableError when archived deployments are not found: only a SHOULD says that they are."""
    if exchange.status == HTTPStatus.NOT_FOUND:
        raise NotApplicableError("the target does not show archived deployments")


def need_listing(exchange: Exchange) -> None:
    """Raise NotApplicableError when a target lists no runs half a year ahead: no horizon is documented.

    Raises NotJudgedError when there is no list at all.
    """
    listed = field(exchange.json, "schedule.upcoming_runs_at")
    if not isinstance(listed, list):
        raise _unmet(exchange, f"{exchange.label} showed no list of upcoming runs")
    if not listed:
        raise NotApplicableError("the target lists no run of a schedule that is due in half a year")
