"""The deployment that a user lends: how it was, what was done to it, whether somebody else changed it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from conformance.client.exchange import Exchange, parse_json
from conformance.client.ownership.ledger import Ledger
from conformance.contract.comparing import MISSING, VOLATILE, documented, instant, same, shorten, without
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.redaction.redactor import MASKED

RECORDED = ("name", "description", "metadata", "schedule", "status", "paused_reason")
"""What a run may change, and the ledger keeps: a record from which it can be put back."""
BY_PART = ("metadata", "schedule")
LOAN_EVENTS = ("lent", "lending", "returned")
SETTLED = timedelta(seconds=1)
State = Mapping[str, Any]


class Loan:
    """One lent deployment: its fields as they were, and every value that the run gave them.

    Parts of metadata and schedule are fields of their own, such as `schedule.timezone`. `foreign_changes`
    says what somebody else changed, once that was seen; then nothing more is sent that could change it.
    `since` and `until` are the moments of the first and the last change, of a loan that a ledger tells of.
    """

    def __init__(
        self, deployment_id: str, before: Mapping[str, Any], *, since: datetime | None = None
    ) -> None:
        self.id = deployment_id
        self.since, self.until = since, since
        self.before = before
        self.fields = fields_of(before)
        self.changed = False
        self.foreign_changes = ""
        self.last: State = before
        self._asked: object = None
        self._sent: set[str] = set()
        self._unanswered = False
        self._given: defaultdict[str, list[Any]] = defaultdict(list)

    @property
    def touched(self) -> tuple[str, ...]:
        """The fields that the run gave a value."""
        return tuple(sorted({name.partition(".")[0] for name in self._given} & {*RECORDED}))

    @property
    def scheduled(self) -> bool:
        """Whether it has a schedule."""
        return isinstance(self.before.get("schedule"), dict)

    def reschedules(self, state: State) -> bool:
        """Tell whether a deployment is on another schedule than its own."""
        shown, own = fields_of(state), self.fields
        parts = [f"schedule.{part}" for part in ("expression", "timezone")]
        return any(shown.get(part) != own.get(part) for part in parts)

    def sending(self, action: str, body: object) -> Mapping[str, object]:
        """Note what is about to be sent; return the fields that it gives a value."""
        self.changed = self._unanswered = True
        status = {"pause": "paused", "unpause": "active"}.get(action)
        self._asked = status or self._asked
        given = {"status": status} if status else body if isinstance(body, dict) else {}
        self._sent |= fields_of(given).keys()
        self._give(given)
        return given

    def answered(self, document: State) -> None:
        """Note what a change was answered: the target did all of it at the run's request."""
        self.last, self._unanswered = document, False
        self._give(document)

    def look(self, document: State) -> None:
        """Look whether a read shows what neither was there before nor came of the run."""
        theirs = self.theirs(document)
        if theirs and not self.foreign_changes:
            self.foreign_changes = "; ".join(
                f"{name}: {shorten(self.fields.get(name, MISSING), 60)} → {shorten(value, 60)}"
                for name, value in theirs.items()
            )

    def theirs(self, document: State) -> dict[str, object]:
        """Return the fields whose values somebody else gave them, with these."""
        shown = fields_of(document)
        added = {name for name in shown if name.startswith("metadata.")}
        names = {*added, *self.fields, *self._given} - {"paused_reason"}
        theirs = {
            name: value
            for name in sorted(names)
            if not self._is_ours(name, value := shown.get(name, MISSING))
            and not self._may_be_altered(name, document)
        }
        return {**theirs, **self._turned(document)}

    def gave(self, name: str, value: object) -> bool:
        """Tell whether the run gave a field this value."""
        return any(same(_none(value), _none(earlier)) for earlier in self._given.get(name, ()))

    def _is_ours(self, name: str, value: object) -> bool:
        return same(_none(value), _none(self.fields.get(name, MISSING))) or self.gave(name, value)

    def _may_be_altered(self, name: str, document: State) -> bool:
        """Tell whether a value may be what the target made of the run's own: nobody changed it since.

        A sweep knows too little of what was answered to tell that.
        """
        unchanged = self._unanswered or not self._is_later(document)
        return self.since is None and name in self._sent and unchanged

    def _turned(self, document: State) -> dict[str, object]:
        """Return the status when it is another one than the run's last, of a later change than that.

        What the run asked for may have been done, whatever the answer was.
        """
        status = document.get("status")
        turned = status not in (self.last.get("status"), self._asked) and self._is_later(document)
        return {"status": status} if turned else {}

    def _is_later(self, document: State) -> bool:
        """Tell whether a read shows a later change than the run's last answer did."""
        shown, known = instant(document.get("updated_at")), instant(self.last.get("updated_at"))
        return shown is not None and known is not None and shown - known >= SETTLED

    def _give(self, given: Mapping[str, Any]) -> None:
        for name, value in fields_of(given).items():
            self._given[name].append(value)


