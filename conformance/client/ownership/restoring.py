"""Putting a lent deployment back as it was, as far as the API can, and nobody else changed it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.ownership.borrowed import BY_PART, Loan
from conformance.client.ownership.borrowed_lines import vouched
from conformance.contract.comparing import MISSING, changes, documented, same, shorten

TRIES = 3
TRY_AGAIN_SECONDS = 2.0
MOST_SECONDS = 30.0
"""How long giving back may take, however a target refuses or hangs: what is open then is left to a sweep."""
UPDATED = ("name", "description", "metadata", "schedule")
PARTS = ("type", "expression", "timezone")
NOT_COMPARED = ("updated_at",)
State = Mapping[str, Any]


@dataclass(frozen=True)
class GivenBack:
    """What was put back, by field.

    `left` has a line for each field that may not be as it was: the loan stays open. `kept` has one for each
    that stays otherwise for good, because somebody else changed it or no request can.
    """

    restored: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def give_back(api: Api, loan: Loan, *, skew: timedelta = timedelta()) -> GivenBack:
    """Put a lent deployment back as it was; a field that somebody else changed is left as it is.

    Only a read that shows it as it was ends this before its time. `api` may be that of any story; `loan`
    comes from the run, or from `open_loans` of its ledger, and then `skew` is by how much the target's clock
    is ahead of ours.
    """
    if not loan.changed:
        return GivenBack()
    with api.target.manners.within(MOST_SECONDS):
        return _Return(api, loan, skew).given()


class _Return:
    """Giving one deployment back: what differs is put back and read, until a read shows it as it was."""

    def __init__(self, api: Api, loan: Loan, skew: timedelta) -> None:
        self._api = api
        self._loan = loan
        self._skew = skew
        self._state: State | None = None
        self._answers: dict[str, Exchange] = {}

    def given(self) -> GivenBack:
        """Return what was put back and what was not."""
        read = self._read(self._caught_up)
        for tries in range(TRIES):
            if self._is_over(read) or (tries and self._api.target.manners.wait(TRY_AGAIN_SECONDS)):
                break
            answers = {name: self._send(step) for name, step in self._steps(self._shown(read)).items()}
            self._answers |= answers
            settled = self._is_settled if any(map(_may_show, answers.values())) else _always
            read = self._read(settled)
        return self._outcome(read)

    def _send(self, step: Callable[[], Exchange]) -> Exchange:
        self._api.target.manners.breaker.half_open()
        return step()

    def _is_settled(self, state: State) -> bool:
        return not self._steps(state)

    def _read(self, settled: Callable[[State], bool]) -> Exchange:
        read = self._send(partial(self._api.get_until, self._loan.id, settled))
        self._state = self._shown(read) or self._state
        return read

    def _shown(self, read: Exchange) -> State:
        """Return the deployment that a read shows; nothing when it is none, or another."""
        shown = read.json if read.succeeded and isinstance(read.json, dict) else {}
        return shown if shown.get("id") == self._loan.id else {}

    def _caught_up(self, state: State) -> bool:
        """Tell whether a read shows what the run was told last, if it was told anything."""
        loan = self._loan
        return loan.last is loan.before or not changes(loan.last, state, but=NOT_COMPARED)

    def _is_over(self, read: Exchange) -> bool:
        state = self._shown(read)
        return bool(state) and not (self._vouched(state) and self._steps(state))

    def _vouched(self, state: State) -> bool:
        return bool(self._answers) or vouched(self._loan, state, self._skew)

    def _steps(self, state: State) -> Mapping[str, Callable[[], Exchange]]:
        """Return the requests that undo what the run did, by field; none for what somebody archived."""
        there = state and not state.get("archived_at")
        return _steps(self._api, self._loan, state, self._loan.theirs(state)) if there else {}

    def _outcome(self, read: Exchange) -> GivenBack:
        loan, state = self._loan, self._state
        if state is None:
            what = f"{loan.id} may not be as it was ({', '.join(loan.touched)})"
            return GivenBack(left=(f"{what}: reading it answered {read.summary()}",))
        lines = {line: _why_kept(line, loan, state) for line in _differing(loan, state)}
        left = [line for line, why in lines.items() if not why]
        if left and not self._vouched(state):
            why = "; nothing on it shows that the run changed it, so nothing is sent: see to it by hand"
            return GivenBack(left=(f"{loan.id} is not as it was: {shorten('; '.join(left))}{why}",))
        return GivenBack(
            tuple(name for name in self._answers if not any(_is_of(line, name) for line in left)),
            tuple(f"{loan.id} is not as it was: {line}{self._why_left(line, read)}" for line in left),
            tuple(f"{loan.id} is not as it was: {line} ({why})" for line, why in lines.items() if why),
        )

    def _why_left(self, line: str, read: Exchange) -> str:
        answers = [answer.summary() for name, answer in self._answers.items() if _is_of(line, name)]
        said = f"; putting it back was answered {answers[0]}" if answers else ""
        return said if self._shown(read) else f"{said}; reading it again was answered {read.summary()}"


def _may_show(answer: Exchange) -> bool:
    """Tell whether a request may have been carried out, so that a read may lag behind it."""
    return answer.succeeded or answer.failure is not None


def _always(_: State) -> bool:
    return True


def _is_of(line: str, name: str) -> bool:
    """Tell whether a line is about a field or a part of it."""
    return line.partition(":")[0].partition(".")[0] == name


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
        foreign = any(changed == name or changed.startswith(f"{name}.") for changed in theirs)
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
    unknown = [
        f"{name}: how it was stands redacted in the ledger"
        for name in loan.touched
        if name not in loan.before and loan.gave(name, state.get(name))
    ]
    return [*changes(known, shown, but=NOT_COMPARED), *unknown]


def _why_kept(line: str, loan: Loan, state: State) -> str:
    """Return why a field stays as it is now, or an empty text for one that the run changed."""
    name = line.partition(":")[0]
    if state.get("archived_at"):
        return "somebody else archived it, which is final"
    if name in loan.theirs(state):
        return "somebody else changed it meanwhile; it was left alone"
    return "no request can set it" if name.startswith("paused_reason") else ""
