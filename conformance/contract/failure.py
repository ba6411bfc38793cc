"""A promise that a search saw broken, as a file: what was tried, for a later run to try first.

`schemas/report/failure.schema.json` describes the file. What a `case` holds is each search's own business:
it writes and reads its cases itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.contract.catalogue import Catalogue
from conformance.contract.verdict import Finding

SCHEMA_VERSION: Final = "1.0"
FOLDER: Final = "failures"
"""Where in the report directory the files lie."""
LARGEST_CASE: Final = 256 * 1024
LARGEST_FILE: Final = 1024 * 1024
"""The most characters that a case, and bytes that a file, may have."""


@dataclass(frozen=True, slots=True)
class SavedFailure:
    """What the file at `path` says: a search, the requirement that it saw broken, the case that showed it."""

    path: str
    search: str
    requirement: str
    case: Any


def file_name(search: str, requirement: str) -> str:
    """Return the name of the file for what a search found; a later failure of the same kind replaces it."""
    return f"{search}-{requirement}.json"


def case_of(finding: Finding) -> object:
    """Return the case of a finding, None when it has none or one too large for a file."""
    try:
        return json.loads(finding.replay) if len(finding.replay) <= LARGEST_CASE else None
    except ValueError:
        return None


def rendered(search: str, finding: Finding, run: Mapping[str, object]) -> str:
    """Return the file of a finding, whose texts are redacted already; `run` names target, seed and so on."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "search": search,
        "requirement": finding.requirement,
        "expected": finding.expected,
        "got": finding.got,
        "run": run,
        "case": case_of(finding),
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def parse(path: str, content: bytes, catalogue: Catalogue) -> SavedFailure:
    """Return what the content of a file says; raises ValueError with a sentence on what is wrong with it."""
    if len(content) > LARGEST_FILE:
        raise ValueError(f"is larger than {LARGEST_FILE} bytes.")
    try:
        document = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON: {error}.") from None
    if not isinstance(document, dict) or "schema_version" not in document:
        raise ValueError("is no failure that a run saved: it has no schema_version.")
    version = document["schema_version"]
    if version != SCHEMA_VERSION:
        raise ValueError(f"has the schema version {version!r}; this suite reads {SCHEMA_VERSION!r}.")
    search, requirement = (str(document.get(name)) for name in ("search", "requirement"))
    if search not in catalogue.searches:
        raise ValueError(f"names the unknown search {search!r}; allowed: {', '.join(catalogue.searches)}.")
    if requirement not in catalogue.requirements:
        raise ValueError(f"names the unknown requirement {requirement!r}.")
    if document.get("case") is None:
        raise ValueError("has no case to replay.")
    return SavedFailure(path, search, requirement, document["case"])


def _refuse_constant(name: str) -> object:
    """Refuse NaN and Infinity, which are no JSON and must not be sent."""
    raise ValueError(f"{name} is no JSON value")
