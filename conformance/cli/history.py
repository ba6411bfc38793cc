"""`conformance history`: the verdicts of many runs, a line each."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from conformance.cli.parsers import INTERNAL, Commands, saved_result, show_examples
from conformance.cli.printing import say
from conformance.config.options import SettingsError


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("history", help="show the verdicts of many runs", allow_abbrev=False)
    parser.set_defaults(command=history)
    parser.description = "Shows a line for each run, the oldest first; as HTML also a chart."
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR",
        help="report directories, or folders that contain them")  # fmt: skip
    parser.add_argument(
        "--format", choices=("text", "html"), default="text", help="output format (default: text)"
    )
    show_examples(parser, "conformance history nights", "conformance history nights --format html")


def history(chosen: argparse.Namespace) -> int:
    """Print the runs, the oldest first; return 0, or 4 when the lines are lost. Raises SettingsError."""
    from conformance.report.comparing import history as report

    files = dict.fromkeys(file for folder in chosen.folders for file in _reports(folder))
    results = sorted(map(saved_result, files), key=lambda result: result.started_at)
    text = report.as_html(results) if chosen.format == "html" else report.as_text(results)
    return 0 if say(text) else INTERNAL


def _reports(folder: Path) -> Iterator[Path]:
    """Yield the reports at or below a path; raises SettingsError when there is none."""
    found = [folder] if folder.is_file() else sorted(folder.rglob("result.json"))
    if not found:
        raise SettingsError(
            f"there is no result.json at or below {folder}. Hint: name --report-dir of the runs."
        )
    yield from found
