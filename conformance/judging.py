"""The hooks that turn judgements into verdicts, and verdicts into reports; woken by the plugin."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.catalogue import SEARCH_AREA, Requirement, load_catalogue
from conformance.contract.verdict import (
    Blame,
    BrokenPromiseError,
    Finding,
    Level,
    NotApplicableError,
    NotJudgedError,
    Outcome,
    Verdict,
)
from conformance.exploration.registry import check_case
from conformance.report import ReportError, terminal, write_reports
from conformance.report.result import RunResult, Traffic
from conformance.session import FINDINGS, OBSERVATION, SESSION, SUITE_FAILED, Collector, RunFacts, Session
from conformance.stories.registry import load_stories
from conformance.target.ledger import LedgerError
from conformance.target.leftovers import reminders
from conformance.target.network import check_network
from conformance.target.options import OPTIONS, SettingsError
from conformance.target.settings import Settings, resolve

MARK = "conformance_requirement"
RESULT = pytest.StashKey[RunResult]()
FACTS = "conformance_facts"
SELECTED = "conformance_selected"


def settings_of(config: pytest.Config) -> Settings:
    """Return the settings that the options of this pytest run make; raises pytest.UsageError."""
    given = {o.attribute: config.getoption(f"conformance_{o.attribute}", None) for o in OPTIONS}
    try:
        settings = resolve(given, os.environ, load_catalogue(), Path.cwd())
        check_network(settings)
        for failure in settings.replay:
            check_case(failure)
    except SettingsError as error:
        raise pytest.UsageError(str(error)) from None
    return settings


def requirement_of(item: pytest.Item) -> Requirement | None:
    """Return the requirement or search of a test, or None for a test that is not ours."""
    mark = item.get_closest_marker(MARK)
    return load_catalogue()[str(mark.args[0])] if mark else None


def stories_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the names of the stories, or of the search, whose evidence a test reads."""
    requirement = requirement_of(item)
    if requirement and requirement.area == SEARCH_AREA:
        return (requirement.id,)
    return tuple(name for name in getattr(item, "fixturenames", ()) if name in load_stories())


class Reporter:
    """Sees all verdicts of a run, makes the result of them and writes the reports."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        settings = settings_of(config)
        self.collector = Collector(settings, reminders=reminders(settings.report_dir))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the verdict that a report carries."""
        found = getattr(report, "conformance", None)
        if found:
            blame = found["blame"] and Blame(found["blame"])
            findings = tuple(Finding(**finding) for finding in found["findings"])
            outcome = Outcome(found["outcome"])
            verdict = Verdict(**{**found, "outcome": outcome, "blame": blame, "findings": findings})
            self.collector.verdicts[verdict.requirement] = verdict

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep the text of a collection that failed."""
        if report.failed:
            self.collector.internal_errors.append(str(report.longrepr))

    def pytest_internalerror(self, excrepr: object) -> None:
        """Keep the text of a failure of pytest or of a plugin."""
        self.collector.internal_errors.append(str(excrepr))

    def pytest_keyboard_interrupt(self) -> None:
        """Note that the run was interrupted."""
        self.collector.interrupted = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:  # noqa: ANN401 (a class of xdist)
        """Take what a worker knows of the run."""
        output = getattr(node, "workeroutput", {})
        if FACTS in output:
            self.collector.facts.append(facts_from(output[FACTS]))
            self.collector.selected = list(output[SELECTED])
        if error:
            self.collector.internal_errors.append(f"a worker died: {error}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Make the result and write the reports, unless pytest was called wrongly."""
        if exitstatus == pytest.ExitCode.USAGE_ERROR:
            return
        result = self.collector.result()
        self._config.stash[RESULT] = result
        try:
            write_reports(result, Path(self.collector.settings.report_dir))
        except ReportError as error:
            raise pytest.UsageError(str(error)) from None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the conformance report below pytest's own."""
        result = self._config.stash.get(RESULT, None)
        if result:
            terminalreporter.section("conformance")
            terminalreporter.write_line(terminal(result, colour=terminalreporter.hasmarkup))


class Judge:
    """Runs in each process that runs tests: tells the stories and turns outcomes into verdicts."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        workers = getattr(config, "workerinput", {}).get("workercount", 1)
        self._settings = settings_of(config).shared(workers)
        self._session: Session | None = None
        self._reporter: Reporter | None = None
        self._selected: list[str] = []

    @property
    def _worker(self) -> bool:
        return hasattr(self._config, "workerinput")

    def prepare(self, ours: list[pytest.Item], items: list[pytest.Item]) -> None:
        """Mark our tests by level, area and tier; take those out of `items` that `--only` does not name."""
        if not self._worker:
            self._reporter = Reporter(self._config)
            self._config.pluginmanager.register(self._reporter, "conformance-reporter")
        for item in ours:
            requirement = requirement_of(item)
            if requirement:
                _mark(item, requirement)
        only = self._settings.only
        dropped = [i for i in ours if only and (r := requirement_of(i)) and r.id not in only]
        if dropped:
            self._config.hook.pytest_deselected(items=dropped)
            items[:] = [item for item in items if item not in dropped]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Start every story that the selected tests need."""
        ours = [item for item in session.items if requirement_of(item)]
        self._selected = [requirement.id for item in ours if (requirement := requirement_of(item))]
        if self._reporter:
            self._reporter.collector.selected = self._selected
        if not ours or self._config.option.collectonly:
            return
        # A worker does not know which tests it will get: it tells each story when it is first asked for.
        told = [] if self._worker else [item for item in ours if self._chosen(item)]
        needed = dict.fromkeys(name for item in told for name in stories_of(item))
        self._session = Session(self._settings, needed)
        self._config.stash[SESSION] = self._session

    def _chosen(self, item: pytest.Item) -> bool:
        requirement = requirement_of(item)
        return requirement is not None and requirement.tier in self._settings.tier

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a requirement that does not bind this run, with the option that would judge it."""
        requirement = requirement_of(item)
        if requirement and self._session:
            self._session.check_applicable(requirement)

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
        if session is None or (call.excinfo and not isinstance(call.excinfo.value, Exception)):
            return Verdict(requirement.id, Outcome.NOT_JUDGED, Blame.HARNESS, "the run was interrupted")
        error = call.excinfo.value if call.excinfo else None
        verdict = judge(requirement, error, item.stash.get(OBSERVATION, ""))
        if error is None and requirement.area == SEARCH_AREA:
            verdict = searched(requirement, item.stash.get(FINDINGS, ()))
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

    def pytest_keyboard_interrupt(self) -> None:
        """Stop sending, so that the clean-up can begin."""
        if self._session:
            self._session.target.stopped.set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Clean up on the target and hand on what this process knows of the run."""
        if self._session is None:
            return
        facts = self._session.finish()
        if self._reporter:
            self._reporter.collector.facts.append(facts)
        elif self._worker:
            self._config.workeroutput[FACTS] = asdict(facts)  # type: ignore[attr-defined]  # set by xdist
            self._config.workeroutput[SELECTED] = self._selected  # type: ignore[attr-defined]  # the same


