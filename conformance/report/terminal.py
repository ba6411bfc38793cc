"""The engineer's report: what is broken, how to see it again, and one line that says how the run ended."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from conformance.contract.areas import SEARCH_AREA
from conformance.contract.timeline import Timeline
from conformance.contract.verdict import Outcome
from conformance.report.causes import by_reason, causes, consequences
from conformance.report.comparing.comparison import as_text
from conformance.report.evidence import brief, is_story
from conformance.report.headline import headline, warns
from conformance.report.result import Judged, RunResult, worst_level_first
from conformance.report.text import harmless, one_line, remark, visible

EVIDENCE_LINES, STORY_LINES = 24, 150
"""How many lines of exchanges are shown, and of a story in numbered steps, which needs its end."""
IDS_SHOWN = 12

RED, YELLOW, GREEN, BOLD = "31", "33", "32", "1"
_STYLES = {0: GREEN, 1: RED, 3: YELLOW, 4: RED}


def terminal(result: RunResult, *, colour: bool, width: int = 100, broken: bool = True) -> str:
    """Return the summary of a run, wrapped at `width` columns where that breaks nothing one would copy.

    Without `broken` it leaves out broken promises, which pytest has shown. Its own words are ASCII; what the
    target said may be any printable text, so print it with an encoding error handler. ANSI escapes stand in
    it only if `colour` is set, and only the suite's own.
    """
    page = _Page(colour=colour, width=max(width, 40))
    sections = (
        _notices,
        _broken,
        _no_longer_accepted,
        _warned,
        _accepted,
        _not_judged,
        _not_applicable,
        _observed,
        _compared,
        _verdict,
    )
    for section in sections:
        if broken or section not in (_broken, _warned):
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
        calm = harmless(text)
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

    def evidence(self, timeline: Timeline, about: str) -> Iterator[str]:
        """Yield the culprits of evidence behind a bar, in a few lines cut around what `about` names."""
        shown = brief(timeline, about)
        most = STORY_LINES if is_story(timeline) else EVIDENCE_LINES
        yield from (self.line(f"    | {line}") for line in shown[:most])
        if more := shown[most:]:
            yield self.line(f"    | ... {len(more)} more lines: result.json")


def _notices(page: _Page, result: RunResult) -> Iterator[str]:
    for notice in result.notices:
        yield from page.wrapped(one_line(notice), "notice: ")
    if result.internal_error:
        yield page.line("The suite itself failed:", RED)
        yield from (page.line(f"    | {line}") for line in visible(result.internal_error).splitlines())


def _broken(page: _Page, result: RunResult) -> Iterator[str]:
    yield from _promises(
        page, result, "BROKEN", f"{BOLD};{RED}", [row for row in result.judged if result.fails(row)]
    )


def _warned(page: _Page, result: RunResult) -> Iterator[str]:
    yield from _promises(page, result, "WARNED", YELLOW, [row for row in result.judged if warns(result, row)])


def _no_longer_accepted(page: _Page, result: RunResult) -> Iterator[str]:
    """Yield the accepted deviations that fail the run though no promise is broken."""
    shown = {row.requirement.id for row in result.judged if result.fails(row)}
    for standing in result.standings:
        if standing.fails and standing.deviation.requirement not in shown:
            yield page.line(
                f"{standing.state.upper()} {one_line(standing.deviation.requirement)}", f"{BOLD};{RED}"
            )
            yield from page.wrapped(one_line(standing.advice))


def _accepted(page: _Page, result: RunResult) -> Iterator[str]:
    accepted = [standing for standing in result.standings if not standing.fails]
    blocked = consequences(result)
    if accepted:
        yield page.line(f"ACCEPTED {len(accepted)}", YELLOW)
    for standing in accepted:
        issue = f" {standing.deviation.issue}" if standing.deviation.issue else ""
        yield from page.wrapped(one_line(f"{standing.deviation.requirement} {standing.advice}{issue}"))
        yield from _blocked(page, blocked.get(standing.deviation.requirement, ()), "    blocks  ")


def _promises(page: _Page, result: RunResult, word: str, style: str, rows: Sequence[Judged]) -> Iterator[str]:
    """Yield what an engineer needs of each promise that was not kept, the strongest first."""
    blocked = consequences(result)
    for number, row in enumerate(worst_level_first(rows)):
        if number:
            yield ""
        yield page.line(f"{word} {one_line(row.requirement.id)} ({row.requirement.level})", style)
        if standing := result.standing(row):
            yield from page.wrapped(one_line(standing.advice), f"  {standing.state:<10}")
        yield from _unkept(page, row, blocked.get(row.requirement.id, ()))


def _unkept(page: _Page, row: Judged, blocked: Sequence[str]) -> Iterator[str]:
    requirement, verdict = row.requirement, row.verdict
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
    yield from _blocked(page, blocked, "  blocks    ")
    yield from page.evidence(verdict.evidence, f"{verdict.expected} {verdict.got}")


def _blocked(page: _Page, names: Sequence[str], first: str) -> Iterator[str]:
    if names:
        yield from page.wrapped(_listed(names), first)


def _not_judged(page: _Page, result: RunResult) -> Iterator[str]:
    groups = by_reason(_rows(result, Outcome.NOT_JUDGED), causes(result))
    if groups:
        yield page.line(f"NOT JUDGED {_number(groups)}", YELLOW)
    for reason, rows in groups.items():
        blame, _, why = reason.partition(": ")
        said = why in map(one_line, result.notices)
        yield from page.wrapped(
            f"{blame}: see the notice ({len(rows)})" if said else f"{reason} ({len(rows)})"
        )
        if not said:  # else it is about everything
            yield from page.wrapped(_listed([row.requirement.id for row in rows]), "    ")


def _not_applicable(page: _Page, result: RunResult) -> Iterator[str]:
    groups = by_reason(_rows(result, Outcome.NOT_APPLICABLE), causes(result))
    if groups:
        yield page.line(f"NOT APPLICABLE {_number(groups)}")
    for reason, rows in groups.items():
        yield from page.wrapped(f"{reason} ({len(rows)})")


def _observed(page: _Page, result: RunResult) -> Iterator[str]:
    if count := result.count()[Outcome.OBSERVED]:
        yield page.line(f"OBSERVED {count}: where the documents are silent; result.json has the answers")


def _compared(page: _Page, result: RunResult) -> Iterator[str]:
    if result.comparison:
        yield from map(page.line, as_text(result.comparison).splitlines())


def _verdict(page: _Page, result: RunResult) -> Iterator[str]:
    yield page.line(headline(result), f"{BOLD};{_STYLES[result.exit_code]}")


def _rows(result: RunResult, outcome: Outcome) -> Iterator[Judged]:
    return (row for row in (*result.judged, *result.searches) if row.verdict.outcome is outcome)


def _number(groups: Mapping[str, list[Judged]]) -> str:
    """Return how many requirements and searches there are: the verdict line counts requirements alone."""
    rows = [row for group in groups.values() for row in group]
    searches = sum(row.requirement.area == SEARCH_AREA for row in rows)
    return f"{len(rows) - searches} and {searches} searches" if searches else f"{len(rows)}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(one_line, names[:IDS_SHOWN]))
    more = len(names) - IDS_SHOWN
    return f"{shown} and {more} more (result.json)" if more > 0 else shown
