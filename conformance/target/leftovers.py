"""What a ledger says is still on its targets: deployments not archived or given back, unknown creations."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from conformance.contract.judgement import instant, shorten
from conformance.target.ledger import EMBEDDED, LEDGER, held
from conformance.target.lending import Loan, open_loans

TORN = '{"event"'
"""How a line begins that was cut off: nothing was sent after it, or its own announcement stands before it."""
LONGEST_LINE = 1024 * 1024


class NoLedgerError(Exception):
    """A file is no ledger, or cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Creation:
    """One creation as announced; `answered` is when its answer came. Moments are those of our own clock."""

    name: str | None
    description: str | None
    announced: datetime | None
    answered: datetime | None = None


@dataclass
class Leftovers:
    """What one run left on one target, as far as its ledger knows.

    `made` are deployments by id that were not archived, `lost` creations whose answer was lost and `refused`
    those that were answered with a refusal, which may be one in words alone. `finished` says that the run
    cleaned up at its end, `account` is the mask of its token, `lending` the lines about lent deployments.
    """

    run: str
    target: str
    account: str = ""
    since: str = ""
    made: dict[str, Creation] = field(default_factory=dict)
    lost: list[Creation] = field(default_factory=list)
    refused: list[Creation] = field(default_factory=list)
    lending: list[Mapping[str, object]] = field(default_factory=list)
    finished: bool = False

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

    def note(self, entry: Mapping[str, object]) -> None:
        """Take one line of the ledger into account."""
        event, moment = entry.get("event"), instant(entry.get("at"))
        name, made = _text(entry.get("name")), _text(entry.get("id"))
        if event == "intent":
            self.lost.append(Creation(name, _text(entry.get("description")), moment))
            self.finished = False
        elif event == "created" and made:
            announced = self._take(name)
            self.made[made] = Creation(name, announced.description, announced.announced, moment)
        elif event == "refused":
            self.refused.append(self._take(name))
        elif event in {"archived", "gone", "disowned"} and made:
            self.made.pop(made, None)
        elif event in {"lent", "lending", "returned"}:
            self.lending.append(entry)
        elif event == "finished":
            self.finished = True

    def _take(self, name: str | None) -> Creation:
        """Return the announcement with a name, which then waits no longer."""
        for waiting in (self.lost, self.refused):
            for creation in waiting:
                if creation.name == name:
                    waiting.remove(creation)
                    return creation
        return Creation(name, None, None)


def read_ledger(path: Path) -> list[Leftovers]:
    """Return what each run in a ledger left on each target, in the order in which they began.

    A line that was cut off is passed over. Raises NoLedgerError.
    """
    found: dict[tuple[str, str], Leftovers] = {}
    for entry in _entries(path):
        run, target = str(entry["run"]), str(entry["target"])
        if (run, target) not in found:
            account, since = _text(entry.get("account")) or "", _text(entry.get("at")) or ""
            found[run, target] = Leftovers(run, target, account, since)
        found[run, target].note(entry)
    return list(found.values())


def reminders(report_dir: str) -> list[str]:
    """Return a line for each target on which earlier runs with this report directory left something.

    Nothing is said while another run is using the ledger, nor of embedded servers, which are gone.
    """
    path = Path(report_dir) / LEDGER
    try:
        with held(path) as ours:
            runs = [run for run in read_ledger(path) if run.count and run.target != EMBEDDED] if ours else []
    except FileNotFoundError:
        return []
    except (OSError, NoLedgerError) as error:
        return [f"what earlier runs left is not known: {error}"]
    return [_reminder(target, [run for run in runs if run.target == target], report_dir)
            for target in dict.fromkeys(run.target for run in runs)]  # fmt: skip


def _reminder(target: str, runs: list[Leftovers], report_dir: str) -> str:
    count = sum(run.count for run in runs)
    names = f"run {runs[0].run} of {runs[0].since[:19]}Z" if len(runs) == 1 else f"{len(runs)} earlier runs"
    words = f"--base-url {shlex.quote(target)} --report-dir {shlex.quote(report_dir)}"
    return (
        f"{names} left {count} deployment{'s' * (count != 1)} on {target}; they are still there, or not as "
        f"they were, unless somebody saw to it: conformance sweep {words}"
    )


def _entries(path: Path) -> Iterator[Mapping[str, object]]:
    try:
        with path.open("rb") as file:
            yield from _parsed(path, iter(lambda: file.readline(LONGEST_LINE), b""))
    except OSError as error:
        raise NoLedgerError(f"{path} cannot be read: {error.strerror}.") from error


def _parsed(path: Path, lines: Iterable[bytes]) -> Iterator[Mapping[str, object]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue  # two processes may have ended one line that was cut off
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        if isinstance(entry, dict) and all(isinstance(entry.get(key), str) for key in ("run", "target")):
            yield entry
        elif not line.startswith(TORN.encode()):
            raise NoLedgerError(
                f"{path} is no ledger: line {number} is {shorten(line.decode('utf-8', 'replace'), 60)!r}. "
                "Hint: a run writes ledger.jsonl into its --report-dir."
            )


def same_target(one: str, other: str) -> bool:
    """Tell whether two base URLs are one: case of scheme and host, default port and end do not matter."""
    return _normal(one) == _normal(other)


def _normal(url: str) -> tuple[object, ...]:
    try:
        parts = urlsplit(url.rstrip("/"))
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return (url,)
    return parts.scheme, parts.hostname, port, parts.path


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
