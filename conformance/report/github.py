"""Broken promises as GitHub Actions shows them beside a job: lines that its runner takes for commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from conformance.report.headline import headline, warns
from conformance.report.result import RunResult, worst_level_first
from conformance.report.text import explained, one_line

MOST: Final = 9
"""Of each kind GitHub shows ten in a step; the last one of ours says how many more there are."""


def workflow_commands(result: RunResult, environment: Mapping[str, str]) -> str:
    """Return `::error` and `::warning` lines for a run in GitHub Actions; an empty text anywhere else."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return ""
    errors = [
        (row.requirement.id, explained(row.verdict))
        for row in worst_level_first(result.judged)
        if result.fails(row)
    ]
    shown = {name for name, _ in errors}
    errors += [
        (f"{standing.state}: {standing.deviation.requirement}", standing.advice)
        for standing in result.standings
        if standing.fails and standing.deviation.requirement not in shown
    ]
    if result.exit_code and not errors:
        errors = [("conformance", headline(result))]
    warned = [(row.requirement.id, explained(row.verdict)) for row in result.judged if warns(result, row)]
    return "".join([*_lines("error", errors), *_lines("warning", warned)])


def _lines(kind: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    for title, message in rows[:MOST]:
        yield f"::{kind} title={_property(title)}::{_data(message)}\n"
    if more := len(rows) - MOST:
        yield from [f"::{kind} title=conformance::{more} more: see the summary of the job\n"] * (more > 0)


def _data(text: str) -> str:
    """Return a text in which nothing ends the command, as the toolkit of GitHub escapes it."""
    return one_line(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
