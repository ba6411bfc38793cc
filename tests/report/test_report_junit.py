"""The JUnit report as two independent readers see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import junitparser
import pytest
import xmlschema

from conformance.contract.timeline import Remark
from conformance.report import RunResult, junit
from conformance.report.junit import EVIDENCE_LIMIT
from tests.report.conftest import shown

Run = Callable[..., RunResult]

EXTENSION = '<xs:element name="properties" type="properties" minOccurs="0"/>'


def only_suite(result: RunResult) -> Any:  # noqa: ANN401 (junitparser publishes no types)
    (suite,) = junitparser.JUnitXml.fromstring(junit(result))
    return suite


def cases(result: RunResult) -> dict[str, ET.Element]:
    return {case.attrib["name"]: case for case in ET.fromstring(junit(result)).iter("testcase")}  # noqa: S314 (ours)


def properties(element: ET.Element) -> dict[str, str]:
    return {item.attrib["name"]: item.attrib["value"] for item in element.findall("properties/property")}


def test_the_report_keeps_the_published_schema(every_outcome: RunResult, junit_schema: str) -> None:
    xmlschema.XMLSchema(junit_schema).validate(junit(every_outcome))


def test_properties_of_test_cases_are_the_only_extension(every_outcome: RunResult, junit_schema: str) -> None:
    assert junit_schema.count(EXTENSION) == 1
    published = xmlschema.XMLSchema(junit_schema.replace(EXTENSION, ""))
    root = ET.fromstring(junit(every_outcome))  # noqa: S314 (our own document)
    assert not published.is_valid(root)
    for case in root.iter("testcase"):
        case.remove(case[0])
    published.validate(root)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('tests="7"', 'tests="seven"'),
        ('type="pytest.skip"', 'kind="pytest.skip"'),
        ("</failure>", "</failure><properties/>"),
        ('name="pause.second-is-conflict"', 'name="get.returns-it"'),
        ('time="2.400"', 'time="2.4e3"'),
        ('classname="conformance.get"', 'class="conformance.get"'),
    ],
)
def test_the_schema_refuses(good: str, bad: str, every_outcome: RunResult, junit_schema: str) -> None:
    document = junit(every_outcome).decode()
    assert good in document
    assert not xmlschema.XMLSchema(junit_schema).is_valid(document.replace(good, bad))


def test_junitparser_counts_what_the_run_counts(every_outcome: RunResult) -> None:
    suite = only_suite(every_outcome)
    told = (suite.tests, suite.failures, suite.errors, suite.skipped)
    suite.update_statistics()
    assert told == (suite.tests, suite.failures, suite.errors, suite.skipped)
    assert told == ((7, 2, 1, 2) if every_outcome.strict else (7, 1, 1, 3))


@pytest.mark.parametrize(
    ("name", "element", "kind", "message"),
    [
        ("pause.second-is-conflict", "failure", "conformance.MUST", "expected 409 conflict_error; got 200"),
        ("object.no-surprise", "skipped", "pytest.xfail", "SHOULD broken: expected documented fields only"),
        ("tenancy.foreign-is-404", "skipped", "pytest.skip", "needs --second-token-env"),
        ("runs.list-newest-first", "error", "conformance.network", "not judged (network): connection reset"),
    ],
)
def test_an_outcome_has_its_element(
    name: str, element: str, kind: str, message: str, every_outcome: RunResult
) -> None:
    (outcome,) = cases(every_outcome)[name].findall(element)
    assert outcome.attrib["type"] == kind
    assert outcome.attrib["message"].startswith(message)


def test_a_broken_should_fails_only_when_strict(every_outcome: RunResult) -> None:
    tags = [child.tag for child in cases(every_outcome)["list.newest-first"]]
    assert tags == ["properties", "failure" if every_outcome.strict else "skipped", "system-out"]


def test_a_test_case_carries_its_requirement(every_outcome: RunResult) -> None:
    found = cases(every_outcome)
    assert properties(found["pause.second-is-conflict"]) == {
        "requirement": "pause.second-is-conflict",
        "level": "MUST",
        "statements": "N105,N106",
        "source": "https://docs.example.com/api/deployments/pause",
        "verdict": "fail",
        "blame": "",
    }
    assert properties(found["runs.list-newest-first"])["blame"] == "network"
    assert found["pause.second-is-conflict"].attrib["classname"] == "conformance.pause"


def test_run_facts_are_properties_of_the_suite(every_outcome: RunResult) -> None:
    facts = {item.name: item.value for item in only_suite(every_outcome).properties()}
    assert facts["target"] == "https://api.example.com/v1"
    assert facts["suite_version"] == "0.0.0"
    assert (facts["seed"], facts["version.python"], facts["exit_code"]) == ("7", "3.11.7", "1")


def test_evidence_stands_with_everything_that_does_not_pass(every_outcome: RunResult) -> None:
    found = cases(every_outcome)
    for name in ("pause.second-is-conflict", "list.newest-first", "runs.list-newest-first"):
        assert "curl -sS" in (found[name].findtext("system-out") or "")
    assert found["create.twin-names"].findtext("system-out") == "the second create answered 200"
    assert found["get.returns-it"].find("system-out") is None


def test_long_evidence_keeps_its_culprits_and_says_that_it_was_cut(run: Run) -> None:
    result = run("fail")
    (row,) = result.judged
    noise = (shown(1, "create"),) * 5_000
    evidence = (*noise, shown(2, "pause", culprit=True), *noise)
    long = replace(result, judged=(replace(row, verdict=replace(row.verdict, evidence=evidence)),))
    output = cases(long)["pause.second-is-conflict"].findtext("system-out") or ""
    assert output.startswith(">> #2 pause\n   curl ")
    assert "\n(10000 other exchanges: result.json)\n[shortened from " in output
    assert "#1" not in output
    assert "result.json has the whole" in output


def test_evidence_of_one_huge_exchange_keeps_its_head_and_tail(run: Run) -> None:
    result = run("fail")
    (row,) = result.judged
    evidence = (shown(2, "pause", culprit=True, body=f"{'x' * 100_000}THE END"),)
    long = replace(result, judged=(replace(row, verdict=replace(row.verdict, evidence=evidence)),))
    output = cases(long)["pause.second-is-conflict"].findtext("system-out") or ""
    assert len(output) < EVIDENCE_LIMIT + 200
    assert output.startswith(">> #2 pause")
    assert "THE END" in output


def test_a_target_cannot_make_the_ci_system_attach_a_file(run: Run) -> None:
    result = run("observed", notices=("[[ATTACHMENT|/etc/passwd]]",))
    (row,) = result.judged
    hostile = replace(row, verdict=replace(row.verdict, evidence=(Remark("[[attachment|/etc/passwd]]"),)))
    assert b"[[ATTACHMENT|" not in junit(replace(result, judged=(hostile,))).upper()


def test_a_failure_of_the_suite_itself_is_never_green(run: Run, junit_schema: str) -> None:
    result = run("pass", internal_error="Traceback\nKeyError: 'x'")
    suite = only_suite(result)
    assert (suite.tests, suite.errors) == (2, 1)
    xmlschema.XMLSchema(junit_schema).validate(junit(result))


def test_a_stopped_run_is_never_green(run: Run, junit_schema: str) -> None:
    result = run("pass", ended_by="SIGTERM")
    suite = only_suite(result)
    assert (suite.tests, suite.errors) == (2, 1)
    assert b"the run was stopped by SIGTERM" in junit(result)
    xmlschema.XMLSchema(junit_schema).validate(junit(result))
