"""The machine's report: everything a run found, with a header and, as its last member, a footer."""

from __future__ import annotations

import json
from dataclasses import asdict

from conformance import __version__
from conformance.contract.verdict import Outcome
from conformance.report.result import SCHEMA_VERSION, Judged, RunResult
from conformance.report.text import without_surrogates


def result_json(result: RunResult) -> str:
    """Return the run as a JSON document, valid against `schemas/report/result.schema.json`.

    The header comes first, `complete` last: a file without it was cut off, and false says that somebody
    stopped the run. Everything is ASCII, so no
    terminal or reader trips over it, and exact but for lone surrogates, which are spelled out because strict
    readers refuse them. Raises ValueError for a time that is not a finite number.
    """
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
        "requirements": [_requirement(result, row) for row in result.judged],
        "searches": [_search(row) for row in result.searches],
        "notices": result.notices,
        "left_behind": result.traffic.left,
        "internal_error": result.internal_error or None,
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
    }


def _requirement(result: RunResult, row: Judged) -> dict[str, object]:
    requirement, verdict = row.requirement, row.verdict
    return {
        "id": requirement.id,
        "level": requirement.level,
        "statements": requirement.statements,
        "verdict": verdict.outcome,
        "blame": verdict.blame,
        "message": verdict.message,
        "broken": result.fails(row),
        "title": requirement.title,
        "area": requirement.area,
        "tier": requirement.tier,
        "source": requirement.source,
        "expected": verdict.expected,
        "got": verdict.got,
        "reproduce": verdict.reproduce,
        "seconds": round(verdict.seconds, 3),
        "evidence": verdict.evidence,
    }


def _search(row: Judged) -> dict[str, object]:
    search, verdict = row.requirement, row.verdict
    return {
        "id": search.id,
        "title": search.title,
        "tier": search.tier,
        "verdict": verdict.outcome,
        "blame": verdict.blame,
        "message": verdict.message,
        "reproduce": verdict.reproduce,
        "seconds": round(verdict.seconds, 3),
        "findings": [asdict(finding) for finding in verdict.findings],
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
