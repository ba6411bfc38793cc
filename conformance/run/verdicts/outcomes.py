"""How the end of a judgement becomes a verdict, how pytest shows it, and how it travels between processes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from traceback import walk_tb
from typing import Any
from unittest import SkipTest

import pytest
from _pytest._code.code import ExceptionRepr
from _pytest._io import TerminalWriter

from conformance.client.ownership.ledger import LedgerError
from conformance.contract.catalogue import Catalogue, Requirement
from conformance.contract.timeline import Remark, ShownExchange, Timeline, timeline_from
from conformance.contract.verdict import (
    Blame,
    BrokenPromiseError,
    Finding,
    Level,
    NotApplicableError,
    NotJudgedError,
    OpenSituationError,
    Outcome,
    Verdict,
)
from conformance.report.evidence import brief, capped
from conformance.report.junit import EVIDENCE_LIMIT
from conformance.report.latency import Latency
from conformance.report.result import Traffic
from conformance.report.text import harmless, one_line
from conformance.run.session import RunFacts

SKIPS = (pytest.skip.Exception, pytest.xfail.Exception, SkipTest)
OUTCOMES = (*SKIPS, pytest.fail.Exception)
"""What others raise to end a test: skips and expected failures, and failures such as a timeout."""
HOOKS = "conformance.run.hooks"
"""The module whose hooks every error of a test passes, whoever raised it."""
MOST_SAID = 2_000
"""Characters of a message."""
SHOWN = (Outcome.FAIL, Outcome.WARN, Outcome.NOT_JUDGED)


def judge(requirement: Requirement, error: BaseException | None, observation: str) -> Verdict:
    """Return the verdict that the end of a judgement means: `error` is what it raised, if anything."""
    name, observed = requirement.id, requirement.level is Level.OBSERVE
    if error is None:
        return Verdict(name, Outcome.OBSERVED if observed else Outcome.PASS, message=observation)
    if isinstance(error, OpenSituationError):
        return Verdict(name, Outcome.OBSERVED, message=str(error))
    if isinstance(error, NotApplicableError):
        return Verdict(name, Outcome.NOT_APPLICABLE, message=str(error), cause=error.cause)
    if isinstance(error, BrokenPromiseError):
        outcome = {Level.MUST: Outcome.FAIL, Level.SHOULD: Outcome.WARN, Level.OBSERVE: Outcome.OBSERVED}
        return Verdict(
            name, outcome[requirement.level], message=str(error), expected=error.expected, got=error.got
        )
    if isinstance(error, SKIPS):
        return Verdict(name, Outcome.NOT_APPLICABLE, message=f"skipped from outside the suite: {error}")
    failed = not isinstance(error, NotJudgedError | LedgerError) and not from_outside(error)
    cause = error.cause if isinstance(error, NotJudgedError) else ""
    return Verdict(name, Outcome.NOT_JUDGED, *_blame_and_why(error), suite_failed=failed, cause=cause)


def _blame_and_why(error: BaseException) -> tuple[Blame, str]:
    if isinstance(error, NotJudgedError):
        return error.blame, error.reason
    if isinstance(error, LedgerError):
        return Blame.PRECONDITION, str(error)
    text = str(error) if isinstance(error, OUTCOMES) else f"{type(error).__name__}: {error}"
    who = "failed outside the suite" if from_outside(error) else "the suite itself failed"
    return Blame.HARNESS, f"{who}: {text}"


def searched(
    search: Requirement,
    findings: tuple[Finding, ...],
    catalogue: Catalogue,
    accepted: Collection[str] = (),
) -> Verdict:
    """Return the verdict of a search: broken if a MUST is that is not accepted, a warning if a SHOULD is."""
    levels = {catalogue[f.requirement].level for f in findings if f.requirement not in accepted}
    outcome = (
        Outcome.FAIL if Level.MUST in levels else Outcome.WARN if Level.SHOULD in levels else Outcome.PASS
    )
    parts = [f"{f.requirement}: expected {f.expected}; got {f.got}" for f in findings]
    return Verdict(search.id, outcome, message=" / ".join(parts), findings=findings)


def steps_of(findings: Sequence[Finding]) -> Timeline:
    """Return the stories of all that a search found, one after the other."""
    stories: list[ShownExchange | Remark] = []
    for finding in findings:
        broken = f"{finding.requirement}: expected {finding.expected}; got {finding.got}"
        stories += [Remark(broken), *finding.steps]
    return tuple(stories)


def bounded(verdict: Verdict) -> Verdict:
    """Return a verdict whose texts have a size that reports can hold, whatever the target said."""
    findings = tuple(replace(f, expected=_cut(f.expected), got=_cut(f.got)) for f in verdict.findings)
    message, expected, got = map(_cut, (verdict.message, verdict.expected, verdict.got))
    return replace(verdict, message=message, expected=expected, got=got, findings=findings)


def _cut(text: str) -> str:
    left = len(text) - MOST_SAID
    return f"{text[:MOST_SAID]}… ({left} more characters)" if left > 0 else text


def from_outside(error: BaseException) -> bool:
    """Tell whether others ended a test: by an outcome of pytest, or an error in a fixture of theirs."""
    if isinstance(error, OUTCOMES):
        return True
    modules = {frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__)}
    ours = {name for name in modules - {HOOKS} if name.startswith("conformance.")}
    return bool(modules) and not ours


def passed_on(error: BaseException) -> bool:
    """Tell whether pytest gets an error as it is: a skip of others, or an error that they want to see whole.

    A timeout is none of them: pytest would render the traceback of all that was waited for.
    """
    return isinstance(error, SKIPS) or (isinstance(error, Exception) and from_outside(error))


def outcome_of(
    requirement: Requirement, verdict: Verdict, *, phase: str, strict: bool, accepted: str = ""
) -> BaseException | None:
    """Return what to raise in a phase of a test so that pytest ends it as the plan maps verdicts to JUnit.

    `accepted` says why a broken promise is no failure. None lets it pass, which a test whose setup failed
    cannot. No outcome asks pytest for a traceback:
    rendering one parses source files, which is slow and, on CPython 3.11 beside other threads, may fail with
    a SystemError.
    """
    passed = verdict.outcome in (Outcome.PASS, Outcome.OBSERVED)
    if passed and phase == "call":
        return None
    message = harmless(one_line(verdict.message))
    if passed or verdict.outcome is Outcome.NOT_APPLICABLE:
        return pytest.skip.Exception(message)
    if accepted:
        return pytest.xfail.Exception(f"{accepted} | {message}", pytrace=False)
    if verdict.outcome is Outcome.WARN and not (strict and not requirement.advisory):
        return pytest.xfail.Exception(message, pytrace=False)
    return pytest.fail.Exception(_reason(requirement, verdict), pytrace=False)


def _reason(requirement: Requirement, verdict: Verdict) -> str:
    """Return why a test fails: a line that says it all, for pytest's summary, then how to see it again."""
    kind = f"not judged ({verdict.blame})" if verdict.blame else f"{requirement.level} broken"
    promised = f"promised  {', '.join(requirement.statements)} {requirement.source}"
    lines = (
        f"{kind}: {verdict.message}",
        promised,
        f"again     {verdict.reproduce}" if verdict.reproduce else "",
    )
    return "\n".join(harmless(one_line(line)) for line in lines if line)


