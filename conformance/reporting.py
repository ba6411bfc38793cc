"""The hooks that gather verdicts from all processes of a run and write the reports."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Generator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import deselect_by_keyword, deselect_by_mark

from conformance.evidence import EvidenceError
from conformance.keeping import Keeper
from conformance.rejudging import SAVED
from conformance.report import ReportError, append_summary, prepare, terminal, write_reports
from conformance.report.result import STOPS, RunResult
from conformance.selection import settings_of
from conformance.session import Collector
from conformance.stopping import Stopper
from conformance.target.ledger import LedgerError, check_ledger
from conformance.target.leftovers import reminders
from conformance.verdicts import facts_from, verdict_from

MODES = ("load", "loadgroup")
"""The ways of pytest-xdist to distribute tests that leave it open which worker gets one."""
WORKER_SECONDS = 25.0
"""How long workers may take to end in good order."""
RESULT = pytest.StashKey[RunResult]()
FACTS = "conformance_facts"
SELECTED = "conformance_selected"
GROUPED = "conformance_grouped"
LENT = "conformance_evidence"


class Reporter:
    """Sees all verdicts of a run, makes the result of them and writes the reports.

    `expected` tells whether there is a result even if no test of ours is selected in the end.
    """

    def __init__(self, config: pytest.Config, *, expected: bool) -> None:
        self._config = config
        self._expected = expected
        settings = settings_of(config)
        self.collector = Collector(settings, reminders=reminders(settings.report_dir))
        self.keeper = Keeper(config, Path(settings.report_dir))
        self._workers: list[Any] = []
        self._over = threading.Event()
        self._stopper = Stopper(self._stop, abandon=partial(self._signal, signal.SIGKILL))

    def prepare(self) -> None:
        """Make sure that reports and ledger can be written, before anything is sent.

        Reports of an earlier run are gone then. Raises pytest.UsageError.
        """
        directory = Path(self.collector.settings.report_dir)
        try:
            prepare(directory)
            check_ledger(directory)
            self.keeper.prepare()
        except (ReportError, LedgerError) as error:
            raise pytest.UsageError(str(error)) from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Notice in the process that hands out tests what each of its workers would stumble over."""
        if self._expected and not self._config.option.collectonly:
            self._stopper.watch()
            deselect_by_keyword([], self._config)
            deselect_by_mark([], self._config)
            self.prepare()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the verdict that a report carries."""
        found = getattr(report, "conformance", None)
        if found:
            verdict = verdict_from(found)
            self.collector.verdicts[verdict.requirement] = verdict

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep the text of a collection that failed."""
        if report.failed:
            self.collector.internal_errors.append(str(report.longrepr))

    def pytest_internalerror(self, excrepr: object) -> None:
        """Keep the text of a failure of pytest or of a plugin."""
        self.collector.internal_errors.append(str(excrepr))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that the run was stopped, and by what."""
        told = str(excinfo.value).rpartition(" ")[2]
        known = self.collector.stopped_by or self._stopper.name
        self.collector.stopped_by = known or (told if told in STOPS else "SIGINT")

    @property
    def _grouped(self) -> bool:
        return self._expected and self._config.getoption("dist") in MODES

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 (a class of xdist)
        """Tell a worker whether all judgements go to one worker."""
        node.workerinput[GROUPED] = self._grouped
        self._workers.append(node)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Let workers come to their end when the run is stopped."""
        if not self._workers:
            return (yield)
        with self._stopper.deferred():
            return (yield)

    def _stop(self, name: str) -> None:
        """Have workers end in good order, and those that do not do so killed; in a thread of its own."""
        self.collector.stopped_by = name
        distributing = self._config.pluginmanager.getplugin("dsession")
        if distributing and self._workers:
            distributing.shouldstop = f"stopped by {name}"
            self._signal(signal.SIGINT)
            if not self._over.wait(WORKER_SECONDS):
                self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for node in self._workers:
            if node.gateway.spec.popen:  # a worker elsewhere is left to pytest-xdist
                with suppress(OSError):
                    os.kill(node.gateway._rinfo().pid, number)  # noqa: SLF001 (execnet tells it nowhere else)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> object:  # noqa: ANN401 (same)
        """Let one worker have all judgements, unless the user distributes tests in a way of their own."""
        if not self._grouped:
            return None
        from conformance.distribution import Scheduling

        return Scheduling(config, log)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:  # noqa: ANN401 (a class of xdist)
        """Take what a worker knows of the run."""
        output = getattr(node, "workeroutput", {})
        if FACTS in output:
            self.collector.facts.append(facts_from(output[FACTS]))
            self._take(Path(output[LENT]))
        self.collector.selected = list(output.get(SELECTED, self.collector.selected))
        if error and not self._stopper.name:
            self.collector.internal_errors.append(f"a worker died: {error}")

    def _take(self, path: Path) -> None:
        try:
            self.keeper.take(path)
        except EvidenceError as error:
            if path.exists():
                raise
            self.collector.reminders.append(f"a worker's evidence and ledger are on its machine: {error}")

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> Generator[None, object, object]:
        """Write the reports when all else is done."""
        self._over.set()
        with self._stopper.deferred():
            answer = yield
            self._finish(exitstatus)
            return answer

    def pytest_unconfigure(self) -> None:
        """Leave signals to others."""
        self._stopper.release()

    def _finish(self, exitstatus: int) -> None:
        """Make the result and write the reports, unless nothing was to be judged or pytest called wrongly."""
        if exitstatus == pytest.ExitCode.USAGE_ERROR or self._config.option.collectonly:
            return
        if not self._expected and not self.collector.selected:
            return
        saved = self._config.stash.get(SAVED, None)
        result = saved.told(self.collector.result()) if saved else self.collector.result()
        self._config.stash[RESULT] = result
        try:
            write_reports(result, Path(self.collector.settings.report_dir))
            self.keeper.save(self.collector, result)
        except ReportError as error:
            raise pytest.UsageError(str(error)) from None
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            try:
                append_summary(result, Path(summary))
            except ReportError as error:  # the run and its reports stand all the same
                logging.getLogger("conformance.progress").warning("%s", error)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the conformance report below pytest's own."""
        result = self._config.stash.get(RESULT, None)
        if result:
            terminalreporter.section("conformance")
            terminalreporter.write_line(terminal(result, colour=terminalreporter.hasmarkup))
