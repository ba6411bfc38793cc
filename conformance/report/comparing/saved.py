"""Reports of earlier runs: `result.json` read again, as far as comparing and accepting need it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conformance.report.files import ReportError
from conformance.report.result import SCHEMA_VERSION

RESULT: Final = "result.json"
LARGEST: Final = 256 * 1024 * 1024
"""Bytes."""
HINT: Final = "a run writes result.json into its --report-dir"


@dataclass(frozen=True, slots=True)
class SavedRow:
    """What a report says of one requirement; `found_by` names the search that found it broken, if one did."""

    id: str
    level: str
    title: str
    verdict: str
    broken: bool
    accepted: bool
    message: str
    expected: str
    got: str
    found_by: str = ""


@dataclass(frozen=True, slots=True)
class SavedResult:
    """One earlier run, by its report; `totals` are numbers by name, as in `result.json`.

    `suite_version` is that of the suite which judged, `revision` the edition that it judged by.
    """

    target: str
    profile: str
    started_at: str
    exit_code: int
    complete: bool
    rows: Mapping[str, SavedRow]
    totals: Mapping[str, float]
    suite_version: str = ""
    revision: str = ""


def read_result(path: Path) -> SavedResult:
    """Return the run whose `result.json` is at `path`, or in that folder. Raises ReportError."""
    file = path / RESULT if path.is_dir() else path
    try:
        if file.stat().st_size > LARGEST:
            raise ReportError(f"{file} is larger than {LARGEST} bytes", HINT)
        return parsed(json.loads(file.read_bytes()))
    except OSError as error:
        raise ReportError(f"cannot read {file}: {error.strerror or error}", HINT) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ReportError(f"{file} is no report of a run, or was cut off: {error!s:.200}", HINT) from None


def parsed(document: Mapping[str, Any]) -> SavedResult:
    """Return the run that a `result.json` describes; raises ValueError, KeyError or TypeError for none."""
    version, major = str(document["schema_version"]), SCHEMA_VERSION.partition(".")[0]
    if version.partition(".")[0] != major:
        raise ValueError(f"schema version {version!r:.20}; this suite reads {major}.x")
    found = {
        (finding["requirement"], finding["expected"], finding["got"]): search["id"]
        for search in document["searches"]
        for finding in search["findings"]
    }
    return SavedResult(
        target=str(document["target"]),
        profile=str(document["profile"]),
        started_at=str(document["started_at"]),
        exit_code=int(document["exit_code"]),
        complete=document["complete"] is True,
        rows={row["id"]: _row(row, found) for row in document["requirements"]},
        totals={name: float(value) for name, value in document["totals"].items()},
        suite_version=str(document["suite_version"]),
        revision=str(document["revision"]),
    )


def _row(row: Mapping[str, Any], found: Mapping[tuple[str, str, str], str]) -> SavedRow:
    texts = {
        name: str(row[name]) for name in ("id", "level", "title", "verdict", "message", "expected", "got")
    }
    return SavedRow(
        **texts,
        broken=row["broken"] is True,
        accepted=row.get("accepted") is True,
        found_by=found.get((row["id"], row["expected"], row["got"]), ""),
    )
