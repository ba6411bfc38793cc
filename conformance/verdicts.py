"""How the end of a judgement becomes a verdict, how pytest shows it, and how it travels between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest

from conformance.contract.catalogue import Requirement, load_catalogue
from conformance.contract.verdict import (
    Blame,
    BrokenPromiseError,
    Finding,
    Level,
    NotApplicableError,
    NotJudgedError,
    Outcome,
    Verdict,
)
from conformance.report.result import Traffic
from conformance.session import SUITE_FAILED, RunFacts
from conformance.target.ledger import LedgerError

SHOWN = (Outcome.FAIL, Outcome.WARN, Outcome.NOT_JUDGED)


def judge(requirement: Requirement, error: BaseException | None, observation: str) -> Verdict:
    """Return the verdict that the end of a judgement means: `error` is what it raised, if anything."""
    name, observed = requirement.id, requirement.level is Level.OBSERVE
    if error is None:
        return Verdict(name, Outcome.OBSERVED if observed else Outcome.PASS, message=observation)
    if isinstance(error, NotApplicableError):
        return Verdict(name, Outcome.NOT_APPLICABLE, message=str(error))
    if isinstance(error, BrokenPromiseError):
        outcome = {Level.MUST: Outcome.FAIL, Level.SHOULD: Outcome.WARN, Level.OBSERVE: Outcome.OBSERVED}
        return Verdict(
            name, outcome[requirement.level], message=str(error), expected=error.expected, got=error.got
        )
    if isinstance(error, NotJudgedError):
        return Verdict(name, Outcome.NOT_JUDGED, error.blame, error.reason)
    if isinstance(error, LedgerError):
        return Verdict(name, Outcome.NOT_JUDGED, Blame.PRECONDITION, str(error))
    reason = f"{SUITE_FAILED}: {type(error).__name__}: {error}"
    return Verdict(name, Outcome.NOT_JUDGED, Blame.HARNESS, reason)


def searched(search: Requirement, findings: tuple[Finding, ...]) -> Verdict:
    """Return the verdict of a search: broken if a MUST is, a warning if only SHOULDs are."""
    catalogue = load_catalogue()
    levels = {catalogue[finding.requirement].level for finding in findings}
    outcome = (
        Outcome.FAIL if Level.MUST in levels else Outcome.WARN if Level.SHOULD in levels else Outcome.PASS
    )
    parts = [f"{f.requirement}: expected {f.expected}; got {f.got}" for f in findings]
    return Verdict(search.id, outcome, message=" / ".join(parts), findings=findings)


def show(report: pytest.TestReport, requirement: Requirement, verdict: Verdict, *, strict: bool) -> None:
    """Make pytest's own report of a test say what the verdict says, as the plan maps it to JUnit."""
    if verdict.outcome in (Outcome.PASS, Outcome.OBSERVED):
        report.outcome = "passed"
        report.longrepr = None
    elif verdict.outcome is Outcome.NOT_APPLICABLE:
        report.outcome = "skipped"
        report.longrepr = (str(report.fspath), report.location[1] or 0, f"Skipped: {verdict.message}")
    elif verdict.outcome is Outcome.WARN and not (strict and not requirement.advisory):
        report.outcome = "skipped"
        report.wasxfail = verdict.message
    else:
        report.outcome = "failed"
        report.longrepr = f"{requirement.id} ({requirement.level}): {verdict.message}"
        if verdict.outcome is Outcome.NOT_JUDGED:
            report.when = "setup"  # pytest and JUnit call it an error then, not a failure
    if verdict.evidence:
        report.sections.append(("Captured stdout conformance", verdict.evidence))
    if verdict.outcome is Outcome.OBSERVED:
        report.sections.append(("Captured stdout observation", verdict.message))


def plain(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain values, which travel between processes."""
    blame = str(verdict.blame) if verdict.blame else None
    return {**asdict(verdict), "outcome": str(verdict.outcome), "blame": blame}


def verdict_from(plain: Mapping[str, Any]) -> Verdict:
    """Return the verdict that `plain` made plain values of."""
    blame = plain["blame"] and Blame(plain["blame"])
    findings = tuple(Finding(**finding) for finding in plain["findings"])
    return Verdict(**{**plain, "outcome": Outcome(plain["outcome"]), "blame": blame, "findings": findings})


def facts_from(plain: Mapping[str, Any]) -> RunFacts:
    """Return the facts that a worker sent as plain values."""
    traffic = {**plain["traffic"], "left": tuple(plain["traffic"]["left"])}
    return RunFacts(**{**plain, "traffic": Traffic(**traffic), "notices": tuple(plain["notices"])})
