"""What the commands share: the parser that knows near misses, the options of a run, printing."""

from __future__ import annotations

import argparse
import os
from collections.abc import Container
from dataclasses import replace
from pathlib import Path
from typing import NoReturn, Protocol

from conformance.contract.catalogue import load_catalogue
from conformance.target.options import OPTIONS, did_you_mean
from conformance.target.settings import Settings, resolve

USAGE, INCOMPLETE, INTERNAL = 2, 3, 4


class Commands(Protocol):
    """Where a command registers itself: what `add_subparsers` of a `Parser` returns."""

    def add_parser(self, name: str, *, help: str, allow_abbrev: bool) -> Parser:  # noqa: A002 (argparse's word)
        """Return the parser of a new command."""


class Parser(argparse.ArgumentParser):
    """An argument parser that answers an unknown option with the nearest known one."""

    def error(self, message: str) -> NoReturn:
        kind, _, given = message.partition(": ")
        hint = ""
        if kind == "unrecognized arguments":
            hint = did_you_mean(
                given.split()[0].partition("=")[0], [f"--{option.name}" for option in OPTIONS]
            )
        self.exit(USAGE, f"{self.prog}: {message}{hint}\nHint: --help after a command lists its options.\n")


TARGET_OPTIONS = frozenset({
    "base-url", "target", "profile", "revision", "concurrency", "rate", "agent-id", "environment-id",
    "token-env", "second-token-env", "report-dir", "insecure", "connect-timeout", "timeout",
})  # fmt: skip
"""The options that say what the target is and how to reach it."""


def add_options(parser: argparse.ArgumentParser, names: Container[str] | None = None) -> None:
    """Add the options of a run that `names` holds, or all."""
    for option in OPTIONS:
        if names is not None and option.name not in names:
            continue
        text = f"{option.help} [{option.variable}]"
        if option.kind == "flag":
            parser.add_argument(f"--{option.name}", action="store_true", default=None, help=text)
        else:
            action = "append" if option.kind == "list" else "store"
            parser.add_argument(f"--{option.name}", action=action, metavar=option.metavar, help=text)


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


def target_settings(chosen: argparse.Namespace) -> Settings:
    """Return settings for a command that judges nothing: what limits a run does not bind it."""
    return replace(settings_of(chosen), max_requests=None, max_created=None, max_seconds=None)


def say(*columns: object, sep: str = " ") -> None:
    """Print a line at once."""
    print(*columns, sep=sep, flush=True)  # noqa: T201 (a command line prints)
