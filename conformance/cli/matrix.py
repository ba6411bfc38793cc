"""`conformance matrix`: several results side by side, as a page and as JSON."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from conformance.cli.parsers import Commands, saved_result, show_examples
from conformance.cli.printing import say
from conformance.config.options import SettingsError

if TYPE_CHECKING:
    from conformance.report.comparing.matrix import Column

PAGE, DATA = "matrix.html", "matrix.json"
MARKS = {PAGE: b"<!-- A matrix of the conformance suite -->", DATA: b'"suite_versions": ['}
"""What stands at the beginning of what this command writes."""
REPORT = "report.html"
HINT = "name another directory with --output"


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("matrix", help="show several results side by side", allow_abbrev=False)
    parser.set_defaults(command=write_matrix)
    parser.add_argument(
        "results", type=Path, nargs="+", metavar="RESULT", help="result.json of a run, or its folder"
    )
    parser.add_argument("--output", type=Path, default=Path("reports/matrix"), metavar="DIR",
        help=f"where {PAGE} and {DATA} go (default: reports/matrix)")  # fmt: skip
    show_examples(
        parser,
        "conformance matrix reports/ours reports/anthropic reports/qoder",
        "conformance matrix runs/*/result.json --output reports/matrix",
    )


def write_matrix(chosen: argparse.Namespace) -> int:
    """Write the page and the data; return 0. Raises SettingsError for what cannot be read or written."""
    from conformance.report.comparing.matrix import as_json, matrix_of
    from conformance.report.files import ReportError, check, check_ours, writing
    from conformance.report.html.matrix import matrix_html

    folder: Path = chosen.output
    matrix = matrix_of([_column(path, folder) for path in chosen.results])
    contents = {PAGE: matrix_html(matrix), DATA: as_json(matrix)}
    try:
        for name in contents:
            check(folder / name, HINT)
            check_ours(folder / name, MARKS[name])
        for name, text in contents.items():
            with writing(folder / name) as stream:
                stream.write(text.encode())
    except ReportError as error:
        raise SettingsError(str(error)) from None
    say(
        f"wrote {PAGE} and {DATA} in {folder}: {len(matrix.columns)} targets, "
        f"{matrix.differing} of {len(matrix.rows)} requirements differ"
    )
    return 0


def _column(path: Path, folder: Path) -> Column:
    """Return a result, with the address of its page if there is one beside it."""
    from conformance.report.comparing.matrix import Column

    result = saved_result(path)
    page = (path if path.is_dir() else path.parent) / REPORT
    address = quote(Path(os.path.relpath(page, folder)).as_posix()) if page.is_file() else ""
    return Column(result, address)
