"""Hostile targets cannot hang a default run, fill its memory, break its reports or make it harm others."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
import xmlschema

from tests.hostile.catalogue import BROKEN, INCOMPLETE, KEPT, Hostile, load_hostile
from tests.hostile.costly_targets import LIMITED, SECONDS
from tests.hostile.judged import MOST_MEGABYTES, MOST_REPORTED, judge_hostile

SCHEMAS = Path(__file__).parents[1] / "schemas" / "report"
JUNIT = xmlschema.XMLSchema((SCHEMAS / "junit.xsd").read_text(encoding="utf-8"))
RESULT = jsonschema_rs.validator_for(json.loads((SCHEMAS / "result.schema.json").read_text(encoding="utf-8")))
LEAST_TARGETS = 30
WORDS = {KEPT: "PASS", BROKEN: "FAIL", INCOMPLETE: "INCOMPLETE"}
MOST_SECONDS_AFTER = 30
"""How long a run may go on when its time is over."""


def test_there_are_enough_of_them() -> None:
    assert len(load_hostile()) >= LEAST_TARGETS


@pytest.mark.parametrize("hostile", load_hostile().values(), ids=lambda hostile: hostile.id)
def test_a_hostile_target_gets_its_verdict(hostile: Hostile, tmp_path: Path) -> None:
    run = judge_hostile(hostile, tmp_path)
    assert run.code in hostile.codes, f"{run.output[-2000:]}\n{run.errors}"
    assert run.megabytes < MOST_MEGABYTES
    assert run.reported < MOST_REPORTED
    if LIMITED[0] in hostile.arguments:
        assert run.seconds < SECONDS + MOST_SECONDS_AFTER
    assert run.complaints == []
    assert "Traceback" not in run.output + run.errors
    assert run.last_line.startswith(f"conformance: {WORDS[run.code]}")
    document = (run.folder / "junit.xml").read_bytes()
    JUNIT.validate(document.decode())
    assert ET.fromstring(document).tag == "testsuites"  # noqa: S314 (our own document)
    RESULT.validate(run.result)
    assert run.result["exit_code"] == run.code
    assert run.result["complete"] is True
    assert run.result["internal_error"] is None
