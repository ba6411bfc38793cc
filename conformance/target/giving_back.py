"""Putting a lent deployment back as it was, as far as the API can, and nobody else changed it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance.contract.judgement import MISSING, changes, documented, same, shorten
from conformance.target.api import Api
from conformance.target.exchange import Exchange
from conformance.target.lending import BY_PART, Loan

TRIES = 4
TRY_AGAIN_SECONDS = 2.0
UPDATED = ("name", "description", "metadata", "schedule")
PARTS = ("type", "expression", "timezone")
NOT_COMPARED = ("updated_at",)


@dataclass(frozen=True)
class GivenBack:
    """What was put back, by field; `left` has a line for each field that is not as it was."""

    restored: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def give_back(api: Api, loan: Loan) -> GivenBack:
    """Put a lent deployment back as it was; a field that somebody else changed is left as it is.

    `api` may be that of any story; `loan` comes from the run, or from `open_loans` of its ledger.
    """
    if not loan.changed:
        return GivenBack()
    now = _insist(api, lambda: api.get_until(loan.id, lambda state: _caught_up(loan, state)))
    if not now.succeeded or not isinstance(now.json, dict):
        return GivenBack(left=(f"{loan.id} may not be as it was: reading it answered {now.summary()}",))
    theirs = loan.theirs(now.json)
    steps = _steps(api, loan, now.json, theirs)
    for step in steps.values():
        _insist(api, step)
    after = _insist(api, lambda: api.get_until(loan.id, lambda state: not _differing(loan, state)))
    left = _differing(loan, after.json) if isinstance(after.json, dict) else [after.summary()]
    return GivenBack(
        tuple(steps), tuple(f"{loan.id} is not as it was: {_told(line, theirs)}" for line in left)
    )


def _caught_up(loan: Loan, state: Mapping[str, Any]) -> bool:
    """Tell whether a read shows what the run was told last."""
    return not changes(loan.last, state, but=NOT_COMPARED)


def _steps(
    api: Api, loan: Loan, now: Mapping[str, Any], theirs: Mapping[str, object]
) -> dict[str, Callable[[], Exchange]]:
    """Return the requests that undo what the run did, by field, in an order in which no schedule fires."""
    wanted, status = loan.before.get("status"), {}
    if now.get("status") != wanted and "status" not in theirs:
        act = api.pause if wanted == "paused" else api.unpause
        status = {"status": partial(act, loan.id, label="put back the status")}
    updates = {
        name: partial(api.update, loan.id, {name: value}, label=f"put back {name}")
        for name, value in _updates(loan, now, theirs).items()
    }
    return {**status, **updates} if wanted == "paused" else {**updates, **status}


def _updates(loan: Loan, now: Mapping[str, Any], theirs: Mapping[str, object]) -> dict[str, object]:
    updates: dict[str, object] = {}
    for name in UPDATED:
        before, shown = loan.before.get(name), now.get(name)
        foreign = any(one == name or one.startswith(f"{name}.") for one in theirs)
        if name == "metadata" and isinstance(shown, dict):
            before = before if isinstance(before, dict) else {}
            if patch := _patch(before, shown, theirs):
                updates[name] = patch
        elif foreign or name not in loan.before:
            continue
        elif name == "schedule" and isinstance(before, dict):
            whole = {part: before.get(part) for part in PARTS}
            if not isinstance(shown, dict) or any(not same(shown.get(part), whole[part]) for part in PARTS):
                updates[name] = whole
        elif name not in BY_PART and not same(before, shown):
            updates[name] = before
    return updates


def _patch(
    before: Mapping[str, Any], shown: Mapping[str, Any], theirs: Mapping[str, object]
) -> dict[str, object]:
    """Return the metadata keys to set again, and with null those to delete."""
    keys = [key for key in {**before, **shown} if key != "cas_config" and f"metadata.{key}" not in theirs]
    return {
        key: before.get(key) for key in keys if not same(before.get(key, MISSING), shown.get(key, MISSING))
    }


def _differing(loan: Loan, state: Mapping[str, Any]) -> list[str]:
    """Return a line for each field of which the loan knows how it was, and which is otherwise now."""
    known = documented(loan.before)
    shown = {name: value for name, value in documented(state).items() if name in known}
    return changes(known, shown, but=NOT_COMPARED)


def _told(line: str, theirs: Mapping[str, object]) -> str:
    name = line.partition(":")[0]
    if name in theirs:
        return f"{line} (somebody else changed it meanwhile; it was left alone)"
    if name.startswith("paused_reason"):
        return f"{line} (no request can set it)"
    return shorten(line)


def _insist(api: Api, send: Callable[[], Exchange]) -> Exchange:
    """Send until there is an answer of the target's own: this is worth more than one try."""
    for tries in range(TRIES):
        api.target.manners.breaker.half_open()
        exchange = send()
        hopeless = exchange.status is not None and exchange.status < 500 and exchange.status != 429  # noqa: PLR2004 (HTTP)
        if hopeless or tries == TRIES - 1 or api.target.stopped.wait(TRY_AGAIN_SECONDS):
            break
    return exchange