SHOWN = (Outcome.FAIL, Outcome.WARN, Outcome.NOT_JUDGED)


def judge(requirement: Requirement, error: BaseException | None, observation: str) -> Verdict:
    """Return the verdict that the end of a judgement means: `error` is what it raised, if anything."""
    name, observed = requirement.id, requirement.level is Level.OBSERVE
    if error is None:
        return Verdict(name, Outcome.OBSERVED if observed else Outcome.PASS, message=observation)
    if isinstance(error, NotApplicableError):
        return Verdict(name, Outcome.NOT_APPLICABLE, message=str(error))
    if isinstance(error, BrokenPromiseError):
        outcome = {Level.MUST: Outcome.FAIL, Level.SHOULD: Outcome.WARN, Level.OBSERVE: Outcome.OBSERVED}
        return Verdict(
            name, outcome[requirement.level], message=str(error), expected=error.expected, got=error.got
        )
    if isinstance(error, NotJudgedError):
        return Verdict(name, Outcome.NOT_JUDGED, error.blame, error.reason)
    if isinstance(error, LedgerError):
        return Verdict(name, Outcome.NOT_JUDGED, Blame.PRECONDITION, str(error))
    reason = f"{SUITE_FAILED}: {type(error).__name__}: {error}"
    return Verdict(name, Outcome.NOT_JUDGED, Blame.HARNESS, reason)


def searched(search: Requirement, findings: tuple[Finding, ...]) -> Verdict:
    """Return the verdict of a search: broken if a MUST is, a warning if only SHOULDs are."""
    catalogue = load_catalogue()
    levels = {catalogue[finding.requirement].level for finding in findings}
    outcome = (
        Outcome.FAIL if Level.MUST in levels else Outcome.WARN if Level.SHOULD in levels else Outcome.PASS
    )
    parts = [f"{f.requirement}: expected {f.expected}; got {f.got}" for f in findings]
    return Verdict(search.id, outcome, message=" / ".join(parts), findings=findings)


def show(report: pytest.TestReport, requirement: Requirement, verdict: Verdict, *, strict: bool) -> None:
    """Make pytest's own report of a test say what the verdict says, as the plan maps it to JUnit."""
    if verdict.outcome in (Outcome.PASS, Outcome.OBSERVED):
        report.outcome = "passed"
        report.longrepr = None
    elif verdict.outcome is Outcome.NOT_APPLICABLE:
        report.outcome = "skipped"
        report.longrepr = (str(report.fspath), report.location[1] or 0, f"Skipped: {verdict.message}")
    elif verdict.outcome is Outcome.WARN and not (strict and not requirement.advisory):
        report.outcome = "skipped"
        report.wasxfail = verdict.message
    else:
        report.outcome = "failed"
        report.longrepr = f"{requirement.id} ({requirement.level}): {verdict.message}"
        if verdict.outcome is Outcome.NOT_JUDGED:
            report.when = "setup"  # pytest and JUnit call it an error then, not a failure
    if verdict.evidence:
        report.sections.append(("Captured stdout conformance", verdict.evidence))
    if verdict.outcome is Outcome.OBSERVED:
        report.sections.append(("Captured stdout observation", verdict.message))


def plain(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain values, which travel between processes."""
    blame = str(verdict.blame) if verdict.blame else None
    return {**asdict(verdict), "outcome": str(verdict.outcome), "blame": blame}


def facts_from(plain: Mapping[str, Any]) -> RunFacts:
    """Return the facts that a worker sent as plain values."""
    traffic = {**plain["traffic"], "left": tuple(plain["traffic"]["left"])}
    return RunFacts(**{**plain, "traffic": Traffic(**traffic), "notices": tuple(plain["notices"])})


def _mark(item: pytest.Item, requirement: Requirement) -> None:
    for word in (requirement.level.lower(), requirement.area, requirement.tier):
        item.add_marker(word)
    stories = stories_of(item)
    item.add_marker(pytest.mark.xdist_group(stories[0] if stories else "every-exchange"))
    item.user_properties += [
        ("requirement", requirement.id),
        ("level", str(requirement.level)),
        ("statements", ",".join(requirement.statements)),
        ("source", requirement.source),
    ]
