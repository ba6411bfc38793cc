"""Judges any Deployments API endpoint against every promise its documentation makes."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Sequence

from conformance.cli import (
    accept,
    compare,
    completion,
    doctor,
    explain,
    history,
    identify,
    matrix,
    merge,
    profile,
    prove,
    rejudge,
    run,
    serve,
    sweep,
)
from conformance.cli import list as list_command
from conformance.cli.parsers import INCOMPLETE, INTERNAL, USAGE, Parser
from conformance.cli.printing import streams, warn
from conformance.config.options import SettingsError
from conformance.version import __version__

COMMANDS = (
    run,
    accept,
    compare,
    history,
    matrix,
    rejudge,
    merge,
    doctor,
    identify,
    sweep,
    list_command,
    explain,
    profile,
    serve,
    completion,
    prove,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 kept, 1 broken, 2 usage, 3 incomplete, 4 suite failed."""
    with streams(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PYTHONWARNINGS=error, set for somebody's own code, would end a run
        if "_ARGCOMPLETE" in os.environ:  # the shell asks what may follow; this ends the process
            import argcomplete

            argcomplete.autocomplete(make_parser())
        chosen = make_parser().parse_args(arguments)
        try:
            return int(chosen.command(chosen))
        except SettingsError as error:
            warn(f"conformance: {error}")
            return USAGE
        except KeyboardInterrupt:
            warn("conformance: stopped")
            return INCOMPLETE
        except Exception:  # noqa: BLE001 (a crash must not look like a broken promise: Python would exit with 1)
            warn(traceback.format_exc())
            return INTERNAL


def make_parser() -> Parser:
    """Return the parser of all commands."""
    parser = Parser(prog="conformance", description=__doc__, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"conformance {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for command in COMMANDS:
        command.register(commands)
    return parser
