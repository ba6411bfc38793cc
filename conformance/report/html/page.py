"""The page: what a run found, most urgent first, with as much evidence as fits into its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from conformance.contract.areas import AREAS
from conformance.contract.catalogue import load_catalogue
from conformance.contract.timeline import reported_size
from conformance.contract.verdict import Outcome, Verdict
from conformance.report.causes import by_reason, causes, consequences
from conformance.report.comparing.comparison import differences
from conformance.report.headline import headline, warns
from conformance.report.html.bodies import Fold, folds, lines_of, paths_in
from conformance.report.html.diff import DiffRow, side_by_side
from conformance.report.html.drawings import Lane, ScheduleDrawing, lanes, timetable
from conformance.report.html.evidence import EvidenceView, ExchangeView, evidence_of
from conformance.report.html.filling import policy, source, templates
from conformance.report.result import Judged, RunResult, worst_level_first
from conformance.report.text import explained, remark
from conformance.vendors import ProfileError, Statement
from conformance.version import __version__

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_BYTES: Final = 2_700_000
"""The most that all promises take; the rest of the page is some 30 kB, and a line for each that is broken."""
MOST_TEXT: Final = 4_000
"""Characters of one text, such as a message or a command."""
DETAILS: Final = ("all", "marked", "heads", "none")
"""How much is shown of exchanges: all of each, bodies of the marked ones alone, heads alone, nothing."""
BROKEN: Final = "broken"
ACCEPTED: Final = "accepted"
WORDS: Final = {
    BROKEN: "broken",
    ACCEPTED: "accepted as broken",
    Outcome.WARN: "warned",
    Outcome.NOT_JUDGED: "not judged",
    Outcome.OBSERVED: "observed",
    Outcome.PASS: "kept",
    Outcome.NOT_APPLICABLE: "not applicable",
}
"""What each verdict is called, the most urgent first."""


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """Two answers that should be alike."""

    left: ExchangeView
    right: ExchangeView
    rows: Sequence[DiffRow]


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A promise as the page shows it; `kind` is its verdict in a word of `WORDS`."""

    row: Judged
    kind: str
    said: Mapping[str, str]
    difference: Sequence[DiffRow]
    remark: str
    cause: str
    evidence: EvidenceView
    named: frozenset[str]
    lanes: Sequence[Lane]
    timetable: ScheduleDrawing | None
    pair: AnswerPair | None

    def body(self, text: str) -> list[Fold]:
        """Return a body in pieces, those folded in which no field is that the verdict is about."""
        return folds(lines_of(text, self.named))


@dataclass(frozen=True, slots=True)
class UrgentView:
    """A promise that is not kept, in a few lines: `where` is the marked request and how it was answered.

    `blocked` are the requirements that it keeps from being judged.
    """

    row: Judged
    kind: str
    where: str
    blocked: Sequence[str]


def html(result: RunResult) -> str:
    """Return a run as one HTML file that loads nothing and runs nothing but its own script.

    It is a few MB at most. Every text of it that comes from the target is escaped, and its control and
    direction characters are spelled out.
    """
    environment = templates(brief=_brief, explained=explained)
    style, script = (source(f"page.{kind}") for kind in ("css", "js"))
    state, *_ = headline(result).removeprefix("conformance: ").partition(" - ")
    return environment.get_template("page.html").render(
        result=result,
        state=state,
        version=__version__,
        words=WORDS,
        counts=Counter(_kind(result, row) for row in result.judged),
        urgent=list(_urgent(result)),
        standings=sorted(result.standings, key=lambda standing: not standing.fails),
        blocked=consequences(result),
        unjudged=by_reason(_not_judged(result), causes(result)),
        changes=list(differences(result.comparison)) if result.comparison else [],
        areas=list(_areas(result, _promises(environment, result))),
        style=style,
        script=script,
        policy=policy(style, script),
    )


def _brief(text: str) -> str:
    """Return a text of at most `MOST_TEXT` characters, with a note when it is longer."""
    left = len(text) - MOST_TEXT
    return text if left <= 0 else f"{text[:MOST_TEXT]}… ({left} more characters: result.json)"


def _kind(result: RunResult, row: Judged) -> str:
    accepted = ACCEPTED if result.accepts(row) else row.verdict.outcome
    return BROKEN if result.fails(row) else accepted


