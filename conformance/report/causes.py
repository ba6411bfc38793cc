"""Which broken promise kept what from being judged: reports tell a cascade once, under its cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from conformance.contract.acceptance import BROKEN
from conformance.contract.timeline import ShownExchange
from conformance.contract.verdict import Blame, Verdict
from conformance.report.result import Judged, RunResult
from conformance.report.text import one_line


def causes(result: RunResult) -> Mapping[str, str]:
    """Return the broken requirement that is in the way of others, by the ids of those.

    A verdict names it, or marks the very exchange that shows a single promise broken.
    """
    broken = {
        row.requirement.id: _marked(row.verdict) for row in result.judged if row.verdict.outcome in BROKEN
    }
    found: dict[str, str] = {}
    for row in (*result.judged, *result.searches):
        verdict = row.verdict
        shown = _marked(verdict) if verdict.blame is Blame.PRECONDITION else frozenset()
        shared = (promise for promise in broken if shown & broken[promise])
        likely = [verdict.cause] if verdict.cause else [*shared]
        if len(likely) == 1 and likely[0] in broken:
            found[row.requirement.id] = likely[0]
    return found


def consequences(result: RunResult) -> Mapping[str, list[str]]:
    """Return what each broken requirement keeps from being judged, by its id."""
    found = defaultdict[str, list[str]](list)
    for name, cause in causes(result).items():
        found[cause].append(name)
    return found


def by_reason(rows: Iterable[Judged], causes: Mapping[str, str]) -> Mapping[str, list[Judged]]:
    """Return rows by what kept them from being judged, so that each reason is said once."""
    groups = defaultdict[str, list[Judged]](list)
    for row in rows:
        blame = f"{row.verdict.blame}: " if row.verdict.blame else ""
        cause = causes.get(row.requirement.id)
        why = f"{cause} is broken" if cause else one_line(row.verdict.message)
        groups[f"{blame}{why}"].append(row)
    return groups


def _marked(verdict: Verdict) -> frozenset[tuple[int, str]]:
    """Return what tells the marked exchanges of a verdict from those of any other, in any shard."""
    entries = (entry for entry in verdict.evidence if isinstance(entry, ShownExchange))
    return frozenset((entry.number, entry.sent_at) for entry in entries if entry.culprit and not entry.step)
