"""`conformance compare`: what differs between two runs, by their reports."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from conformance.cli.parsers import BROKEN, INTERNAL, Commands, saved_result, show_examples
from conformance.cli.printing import say


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("compare", help="compare two runs", allow_abbrev=False)
    parser.set_defaults(command=compare)
    parser.add_argument("old", type=Path, metavar="OLD", help="result.json of the earlier run, or its folder")
    parser.description = (
        "Compares two reports: what is newly broken, newly warned, changed, newly unjudged or\n"
        "mended, and what the runs cost. Exit code: 1 when something is newly broken, else 0."
    )
    parser.add_argument("new", type=Path, metavar="NEW", help="result.json of the later run, or its folder")
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text",
        help="output format (default: text)")  # fmt: skip
    show_examples(
        parser,
        "conformance compare yesterday today",
        "conformance compare yesterday today --format markdown",
    )


def compare(chosen: argparse.Namespace) -> int:
    """Print the differences; return 1 when a promise is newly broken, else 0. Raises SettingsError."""
    from conformance.report.comparing import comparison

    found = comparison.compare(saved_result(chosen.old), saved_result(chosen.new))
    if chosen.format == "json":
        text = json.dumps(comparison.as_document(found), indent=1)
    else:
        text = comparison.as_markdown(found) if chosen.format == "markdown" else comparison.as_text(found)
    if not say(text):
        return INTERNAL
    return BROKEN if found.newly_broken else 0
