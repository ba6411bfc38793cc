"""The file of what a search saw broken: what is written is read again, all else is refused."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.contract.failure import (
    LARGEST_CASE,
    LARGEST_FILE,
    SavedFailure,
    case_of,
    file_name,
    parse,
    rendered,
)
from conformance.contract.verdict import Finding

FINDING = Finding("pause.is-stored", "paused", "active", replay='{"steps": ["pause"]}')
PATH = "reports/failures/one.json"


def written(**changes: object) -> bytes:
    """Return the file of the finding, with some keys changed."""
    document: dict[str, Any] = json.loads(rendered("model.lifecycle", FINDING, {"seed": 7}))
    return json.dumps({**document, **changes}).encode()


def read(content: bytes) -> SavedFailure:
    return parse(PATH, content, load_catalogue())


def test_what_is_written_is_read_again() -> None:
    text = rendered("model.lifecycle", FINDING, {"seed": 7})
    assert json.loads(text) == {
        "schema_version": "1.0", "search": "model.lifecycle", "requirement": "pause.is-stored", "expected": "paused",
        "got": "active", "run": {"seed": 7}, "case": {"steps": ["pause"]},
    }  # fmt: skip
    assert text.startswith('{\n "schema_version"')
    assert text.endswith("}\n")
    assert read(text.encode()) == SavedFailure(
        PATH, "model.lifecycle", "pause.is-stored", {"steps": ["pause"]}
    )
    assert file_name("model.lifecycle", "pause.is-stored") == "model.lifecycle-pause.is-stored.json"


@pytest.mark.parametrize(
    ("replay", "case"),
    [
        ("", None),
        ("{", None),
        ("[1]", [1]),
        ('"' + "x" * (LARGEST_CASE - 2) + '"', "x" * (LARGEST_CASE - 2)),
        ('"' + "x" * (LARGEST_CASE - 1) + '"', None),
    ],
    ids=["none", "no JSON", "a list", "the largest", "too large"],
)
def test_the_case_of_a_finding(replay: str, case: object) -> None:
    assert case_of(Finding("pause.is-stored", "", "", replay=replay)) == case


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b" " * (LARGEST_FILE + 1), f"is larger than {LARGEST_FILE} bytes."),
        (b"{", "is not JSON: "),
        (b"[" * 100_000, "is not JSON: "),
        (b"[]", "is no failure that a run saved: it has no schema_version."),
        (b"{}", "is no failure that a run saved: it has no schema_version."),
        (written(schema_version="2.0"), "has the schema version '2.0'; this suite reads '1.0'."),
        (written(search="luck"), "names the unknown search 'luck'; allowed: "),
        (written(search=None), "names the unknown search 'None'; allowed: "),
        (written(requirement="pause.never"), "names the unknown requirement 'pause.never'."),
        (written(case=None), "has no case to replay."),
    ],
    ids=[
        "large",
        "half",
        "deep",
        "a list",
        "an object",
        "version",
        "search",
        "no search",
        "requirement",
        "no case",
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        read(content)


def test_the_largest_file_is_read() -> None:
    content = written()
    assert read(content + b" " * (LARGEST_FILE - len(content))).requirement == "pause.is-stored"
