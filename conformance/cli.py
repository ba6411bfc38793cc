"""Judges any Deployments API endpoint against every promise its documentation makes."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

from conformance import __version__
from conformance.commands import diagnosing, listing, merging, proving, rejudging, running, serving, sweeping
from conformance.commands._words import INCOMPLETE, INTERNAL, USAGE, Parser
from conformance.target.options import SettingsError

COMMANDS = (running, rejudging, merging, diagnosing, sweeping, listing, serving, proving)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 kept, 1 broken, 2 usage, 3 incomplete, 4 suite failed."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.command(chosen))
    except SettingsError as error:
        print(f"conformance: {error}", file=sys.stderr)  # noqa: T201 (a command line prints)
        return USAGE
    except KeyboardInterrupt:
        print("conformance: stopped", file=sys.stderr)  # noqa: T201 (the same)
        return INCOMPLETE
    except Exception:  # noqa: BLE001 (a crash must not look like a broken promise: Python would exit with 1)
        traceback.print_exc()
        return INTERNAL


def _parser() -> Parser:
    parser = Parser(prog="conformance", description=__doc__, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"conformance {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for command in COMMANDS:
        command.register(commands)
    return parser
