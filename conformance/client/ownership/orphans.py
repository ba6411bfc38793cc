"""What a ledger says is still on its targets: deployments not archived or given back, unknown creations."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from conformance.client.ownership.borrowed import LOAN_EVENTS, Loan, open_loans
from conformance.client.ownership.borrowed_lines import strange
from conformance.client.ownership.ledger import EMBEDDED, LEDGER, held
from conformance.client.ownership.ledger_reader import Refused, read_lines
from conformance.client.ownership.marks import names_run
from conformance.contract.comparing import instant
from conformance.errors import ConformanceError

LONGEST_ANSWER = timedelta(hours=1)
"""How long after its announcement a creation may be answered, waits for a gateway included."""
MOST_OPEN = 10_000
"""How many creations one run may leave: it makes some hundreds."""
MOST_REFUSED = 1_000
WITH_ID = ("created", "archived", "gone", "disowned")


class NoLedgerError(ConformanceError):
    """A file is no ledger, or cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Creation:
    """One creation as announced, by our own clock."""

    name: str | None
    description: str | None
    announced: datetime | None


@dataclass
class Leftovers:
    """What one run left on one target, as far as its ledger knows.

    `made` are deployments by id that were not archived. `finished` says that the run cleaned up at its end,
    `account` is the mask of its token, `lending` the lines about lent deployments.
    """

    run: str
    target: str
    account: str = ""
    since: str = ""
    made: dict[str, Creation] = field(default_factory=dict)
    lending: list[Mapping[str, object]] = field(default_factory=list)
    finished: bool = False
    _waiting: dict[str | None, list[Creation]] = field(default_factory=dict)
    _refused: dict[str | None, list[Creation]] = field(default_factory=dict)
    _announced: bool = False

    @property
    def lost(self) -> list[Creation]:
        """The creations whose answer was lost."""
        return [creation for named in self._waiting.values() for creation in named]

    @property
    def refused(self) -> list[Creation]:
        """The creations that were answered with a refusal, which may be one in words alone."""
        return [creation for named in self._refused.values() for creation in named]

    @property
    def loans(self) -> list[Loan]:
        """The lent deployments that were changed and not given back."""
        return open_loans(self.lending)

    @property
    def sought(self) -> list[Creation]:
        """The creations to look for in lists: refused ones only if the run did not do that itself."""
        return self.lost if self.finished else [*self.lost, *self.refused]

    @property
    def count(self) -> int:
        """How many deployments may be there, or not be as they were, for a reader."""
        return len(self.made) + (0 if self.finished else len(self.lost)) + len(self.loans)

    def apply(self, entry: Mapping[str, object]) -> str:
        """Take one line of the ledger into account; return why it is not believed, or an empty text."""
        event, moment = entry.get("event"), instant(entry.get("at"))
        name, made = _text(entry.get("name")), _text(entry.get("id"))
        if event in WITH_ID and not made:
            return "it names no deployment"
        if any(not isinstance(entry.get(key), str | None) for key in ("name", "description")):
            return "its name or description is no text"
        if event == "intent":
            return self._announce(Creation(name, _text(entry.get("description")), moment))
        if event == "created":
            return self._create(str(made), self._claim(name), moment)
        if event == "refused":
            self._refused.setdefault(name, []).append(self._claim(name))
        elif event in WITH_ID:
            self.made.pop(str(made), None)
        elif event in LOAN_EVENTS:
            return self._lend(entry)
        elif event == "finished":
            self.finished = True
            self._refused.clear()  # the run has looked for them
        return ""

    def _announce(self, creation: Creation) -> str:
        if len(self._waiting) >= MOST_OPEN:
            return f"no run leaves more than {MOST_OPEN} creations"
        self._waiting.setdefault(creation.name, []).append(creation)
        self.finished, self._announced = False, True
        return ""

    def _create(self, made: str, announced: Creation, moment: datetime | None) -> str:
        if announced.announced and moment and moment - announced.announced > LONGEST_ANSWER:
            return f"no creation is answered {moment - announced.announced} after its announcement"
        if len(self.made) >= MOST_OPEN:
            return f"no run leaves more than {MOST_OPEN} deployments"
        if announced.announced is None and moment:  # its announcement was torn: it came before the answer
            announced = replace(announced, announced=moment - LONGEST_ANSWER)
        self.made[made] = announced
        return ""

    def _lend(self, entry: Mapping[str, object]) -> str:
        if self._announced:
            return "a run that creates deployments changes none that was lent"
        why = strange(entry)
        if not why:
            self.lending.append(entry)
        return why

    def _claim(self, name: str | None) -> Creation:
        """Return the announcement with a name, which then waits no longer."""
        for waiting in (self._waiting, self._refused):
            if named := waiting.get(name):
                creation = named.pop(0)
                if not named:
                    del waiting[name]
                return creation
        return Creation(name, None, None)

    def distinctive(self, creation: Creation) -> Mapping[str, str]:
        """Return the texts by which a creation of this run is known: those that bear its whole mark."""
        sent = {"name": creation.name, "description": creation.description}
        return {key: text for key, text in sent.items() if text and names_run(text, self.run)}


