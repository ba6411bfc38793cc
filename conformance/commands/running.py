"""`conformance run`: judge a target, or the embedded reference server."""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import conformance
from conformance.commands._words import (
    INCOMPLETE,
    INTERNAL,
    USAGE,
    Commands,
    add_expressions,
    add_options,
    say,
    settings_of,
)
from conformance.contract.mode import Mode
from conformance.target.mode_settings import OPTION
from conformance.target.options import OPTIONS, SettingsError
from conformance.target.settings import Settings

if TYPE_CHECKING:
    from conformance.report.result import RunResult

PYTEST_STOPPED, PYTEST_USAGE = 2, 4
"""What pytest exits with after Ctrl-C, and after wrong usage, -k and -m expressions included."""


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "run", help="judge a target, or the embedded reference server", allow_abbrev=False
    )
    parser.set_defaults(command=run)
    add_options(parser)
    add_expressions(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress on stderr")
    parser.add_argument("-n", dest="workers", metavar="N", help="judge in N processes (pytest-xdist)")
    parser.add_argument(
        "--plan", action="store_true", help="say what the run would ask and judge, and send nothing"
    )


def run(chosen: argparse.Namespace) -> int:
    """Judge, print the summary, return the exit code."""
    settings = settings_of(chosen)
    if chosen.plan:
        return _plan(chosen, settings)
    return judge_and_tell(_pytest_arguments(chosen, settings), silent=chosen.quiet)


def judge_and_tell(words: Sequence[str], *plugins: object, silent: bool = True) -> int:
    """Run pytest over the suite with more arguments and plugins, print the summary, return the exit code.

    Unless `silent`, stderr tells how far it is.
    """
    code, result = _judge(words, plugins, silent=silent)
    if result is None:
        return {PYTEST_USAGE: USAGE, PYTEST_STOPPED: INCOMPLETE}.get(code, INTERNAL)
    from conformance.report import terminal

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # a target's text may not fit the terminal's encoding
    say(terminal(result, colour=colour))
    if result.stopped:  # a thread that hangs in looking up a name would hold the process
        os._exit(result.exit_code)
    return result.exit_code


def _plan(chosen: argparse.Namespace, settings: Settings) -> int:
    if settings.mode is not Mode.FULL:
        raise SettingsError(
            f"--plan counts what a run on its own deployments would ask; {OPTION[settings.mode]} makes none. "
            "Hint: `conformance list` with that option shows what would be judged."
        )
    from conformance.commands.planning import print_plan

    if chosen.workers:
        raise SettingsError("--plan tells of one process. Hint: leave out -n; each asks on its own.")
    _leave_others_out()
    code = print_plan([*_suite_arguments(), *_pytest_arguments(chosen, settings)], settings)
    return code and (USAGE if code == PYTEST_USAGE else INTERNAL)


def _keep_hypothesis_out_of_here() -> None:
    """Have Hypothesis keep its tables in the user's cache, not in the current folder."""
    home = Path(os.environ.get("HOME") or tempfile.gettempdir())
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache / "deployments-conformance"))


def _leave_others_out() -> None:
    """Have pytest load no plugins that nobody asked for."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)


def _judge(words: Sequence[str], plugins: Sequence[object], *, silent: bool) -> tuple[int, RunResult | None]:
    """Run pytest over the suite, without plugins that nobody asked for; return its code and the result."""
    import pytest

    from conformance.progress import progress_on_stderr
    from conformance.quiet import Quiet

    _leave_others_out()
    _keep_hypothesis_out_of_here()
    quiet = Quiet()
    with progress_on_stderr(quiet=silent) as progress:
        code = pytest.main([*_suite_arguments(), *words], plugins=[quiet, *progress, *plugins])
    return int(code), quiet.result


def _suite_arguments() -> list[str]:
    """Return what names the suite: by its folder, else pytest would load a conftest.py of the current one."""
    here = Path(conformance.__file__).parent
    words = [str(here / "suite"), "-c", str(here / "suite" / "pytest.toml"), f"--rootdir={here}"]
    words += ["-p", "conformance.plugin", "-p", "no:cacheprovider", "-q"]
    # The last of them collects garbage ten times over when the run is over.
    return [*words, "-p", "no:unraisableexception"]


def _pytest_arguments(chosen: argparse.Namespace, settings: Settings) -> list[str]:
    words = [f"--conformance-seed={settings.seed}"]
    for option in OPTIONS:
        value = getattr(chosen, option.attribute)
        if option.kind == "flag":
            words += [f"--conformance-{option.name}"] if value else []
        elif option.name != "seed" and value is not None:
            words += [f"--conformance-{option.name}={part}" for part in _as_list(value)]
    words += expressions(chosen.keyword, chosen.marks)
    if chosen.workers:
        words += ["-p", "xdist", "-n", chosen.workers]
    return words


def expressions(keyword: str | None, marks: str | None) -> list[str]:
    """Return pytest's arguments for the expressions of -k and -m."""
    return [word for flag, value in (("-k", keyword), ("-m", marks)) if value for word in (flag, value)]


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
