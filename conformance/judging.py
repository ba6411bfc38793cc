"""The hooks that begin a run and turn judgements into verdicts; woken by the plugin."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import asdict, replace

import pytest

from conformance.contract.catalogue import SEARCH_AREA, Requirement
from conformance.contract.verdict import Blame, BrokenPromiseError, Outcome, Verdict
from conformance.keeping import lend
from conformance.rejudging import SAVED
from conformance.reporting import FACTS, GROUPED, LENT, SELECTED, Reporter
from conformance.selection import (
    about_all,
    all_stories,
    mark,
    read_by,
    requirement_of,
    settings_of,
    stories_of,
)
from conformance.session import FINDINGS, OBSERVATION, SESSION, Session
from conformance.sharding import Share, share_of
from conformance.stopping import Stopper
from conformance.verdicts import SHOWN, judge, plain, searched, show


class Judge:
    """Runs in each process that runs tests: tells the stories and turns outcomes into verdicts."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        workers = getattr(config, "workerinput", {}).get("workercount", 1)
        self._settings = settings_of(config).shared(workers)
        self._session: Session | None = None
        self._reporter: Reporter | None = None
        self._ours: list[tuple[pytest.Item, Requirement]] = []
        self._share: Share | None = None
        self._loop: pytest.Session | None = None
        self._stopper = Stopper(self._stop, patient=self._worker)

    @property
    def _worker(self) -> bool:
        return hasattr(self._config, "workerinput")

    def prepare(self, ours: list[pytest.Item], items: list[pytest.Item]) -> None:
        """Mark our tests by level, area and tier; take those out of `items` that `--only` does not name."""
        self._stopper.watch()
        if not self._worker:
            self._reporter = Reporter(self._config, expected=True)
            self._config.pluginmanager.register(self._reporter, "conformance-reporter")
        for item in ours:
            requirement = requirement_of(item)
            if requirement:
                mark(item, requirement)
        if self._settings.shard:
            self._share = share_of(self._settings.shard, all_stories(), map(read_by, ours))
        dropped = [item for item in ours if not self._is_ours(item)]
        if dropped:
            self._config.hook.pytest_deselected(items=dropped)
            items[:] = [item for item in items if item not in dropped]

    def _is_ours(self, item: pytest.Item) -> bool:
        """Tell whether `--only` names a requirement and this shard judges it."""
        requirement, only = requirement_of(item), self._settings.only
        if only and requirement and requirement.id not in only:
            return False
        return self._share is None or self._share.judges(read_by(item), about_all=about_all(item))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Take the selection, which is final now, and start every story that it needs.

        A worker does not know yet which tests it will get: it waits for the first.
        """
        if session.testsfailed or self._config.option.collectonly:
            return
        self._loop = session
        if self._worker and self._stopper.name:
            session.shouldstop = f"stopped by {self._stopper.name}"
        self._ours = [(item, r) for item in session.items if (r := requirement_of(item))]
        if self._reporter:
            self._reporter.collector.selected = [requirement.id for _, requirement in self._ours]
        if self._reporter and self._ours:
            self._reporter.prepare()
            with self._stopper.deferred():
                self._begin(self._ours)
            if self._stopper.name:
                raise KeyboardInterrupt

    def _stop(self, signal: str) -> None:
        """Let this process come to its end soon; called in a thread of its own."""
        if self._reporter:
            self._reporter.collector.stopped_by = signal
        if self._worker and self._loop:
            self._loop.shouldstop = f"stopped by {signal}"
        if self._session:
            self._session.target.stop(signal)

    def _begin(self, tests: Iterable[tuple[pytest.Item, Requirement]]) -> Session:
        """Start the stories that some tests need."""
        chosen = [item for item, requirement in tests if requirement.tier in self._settings.tier]
        saved = self._config.stash.get(SAVED, None)
        self._session = self._config.stash[SESSION] = (
            saved.session()
            if saved
            else Session(self._settings, self._share.stories if self._share else None)
        )
        if self._stopper.name:  # it came before there was anything to stop
            self._session.target.stop(self._stopper.name)
        needed = [name for item in chosen for name in stories_of(item)]
        if needed and self._share is not None:  # each shard must know whether the target disturbs its stories
            needed += [
                n for n, story in all_stories().items() if story.guard and story.tier in self._settings.tier
            ]
        self._session.runner.start(dict.fromkeys(needed))
        return self._session

    def _group(self, item: pytest.Item, requirement: Requirement) -> list[tuple[pytest.Item, Requirement]]:
        """Return the tests that a worker will get which got this one: all judgements, or one search."""
        grouped = getattr(self._config, "workerinput", {}).get(GROUPED)
        if requirement.area == SEARCH_AREA or not grouped:
            return [(item, requirement)]
        return [(one, r) for one, r in self._ours if r.area != SEARCH_AREA]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a requirement that does not bind this run, with the option that would judge it."""
        requirement = requirement_of(item)
        if requirement:
            session = self._session or self._begin(self._group(item, requirement))
            session.check_applicable(requirement)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn the outcome of a judgement into a verdict, and show the verdict as pytest would.

        The report that pytest makes of an error is replaced, so it makes none: rendering a traceback parses
        source files, which is slow and, on CPython 3.11 beside other threads, may fail with a SystemError.
        """
        requirement = requirement_of(item)
        over = call.when == "call" or (call.when == "setup" and call.excinfo is not None)
        ours = requirement is not None and over and self._session is not None
        error = call.excinfo
        if ours:
            call.excinfo = None
        try:
            report = yield
        finally:
            call.excinfo = error
        if requirement and ours:
            verdict = self._verdict(requirement, item, call)
            show(report, requirement, verdict, strict=self._settings.strict)
            item.user_properties += [("verdict", str(verdict.outcome)), ("blame", str(verdict.blame or ""))]
            report.user_properties = list(item.user_properties)
            report.conformance = plain(verdict)  # type: ignore[attr-defined]  # travels to the reporter
        return report

    def _verdict(self, requirement: Requirement, item: pytest.Item, call: pytest.CallInfo[None]) -> Verdict:
        session = self._session
        interrupted = call.excinfo and not isinstance(call.excinfo.value, Exception)
        if session is None or interrupted or self._stopper.name:
            return Verdict(requirement.id, Outcome.NOT_JUDGED, Blame.HARNESS, "the run was stopped")
        error = call.excinfo.value if call.excinfo else None
        verdict = judge(requirement, error, item.stash.get(OBSERVATION, ""))
        if error is None and requirement.area == SEARCH_AREA:
            verdict = searched(requirement, item.stash.get(FINDINGS, ()))
        verdict = session.reviewed(verdict, about_all=about_all(item))
        evidence = ""
        if verdict.findings:
            evidence = "\n\n".join(finding.steps for finding in verdict.findings)
        elif verdict.outcome in SHOWN:
            culprits = error.culprits if isinstance(error, BrokenPromiseError) else ()
            evidence = session.evidence(stories_of(item), culprits)
        redact = session.target.redactor.text
        return replace(
            verdict,
            message=redact(verdict.message),
            expected=redact(verdict.expected),
            got=redact(verdict.got),
            evidence=redact(evidence),
            findings=tuple(
                replace(f, **{k: redact(v) for k, v in asdict(f).items()}) for f in verdict.findings
            ),
            reproduce=session.reproduce(requirement, verdict.findings),
            seconds=call.duration,
        )

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None, object, object]:
        """Clean up, hand on what this process knows of the run, and let the reports be written in peace."""
        with self._stopper.deferred():
            self._finish()
            return (yield)

    def pytest_unconfigure(self) -> None:
        """Leave signals to others."""
        self._stopper.release()

    def _finish(self) -> None:
        output = getattr(self._config, "workeroutput", {})
        output[SELECTED] = [requirement.id for _, requirement in self._ours]
        if self._session is None:
            return
        facts = self._session.finish()
        if self._reporter:
            self._reporter.collector.facts.append(facts)
            self._reporter.keeper.keep(self._session, facts)
        else:
            output[FACTS] = asdict(facts)
            output[LENT] = str(lend(self._session, facts, self._config.workerinput["workerid"]))  # type: ignore[attr-defined]