def read_ledger(path: Path, refused: list[Refused] | None = None) -> list[Leftovers]:
    """Return what each run in a ledger left on each target, in the order in which they began.

    A line that was cut off is passed over, one that no run wrote is added to `refused`; of very many, the
    first alone. Raises NoLedgerError.
    """
    refused = [] if refused is None else refused
    found: dict[tuple[object, object], Leftovers] = {}

    def refuse(line: Refused) -> None:
        if len(refused) < MOST_REFUSED:
            refused.append(line)

    try:
        for number, entry in read_lines(path, refuse):
            key = entry["run"], entry["target"]
            if key not in found:
                account, since = _text(entry.get("account")) or "", _text(entry.get("at")) or ""
                found[key] = Leftovers(str(key[0]), str(key[1]), account, since)
            if why := found[key].apply(entry):
                refuse(Refused(number, why))
    except OSError as error:
        raise NoLedgerError(f"{path} cannot be read: {error.strerror}.") from error
    if refused and not found:
        raise NoLedgerError(
            f"{path} is no ledger: line {refused[0].number} is not believed: {refused[0].why}. "
            "Hint: a run writes ledger.jsonl into its --report-dir."
        )
    return list(found.values())


def reminders(report_dir: str) -> list[str]:
    """Return a line for each target on which earlier runs with this report directory left something.

    Nothing is said while another run is using the ledger, nor of embedded servers, which are gone.
    """
    path, refused = Path(report_dir) / LEDGER, list[Refused]()
    try:
        with held(path) as ours:
            runs = read_ledger(path, refused) if ours else []
    except FileNotFoundError:
        return []
    except (OSError, NoLedgerError) as error:
        return [f"what earlier runs left is not known: {error}"]
    return [*_doubts(path, refused), *_reminders(runs, report_dir)]


def _doubts(path: Path, refused: list[Refused]) -> Iterator[str]:
    if refused:
        more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        yield f"{path}: line {refused[0].number}{more} is not believed: {refused[0].why}"


def _reminders(runs: list[Leftovers], report_dir: str) -> Iterator[str]:
    left = [run for run in runs if run.count and run.target != EMBEDDED]
    for target in dict.fromkeys(run.target for run in left):
        yield _reminder(target, [run for run in left if run.target == target], report_dir)


def left_since(report_dir: str, moment: datetime, known: Collection[str]) -> tuple[str, ...]:
    """Return a line for all that runs left that began since a moment, but for those that are `known`.

    They are processes of one run that were killed, so that only their ledger tells what they made: without
    one, nothing, as a creation is announced there first.
    """
    path = Path(report_dir) / LEDGER
    if not os.path.lexists(path):
        return ()
    try:
        runs = read_ledger(path)
    except NoLedgerError as error:
        return (f"what a killed process left is not known: {error}",)
    began = moment.replace(microsecond=0)
    orphaned = [
        run for run in runs
        if run.run not in known and run.target != EMBEDDED and (instant(run.since) or began) >= began
    ]  # fmt: skip
    return tuple(f"{line}; conformance sweep looks for it" for run in orphaned for line in _orphans(run))


def _orphans(run: Leftovers) -> Iterator[str]:
    how = f"the process of run {run.run} that made it was killed"
    yield from (f"{made} stays on the target: {how}" for made in run.made)
    yield from (
        f"{creation.name or 'a deployment without a name'} may be on the target: {how}"
        for creation in run.lost
    )
    yield from (f"{loan.id} may not be as it was: {how.replace('made', 'changed')}" for loan in run.loans)


def _reminder(target: str, runs: list[Leftovers], report_dir: str) -> str:
    count = sum(run.count for run in runs)
    names = f"run {runs[0].run} of {runs[0].since[:19]}Z" if len(runs) == 1 else f"{len(runs)} earlier runs"
    words = f"--base-url {shlex.quote(target)} --report-dir {shlex.quote(report_dir)}"
    return (
        f"{names} left {count} deployment{'s' * (count != 1)} on {target}; they are still there, or not as "
        f"they were, unless somebody saw to it: conformance sweep {words}"
    )


def same_target(left: str, right: str) -> bool:
    """Tell whether two base URLs are one: case of scheme and host, default port and end do not matter."""
    return _normal(left) == _normal(right)


def _normal(url: str) -> tuple[object, ...]:
    try:
        parts = urlsplit(url.rstrip("/"))
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return (url,)
    return parts.scheme, parts.hostname, port, parts.path, parts.query, parts.username


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
