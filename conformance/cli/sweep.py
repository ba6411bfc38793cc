"""`conformance sweep`: archives or puts back what runs that were broken off left on a target."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.parsers import (
    INCOMPLETE,
    TARGET_OPTIONS,
    Commands,
    add_options,
    show_examples,
    target_settings,
)
from conformance.cli.printing import say
from conformance.client.ownership.ledger import EMBEDDED, LEDGER, held
from conformance.client.ownership.ledger_reader import Refused
from conformance.client.ownership.orphans import Leftovers, NoLedgerError, read_ledger, same_target
from conformance.config.options import SettingsError
from conformance.config.settings import Settings
from conformance.contract.verdict import NotJudgedError
from conformance.run.signals import Stopper

MOST_NAMED = 50
"""How many lines that are not believed are told one by one."""

if TYPE_CHECKING:
    from conformance.client.ownership.sweep import Swept
    from conformance.client.target import Target


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "sweep", help="archive what broken-off runs left, as their ledgers name it", allow_abbrev=False
    )
    parser.set_defaults(command=sweep)
    add_options(parser, TARGET_OPTIONS)
    parser.add_argument("--run-id", metavar="ID", help="what this run left, alone")
    parser.add_argument(
        "ledgers", nargs="*", type=Path, metavar="LEDGER", help="ledgers (default: that of --report-dir)"
    )
    show_examples(
        parser,
        "conformance sweep --base-url https://staging.example.com/api/v1/cloud",
    )


def sweep(chosen: argparse.Namespace) -> int:
    """Archive, say what and what not; return 0 when nothing is left, 3 otherwise. Raises SettingsError.

    Ctrl-C or SIGTERM ends it after the request in flight.
    """
    settings = target_settings(chosen)
    ledgers = _ledgers(chosen.ledgers, settings)
    target = _target(settings)
    stopper = Stopper(lambda _: target.stopped.set())
    with closing(target), ExitStack() as holding:
        stopper.watch()
        holding.callback(stopper.release)
        busy = [path for path in ledgers if not _hold(path, holding)]
        if busy:
            say(f"sweep: a run is using {busy[0]}: nothing was archived. Hint: sweep when it is over.")
            return INCOMPLETE
        base_url = target.redactor.text(target.base_url)
        runs, refused = _read(ledgers)
        count = _report_refused(refused)
        return _sweep(target, _named(runs, base_url, chosen.run_id), base_url, refused=count)


def _sweep(target: Target, runs: Sequence[tuple[Path, Leftovers]], base_url: str, *, refused: int) -> int:
    from conformance.report.text import one_line

    counts: Counter[str] = Counter()
    ending = ""
    try:
        for run, swept in _carry_out(target, runs):
            counts[swept.kind] += 1
            say(f"{swept.kind:<9} {one_line(target.redactor.text(swept.text))} [run {run.run}]")
    except NotJudgedError as error:
        ending = f"; broken off: {error.reason}"
    except KeyboardInterrupt:
        ending = "; interrupted: call it again"
    put_back = f", {counts['put back']} put back" if counts["put back"] else ""
    parts = f"{counts['archived']} archived{put_back}, {counts['gone']} gone already, {counts['left']} left"
    parts += f", {refused} lines of the ledger not believed" if refused else ""
    say(f"sweep: {parts}{ending} | {target.requests} requests | {one_line(base_url)}")
    return INCOMPLETE if counts["left"] or refused or ending else 0


def _carry_out(target: Target, runs: Sequence[tuple[Path, Leftovers]]) -> Iterator[tuple[Leftovers, Swept]]:
    from conformance.client.ownership.sweep import Sweep

    for path, run in runs:
        if run.made or run.sought or run.loans:
            for swept in Sweep(target, path, run).carry_out():
                yield run, swept


def _target(settings: Settings) -> Target:
    from conformance.client.target import Target
    from conformance.client.wire.environment import check_network
    from conformance.vendors import load_profile

    if settings.base_url is None:
        raise SettingsError(
            "`conformance sweep` needs --base-url: the token goes only where you say, not where a file says."
        )
    check_network(settings)
    return Target(settings, load_profile(settings.profile), base_url=settings.base_url)


def _ledgers(given: Sequence[Path], settings: Settings) -> Sequence[Path]:
    folder = Path(settings.report_dir)
    if not given and not os.path.isdir(folder):  # noqa: PTH112 (Path.is_dir raises below what may not be read)
        raise SettingsError(f"there is no directory {folder}. Hint: --report-dir names the one of the run.")
    usual = folder / LEDGER
    return given or ([usual] if os.path.lexists(usual) else [])


def _hold(ledger: Path, holding: ExitStack) -> bool:
    """Hold a ledger; tell whether nobody else does. Raises SettingsError when there is none to read."""
    try:
        return holding.enter_context(held(ledger))
    except OSError as error:
        hint = f"Hint: a run writes {LEDGER} into --report-dir."
        raise SettingsError(f"there is no ledger {ledger} to be read: {error.strerror}. {hint}") from None


def _read(ledgers: Sequence[Path]) -> tuple[list[tuple[Path, Leftovers]], list[tuple[Path, Refused]]]:
    """Return the runs and the lines not believed, each with its ledger; raises SettingsError."""
    runs: list[tuple[Path, Leftovers]] = []
    refused: list[tuple[Path, Refused]] = []
    for path in ledgers:
        lines: list[Refused] = []
        try:
            runs += [(path, run) for run in read_ledger(path, lines)]
        except NoLedgerError as error:
            raise SettingsError(str(error)) from None
        refused += [(path, line) for line in lines]
    return runs, refused


def _report_refused(refused: Sequence[tuple[Path, Refused]]) -> int:
    """Name the lines that are not believed; return how many there are."""
    from conformance.report.text import one_line

    for path, line in refused[:MOST_NAMED]:
        say(f"refused   {one_line(str(path))}, line {line.number}: {one_line(line.why)}")
    if len(refused) > MOST_NAMED:
        say(f"refused   {len(refused) - MOST_NAMED} more lines")
    return len(refused)


def _named(
    found: Sequence[tuple[Path, Leftovers]], base_url: str, run_id: str | None
) -> Sequence[tuple[Path, Leftovers]]:
    """Return the runs of the target, each with its ledger; raises SettingsError for ledgers of others."""
    from conformance.report.text import one_line

    found = [(path, run) for path, run in found if run.target != EMBEDDED]
    ours = [(path, run) for path, run in found if same_target(run.target, base_url)]
    others = dict.fromkeys(run.target for _, run in found if not same_target(run.target, base_url))
    if others and not ours:
        named = one_line(", ".join(others))
        raise SettingsError(
            f"the ledger names no run on {base_url}, only on {named}: nothing was archived. "
            "Hint: give --base-url as the run had it."
        )
    chosen = [(path, run) for path, run in ours if run_id in (None, run.run)]
    if run_id and not chosen:
        known = one_line(", ".join(dict.fromkeys(run.run for _, run in ours)) or "none")
        raise SettingsError(f"--run-id: the ledger names no run {run_id!r} on {base_url}. It has: {known}.")
    return chosen
