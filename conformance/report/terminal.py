"""The engineer's report: what is broken, how to see it again, and one line that says how the run ended."""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from conformance.contract.catalogue import SEARCH_AREA
from conformance.contract.verdict import Outcome
from conformance.report.evidence import culprits
from conformance.report.headline import headline, warns
from conformance.report.result import Judged, RunResult, worst_level_first
from conformance.report.text import explained, one_line, remark, visible

EVIDENCE_LINES, STORY_LINES = 16, 150
"""How many lines of exchanges are shown, and of a story in numbered steps, which needs its end."""
LINE_LIMIT = 400
COMMAND_LIMIT = 2_000
COMMANDS = ("curl ", "call ", "other_tenant ", "answer=$(")
"""How commands begin: those of exchanges, and those of the script below a story."""
IDS_SHOWN = 12

RED, YELLOW, GREEN, BOLD = "31", "33", "32", "1"
_STYLES = {0: GREEN, 1: RED, 3: YELLOW, 4: RED}

# Runners of GitHub, Azure and TeamCity obey log lines that hold these; a target must not give orders.
_CI_COMMAND = re.compile(r"^(\s*:)(?=:)|(#)(?=#(?:\[|vso\[|teamcity\[))", re.IGNORECASE)


def terminal(result: RunResult, *, colour: bool, width: int = 100) -> str:
    """Return the summary of a run, wrapped at `width` columns where that breaks nothing one would copy.

    Its own words are ASCII; what the target said may be any printable text, so print it with an encoding
    error handler. ANSI escapes stand in it only if `colour` is set, and only the suite's own.
    """
    page = _Page(colour=colour, width=max(width, 40))
    sections = (_notices, _broken, _warned, _not_judged, _not_applicable, _observed, _verdict)
    for section in sections:
        page.section(section(page, result))
    return page.text()


class _Page:
    """Lines of output: escaped, wrapped, and coloured last so that no escape of the target survives."""

    def __init__(self, *, colour: bool, width: int) -> None:
        self._colour = colour
        self._width = width
        self._sections: list[str] = []

    def section(self, lines: Iterable[str]) -> None:
        """Add a section, set apart by an empty line, unless it has no lines."""
        if text := "\n".join(lines):
            self._sections.append(text)

    def text(self) -> str:
        return "\n\n".join(self._sections) + "\n"

    def line(self, text: str, style: str = "") -> str:
        """Return one line that no runner takes for a command, in the given ANSI style."""
        calm = _CI_COMMAND.sub(r"\g<0>" + "\\\\", text)
        return f"\x1b[{style}m{calm}\x1b[0m" if self._colour and style else calm

    def wrapped(self, text: str, first: str = "  ") -> Iterator[str]:
        """Yield a text as lines: `first` stands before the first, as many blanks before the others."""
        lines = textwrap.wrap(
            text,
            self._width,
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_long_words=False,
            break_on_hyphens=False,
            replace_whitespace=False,
        )
        yield from (self.line(line) for line in lines or [first.rstrip()])

    def evidence(self, text: str) -> Iterator[str]:
        """Yield evidence behind a bar: the culprits, in a few lines of which only commands may be long."""
        lines = visible(culprits(text)).splitlines()
        most = STORY_LINES if text.startswith("1. ") else EVIDENCE_LINES
        for line in lines[:most]:
            limit = COMMAND_LIMIT if line.lstrip().startswith(COMMANDS) else LINE_LIMIT
            note = "... (cut: result.json)" if len(line) > limit else ""
            yield self.line(f"    | {line[:limit]}{note}")
        if more := lines[most:]:
            yield self.line(f"    | ... {len(more)} more lines: result.json")


def _notices(page: _Page, result: RunResult) -> Iterator[str]:
    for notice in result.notices:
        yield from page.wrapped(one_line(notice), "notice: ")
    if result.internal_error:
        yield page.line("The suite itself failed:", RED)
        yield from (page.line(f"    | {line}") for line in visible(result.internal_error).splitlines())


