"""What the commands share: the parser that knows near misses, the options of a run."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from conformance.cli.printing import warn
from conformance.config.options import OPTIONS, Option, SettingsError, did_you_mean
from conformance.config.resolution import resolve
from conformance.config.settings import Settings
from conformance.contract.catalogue import load_catalogue
from conformance.vendors import editions, shipped

if TYPE_CHECKING:
    from conformance.report.comparing.saved import SavedResult

BROKEN, USAGE, INCOMPLETE, INTERNAL = 1, 2, 3, 4
UNRECOGNIZED = "unrecognized arguments"
"""How argparse begins to say that it does not know some."""
PYTEST_STOPPED, PYTEST_USAGE = 2, 4
"""What pytest exits with after Ctrl-C, and after wrong usage, -k and -m expressions included."""


class Commands(Protocol):
    """Where a command registers itself: what `add_subparsers` of a `Parser` returns."""

    def add_parser(self, name: str, *, help: str, allow_abbrev: bool) -> Parser:  # noqa: A002 (argparse's word)
        """Return the parser of a new command."""


class Parser(argparse.ArgumentParser):
    """An argument parser that answers an unknown option with the nearest known one."""

    def parse_known_args(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 (as argparse overloads it)
        """Parse what is known; a command names what it does not know itself, as the one above knows less."""
        parsed, unknown = super().parse_known_args(*given, **named)
        if unknown:
            self.error(f"{UNRECOGNIZED}: {' '.join(unknown)}")
        return parsed, unknown

    def error(self, message: str) -> NoReturn:
        """Name what was wrong, and what is near to it; end with 2."""
        kind, _, given = message.partition(": ")
        hint = self._near(given.split()[0].partition("=")[0]) if kind == UNRECOGNIZED else ""
        warn(f"{self.prog}: {message}{hint}\nHint: {self.prog} --help lists what it takes.")
        sys.exit(USAGE)

    def _near(self, given: str) -> str:
        """Return the end of a sentence: who takes an option, or which known one is near."""
        own = re.findall(r"--[a-z][a-z-]*", self.format_usage())
        if given in {f"--{option.name}" for option in OPTIONS} - {*own}:
            return ". `conformance run` takes it."
        return did_you_mean(given, own)


TARGET_OPTIONS = frozenset({
    "base-url", "target", "profile", "revision", "concurrency", "rate", "agent-id", "environment-id",
    "token-env", "second-token-env", "report-dir", "insecure", "connect-timeout", "timeout",
})  # fmt: skip
"""The options that say what the target is and how to reach it."""


GROUPS: Mapping[str, Sequence[str]] = {
    "the target": (
        "base-url", "reference", "target", "profile", "revision", "token-env", "second-token-env", "agent-id",
        "environment-id", "archived-agent-id", "archived-environment-id", "insecure",
    ),
    "what is judged": ("tier", "only", "read-only", "deployment-id", "strict", "accepted", "oversize-body"),
    "what searches try": ("footprint", "seed", "examples", "replay"),
    "how much is asked": (
        "concurrency", "rate", "max-requests", "max-created", "max-seconds", "connect-timeout", "timeout",
    ),
    "reports": ("report-dir", "har", "compare-with", "shard", "run-label"),
}  # fmt: skip
"""The groups in which help shows the options."""


def add_options(parser: argparse.ArgumentParser, names: Container[str] | None = None) -> None:
    """Add the options of a run that `names` holds, or all, in their groups."""
    known = {option.name: option for option in OPTIONS}
    for title, members in GROUPS.items():
        group = parser.add_argument_group(title)
        for name in members:
            if names is None or name in names:
                _add_option(group, known[name])


def _completions(option: Option) -> tuple[str, ...]:
    """Return what a shell may complete the value of an option with."""
    if option.name == "only":
        return tuple(load_catalogue().requirements)
    return {"profile": shipped(), "revision": ("auto", *editions())}.get(option.name, option.choices)


def _add_option(group: argparse._ArgumentGroup, option: Option) -> None:
    text = f"{option.help} [{option.variable}]"
    if option.kind == "flag":
        group.add_argument(f"--{option.name}", action="store_true", default=None, help=text)
        return
    action = "append" if option.kind == "list" else "store"
    added = group.add_argument(f"--{option.name}", action=action, metavar=option.metavar, help=text)
    if option.choices or option.name in {"only", "profile"}:
        added.completer = lambda **_: _completions(option)  # type: ignore[attr-defined]  # argcomplete looks for it


def show_examples(parser: argparse.ArgumentParser, *examples: str) -> None:
    """Have the help of a command end with examples."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(["examples:", *(f"  {line}" for line in examples)])


def add_expressions(parser: argparse.ArgumentParser) -> None:
    """Add pytest's own ways to select."""
    for flag, name, text in (
        ("-k", "keyword", "only requirements whose name matches"),
        ("-m", "marks", "only these marks, such as 'must and pause'"),
    ):
        parser.add_argument(flag, dest=name, metavar="EXPRESSION", help=text)


def settings_of(chosen: argparse.Namespace) -> Settings:
    """Return the settings that parsed options make; raises SettingsError."""
    return resolve(vars(chosen), os.environ, load_catalogue(), Path.cwd())


def saved_result(path: Path) -> SavedResult:
    """Return the run whose report is at a path; raises SettingsError."""
    from conformance.report.comparing.saved import read_result
    from conformance.report.files import ReportError

    try:
        return read_result(path)
    except ReportError as error:
        raise SettingsError(f"{error.what}. Hint: {error.hint}.") from None


def target_settings(chosen: argparse.Namespace) -> Settings:
    """Return settings for a command that judges nothing: what limits a run does not bind it."""
    return replace(settings_of(chosen), max_requests=None, max_created=None, max_seconds=None)


def exit_code_without_result(code: int) -> int:
    """Return the exit code of a command whose pytest ended with `code` before there was anything to tell."""
    return {PYTEST_USAGE: USAGE, PYTEST_STOPPED: INCOMPLETE}.get(code, INTERNAL)