def _urgent(result: RunResult) -> Iterator[UrgentView]:
    broken = [row for row in result.judged if result.fails(row)]
    warned = [row for row in result.judged if warns(result, row)]
    blocked = consequences(result)
    for row in (*worst_level_first(broken), *worst_level_first(warned)):
        where = _where(row.verdict, result.target)
        yield UrgentView(row, _kind(result, row), where, blocked.get(row.requirement.id, ()))


def _where(verdict: Verdict, target: str) -> str:
    """Return the first marked request of a verdict and what it was answered, if its evidence has one."""
    marked = (
        exchange
        for exchange in evidence_of(verdict.evidence).exchanges
        if exchange.marked and exchange.method
    )
    found = next(marked, None)
    if found is None:
        return ""
    return f"{found.method} {found.url.removeprefix(target)} → {found.status or 'no answer'}"


def _not_judged(result: RunResult) -> Iterator[Judged]:
    rows = (*result.judged, *result.searches)
    return (row for row in rows if row.verdict.outcome is Outcome.NOT_JUDGED)


def _areas(result: RunResult, promises: Mapping[str, str]) -> Iterator[tuple[str, Counter[str], list[str]]]:
    """Yield each area with the number of its verdicts and its promises, the most urgent of them first."""
    order, kinds = {area: place for place, area in enumerate(AREAS)}, list(WORDS)

    def place(row: Judged) -> tuple[int, int, str]:
        requirement = row.requirement
        return order.get(requirement.area, len(order)), kinds.index(_kind(result, row)), requirement.id

    for area, rows in groupby(sorted(result.judged, key=place), key=lambda row: row.requirement.area):
        found = list(rows)
        yield area, Counter(_kind(result, row) for row in found), [promises[r.requirement.id] for r in found]


def _promises(environment: Environment, result: RunResult) -> dict[str, str]:
    """Return each promise as HTML by its id; each may take an equal part of what the ones before it left."""
    template = environment.get_template("promise.html")
    at = {f.requirement: f.at for row in result.searches for f in row.verdict.findings}
    rows = sorted(result.judged, key=lambda row: reported_size(row.verdict.evidence))
    statements, found = _statements(result.profile), causes(result)
    shown: dict[str, str] = {}
    left = MOST_BYTES
    for place, row in enumerate(rows):
        name = row.requirement.id
        view = _view(row, _kind(result, row), at.get(name, ""), found.get(name, ""), statements)
        share = left // (len(rows) - place)
        for detail in DETAILS:
            text = template.render(view=view, detail=detail, word=WORDS[view.kind])
            if (size := len(text.encode())) <= share:
                break
        left -= size
        shown[row.requirement.id] = text
    return shown


def _statements(profile: str) -> Mapping[str, Statement]:
    """Return what the documents say; of a profile that is not there any more, nothing."""
    try:
        return load_catalogue(profile).statements
    except ProfileError:
        return {}


def _view(row: Judged, kind: str, at: str, cause: str, statements: Mapping[str, Statement]) -> PromiseView:
    verdict = row.verdict
    evidence = evidence_of(verdict.evidence)
    return PromiseView(
        row=row,
        kind=kind,
        said={name: statements[name].says for name in row.requirement.statements if name in statements},
        difference=side_by_side(_brief(verdict.expected), _brief(verdict.got)) if _compares(verdict) else (),
        remark=remark(verdict),
        cause=cause,
        evidence=evidence,
        named=paths_in(_brief(verdict.expected), _brief(verdict.got), at),
        lanes=lanes(evidence.exchanges),
        timetable=timetable(evidence.exchanges),
        pair=_pair(evidence.exchanges),
    )


def _compares(verdict: Verdict) -> bool:
    return bool(verdict.expected or verdict.got)


def _pair(exchanges: Sequence[ExchangeView]) -> AnswerPair | None:
    """Return the first and the last marked answer side by side if both show the same object.

    Answers of a race differ by what was asked.
    """
    marked = [
        exchange
        for exchange in exchanges
        if exchange.marked and not exchange.together and exchange.body.startswith("{")
    ]
    if len(marked) < 2 or _id_of(marked[0]) != _id_of(marked[-1]):  # noqa: PLR2004 (a pair)
        return None
    rows = side_by_side(marked[0].body, marked[-1].body)
    return AnswerPair(marked[0], marked[-1], rows) if any(row.differs for row in rows) else None


def _id_of(exchange: ExchangeView) -> str:
    """Return the line of an answer that holds its `id`, or its number: what has none is like no other."""
    named = (line.text for line in lines_of(exchange.body) if line.text.startswith('  "id": '))
    return next(named, str(exchange.number))
