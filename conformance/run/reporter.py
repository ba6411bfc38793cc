"""The hooks that gather verdicts from all processes of a run and write the reports."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ExceptionRepr
from _pytest.mark import deselect_by_keyword, deselect_by_mark

from conformance.client.ownership.ledger import LedgerError, check_ledger
from conformance.client.ownership.orphans import left_since, reminders
from conformance.evidence import EvidenceError
from conformance.report import (
    ReportError,
    append_summary,
    check_reports,
    clear_reports,
    terminal,
    write_reports,
)
from conformance.report.comparing.comparison import compare
from conformance.report.comparing.saved import SavedResult, parsed, read_result
from conformance.report.files import check
from conformance.report.github import workflow_commands
from conformance.report.result import RunResult, Traffic
from conformance.report.result_json import result_json
from conformance.report.text import harmless
from conformance.report.write import SUMMARY_HINT
from conformance.run.recorder import Keeper
from conformance.run.saved_run import SAVED
from conformance.run.selection import settings_of
from conformance.run.session import NOTHING_ASKED, Collector
from conformance.run.signals import Stopper
from conformance.run.verdicts.outcomes import facts_from, masked_error, verdict_from

MODES = ("load", "loadgroup")
"""The ways of pytest-xdist to distribute tests that leave it open which worker gets one."""
WORKER_SECONDS = 25.0
"""How long workers may take to end gracefully."""
RESULT = pytest.StashKey[RunResult]()
FACTS = "conformance_facts"
SELECTED = "conformance_selected"
GROUPED = "conformance_grouped"
LENT = "conformance_evidence"
UNLENT = "conformance_evidence_unwritten"


class Reporter:
    """Sees all verdicts of a run, makes the result of them and writes the reports."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        settings = settings_of(config)
        self.collector = Collector(settings, reminders=reminders(settings.report_dir))
        self.keeper = Keeper(config, settings)
        self._earlier = _earlier(settings.compare_with)
        summary = os.environ.get("GITHUB_STEP_SUMMARY")
        self._summary = Path(summary) if summary else None
        self._workers: list[int] = []  # the ids of their processes
        self._unwritten: list[str] = []
        self._died = False
        self._over = threading.Event()
        self._stopper = Stopper(self._stop, abandon=partial(self._signal, signal.SIGKILL))

    def prepare(self) -> None:
        """Make sure that reports and ledger can be written, before anything is sent.

        Reports of an earlier run are gone then. Raises pytest.UsageError.
        """
        settings = self.collector.settings
        directory = Path(settings.report_dir)
        try:
            check_reports(directory)
            self.keeper.check()
            check_ledger(directory)
            if self._summary:
                check(self._summary, SUMMARY_HINT, parents=False)
            clear_reports(directory, kept=[Path(failure.path) for failure in settings.replay])
            self.keeper.clear()
        except (ReportError, LedgerError) as error:
            raise pytest.UsageError(harmless(str(error))) from error

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Notice in the process that hands out tests what each of its workers would stumble over."""
        if not self._config.option.collectonly:
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

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: ExceptionRepr) -> None:
        """Keep the text of a failure of pytest or of a plugin, and mask what pytest will print of it."""
        self.collector.internal_errors.append(masked_error(excrepr, self.collector.redact))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that the run was stopped, and by what, or why."""
        by_signal = self.collector.stopped_by or self._stopper.name
        if not by_signal and (why := str(excinfo.value)):
            self.collector.reminders.append(f"pytest was told to stop: {why}")
        self.collector.stopped_by = by_signal or "SIGINT"

    @property
    def _grouped(self) -> bool:
        return self._config.getoption("dist") in MODES

    @property
    def _distributing(self) -> Any:  # noqa: ANN401 (a class of xdist)
        """What hands out tests to workers, None in a run without any."""
        return self._config.pluginmanager.getplugin("dsession")

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 (a class of xdist)
        """Tell a worker whether all judgements go to one worker."""
        node.workerinput[GROUPED] = self._grouped
        if node.gateway.spec.popen:  # a worker elsewhere is left to pytest-xdist
            self._workers.append(_process_id(node.gateway))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Let workers come to their end when the run is stopped."""
        if not self._distributing:
            return (yield)
        with self._stopper.deferred():
            return (yield)

    def _stop(self, name: str) -> None:
        """End workers gracefully, and kill those that do not end; runs in a thread of its own."""
        self.collector.stopped_by = name
        if distributing := self._distributing:
            distributing.shouldstop = f"stopped by {name}"
            self._signal(signal.SIGINT)
            if not self._over.wait(WORKER_SECONDS):
                self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._workers:
            with suppress(OSError):
                os.kill(process, number)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> object:  # noqa: ANN401 (same)
        """Let one worker have all judgements, unless the user distributes tests in a way of their own."""
        if not self._grouped:
            return None
        from conformance.run.xdist_scheduling import JudgementScheduling

        return JudgementScheduling(config, log)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:  # noqa: ANN401 (a class of xdist)
        """Take what a worker knows of the run."""
        output = getattr(node, "workeroutput", {})
        if FACTS in output:
            self.collector.facts.append(facts_from(output[FACTS]))
        if LENT in output:
            self._receive(Path(output[LENT]))
        if UNLENT in output:
            self._unwritten.append(output[UNLENT])
        self.collector.selected = list(output.get(SELECTED, self.collector.selected))
        self._died |= FACTS not in output
        if error and not self._stopper.name:
            self.collector.internal_errors.append(f"a worker died: {error}")

    def _receive(self, path: Path) -> None:
        try:
            self.keeper.receive(path)
        except EvidenceError as error:
            if path.exists():
                raise
            self.collector.reminders.append(f"a worker's evidence and ledger are on its machine: {error}")

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int
    ) -> Generator[None, object, object]:
        """Write the reports when all else is done; a run whose reports are missing does not end well."""
        self._over.set()
        with self._stopper.deferred():
            answer = yield
            self._finish(exitstatus)
            if exitstatus == pytest.ExitCode.INTERNAL_ERROR:
                self._report_anyway()
            result = self._config.stash.get(RESULT, None)
            if result and exitstatus == pytest.ExitCode.OK:
                session.exitstatus = _exit_status(result)
            return answer

    def pytest_unconfigure(self) -> None:
        """Leave signals to others."""
        self._stopper.release()

    def _finish(self, exitstatus: int) -> None:
        """Make the result and write the reports, unless nothing was to be judged or pytest called wrongly."""
        if exitstatus == pytest.ExitCode.USAGE_ERROR or self._config.option.collectonly:
            return
        saved = self._config.stash.get(SAVED, None)
        self._count_orphans()
        result = saved.with_changes(self.collector.result()) if saved else self.collector.result()
        if self._earlier:
            now = parsed(json.loads(result_json(result)))
            result = replace(result, comparison=compare(self._earlier, now))
        self._config.stash[RESULT] = self._written(result)

    def _written(self, result: RunResult) -> RunResult:
        """Write all reports; return the result, which says so where one could not be written."""
        result = replace(result, unwritten=tuple(self._unwritten))
        for save in self.keeper.saving(self.collector, result):
            result = _noting(save, result)
        if summary := self._summary:
            result = _noting(lambda: append_summary(result, summary), result)
        directory = Path(self.collector.settings.report_dir)
        written = _noting(lambda: write_reports(result, directory), result)
        if written is not result:  # those that can be written say so as well
            _noting(lambda: write_reports(written, directory), written)
        return written

    def _count_orphans(self) -> None:
        """Take from the ledger what workers left that died before they could tell."""
        if self._died:
            known = {facts.run_id for facts in self.collector.facts}
            left = left_since(self.collector.settings.report_dir, self.collector.started_at, known)
            self.collector.facts.append(replace(NOTHING_ASKED, traffic=Traffic(left=left), notices=left))

    def _report_anyway(self) -> None:
        """Print the report after an internal error, when pytest asks nobody for a summary."""
        if reporter := self._config.pluginmanager.getplugin("terminalreporter"):
            self.pytest_terminal_summary(reporter)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the conformance report below pytest's own."""
        result = self._config.stash.get(RESULT, None)
        if result:
            terminalreporter.section("conformance")
            text = terminal(result, colour=terminalreporter.hasmarkup, broken=False)
            terminalreporter.write_line(text + workflow_commands(result, os.environ))


