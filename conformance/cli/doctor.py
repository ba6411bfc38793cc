"""`conformance doctor`: can this target be judged from here? Sends GETs alone and creates nothing."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing
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
from conformance.config.options import SettingsError
from conformance.config.settings import Settings

if TYPE_CHECKING:
    from conformance.client.wire.connectivity import Check


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "doctor", help="check whether a target can be judged from here", allow_abbrev=False
    )
    parser.set_defaults(command=diagnose)
    parser.description = (
        "Checks whether a run can begin, and says what to set where it cannot. Sends only GETs.\n"
        "Exit code: 0 a run can begin, 3 a check failed."
    )
    add_options(parser, TARGET_OPTIONS)
    show_examples(
        parser,
        "conformance doctor --base-url https://staging.example.com/api/v1/cloud",
    )


def diagnose(chosen: argparse.Namespace) -> int:
    """Print a line for each check; return 0 when a run can begin, 3 otherwise. Raises SettingsError."""
    from conformance.client.wire.connectivity import State
    from conformance.redaction.known_secrets import redactor_of
    from conformance.report.text import one_line

    settings = target_settings(chosen)
    if settings.base_url is None:
        raise SettingsError("`conformance doctor` needs --base-url, or --target of conformance.toml.")
    redact = redactor_of(settings.tokens).text
    worst = 0
    for check in _checks(settings):
        hint = f" -> {check.hint}" if check.hint else ""
        say(f"{check.state:<4}  {check.name:<12}  {one_line(redact(check.text + hint))}")
        worst = INCOMPLETE if check.state is State.FAIL else worst
    ending = "fix what failed first" if worst else "a run can begin"
    say(f"doctor: {ending} | {one_line(redact(settings.base_url))}")
    return worst


def _checks(settings: Settings) -> Iterator[Check]:
    from conformance.client.target import Target
    from conformance.client.wire.connectivity import State, reach
    from conformance.suite.engine.checkup import check_up
    from conformance.vendors import load_profile

    yield _reports(Path(settings.report_dir))
    for check in reach(settings):
        yield check
        if check.state is State.FAIL:
            return
    target = Target(settings, load_profile(settings.profile), base_url=settings.base_url or "")
    with closing(target):
        yield from check_up(target)


def _reports(folder: Path) -> Check:
    """Check that reports can be written, and leave no trace of that."""
    from conformance.client.wire.connectivity import Check, State

    try:
        place = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not place.is_dir():
            raise NotADirectoryError(20, os.strerror(20))
        with tempfile.TemporaryFile(dir=place):
            return Check("reports", State.OK, f"{folder} can be written")
    except OSError as error:
        text = f"{folder} cannot be written: {error.strerror}"
        return Check("reports", State.FAIL, text, "name another directory with --report-dir")