def _broken(page: _Page, result: RunResult) -> Iterator[str]:
    for number, row in enumerate(worst_level_first([row for row in result.judged if result.fails(row)])):
        if number:
            yield ""
        yield from _broken_promise(page, row)


def _broken_promise(page: _Page, row: Judged) -> Iterator[str]:
    requirement, verdict = row.requirement, row.verdict
    yield page.line(f"BROKEN {one_line(requirement.id)} ({requirement.level})", f"{BOLD};{RED}")
    yield from page.wrapped(one_line(requirement.title))
    if verdict.expected or verdict.got:
        yield from page.wrapped(one_line(verdict.expected), "  expected  ")
        yield from page.wrapped(one_line(verdict.got), "  got       ")
    if remark(verdict):
        yield from page.wrapped(remark(verdict), "  because   ")
    promised = f"{', '.join(requirement.statements)} {requirement.source}"
    yield page.line(f"  promised  {one_line(promised)}")
    if verdict.reproduce:
        yield page.line(f"  again     {one_line(verdict.reproduce)}")
    yield from page.evidence(verdict.evidence)


def _warned(page: _Page, result: RunResult) -> Iterator[str]:
    rows = [row for row in worst_level_first(result.judged) if warns(result, row)]
    if rows:
        yield page.line(f"WARNED {len(rows)}: broken, but the documents only say SHOULD", YELLOW)
    for row in rows:
        yield page.line(f"  {one_line(row.requirement.id)}: {explained(row.verdict)}")


def _not_judged(page: _Page, result: RunResult) -> Iterator[str]:
    groups = _by_reason(result, Outcome.NOT_JUDGED)
    if groups:
        yield page.line(f"NOT JUDGED {_number(groups)}", YELLOW)
    for reason, rows in groups.items():
        yield from page.wrapped(f"{reason} ({len(rows)})")
        yield from page.wrapped(_ids(rows), "    ")
        yield from page.evidence(rows[0].verdict.evidence)


def _not_applicable(page: _Page, result: RunResult) -> Iterator[str]:
    groups = _by_reason(result, Outcome.NOT_APPLICABLE)
    if groups:
        yield page.line(f"NOT APPLICABLE {_number(groups)}")
    for reason, rows in groups.items():
        yield from page.wrapped(f"{reason} ({len(rows)})")


def _observed(page: _Page, result: RunResult) -> Iterator[str]:
    if count := result.count()[Outcome.OBSERVED]:
        yield page.line(f"OBSERVED {count}: where the documents are silent; result.json has the answers")


def _verdict(page: _Page, result: RunResult) -> Iterator[str]:
    yield page.line(headline(result), f"{BOLD};{_STYLES[result.exit_code]}")


def _by_reason(result: RunResult, outcome: Outcome) -> dict[str, list[Judged]]:
    """Return the rows of one outcome by blame and reason, so that each reason is said once."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for row in (*result.judged, *result.searches):
        if row.verdict.outcome is outcome:
            blame = f"{row.verdict.blame}: " if row.verdict.blame else ""
            groups[f"{blame}{one_line(row.verdict.message)}"].append(row)
    return groups


def _number(groups: Mapping[str, list[Judged]]) -> str:
    """Return how many requirements and searches there are: the verdict line counts requirements alone."""
    rows = [row for group in groups.values() for row in group]
    searches = sum(row.requirement.area == SEARCH_AREA for row in rows)
    return f"{len(rows) - searches} and {searches} searches" if searches else f"{len(rows)}"


def _ids(rows: list[Judged]) -> str:
    shown = ", ".join(one_line(row.requirement.id) for row in rows[:IDS_SHOWN])
    more = len(rows) - IDS_SHOWN
    return f"{shown} and {more} more (result.json)" if more > 0 else shown
