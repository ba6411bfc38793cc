"""The failures that searches found, each as a file for a later run to replay."""

from __future__ import annotations

from conformance.contract.failure import FOLDER, case_of, file_name, rendered
from conformance.report.result import RunResult
from conformance.version import __version__


def failures(result: RunResult) -> dict[str, str]:
    """Return the files of a run by their paths in the report directory; see `contract.failure`."""
    run = {
        "suite_version": __version__,
        "target": result.target,
        "profile": result.profile,
        "revision": result.revision,
        "seed": result.seed,
        "run_id": result.run_id,
        "started_at": result.started_at,
    }
    return {
        f"{FOLDER}/{file_name(row.requirement.id, finding.requirement)}": rendered(
            row.requirement.id, finding, run
        )
        for row in result.searches
        for finding in row.verdict.findings
        if case_of(finding) is not None
    }