def show(report: pytest.TestReport, verdict: Verdict, properties: list[tuple[str, object]]) -> None:
    """Add a verdict to pytest's report of a test whose `properties` may tell of an earlier attempt."""
    found = {"verdict": str(verdict.outcome), "blame": str(verdict.blame or "")}
    properties[:] = [entry for entry in properties if entry[0] not in found]
    properties += found.items()
    report.user_properties = list(properties)
    if report.failed and verdict.outcome is Outcome.NOT_JUDGED:
        report.when = "setup"  # pytest and JUnit call it an error then, not a failure
    if verdict.evidence and verdict.outcome is not Outcome.NOT_JUDGED:
        about = f"{verdict.expected} {verdict.got}"
        shown = capped(harmless("\n".join(brief(verdict.evidence, about))), EVIDENCE_LIMIT)
        report.sections.append(("Captured stdout conformance", shown))
    if verdict.outcome is Outcome.OBSERVED:
        report.sections.append(("Captured stdout observation", verdict.message))
    report.conformance = plain(verdict)  # type: ignore[attr-defined]  # travels to the reporter


def masked(report: pytest.TestReport, redact: Callable[[str], str]) -> None:
    """Redact what pytest itself would print of a test: why it failed, and what was captured meanwhile.

    It is made harmless as well: pytest prints it as it is, and the target had a say in it.
    """
    traced = report.longrepr
    if isinstance(traced, tuple):
        report.longrepr = (traced[0], traced[1], harmless(redact(traced[2])))
    elif traced is not None:
        report.longrepr = harmless(redact(str(traced)))
    report.sections = [(name, harmless(redact(text))) for name, text in report.sections]


def masked_error(error: ExceptionRepr, redact: Callable[[str], str]) -> str:
    """Redact an internal error and make it harmless, for whoever prints `error` later; return its text.

    Its parts depend on the style in which pytest renders it. So they are left alone: all that is shown of an
    error goes through `toterminal`, its `str` included.
    """
    text = harmless(redact(str(error)))
    error.toterminal = partial(_print, text)  # type: ignore[method-assign]  # of this one error alone
    return text


def _print(text: str, terminal: TerminalWriter) -> None:
    terminal.line(text)


def plain(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain values, which travel between processes."""
    blame = str(verdict.blame) if verdict.blame else None
    return {**asdict(verdict), "outcome": str(verdict.outcome), "blame": blame}


def verdict_from(plain: Mapping[str, Any]) -> Verdict:
    """Return the verdict that `plain` made plain values of."""
    blame = plain["blame"] and Blame(plain["blame"])
    findings = tuple(
        Finding(**{**finding, "steps": timeline_from(finding["steps"])}) for finding in plain["findings"]
    )
    typed = {"outcome": Outcome(plain["outcome"]), "blame": blame, "findings": findings}
    return Verdict(**{**plain, **typed, "evidence": timeline_from(plain["evidence"])})


def facts_from(plain: Mapping[str, Any]) -> RunFacts:
    """Return the facts that a worker sent as plain values."""
    traffic = {**plain["traffic"], "left": tuple(plain["traffic"]["left"])}
    latency = Latency(tuple(plain["latency"]["counts"]))
    read = {"traffic": Traffic(**traffic), "notices": tuple(plain["notices"]), "latency": latency}
    return RunFacts(**{**plain, **read})
