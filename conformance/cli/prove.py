"""`conformance prove`: judges servers that break one promise each, and odd but legal ones."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from conformance.cli.parsers import Commands
from conformance.cli.printing import say
from conformance.config.options import SettingsError
from conformance.config.shard import LARGEST_SEED
from conformance.contract.catalogue import DEFAULT_PROFILE, REVISIONS
from conformance.run.signals import Stopper
from conformance.vendors import ProfileError, load_profile, shipped

PROOF = Path("tests", "proof", "command.py")


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "prove", help="judge faulty and odd servers (in a checkout of the project)", allow_abbrev=False
    )
    parser.set_defaults(command=prove)
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="a fault, an area, a twin, 'faults', 'twins' (default: all)")
    named = add("--profile", default=DEFAULT_PROFILE, metavar="NAME",
        help="let the servers speak as this vendor, and judge them so: a shipped name, or the path of a "
        f"profile (default: {DEFAULT_PROFILE})")  # fmt: skip
    named.completer = lambda **_: shipped()  # type: ignore[attr-defined]  # argcomplete looks for it
    add("--revision", choices=REVISIONS, help="edition of the documents (default: each)")
    add("--seed", type=_count, default=0, metavar="N", help="seed of the first run (default: 0)")
    add("--runs", type=_count, default=1, metavar="N", help="runs of each; the seed rises (default: 1)")
    add("--jobs", type=_count, metavar="N", help="processes (default: three for each core)")
    add("--report-dir", type=Path, default=Path("reports"), metavar="DIR",
        help="where proof.json and proof.md go (default: reports)")  # fmt: skip


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) >= LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 to {LARGEST_SEED - 1}")
    return int(text)


def prove(chosen: argparse.Namespace) -> int:
    """Prove, print a line for each run, write the reports; return the exit code.

    Raises SettingsError outside a checkout: the faults and twins are part of the project's tests.
    """
    checkout = Path.cwd()
    if not (checkout / PROOF).is_file():
        raise SettingsError(
            "`conformance prove` needs a checkout of the project: the faulty and odd servers are part of its "
            f"tests, and there is no {PROOF} here. Hint: call it where the project's pyproject.toml is."
        )
    sys.path.append(str(checkout))
    command = importlib.import_module("tests.proof.command")
    _check(chosen.profile, chosen.revision)
    stopper = Stopper(lambda _: None)
    stopper.watch()  # or SIGTERM would leave the processes that judge behind
    try:
        code: int = command.prove(
            chosen.names,
            profile=chosen.profile,
            revisions=[chosen.revision] if chosen.revision else REVISIONS,
            seed=chosen.seed,
            runs=max(1, chosen.runs),
            jobs=chosen.jobs,
            report_dir=chosen.report_dir,
            say=say,
        )
    finally:
        stopper.release()
    return code


def _check(profile: str, revision: str | None) -> None:
    """Raise SettingsError for a profile that is wrong, and for a revision that is no edition of it."""
    try:
        editions = load_profile(profile).editions.names
    except ProfileError as error:
        raise SettingsError(str(error)) from None
    if revision and revision not in editions:
        raise SettingsError(
            f"{revision} is no edition of the profile {profile}, which has {', '.join(editions)}. "
            "Hint: leave --revision out."
        )
