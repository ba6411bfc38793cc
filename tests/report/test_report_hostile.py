"""Whatever strings a target sends, the reports stay readable by every reader."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema_rs
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract.areas import AREAS
from conformance.contract.catalogue import Requirement
from conformance.contract.timeline import Remark
from conformance.contract.verdict import Blame, Level, Outcome, Verdict
from conformance.report import Judged, RunResult, Traffic, junit, result_json, terminal
from tests.report.conftest import shown

SCHEMAS = Path(__file__).parents[2] / "schemas" / "report"
JUNIT = xmlschema.XMLSchema((SCHEMAS / "junit.xsd").read_text(encoding="utf-8"))
RESULT = jsonschema_rs.validator_for(json.loads((SCHEMAS / "result.schema.json").read_text(encoding="utf-8")))
FRAGMENTS = (
    "\x1b[31m",
    "]]>",
    "\ud800",
    "\udc00",
    "\x00",
    "\r\n",
    "\u202e",
    "\x9b2J",
    "\ufffe",
    "<a&b>",
    "::x",
    "\u2028",
)

texts = st.lists(
    st.one_of(st.sampled_from(FRAGMENTS), st.text(st.characters(exclude_categories=()), max_size=20)),
    max_size=6,
).map("".join)
seconds = st.floats(0, 1e6)
counts = st.integers(0, 10_000)


@st.composite
def rows(draw: st.DrawFn, requirement_id: str) -> Judged:
    level = draw(st.sampled_from(Level))
    outcome = draw(st.sampled_from(Outcome))
    requirement = Requirement(
        id=requirement_id,
        title=draw(texts),
        level=level,
        area=draw(st.sampled_from(AREAS)),
        statements=("N1", "N2"),
        source=draw(texts),
        advisory=draw(st.booleans()),
    )
    verdict = Verdict(
        requirement_id,
        outcome,
        blame=draw(st.sampled_from(Blame)) if outcome is Outcome.NOT_JUDGED else None,
        message="because " + draw(texts),
        expected=draw(texts),
        got=draw(texts),
        evidence=(Remark(draw(texts)), shown(1, draw(texts), body=draw(texts), failure=draw(texts))),
        reproduce=draw(texts),
        seconds=draw(seconds),
    )
    return Judged(requirement, verdict)


@st.composite
def runs(draw: st.DrawFn) -> RunResult:
    return RunResult(
        target=draw(texts),
        profile="qoder",
        revision="2026-07",
        revision_reason=draw(texts),
        tiers=("core",),
        strict=draw(st.booleans()),
        seed=draw(st.integers()),
        run_id=draw(texts),
        started_at="2026-07-14T08:30:00.25Z",
        seconds=draw(seconds),
        traffic=Traffic(draw(counts), draw(counts), draw(counts), tuple(draw(st.lists(texts, max_size=2)))),
        judged=[draw(rows(f"pause.rule-{number}")) for number in range(draw(st.integers(0, 4)))],
        notices=tuple(draw(st.lists(texts, max_size=2))),
        internal_error=draw(st.one_of(st.just(""), texts)),
        versions=draw(st.dictionaries(texts, texts, max_size=2)),
    )


@settings(max_examples=60)
@given(runs())
def test_junit_is_well_formed_valid_and_adds_up(result: RunResult) -> None:
    document = junit(result)
    JUNIT.validate(document)
    suite = ET.fromstring(document)[0]  # noqa: S314 (our own document)
    found = {name: len(suite.findall(f"testcase/{name}")) for name in ("failure", "error", "skipped")}
    told = {
        name: int(suite.attrib[key])
        for name, key in zip(found, ("failures", "errors", "skipped"), strict=True)
    }
    assert told == found
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
    assert found["failure"] == result.broken_count()
    assert found["error"] == result.count()[Outcome.NOT_JUDGED] + bool(result.internal_error)
    if result.exit_code in {1, 4}:
        assert found["failure"] or found["error"]


@settings(max_examples=60)
@given(runs())
def test_result_json_is_valid_for_a_strict_reader(result: RunResult) -> None:
    text = result_json(result)
    assert text.isascii()
    RESULT.validate(json.loads(text))
    # A reader in another language refuses half a surrogate pair.
    assert not re.search("[\ud800-\udfff]", json.dumps(json.loads(text), ensure_ascii=False))
    totals = json.loads(text)["totals"]
    assert sum(totals[outcome] for outcome in Outcome) == totals["requirements"] == len(result.judged)


@settings(max_examples=60)
@given(runs(), st.integers(0, 200))
def test_the_terminal_page_has_no_control_characters(result: RunResult, width: int) -> None:
    text = terminal(result, colour=False, width=width)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e\ud800-\udfff]", text)
    assert not re.search(r"^\s*::", text, re.MULTILINE)
    assert text.splitlines()[-1].startswith("conformance: ")
    coloured = terminal(result, colour=True, width=width)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text
