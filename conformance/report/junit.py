"""The JUnit report: one test case for each requirement, as CI systems read it."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as ET

from conformance.contract.acceptance import Standing
from conformance.contract.verdict import Outcome
from conformance.report.comparing.comparison import differences
from conformance.report.evidence import capped, summarised
from conformance.report.result import Judged, RunResult
from conformance.report.text import explained, harmless, one_line, remark, visible
from conformance.version import __version__

EVIDENCE_LIMIT = 20_000
"""Characters of evidence in one test case: CI systems cut or refuse longer ones."""

SUITE = "conformance"


def junit(result: RunResult) -> bytes:
    """Return the run as a JUnit document in UTF-8, valid against `schemas/report/junit.xsd`.

    No `hostname` is written: the schema does not ask for it, and a report that travels need not name the
    machine that ran it. A run in which the suite itself failed, that could not write its reports, or
    that was stopped, has one test case more, an error, so that no reader takes the file for green.
    """
    cases = [_testcase(result, row) for row in (*result.judged, *result.searches)]
    if result.internal_error:
        cases.append(_suite_failure("internal-error", result.internal_error))
    if result.unwritten:
        cases.append(_suite_failure("not-written", "\n".join(result.unwritten)))
    if result.stopped:
        cases.append(_suite_failure("stopped", f"the run was stopped by {result.ended_by}; it is not whole"))
    judged = {row.requirement.id for row in result.judged}
    cases += [
        _unmatched(standing) for standing in result.standings if standing.deviation.requirement not in judged
    ]
    counts = _counts(cases)
    root = ET.Element("testsuites", {"name": SUITE, **counts, "time": _seconds(result.seconds)})
    skipped = str(sum(case.find("skipped") is not None for case in cases))
    suite = ET.SubElement(
        root, "testsuite", {**root.attrib, "skipped": skipped, "timestamp": one_line(result.started_at)}
    )
    _properties(suite, _run_facts(result))
    suite.extend(cases)
    if notices := [*result.notices, *(differences(result.comparison) if result.comparison else ())]:
        ET.SubElement(suite, "system-out").text = _output("\n".join(notices))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _counts(cases: list[ET.Element]) -> dict[str, str]:
    tags = Counter(child.tag for case in cases for child in case)
    return {"tests": str(len(cases)), "failures": str(tags["failure"]), "errors": str(tags["error"])}


def _testcase(result: RunResult, row: Judged) -> ET.Element:
    requirement, verdict = row.requirement, row.verdict
    case = ET.Element(
        "testcase",
        classname=f"{SUITE}.{one_line(requirement.area)}",
        name=one_line(requirement.id),
        time=_seconds(verdict.seconds),
    )
    facts = {
        "requirement": requirement.id,
        "level": requirement.level,
        "statements": ",".join(requirement.statements),
        "source": requirement.source,
        "verdict": verdict.outcome,
        "blame": verdict.blame or "",
    }
    _properties(case, facts)
    _outcome(case, result, row)
    shown = [_output(verdict.message)] if verdict.outcome is Outcome.OBSERVED else []
    shown += [summarised(verdict.evidence, EVIDENCE_LIMIT)] if verdict.evidence else []
    if any(shown) and verdict.outcome is not Outcome.PASS:
        ET.SubElement(case, "system-out").text = "\n".join(filter(None, shown))
    return case


def _outcome(case: ET.Element, result: RunResult, row: Judged) -> None:
    verdict, level, standing = row.verdict, row.requirement.level, result.standing(row)
    if standing and not standing.fails:
        message = f"accepted {one_line(standing.advice)} | {explained(verdict)}"
        ET.SubElement(case, "skipped", message=message, type="pytest.xfail").text = _story(row)
    elif standing:
        parts = filter(None, (f"{standing.state}: {one_line(standing.advice)}", explained(verdict)))
        message = " | ".join(parts)
        failure = ET.SubElement(case, "failure", message=message, type=f"{SUITE}.{standing.state}")
        failure.text = _story(row)
    elif result.fails(row):
        failure = ET.SubElement(case, "failure", message=explained(verdict), type=f"{SUITE}.{level}")
        failure.text = _story(row)
    elif verdict.outcome is Outcome.WARN:
        message = f"{level} broken: {explained(verdict)}"
        ET.SubElement(case, "skipped", message=message, type="pytest.xfail").text = _story(row)
    elif verdict.outcome is Outcome.NOT_APPLICABLE:
        reason = one_line(verdict.message)
        skipped = ET.SubElement(case, "skipped", message=reason, type="pytest.skip")
        skipped.text = reason  # GitLab reads no attribute of it
    elif verdict.outcome is Outcome.NOT_JUDGED:
        blame = verdict.blame or "unknown"
        message = f"not judged ({blame}): {one_line(verdict.message)}"
        ET.SubElement(case, "error", message=message, type=f"{SUITE}.{blame}").text = _story(row)


def _story(row: Judged) -> str:
    """Return what a reader needs who sees nothing but this element's text."""
    requirement, verdict = row.requirement, row.verdict
    lines = [
        f"{one_line(requirement.id)} ({requirement.level}): {one_line(requirement.title)}",
        remark(verdict),
        f"expected: {one_line(verdict.expected)}" if verdict.expected else "",
        f"got: {one_line(verdict.got)}" if verdict.got else "",
        f"promised: {one_line(', '.join(requirement.statements))} {one_line(requirement.source)}",
        f"again: {visible(verdict.reproduce)}" if verdict.reproduce else "",
    ]
    return "\n".join(filter(None, lines))


def _suite_failure(kind: str, error: str) -> ET.Element:
    case = ET.Element("testcase", classname=SUITE, name=f"suite.{kind}", time=_seconds(0))
    element = ET.SubElement(case, "error", message=one_line(error), type=f"{SUITE}.{kind}")
    element.text = _output(error)
    return case


def _unmatched(standing: Standing) -> ET.Element:
    name = f"accepted.{one_line(standing.deviation.requirement)}"
    case = ET.Element("testcase", classname=SUITE, name=name, time=_seconds(0))
    message = f"{standing.state}: {one_line(standing.advice)}"
    ET.SubElement(case, "failure", message=message, type=f"{SUITE}.{standing.state}").text = message
    return case


def _run_facts(result: RunResult) -> dict[str, str]:
    traffic = result.traffic
    facts = {
        "suite_version": __version__,
        "target": result.target,
        "profile": result.profile,
        "revision": result.revision,
        "revision_reason": result.revision_reason,
        "seed": str(result.seed),
        "run_id": result.run_id,
        "tiers": ",".join(result.tiers),
        "strict": str(result.strict).lower(),
        "exit_code": str(result.exit_code),
        "ended_by": result.ended_by,
        "requests": str(traffic.requests),
        "created": str(traffic.created),
        "removed": str(traffic.removed),
        "left": ",".join(traffic.left),
        "certificates_verified": str(result.certificates_verified).lower(),
    }
    return facts | {f"version.{name}": version for name, version in (result.versions or {}).items()}


def _properties(parent: ET.Element, facts: dict[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in facts.items():
        ET.SubElement(properties, "property", name=one_line(name), value=one_line(value))


def _output(text: str) -> str:
    return capped(harmless(text), EVIDENCE_LIMIT)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
