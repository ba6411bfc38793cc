"""Many runs, one line each: as a table of text, and as a page with a small chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from conformance.report.comparing.saved import SavedResult
from conformance.report.headline import STATES
from conformance.report.text import one_line

COUNTS: Final = ("judged", "broken", "warn", "not-judged", "requests", "created", "seconds")
"""The totals that a table shows."""
COLOURS: Final = {
    "pass": "#2e7d32",
    "observed": "#90a4ae",
    "warn": "#f9a825",
    "not-judged": "#8e24aa",
    "fail": "#c62828",
}
"""The verdicts of a chart from below, and their colours."""
BAR, GAP, HEIGHT = 14, 4, 160
"""Pixels: the width of a bar, what is between two, and the height of the chart."""
_STYLE: Final = (
    "body{font:14px system-ui,sans-serif;margin:1.5rem;color-scheme:light dark}"
    "table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:right}"
    "td:nth-child(-n+3){text-align:left}"
)


def as_text(results: Sequence[SavedResult]) -> str:
    """Return a table with a line for each run, the oldest first."""
    rows = [("started", "result", "target", *COUNTS), *map(_cells, results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def as_html(results: Sequence[SavedResult]) -> str:
    """Return a page that loads nothing: the verdicts of each run as a bar, and the same table."""
    head = "".join(f"<th>{name}</th>" for name in ("started", "result", "target", *COUNTS))
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _cells(result))}</tr>\n" for result in results
    )
    legend = ", ".join(f'<span style="color:{colour}">■</span> {name}' for name, colour in COLOURS.items())
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Conformance history</title>\n'
        f"<style>{_STYLE}</style>\n<h1>Conformance history</h1>\n{_chart(results)}\n<p>{legend}</p>\n"
        f"<table>\n<tr>{head}</tr>\n{body}</table>\n</html>\n"
    )


def _cells(result: SavedResult) -> tuple[str, ...]:
    state = STATES.get(result.exit_code, "?") + ("" if result.complete else ", stopped")
    counts = (f"{result.totals.get(name, 0):g}" for name in COUNTS)
    return one_line(result.started_at), state, one_line(f"{result.target} ({result.profile})"), *counts


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    texts = len(row) - len(COUNTS)  # what follows are numbers
    cells = zip(row, widths, strict=True)
    words = [
        cell.rjust(width) if place >= texts else cell.ljust(width)
        for place, (cell, width) in enumerate(cells)
    ]
    return "  ".join(words)


def _chart(results: Sequence[SavedResult]) -> str:
    width = max(1, len(results)) * (BAR + GAP)
    most = max([sum(_counts(result).values()) for result in results] or [1]) or 1
    bars = "".join(
        bar for place, result in enumerate(results) for bar in _bar(result, place * (BAR + GAP), most)
    )
    return f'<svg role="img" aria-label="verdicts of each run" width="{width}" height="{HEIGHT}">{bars}</svg>'


def _counts(result: SavedResult) -> dict[str, float]:
    return {name: result.totals.get(name, 0) for name in COLOURS}


def _bar(result: SavedResult, left: int, most: float) -> Iterator[str]:
    """Yield the parts of one bar, from below."""
    bottom = float(HEIGHT)
    for name, count in _counts(result).items():
        height = HEIGHT * count / most
        bottom -= height
        title = escape(f"{one_line(result.started_at)}: {count:g} {name}")
        yield (
            f'<rect x="{left}" y="{bottom:.1f}" width="{BAR}" height="{height:.1f}" fill="{COLOURS[name]}">'
            f"<title>{title}</title></rect>"
        )
