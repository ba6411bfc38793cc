"""`conformance run`: judge a target, or the embedded reference server when told to."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from conformance.cli.memory import collect_rarely, give_memory_back
from conformance.cli.parsers import (
    Commands,
    add_expressions,
    add_options,
    exit_code_without_result,
    settings_of,
    show_examples,
)
from conformance.cli.printing import put, warn
from conformance.config.mode_rules import OPTION
from conformance.config.options import OPTIONS, SettingsError
from conformance.config.resolution import check_target
from conformance.config.settings import Settings
from conformance.contract.mode import Mode

if TYPE_CHECKING:
    from conformance.report.result import RunResult


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("run", help="judge a target", allow_abbrev=False)
    parser.set_defaults(command=run)
    parser.description = (
        "Judges a target: drives its API, and says promise by promise what holds, what is\n"
        "broken and how to see it again. Reports go to --report-dir; open report.html first.\n"
        "Exit code: 0 all judged promises hold, 1 a promise is broken, 2 wrong usage,\n"
        "3 something could not be judged, 4 the suite itself failed."
    )
    add_options(parser)
    add_expressions(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress on stderr")
    parser.add_argument("-n", dest="workers", metavar="N", help="judge in N processes (pytest-xdist)")
    parser.add_argument(
        "--plan",
        action="store_true",
        help="print what the run would send and judge, without sending anything",
    )
    show_examples(
        parser,
        "conformance run --reference",
        "conformance run --base-url https://staging.example.com/api/v1/cloud --plan",
        "conformance run --base-url https://staging.example.com/api/v1/cloud --only 'pause.*' --tier core",
        "conformance run --base-url https://staging.example.com/api/v1/cloud --compare-with reports",
    )


def run(chosen: argparse.Namespace) -> int:
    """Judge, print the summary, return the exit code."""
    settings = settings_of(chosen)
    if chosen.plan:
        return _plan(chosen, settings)
    check_target(settings)
    from conformance.run.given import Given

    return judge_and_report(_pytest_arguments(chosen, settings), Given(settings), silent=chosen.quiet)


def judge_and_report(words: Sequence[str], *plugins: object, silent: bool = True) -> int:
    """Run pytest over the suite with more arguments and plugins, print the summary, return the exit code.

    Unless `silent`, stderr tells how far it is.
    """
    give_memory_back()
    collect_rarely()
    colour = wants_colour(os.environ, terminal=sys.stdout.isatty())
    code, result = _judge(words, plugins, silent=silent)
    if result is None:
        return exit_code_without_result(code)
    from conformance.report import terminal
    from conformance.report.github import workflow_commands

    put(terminal(result, colour=colour) + workflow_commands(result, os.environ))
    if result.stopped:  # a thread that hangs in looking up a name would hold the process
        os._exit(result.exit_code)
    return result.exit_code


def wants_colour(environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Tell whether the report is coloured: NO_COLOR beats FORCE_COLOR, which beats what stdout is."""
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return terminal or bool(environment.get("FORCE_COLOR"))


def _plan(chosen: argparse.Namespace, settings: Settings) -> int:
    if settings.mode is not Mode.FULL:
        raise SettingsError(
            f"--plan counts what a run on its own deployments would ask; {OPTION[settings.mode]} makes none. "
            "Hint: `conformance list` with that option shows what would be judged."
        )
    from conformance.cli.plan import print_plan

    if chosen.workers:
        raise SettingsError("--plan covers a single process. Hint: leave out -n.")
    return print_plan(_pytest_arguments(chosen, settings), settings)


def _judge(words: Sequence[str], plugins: Sequence[object], *, silent: bool) -> tuple[int, RunResult | None]:
    """Run pytest over the suite; return its code and the result."""
    from conformance.run.progress import progress_on_stderr
    from conformance.run.pytest_call import call_pytest
    from conformance.run.terminal import Quiet

    quiet = Quiet()
    with progress_on_stderr(quiet=silent) as progress:
        code = call_pytest(words, [quiet, *progress, *plugins], warn)
    return code, quiet.result


def _pytest_arguments(chosen: argparse.Namespace, settings: Settings) -> list[str]:
    from conformance.run.pytest_call import expressions

    words = expressions(chosen.keyword, chosen.marks)
    if chosen.workers:
        words += ["-p", "xdist", "-n", chosen.workers, *_for_workers(chosen, settings)]
    return words


def _for_workers(chosen: argparse.Namespace, settings: Settings) -> list[str]:
    """Return the options again, as pytest hands them to its workers, which make settings of their own."""
    words = [f"--conformance-seed={settings.seed}"]
    for option in OPTIONS:
        value = getattr(chosen, option.attribute)
        if option.kind == "flag":
            words += [f"--conformance-{option.name}"] if value else []
        elif option.name != "seed" and value is not None:
            words += [f"--conformance-{option.name}={part}" for part in _as_list(value)]
    return words


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
