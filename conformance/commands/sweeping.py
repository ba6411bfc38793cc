"""`conformance sweep`: archives or puts back what runs that were broken off left on a target."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.commands._words import (
    INCOMPLETE,
    TARGET_OPTIONS,
    Commands,
    add_options,
    say,
    target_settings,
)
from conformance.stopping import Stopper
from conformance.target.ledger import EMBEDDED, LEDGER, LedgerError, held
from conformance.target.leftovers import Leftovers, NoLedgerError, read_ledger, same_target
from conformance.target.options import SettingsError
from conformance.target.settings import Settings

if TYPE_CHECKING:
    from conformance.target.sweep import Told
    from conformance.target.target import Target


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
        busy = [path for path in ledgers if not holding.enter_context(held(path))]
        if busy:
            say(f"sweep: a run is using {busy[0]}: nothing was archived. Hint: sweep when it is over.")
            return INCOMPLETE
        base_url = target.redactor.text(target.base_url)
        return _sweep(target, _named(ledgers, base_url, chosen.run_id), base_url)


def _sweep(target: Target, runs: Sequence[tuple[Path, Leftovers]], base_url: str) -> int:
    from conformance.report.text import one_line

    counts: Counter[str] = Counter()
    ending = ""
    try:
        for run, told in _tell(target, runs):
            counts[told.kind] += 1
            say(f"{told.kind:<9} {one_line(told.text)} [run {run.run}]")
    except LedgerError as error:
        ending = f"; broken off: {error}"
    except KeyboardInterrupt:
        ending = "; interrupted: call it again"
    put_back = f", {counts['put back']} put back" if counts["put back"] else ""
    parts = f"{counts['archived']} archived{put_back}, {counts['gone']} gone already, {counts['left']} left"
    say(f"sweep: {parts}{ending} | {target.requests} requests | {one_line(base_url)}")
    return INCOMPLETE if counts["left"] or ending else 0


def _tell(target: Target, runs: Sequence[tuple[Path, Leftovers]]) -> Iterator[tuple[Leftovers, Told]]:
    from conformance.target.sweep import Sweep

    for path, run in runs:
        if run.made or run.sought or run.loans:
            for told in Sweep(target, path, run).tell():
                yield run, told


def _target(settings: Settings) -> Target:
    from conformance.contract.profile import load_profile
    from conformance.target.network import check_network
    from conformance.target.target import Target

    if settings.base_url is None:
        raise SettingsError(
            "`conformance sweep` needs --base-url: the token goes only where you say, not where a file says."
        )
    check_network(settings)
    return Target(settings, load_profile(settings.profile), base_url=settings.base_url)


def _ledgers(given: Sequence[Path], settings: Settings) -> Sequence[Path]:
    for path in given:
        if not path.is_file():
            raise SettingsError(f"there is no ledger {path}. Hint: a run writes {LEDGER} into --report-dir.")
    folder = Path(settings.report_dir)
    if not given and not folder.is_dir():
        raise SettingsError(f"there is no directory {folder}. Hint: --report-dir names the one of the run.")
    usual = folder / LEDGER
    return given or ([usual] if usual.is_file() else [])


def _named(ledgers: Sequence[Path], base_url: str, run_id: str | None) -> Sequence[tuple[Path, Leftovers]]:
    """Return the runs of the target, each with its ledger; raises SettingsError for ledgers of others."""
    from conformance.report.text import one_line

    try:
        found = [(path, run) for path in ledgers for run in read_ledger(path)]
    except NoLedgerError as error:
        raise SettingsError(str(error)) from None
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
