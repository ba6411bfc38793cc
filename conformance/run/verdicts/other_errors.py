"""Errors that are of another status, or another type, than documented, wherever that is promised."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from conformance.client.exchange import Exchange
from conformance.contract.judgement import error_type
from conformance.run.verdicts.cause import Cause, Trouble
from conformance.suite.judging.answers import errors

CLIENT_ERRORS = range(400, 500)


def replaced(trouble: Trouble) -> Iterator[Cause]:
    """Yield the status that comes in place of a documented one which no answer of the run has.

    Where several are allowed it is no cause of its own, but may follow from one that is told.
    """
    promised = trouble.error.statuses
    got = {exchange.status for exchange in trouble.shown}
    if len(got) != 1 or not promised:
        return
    (status,) = got
    refusal = status in CLIENT_ERRORS and status != HTTPStatus.TOO_MANY_REQUESTS
    if not refusal or status in promised:
        return
    for one in promised:
        cause = Cause(f"{status} is answered wherever {one} is promised")
        told = len(promised) == 1 or cause in trouble.named
        if told and not any(exchange.status == one for exchange in trouble.everything):
            yield cause


def mistyped(trouble: Trouble) -> Iterator[Cause]:
    """Yield the documented type that no error of a status has, where the status is as promised."""
    shown = trouble.shown
    if not shown or not all(_is_mistyped(exchange, trouble) for exchange in shown):
        return
    for status in dict.fromkeys(exchange.status or 0 for exchange in shown):
        kind = trouble.kinds[status]
        if not any(one.status == status and error_type(one) == kind for one in trouble.everything):
            yield Cause(f"no {status} has the type {kind}", ("errors.type-matches-status",))


def _is_mistyped(exchange: Exchange, trouble: Trouble) -> bool:
    """Tell whether an error that was promised has another type than all of its status should."""
    promised = exchange.status in trouble.error.statuses and any(errors([exchange]))
    kind, wanted = error_type(exchange), trouble.kinds.get(exchange.status or 0)
    return promised and kind is not None and wanted is not None and kind != wanted