def _process_id(gateway: Any) -> int:  # noqa: ANN401 (a class of execnet)
    """Return the id of the process of a worker that has nothing to do yet."""
    channel = gateway.remote_exec("import os; channel.send(os.getpid())")
    process = int(channel.receive(WORKER_SECONDS))
    channel.waitclose(WORKER_SECONDS)  # the worker begins its tests in the thread that answers this
    return process


def _earlier(path: str | None) -> SavedResult | None:
    """Return the report to compare with, read before the run takes it away. Raises pytest.UsageError."""
    try:
        return read_result(Path(path)) if path else None
    except ReportError as error:
        raise pytest.UsageError(harmless(f"--compare-with: {error}")) from error


def _exit_status(result: RunResult) -> pytest.ExitCode:
    """Return what pytest ends with where every test of its own passed."""
    if result.unwritten:
        return pytest.ExitCode.INTERNAL_ERROR
    failing = any(standing.fails for standing in result.standings)
    return pytest.ExitCode.TESTS_FAILED if failing else pytest.ExitCode.OK


def _noting(write: Callable[[], object], result: RunResult) -> RunResult:
    """Write something; return the result, which says why where that failed."""
    try:
        write()
    except ReportError as error:
        return replace(result, unwritten=(*result.unwritten, error.what))
    return result
