"""`conformance rejudge`: gives the verdicts of a saved run again, offline, with today's suite."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.parsers import Commands, add_expressions
from conformance.cli.run import judge_and_report
from conformance.config.accepted import deviations_of
from conformance.config.options import SettingsError
from conformance.config.resolution import selected
from conformance.contract.catalogue import load_catalogue

if TYPE_CHECKING:
    from conformance.evidence import Evidence


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "rejudge", help="judge the saved evidence of a run again, offline", allow_abbrev=False
    )
    parser.set_defaults(command=rejudge)
    parser.add_argument("file", type=Path, metavar="FILE", help="evidence.json.gz of a run, or its folder")
    parser.add_argument("--only", action="append", metavar="REQUIREMENT",
        help="judge only these (repeatable or comma list; default: those of the run)")  # fmt: skip
    parser.add_argument("--strict", action="store_true", default=None, help="a broken SHOULD also fails")
    parser.add_argument("--report-dir", default="reports/rejudged", metavar="DIR",
        help="where reports go (default: reports/rejudged)")  # fmt: skip
    parser.add_argument("--har", type=Path, metavar="FILE", help="also write the exchanges as HAR 1.2")
    add_expressions(parser)


def rejudge(chosen: argparse.Namespace) -> int:
    """Judge saved evidence, print the summary with what has changed, return the exit code of a run."""
    from conformance.run.pytest_call import expressions
    from conformance.run.saved_run import Saved

    evidence = load(chosen.file)
    if chosen.har:
        _archive(evidence, chosen.har)
    now = {
        "only": selected(chosen.only, load_catalogue()) or evidence.settings.only,
        "strict": chosen.strict or evidence.settings.strict,
        "report_dir": chosen.report_dir,
        "accepted": deviations_of(evidence.settings.profile, evidence.settings.base_url, Path.cwd()),
    }
    run = ", ".join(part.run_id for part in evidence.parts)
    notice = f"judged again, offline, from what run {run} saved at {evidence.started_at}"
    words = expressions(chosen.keyword or evidence.keyword, chosen.marks or evidence.marks)
    return judge_and_report(words, Saved(evidence, replace(evidence.settings, **now), (notice,)))


def _archive(evidence: Evidence, path: Path) -> None:
    from conformance.evidence import write_har
    from conformance.report import ReportError

    try:
        write_har(evidence.parts, path)
    except ReportError as error:
        raise SettingsError(str(error)) from None


def load(path: Path) -> Evidence:
    """Return the evidence in a file or folder; raises SettingsError when it cannot be read."""
    from conformance.evidence import EvidenceError, read_evidence

    try:
        evidence = read_evidence(path)
    except EvidenceError as error:
        raise SettingsError(str(error)) from None
    if not evidence.parts:
        raise SettingsError(f"{path} holds nothing to judge: the run asked nothing.")
    return evidence
