"""Keeps what the processes of a run collected, and saves it when the run is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from conformance.client.ownership.ledger import LEDGER
from conformance.config.settings import Settings
from conformance.evidence import FILE, HAR_HINT, Evidence, Part, read_evidence, write_evidence, write_har
from conformance.redaction.known_secrets import redactor_of
from conformance.redaction.redactor import Redactor
from conformance.report.files import ReportError, check, clear, unwritable
from conformance.report.result import RunResult
from conformance.report.write import HINT, REPORTS
from conformance.run.saved_run import SAVED
from conformance.run.session import Collector, RunFacts, Session
from conformance.version import __version__

OWN = (*REPORTS, FILE, LEDGER)
"""The files in the report directory that have another content than an archive of exchanges."""


class Keeper:
    """The evidence of one run; a run that judges saved evidence keeps none of its own."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config = config
        self._path = Path(settings.report_dir) / FILE
        self._archive = Path(settings.har) if settings.har else None
        self._parts: list[Part] = []
        self._settings: Settings | None = None
        self._redactor: Redactor | None = None

    def clear(self) -> None:
        """Take away the evidence of an earlier run, unless it is what is judged; raises ReportError."""
        if SAVED in self._config.stash:
            return
        try:
            clear(self._path)
        except OSError as error:
            raise unwritable(self._path, error, HINT) from error

    def check(self) -> None:
        """See that all can be saved where it is wanted; raises ReportError if not."""
        if SAVED in self._config.stash:
            return
        check(self._path, HINT)
        if self._archive:
            if self._archive.resolve() in {self._path.with_name(name).resolve() for name in OWN}:
                raise ReportError(f"cannot write {self._archive}: the run itself needs that file", HAR_HINT)
            check(self._archive, HAR_HINT)

    def keep(self, session: Session, facts: RunFacts) -> None:
        """Keep what the session of this process collected."""
        if SAVED not in self._config.stash:
            self._parts += parts_of(session, facts)
            self._settings, self._redactor = session.settings, session.target.redactor

    def receive(self, path: Path) -> None:
        """Take over what a worker saved at `path`, and remove the file; raises EvidenceError."""
        lent = read_evidence(path)
        path.unlink()
        self._parts += lent.parts
        self._settings = lent.settings

    def saving(self, collector: Collector, result: RunResult) -> Iterator[Callable[[], object]]:
        """Yield what writes the evidence, and the archive of exchanges that was asked for.

        Each raises ReportError when it cannot.
        """
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
        redactor = self._redactor or redactor_of(collector.settings.tokens)
        if self._archive:
            yield partial(write_har, self._parts, self._archive)
        yield partial(write_evidence, evidence, redactor, self._path)


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
        undisturbed=runner.undisturbed,
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
