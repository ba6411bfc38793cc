"""The matrix as one page: requirements by area, results beside each other, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from conformance.report.comparing.matrix import STATES, Matrix, MatrixRow, said_of, state_of
from conformance.report.html.filling import policy, source, templates
from conformance.version import __version__

WORDS: Final = {
    "broken": "broken",
    "accepted": "accepted",
    "warn": "warned",
    "not-judged": "not judged",
    "observed": "observed",
    "pass": "kept",
    "not-applicable": "not applicable",
}
"""What each state is called."""
MOST_TEXT, MOST_HOVERED = 120, 600
"""Characters of what a result says, in a cell and over it; the report of the run has it whole."""


def matrix_html(matrix: Matrix) -> str:
    """Return a matrix as one HTML file that loads nothing and runs nothing but its own script.

    Every text of it comes from reports of runs, and so from targets: it is escaped, and what steers direction
    or a terminal is spelled out.
    """
    environment = templates(state=state_of, said=said_of, short=_short, whole=_whole)
    style = source("page.css") + source("matrix.css")
    script = source("matrix.js")
    return environment.get_template("matrix.html").render(
        matrix=matrix,
        areas=list(_areas(matrix)),
        states=STATES,
        words=WORDS,
        version=__version__,
        style=style,
        script=script,
        policy=policy(style, script),
    )


def _areas(matrix: Matrix) -> Iterator[tuple[str, Sequence[MatrixRow]]]:
    for area, rows in groupby(matrix.rows, key=lambda row: row.area):
        yield area, list(rows)


def _short(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"


def _whole(text: str) -> str:
    return text if len(text) <= MOST_HOVERED else f"{text[:MOST_HOVERED]}…"
