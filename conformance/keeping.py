"""Keeps what the processes of a run collected, and saves it when the run is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import __version__
from conformance.evidence import FILE, Evidence, Part, read_evidence, write_evidence, write_har
from conformance.rejudging import SAVED
from conformance.report.result import RunResult
from conformance.session import Collector, RunFacts, Session
from conformance.target.redaction import Redactor
from conformance.target.settings import Settings


class Keeper:
    """The evidence of one run; a run that judges saved evidence keeps none of its own."""

    def __init__(self, config: pytest.Config, folder: Path) -> None:
        self._config = config
        self._path = folder / FILE
        self._parts: list[Part] = []
        self._settings: Settings | None = None
        self._redactor = Redactor()

    def prepare(self) -> None:
        """Take away the evidence of an earlier run, unless it is what is judged."""
        if SAVED not in self._config.stash:
            self._path.unlink(missing_ok=True)

    def keep(self, session: Session, facts: RunFacts) -> None:
        """Keep what the session of this process collected."""
        if SAVED not in self._config.stash:
            self._parts += parts_of(session, facts)
            self._settings, self._redactor = session.settings, session.target.redactor

    def take(self, path: Path) -> None:
        """Take over what a worker saved at `path`, and remove the file; raises EvidenceError."""
        lent = read_evidence(path)
        path.unlink()
        self._parts += lent.parts
        self._settings = lent.settings

    def save(self, collector: Collector, result: RunResult) -> None:
        """Write the evidence, and the archive of exchanges that was asked for; raises ReportError."""
        if SAVED in self._config.stash:
            return
        evidence = Evidence(
            suite_version=__version__,
            started_at=result.started_at,
            seconds=result.seconds,
            settings=self._settings or collector.settings,
            keyword=self._config.option.keyword,
            marks=self._config.option.markexpr,
            interrupted=bool(collector.stopped_by),
            internal_error=result.internal_error,
            parts=tuple(self._parts),
            verdicts=collector.verdicts,
        )
        write_evidence(evidence, self._redactor, self._path)
        if collector.settings.har:
            write_har(self._parts, self._redactor, Path(collector.settings.har))


def parts_of(session: Session, facts: RunFacts) -> tuple[Part, ...]:
    """Return what a session collected, when it is finished; one that asked nothing collected nothing."""
    runner = session.runner
    if runner.flown is None:
        return ()
    part = Part(
        run_id=facts.run_id,
        traffic=facts.traffic,
        notices=facts.notices,
        ended_by=facts.ended_by,
        preflight=runner.flown,
        exchanges=session.target.exchanges(),
        all_told=runner.all_told,
        stories=runner.yielded(),
    )
    return (part,)


def lend(session: Session, facts: RunFacts, name: str) -> Path:
    """Save what a worker called `name` collected, for `Keeper.take`; return the path. Raises ReportError."""
    lent = Evidence(
        suite_version=__version__,
        started_at="",
        seconds=0.0,
        settings=session.settings,
        parts=parts_of(session, facts),
    )
    path = Path(session.settings.report_dir) / f".{name}.{FILE}"
    return write_evidence(lent, session.target.redactor, path)
