"""What the outcomes prove: one document, which `schemas/report/proof.schema.json` describes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from conformance.contract.catalogue import DEFAULT_PROFILE, Requirement
from conformance.version import __version__
from tests.faults.catalogue import UNPROVABLE, Fault, load_faults
from tests.proof.cases import Outcome
from tests.proof.profiles import left_out, promised
from tests.twins.catalogue import ADVISORY, Twin, load_twins

SCHEMA_VERSION = "1.1"
JUDGED = frozenset({"pass", "fail", "warn"})
Document = dict[str, object]
T = TypeVar("T", Fault, Twin)


@dataclass(frozen=True)
class Effort:
    """How a proof was made: `seconds` is its wall time, `whole` whether all that `profile` has was chosen."""

    seed: int
    jobs: int
    seconds: float
    whole: bool
    profile: str = DEFAULT_PROFILE


def caught(fault: Fault, outcome: Outcome) -> bool:
    """Tell whether the requirement that a fault breaks was found broken."""
    return fault.breaks in outcome.broken()


def unexpected(fault: Fault, outcome: Outcome) -> set[str]:
    """Return what was found broken beyond the declared set; a failure of the suite counts as well."""
    return (outcome.broken() - {fault.breaks, *fault.also}) | _own_failure(outcome)


def accusations(outcome: Outcome) -> set[str]:
    """Return what a twin was accused of; what could not be judged of it and any other exit code count, too."""
    found = outcome.with_verdict("fail", "warn", "not-judged") - ADVISORY
    return found | _own_failure(outcome) or ({f"exit {outcome.exit_code}"} if outcome.exit_code else set())


def _own_failure(outcome: Outcome) -> set[str]:
    return {"the suite itself failed"} if outcome.internal_error else set()


def proof_of(outcomes: Sequence[Outcome], effort: Effort) -> Document:
    """Return the proof that these outcomes make."""
    faults = [_fault(fault, runs) for fault, runs in _by_subject(load_faults(), "fault", outcomes)]
    twins = [_twin(twin, runs) for twin, runs in _by_subject(load_twins(), "twin", outcomes)]
    rows = [_requirement(row, outcomes) for row in promised(effort.profile)]
    totals = {
        "runs": len(outcomes),
        "requests": sum(outcome.requests for outcome in outcomes),
        "faults": len(faults),
        "caught": _count(faults, "caught"),
        "sharp": _count(faults, "sharp"),
        "twins": len(twins),
        "accused": _count(twins, "accused"),
        "requirements": len(rows),
        "proven": sum(row["state"] == "proven" for row in rows),
        "excepted": sum(row["state"] == "excepted" for row in rows),
    }
    unproven = effort.whole and totals["proven"] + totals["excepted"] < totals["requirements"]
    failed = totals["caught"] < totals["faults"] or totals["accused"] > 0 or unproven
    return {
        "schema_version": SCHEMA_VERSION,
        "suite_version": __version__,
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "profile": effort.profile,
        "whole": effort.whole,
        "seed": effort.seed,
        "jobs": effort.jobs,
        "seconds": round(effort.seconds, 1),
        "totals": totals,
        "requirements": rows,
        "faults": faults,
        "twins": twins,
        "left_out": left_out(effort.profile),
        "exit_code": int(failed),
        "complete": True,
    }


def _count(rows: Iterable[Document], flag: str) -> int:
    return sum(bool(row[flag]) for row in rows)


def _by_subject(
    subjects: Mapping[str, T], kind: str, outcomes: Iterable[Outcome]
) -> list[tuple[T, list[Outcome]]]:
    """Return what was judged, in the catalogue's order, with its runs."""
    runs: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.case.kind == kind:
            runs.setdefault(outcome.case.id, []).append(outcome)
    return [(subjects[name], runs[name]) for name in subjects if name in runs]


def _requirement(row: Requirement, outcomes: Iterable[Outcome]) -> Document:
    """Return what was seen of a requirement: judged at all, and failing for which faults that break it."""
    faults = load_faults()
    tested, by = False, dict[str, None]()
    for outcome in outcomes:
        tested = tested or outcome.verdicts.get(row.id) in JUDGED
        case = outcome.case
        if case.kind == "fault" and faults[case.id].breaks == row.id and row.id in outcome.broken():
            by[case.id] = None
    state = "proven" if by else "excepted" if row.id in UNPROVABLE else "never seen failing"
    return {
        "id": row.id,
        "level": str(row.level),
        "tier": row.tier,
        "tested": tested,
        "state": state,
        "faults": list(by),
        "reason": UNPROVABLE.get(row.id),
    }


def _fault(fault: Fault, runs: Sequence[Outcome]) -> Document:
    return {
        "id": fault.id,
        "area": fault.area,
        "says": fault.service.__doc__,
        "breaks": fault.breaks,
        "also": list(fault.also),
        "hides": fault.hides,
        "tiers": list(fault.tiers),
        "found_by": fault.found_by or None,
        "caught": all(caught(fault, run) for run in runs),
        "sharp": all(caught(fault, run) and not unexpected(fault, run) for run in runs),
        "runs": [
            {
                **_run(run),
                "failed": sorted(run.broken()),
                "unexpected": _explained(run, unexpected(fault, run)),
                "not_judged": sorted(run.with_verdict("not-judged")),
            }
            for run in runs
        ],
    }


def _twin(twin: Twin, runs: Sequence[Outcome]) -> Document:
    found = [{**_run(run), "accusations": _explained(run, accusations(run))} for run in runs]
    return {
        "id": twin.id,
        "says": twin.service.__doc__,
        "accused": any(run["accusations"] for run in found),
        "runs": found,
    }


def _run(outcome: Outcome) -> Document:
    return {
        "revision": outcome.case.revision,
        "seed": outcome.case.seed,
        "exit_code": outcome.exit_code,
        "requests": outcome.requests,
        "seconds": round(outcome.seconds, 1),
    }


def _explained(outcome: Outcome, names: Collection[str]) -> dict[str, str]:
    return {name: outcome.messages.get(name, outcome.internal_error) for name in sorted(names)}
