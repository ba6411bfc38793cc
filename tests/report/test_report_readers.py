"""The JUnit report through the eyes of those who read it: each must see what every other one sees.

What a reader does stands in its documentation and its source; only what decides how a case ends, what is shown
of it and what is refused is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import junitparser
import pytest
import xmlschema
from hypothesis import given, settings

from conformance.contract.acceptance import AcceptanceState, Deviation, Standing
from conformance.contract.verdict import Outcome
from conformance.report import RunResult, junit
from tests.report.conftest import FAILED, ROWS, make_run
from tests.report.test_report_hostile import runs

Seen = Mapping[str, tuple[str, str]]
"""How each case ends, and the text that is shown of it, by its name."""
Reader = Callable[[bytes], Seen]
PASSED, SKIPPED, BROKEN, UNJUDGED = "passed", "skipped", "failure", "error"
GITLAB_FILE, GITLAB_CASES = 30 * 1024 * 1024, 500_000
AZURE_NAME, GITHUB_TITLE, GITHUB_TEXT, JENKINS_OUTPUT = 512, 255, 65_535, 50_000
SCHEMA = Path(__file__).parents[2] / "schemas" / "report" / "junit.xsd"
XUNIT = xmlschema.XMLSchema(
    SCHEMA.read_text().replace('<xs:element name="properties" type="properties" minOccurs="0"/>', "")
)
"""What the xUnit plugin of Jenkins checks with: it knows no properties of a case."""


def cases(document: bytes) -> Iterator[ET.Element]:
    return ET.fromstring(document).iter("testcase")  # noqa: S314 (our own document)


def ends(case: ET.Element) -> tuple[str, str]:
    """Failure comes before error, and error before skipped; what is shown is the text of the element."""
    for tag in (BROKEN, UNJUDGED, SKIPPED):
        found = case.findall(tag)
        assert len(found) <= 1, "GitLab takes several for a list, and then refuses the whole file"
        if found:
            return tag, found[0].text or ""
    return PASSED, ""


def gitlab(document: bytes) -> Seen:
    """Of two cases of one name it takes the first; it reads `type` as the type of a value, as Rails does."""
    assert len(document) < GITLAB_FILE
    found: dict[str, tuple[str, str]] = {}
    for case in cases(document):
        assert len(case.findall("system-out")) <= 1
        assert not {one.get("type") for one in case} & {
            "file",
            "array",
            "integer",
            "boolean",
            "yaml",
            "symbol",
        }
        found.setdefault(str(case.get("name")), ends(case))
    assert len(found) < GITLAB_CASES
    return found


def azure(document: bytes) -> Seen:
    for case in cases(document):
        assert 0 < len(str(case.get("name"))) <= AZURE_NAME
        assert float(str(case.get("time"))) >= 0
    return {str(case.get("name")): ends(case) for case in cases(document)}


def github(document: bytes) -> Seen:
    """What dorny/test-reporter makes annotations of: the first line of the text that is not blank."""
    suite = ET.fromstring(document)[0]  # noqa: S314 (our own document)
    for case in suite.iter("testcase"):
        tag, text = ends(case)
        title = f"{suite.get('name')} ► {case.get('classname')} ► {case.get('name')}"
        assert len(title) <= GITHUB_TITLE
        if tag in (BROKEN, UNJUDGED):
            assert 0 < len(text) <= GITHUB_TEXT
            assert next(filter(str.strip, text.splitlines()))
    return {str(case.get("name")).strip(): ends(case) for case in suite.iter("testcase")}


def jenkins(document: bytes) -> Seen:
    """The JUnit plugin keeps so much of the output of a case that failed."""
    assert all(len(case.findtext("system-out") or "") <= JENKINS_OUTPUT for case in cases(document))
    return {str(case.get("name")): ends(case) for case in cases(document)}


def xunit(document: bytes) -> Seen:
    root = ET.fromstring(document)  # noqa: S314 (our own document)
    for case in root.iter("testcase"):
        for properties in case.findall("properties"):
            case.remove(properties)
    XUNIT.validate(root)
    return {str(case.get("name")): ends(case) for case in root.iter("testcase")}


def parser(document: bytes) -> Seen:
    (suite,) = junitparser.JUnitXml.fromstring(document)
    tags = {
        junitparser.Failure: BROKEN, junitparser.Error: UNJUDGED, junitparser.Skipped: SKIPPED,
    }  # fmt: skip
    found: dict[str, tuple[str, str]] = {}
    for case in suite:
        ended = [(tags[type(one)], one.text or "") for one in case.result]
        found[case.name] = ended[0] if ended else (PASSED, "")
    return found


READERS: list[Reader] = [gitlab, azure, github, jenkins, xunit, parser]
ENDS = {
    Outcome.PASS: PASSED,
    Outcome.OBSERVED: PASSED,
    Outcome.FAIL: BROKEN,
    Outcome.WARN: SKIPPED,
    Outcome.NOT_APPLICABLE: SKIPPED,
    Outcome.NOT_JUDGED: UNJUDGED,
}


def accepted() -> RunResult:
    row = replace(FAILED.verdict, got="200")
    day = date(2099, 1, 31)
    deviation = Deviation(
        requirement=FAILED.requirement.id, profile="qoder", reason="known", expires=day,
        fingerprint="sha256:0", expected=row.expected, got=row.got, first_seen=day, last_seen=day,
    )  # fmt: skip
    standing = Standing(deviation, AcceptanceState.ACCEPTED, "until 2099-01-31: known")
    return make_run("fail", "pass", standings=(standing,))


@pytest.mark.parametrize("read", READERS)
def test_a_reader_sees_every_verdict(read: Reader) -> None:
    run = make_run(*ROWS)
    seen = read(junit(run))
    assert {name: tag for name, (tag, _) in seen.items()} == {
        row.requirement.id: ENDS[row.verdict.outcome] for row in run.judged
    }
    assert all(text.strip() for tag, text in seen.values() if tag != PASSED)


@pytest.mark.parametrize("read", READERS)
def test_what_is_accepted_fails_nowhere(read: Reader) -> None:
    assert {tag for tag, _ in read(junit(accepted())).values()} == {SKIPPED, PASSED}


@settings(max_examples=40, deadline=None)
@given(runs())
def test_readers_agree_whatever_a_target_said(run: RunResult) -> None:
    document = junit(run)
    first, *others = ({name: tag for name, (tag, _) in read(document).items()} for read in READERS)
    assert all(other == first for other in others)


def test_a_reader_without_room_is_noticed() -> None:
    """The limits bite."""
    long = replace(FAILED, requirement=replace(FAILED.requirement, id="x" * 600))
    for read in (azure, github):
        with pytest.raises(AssertionError):
            read(junit(make_run(judged=(long,))))
