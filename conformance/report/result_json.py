"""The machine's report: everything a run found, with a header and, as its last member, a footer."""

from __future__ import annotations

import json

from conformance.contract.acceptance import Standing
from conformance.contract.timeline import plain
from conformance.contract.verdict import Finding, Outcome
from conformance.report.causes import causes
from conformance.report.comparing.comparison import as_document
from conformance.report.result import SCHEMA_VERSION, Judged, RunResult
from conformance.report.text import without_surrogates
from conformance.version import __version__


def result_json(result: RunResult) -> str:
    """Return the run as a JSON document, valid against `schemas/report/result.schema.json`.

    The header comes first, `complete` last: a file without it was cut off, and false says that somebody
    stopped the run. Everything is ASCII, so no
    terminal or reader trips over it, and exact but for lone surrogates, which are spelled out because strict
    readers refuse them. Raises ValueError for a time that is not a finite number.
    """
    found = causes(result)
    document = {
        "schema_version": SCHEMA_VERSION,
        "suite_version": __version__,
        "target": result.target,
        "profile": result.profile,
        "revision": result.revision,
        "revision_reason": result.revision_reason,
        "seed": result.seed,
        "run_id": result.run_id,
        "tiers": result.tiers,
        "mode": result.mode,
        "deployment_id": result.deployment_id,
        "strict": result.strict,
        "started_at": result.started_at,
        "versions": dict(result.versions or {}),
        "totals": _totals(result),
        "exit_code": result.exit_code,
        "ended_by": result.ended_by or None,
        "requirements": [_requirement(result, row, found.get(row.requirement.id)) for row in result.judged],
        "searches": [_search(row, found.get(row.requirement.id)) for row in result.searches],
        "accepted_deviations": [_standing(standing) for standing in result.standings],
        "comparison": as_document(result.comparison) if result.comparison else None,
        "notices": result.notices,
        "left_behind": result.traffic.left,
        "internal_error": "\n".join(filter(None, [result.internal_error, *result.unwritten])) or None,
        "complete": not result.stopped,
    }
    return json.dumps(_encodable(document), indent=1, allow_nan=False) + "\n"


def _totals(result: RunResult) -> dict[str, object]:
    count, traffic = result.count(), result.traffic
    return {
        "requirements": len(result.judged),
        "judged": result.judged_count(),
        "broken": result.broken_count(),
        **{outcome: count[outcome] for outcome in Outcome},
        "requests": traffic.requests,
        "seconds": round(result.seconds, 3),
        "created": traffic.created,
        "removed": traffic.removed,
        "left": len(traffic.left),
        "runs": traffic.runs,
    }


def _requirement(result: RunResult, row: Judged, cause: str | None) -> dict[str, object]:
    requirement, verdict = row.requirement, row.verdict
    return {
        "id": requirement.id,
        "level": requirement.level,
        "statements": requirement.statements,
        "verdict": verdict.outcome,
        "blame": verdict.blame,
        "cause": cause,
        "message": verdict.message,
        "broken": result.fails(row),
        "accepted": result.accepts(row),
        "title": requirement.title,
        "area": requirement.area,
        "tier": requirement.tier,
        "source": requirement.source,
        "expected": verdict.expected,
        "got": verdict.got,
        "reproduce": verdict.reproduce,
        "seconds": round(verdict.seconds, 3),
        "evidence": plain(verdict.evidence),
    }


def _standing(standing: Standing) -> dict[str, object]:
    deviation = standing.deviation
    return {
        "requirement": deviation.requirement,
        "state": standing.state,
        "advice": standing.advice,
        "reason": deviation.reason,
        "issue": deviation.issue,
        "expires": str(deviation.expires),
        "first_seen": str(deviation.first_seen),
        "last_seen": str(deviation.last_seen),
    }


def _search(row: Judged, cause: str | None) -> dict[str, object]:
    search, verdict = row.requirement, row.verdict
    return {
        "id": search.id,
        "title": search.title,
        "tier": search.tier,
        "verdict": verdict.outcome,
        "blame": verdict.blame,
        "cause": cause,
        "message": verdict.message,
        "reproduce": verdict.reproduce,
        "seconds": round(verdict.seconds, 3),
        "findings": [_finding(finding) for finding in verdict.findings],
    }


def _finding(finding: Finding) -> dict[str, object]:
    """Return what is reported of a finding; the numbers of its culprits mean nothing outside the run."""
    return {
        "requirement": finding.requirement,
        "expected": finding.expected,
        "got": finding.got,
        "steps": plain(finding.steps),
        "replay": finding.replay,
    }


def _encodable(value: object) -> object:
    """Return `value` with lone surrogates spelled out in every string, keys included."""
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, dict):
        return {without_surrogates(key): _encodable(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(member) for member in value]
    return value
