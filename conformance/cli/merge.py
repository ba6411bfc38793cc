"""`conformance merge`: joins the shards of one run into one report."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.parsers import Commands
from conformance.cli.rejudge import load
from conformance.cli.run import judge_and_report
from conformance.config.accepted import deviations_of
from conformance.config.options import SettingsError

if TYPE_CHECKING:
    from conformance.evidence import Evidence


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("merge", help="join the shards of one run", allow_abbrev=False)
    parser.set_defaults(command=merge)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="report directory of a shard")
    parser.add_argument("--report-dir", type=Path, default=Path("reports", "merged"), metavar="DIR",
        help="where the joined reports go (default: reports/merged)")  # fmt: skip


def merge(chosen: argparse.Namespace) -> int:
    """Join evidence, judge it as one run, print the summary, return the exit code of that run.

    The joined evidence is saved beside the reports. A missing shard is named, and what it would have shown
    is not judged.
    """
    from conformance.evidence import FILE
    from conformance.run.pytest_call import expressions
    from conformance.run.saved_run import Saved

    evidence = _joined(chosen.folders, chosen.report_dir / FILE)
    accepted = deviations_of(evidence.settings.profile, evidence.settings.base_url, Path.cwd())
    settings = replace(evidence.settings, report_dir=str(chosen.report_dir), accepted=accepted)
    notices = (
        f"joined from {len(chosen.folders)} shards",
        *(f"shard {name} of the run is missing" for name in evidence.missing),
    )
    return judge_and_report(expressions(evidence.keyword, evidence.marks), Saved(evidence, settings, notices))


def _joined(folders: list[Path], path: Path) -> Evidence:
    """Save joined evidence and read it again, as whoever judges it later will."""
    from conformance.evidence import EvidenceError, joined, write_evidence
    from conformance.redaction.redactor import Redactor
    from conformance.report import ReportError

    read = [(folder, load(folder)) for folder in folders]
    try:
        return load(write_evidence(joined(read), Redactor(), path))
    except (EvidenceError, ReportError) as error:
        raise SettingsError(str(error)) from None