class Lending:
    """A loan while a run has it: each change stands in the ledger before it is sent."""

    def __init__(self, loan: Loan, ledger: Ledger) -> None:
        self.loan = loan
        self._ledger = ledger

    def before_change(self, action: str, content: bytes | None) -> None:
        """Write a change to the ledger before it is sent; the first time, how the deployment was.

        Raises LedgerError when that fails, and NotJudgedError when somebody else changed it meanwhile.
        """
        self.check()
        if not self.loan.changed:
            before = {name: self.loan.before.get(name) for name in RECORDED if name in self.loan.before}
            self._write("lent", before=before)
        self._write("lending", sent=self.loan.sending(action, parse_json(content or b"")))

    def answered(self, exchange: Exchange) -> None:
        """Note what a request about the deployment was answered; raises NotJudgedError as `check` does."""
        document = exchange.json
        if not exchange.succeeded or not isinstance(document, dict) or document.get("id") != self.loan.id:
            return
        if exchange.method == "GET":
            self.loan.look(document)
            self.check()
        else:
            self.loan.answered(document)

    def check(self) -> None:
        """Raise NotJudgedError when somebody else changed the deployment."""
        if self.loan.foreign_changes:
            raise NotJudgedError(
                Blame.PRECONDITION,
                f"the lent deployment was changed by somebody else, or by the target unasked "
                f"({self.loan.foreign_changes}): nothing more is sent that could change it",
            )

    def returned(self, kept: Iterable[str]) -> None:
        """Write to the ledger that the loan is over, and what of the deployment stays otherwise for good."""
        self._write("returned", kept=list(kept))

    def _write(self, event: str, **facts: object) -> None:
        self._ledger.write(event, id=self.loan.id, **facts)


def _none(value: object) -> object:
    """Return null for a field that is missing: answers may leave out what is null, as they like."""
    return None if value is MISSING else value


def fields_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the documented fields of a deployment, or of an update, that time does not move."""
    fields: dict[str, Any] = {}
    for name, value in without(documented(document), (*VOLATILE, "updated_at")).items():
        if name in BY_PART and isinstance(value, dict):
            fields |= {f"{name}.{part}": inner for part, inner in value.items()}
        else:
            fields[name] = value
    return fields


def open_loans(lines: Iterable[Mapping[str, Any]]) -> list[Loan]:
    """Return the deployments that were lent and never given back, of the lines of one target's ledger.

    What the ledger shows redacted is no value to put back and is left out.
    """
    loans: dict[tuple[str, str], Loan] = {}
    for line in lines:
        key = str(line.get("run")), str(line.get("id"))
        if line.get("event") == "lent":
            loans[key] = Loan(key[1], _whole(line["before"]), since=instant(line.get("at")))
        elif line.get("event") == "lending" and key in loans:
            loans[key].sending("update", line["sent"])
            loans[key].until = instant(line.get("at"))
        elif line.get("event") == "returned" and not line.get("left"):
            # Older suites wrote `returned` with what was `left` when the deployment was not as it had been.
            loans.pop(key, None)
    return [loan for loan in loans.values() if loan.changed]


def _whole(before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was recorded without those texts that were redacted."""
    return {
        name: _whole(value) if isinstance(value, dict) else value
        for name, value in before.items()
        if not (isinstance(value, str) and MASKED in value)
    }
