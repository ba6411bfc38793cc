"""The summary that CI systems show beside a job: Markdown whose tables are HTML, so no text can break them.

Inside an HTML block nothing is read as Markdown, so text of the target needs one kind of escaping alone, and
no blank line, which would end the block. Other texts stand in `<code>`, where nobody looks for mentions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from html import escape

from conformance.contract.verdict import Outcome
from conformance.report.causes import causes
from conformance.report.comparing.comparison import as_markdown
from conformance.report.headline import facts, state, warns
from conformance.report.result import Judged, RunResult, worst_level_first
from conformance.report.text import explained, one_line

MOST_BYTES = 1024 * 1024
"""What GitHub takes for one step; it shows nothing at all of a longer one."""
MOST_NOTICES = 50
_CUT = "\n<p>Cut here: result.json has the rest.</p>\n"


def markdown(result: RunResult, limit: int = MOST_BYTES) -> str:
    """Return the summary of a run, of at most `limit` bytes in UTF-8; an empty text if not a line fits."""
    broken = [row for row in result.judged if result.fails(row)]
    warned = [row for row in result.judged if warns(result, row)]
    unjudged = [row for row in result.judged if row.verdict.outcome is Outcome.NOT_JUDGED]
    page = _BoundedPage(limit)
    page.add([f"## {state(result)}\n\n<p>{_code(facts(result))}</p>\n"])
    page.add(_notices(result))
    if result.comparison:
        page.add([f"\n{as_markdown(result.comparison)}\n"])
    page.table("Broken", ("expected", "got"), broken, _expected_and_got)
    page.add(_standings(result))
    page.table("Warned: the documents only say SHOULD", ("expected", "got"), warned, _expected_and_got)
    page.table("Not judged", ("blame", "why"), unjudged, partial(_blame_and_why, causes(result)))
    return page.text()


class _BoundedPage:
    """Pieces of text that never exceed a number of bytes; each is there whole or not at all."""

    def __init__(self, limit: int) -> None:
        self._left = limit - len(_CUT)
        self._pieces: list[str] = []
        self._full = False

    def add(self, pieces: Iterable[str], end: str = "") -> None:
        """Add pieces while there is room for them and for `end`, which closes what they opened."""
        before = len(self._pieces)
        self._left -= len(end)
        for piece in pieces:
            self._left -= len(piece.encode())
            self._full = self._full or self._left < 0
            if self._full:
                break
            self._pieces.append(piece)
        if len(self._pieces) > before:
            self._pieces.append(end)

    def table(
        self,
        title: str,
        columns: Sequence[str],
        rows: Sequence[Judged],
        cells: Callable[[Judged], Sequence[str]],
    ) -> None:
        """Add a table with a row for each requirement, unless there is none."""
        if rows:
            names = ("requirement", *columns, "see it again")
            head = "".join(f"<th>{name}</th>" for name in names)
            lines = (_row(row, cells(row)) for row in worst_level_first(rows))
            title = f"\n### {title} ({len(rows)})\n\n<table>\n<tr>{head}</tr>\n"
            self.add([title, *lines], "</table>\n")

    def text(self) -> str:
        """Return all pieces, with a note where there was no room for more."""
        return "".join([*self._pieces, _CUT if self._full else ""]) if self._pieces else ""


def _row(row: Judged, cells: Sequence[str]) -> str:
    requirement = row.requirement
    shown = (
        f"{_code(requirement.id)} ({requirement.level})<br>{escape(one_line(requirement.title))}",
        *(_code(cell) for cell in cells),
        _code(row.verdict.reproduce),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in shown)}</tr>\n"


def _expected_and_got(row: Judged) -> Sequence[str]:
    verdict = row.verdict
    if verdict.expected or verdict.got:
        return verdict.expected, verdict.got
    return "", explained(verdict)


def _blame_and_why(causes: Mapping[str, str], row: Judged) -> Sequence[str]:
    cause = causes.get(row.requirement.id)
    why = f"{cause} is broken: {row.verdict.message}" if cause else row.verdict.message
    return str(row.verdict.blame or ""), why


def _standings(result: RunResult) -> Iterable[str]:
    """Yield a list of the deviations that the user accepts, those that fail the run first."""
    if result.standings:
        yield f"\n### Accepted deviations ({len(result.standings)})\n\n"
    for standing in sorted(result.standings, key=lambda standing: not standing.fails):
        cells = (
            _code(text)
            for text in (standing.deviation.requirement, standing.advice, standing.deviation.issue)
        )
        yield f"<p>{standing.state} {' '.join(cells)}</p>\n"


def _notices(result: RunResult) -> Iterable[str]:
    lines = list(result.notices[:MOST_NOTICES])
    lines += [f"the suite itself failed: {result.internal_error}"] if result.internal_error else []
    yield from (f"<p>{_code(notice)}</p>\n" for notice in lines)


def _code(text: str) -> str:
    return f"<code>{escape(one_line(text))}</code>" if text else ""
