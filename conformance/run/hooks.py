"""The hooks that begin a run and turn judgements into verdicts; woken by the plugin."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial

import pytest
from _pytest._code.code import ExceptionRepr

from conformance.contract.areas import SEARCH_AREA
from conformance.contract.catalogue import Requirement, load_catalogue
from conformance.contract.mode import Mode
from conformance.contract.timeline import Timeline, redacted
from conformance.contract.verdict import Blame, BrokenPromiseError, NotJudgedError, Outcome, Verdict
from conformance.planning.plan import make_plan, needed_by_musts
from conformance.redaction.known_secrets import redactor_of
from conformance.report import ReportError
from conformance.run.recorder import lend
from conformance.run.reporter import FACTS, GROUPED, LENT, SELECTED, UNLENT, Reporter
from conformance.run.rerun import again
from conformance.run.saved_run import SAVED
from conformance.run.selection import (
    PROFILE,
    about_all,
    all_stories,
    judged_alone,
    mark,
    read_by,
    requirement_of,
    searches_asked,
    selected_of,
    settings_of,
    stories_of,
    turn,
)
from conformance.run.session import Session
from conformance.run.sharding import Share, share_of
from conformance.run.signals import Stopper
from conformance.run.verdicts.acceptance import accepted_by
from conformance.run.verdicts.isolation import isolated
from conformance.run.verdicts.outcomes import (
    SHOWN,
    bounded,
    judge,
    masked,
    masked_error,
    outcome_of,
    passed_on,
    searched,
    show,
    steps_of,
)
from conformance.suite.engine.registry import IF_ANY
from conformance.suite.judging.running import FINDINGS, OBSERVATION, RUN

ENDED = pytest.StashKey[tuple[Verdict, BaseException | None]]()
"""The verdict that a test of ours ended with, and what was raised to tell pytest."""


class Judge:
    """Runs in each process that runs tests: tells the stories and turns outcomes into verdicts."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        workers = getattr(config, "workerinput", {}).get("workercount", 1)
        self._settings = settings_of(config).shared(workers)
        config.stash[PROFILE] = self._settings.profile
        self._session: Session | None = None
        self._reporter: Reporter | None = None
        self._ours: list[tuple[pytest.Item, Requirement]] = []
        self._share: Share | None = None
        self._asked: frozenset[str] = frozenset()
        self._loop: pytest.Session | None = None
        self._stopper = Stopper(self._stop, patient=self._worker)

    @property
    def _worker(self) -> bool:
        return hasattr(self._config, "workerinput")

    @property
    def _listened_to(self) -> bool:
        """Whether the process that started this worker knew from its arguments that it will judge."""
        return GROUPED in getattr(self._config, "workerinput", {})

    def prepare(self, ours: list[pytest.Item], items: list[pytest.Item]) -> None:
        """Mark our tests by level, area and tier; take those out of `items` that `--only` does not name."""
        self._stopper.watch()
        if not self._worker:
            self._reporter = Reporter(self._config)
            self._config.pluginmanager.register(self._reporter, "conformance-reporter")
        for item in ours:
            requirement = requirement_of(item)
            if requirement:
                mark(item, requirement)
        if self._settings.shard:
            self._share = share_of(self._settings.shard, all_stories(), map(read_by, ours))
        self._asked = searches_asked(ours, self._settings.only)
        dropped = [item for item in ours if not self._is_ours(item)]
        if dropped:
            self._config.hook.pytest_deselected(items=dropped)
            items[:] = [item for item in items if item not in dropped]
        items.sort(key=lambda item: turn(requirement_of(item)))

    def _is_ours(self, item: pytest.Item) -> bool:
        """Tell whether `--only` names a requirement, or what a search judges, and this shard judges it."""
        requirement, only = requirement_of(item), self._settings.only
        if only and requirement and requirement.id not in only and requirement.id not in self._asked:
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

    def _begin(self, tests: Collection[tuple[pytest.Item, Requirement]]) -> Session:
        """Start the stories that some tests need."""
        tiers = self._settings.tier
        chosen = [
            item for item, requirement in tests if requirement.tier in tiers and not requirement.unbound
        ]
        saved = self._config.stash.get(SAVED, None)
        self._session = self._config.stash[RUN] = (
            saved.session()
            if saved
            else Session(self._settings, self._share.stories if self._share else None)
        )
        self._session.trace({requirement.id for _, requirement in tests})
        if self._stopper.name:  # it came before there was anything to stop
            self._session.target.stop(self._stopper.name)
        self._session.runner.judged = judged_alone(chosen, searches=self._settings.reach.searches)
        needed = [name for item in chosen for name in stories_of(item)]
        if self._settings.reach.musts:
            selected = [choice for item in chosen if (choice := selected_of(item))]
            self._session.runner.wanted = needed_by_musts(selected)
        if needed and self._share is not None:  # each shard must know whether the target disturbs its stories
            needed += [
                n for n, story in all_stories().items() if story.guard and story.tier in self._settings.tier
            ]
        if not saved and not self._worker and self._settings.mode is Mode.FULL:
            plan = make_plan(self._settings, [choice for item, _ in tests if (choice := selected_of(item))])
            self._session.target.manners.budget.cap(requests=plan.ceiling[0], created=plan.ceiling[1])
        self._session.runner.start(dict.fromkeys(needed))
        return self._session

    def _group(self, item: pytest.Item, requirement: Requirement) -> list[tuple[pytest.Item, Requirement]]:
        """Return the tests that a worker will get which got this one: all judgements, or one search."""
        grouped = getattr(self._config, "workerinput", {}).get(GROUPED)
        if requirement.area == SEARCH_AREA or not grouped:
            return [(item, requirement)]
        return [(item, r) for item, r in self._ours if r.area != SEARCH_AREA]

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Skip a requirement that does not bind this run, with the option that would judge it."""
        requirement = requirement_of(item)
        if requirement is None:
            return (yield)
        item.stash[OBSERVATION], item.stash[FINDINGS] = "", ()  # a test may be run again
        with self._ending(item, requirement, phase="setup"):
            session = self._session or self._begin(self._group(item, requirement))
            session.check_applicable(requirement)
            return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Let a judgement end as its verdict does."""
        requirement = requirement_of(item)
        if requirement is None:
            return (yield)
        with self._ending(item, requirement, phase="call"):
            return (yield)

    @contextmanager
    def _ending(self, item: pytest.Item, requirement: Requirement, *, phase: str) -> Iterator[None]:
        """Make a verdict of how a phase of a test ends, and raise the outcome that pytest has for it.

        So whatever watches pytest sees what happened: its reports, and plugins that read the exception. This
        is the innermost wrapper.
        """
        error: BaseException | None = None
        try:
            yield
        except (KeyboardInterrupt, pytest.exit.Exception):
            raise
        except BaseException as raised:  # noqa: BLE001 (pytest's own outcomes are no Exceptions)
            error = raised
        if error is None and phase == "setup":
            return
        verdict = self._verdict(requirement, item, error)
        outcome = error
        if error is None or not passed_on(error):
            outcome = outcome_of(
                requirement,
                verdict,
                phase=phase,
                strict=self._settings.strict,
                accepted=accepted_by(self._settings, verdict),
            )
        item.stash[ENDED] = (verdict, outcome)
        if outcome is not None:
            raise outcome.with_traceback(error.__traceback__ if error else None) from None

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add the verdict to the report that pytest makes, before other plugins look at it."""
        requirement, error = requirement_of(item), call.excinfo.value if call.excinfo else None
        report = yield
        if requirement is None or self._session is None:
            return report
        if call.when == "call" or (call.when == "setup" and error is not None):
            verdict, outcome = item.stash.get(ENDED, (None, None))
            if verdict is None or (error is not None and error is not outcome):  # raised around our hooks
                verdict = self._verdict(requirement, item, error)
            show(report, replace(verdict, seconds=call.duration), item.user_properties)
        masked(report, self._session.target.redactor.text)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: ExceptionRepr) -> None:
        """Mask a failure of pytest or of a plugin that a worker tells of; elsewhere the reporter does."""
        if self._worker:
            masked_error(excrepr, redactor_of(self._settings.tokens).text)

    def _verdict(self, requirement: Requirement, item: pytest.Item, error: BaseException | None) -> Verdict:
        session = self._session
        if session is None or self._stopper.name:
            return Verdict(requirement.id, Outcome.NOT_JUDGED, Blame.HARNESS, "the run was stopped")
        traced = session.traced(requirement, error)
        if traced is error:  # else what it follows from is told, and no value is to blame
            error = isolated(session.runner, partial(_judge_again, item), stories_of(item), error)
        else:
            error = traced
        verdict = self._but_for_accepted(judge(requirement, error, item.stash.get(OBSERVATION, "")), item)
        if error is None and requirement.area == SEARCH_AREA:
            verdict = searched(
                requirement,
                item.stash.get(FINDINGS, ()),
                load_catalogue(self._settings.profile),
                self._settings.open_promises,
            )
        culprits = error.culprits if isinstance(error, BrokenPromiseError) else ()
        verdict = bounded(session.reviewed(verdict, about_all=about_all(item), culprits=culprits))
        evidence: Timeline = ()
        if verdict.findings:
            evidence = steps_of(verdict.findings)
        elif verdict.outcome in SHOWN:
            in_the_way = error.culprits if isinstance(error, NotJudgedError) else culprits
            evidence = session.evidence(stories_of(item), in_the_way)
        redact = session.target.redactor.text
        return replace(
            verdict,
            message=redact(verdict.message),
            expected=redact(verdict.expected),
            got=redact(verdict.got),
            evidence=redacted(evidence, redact),
            findings=tuple(
                replace(
                    f,
                    expected=redact(f.expected),
                    got=redact(f.got),
                    steps=redacted(f.steps, redact),
                    replay=redact(f.replay),
                )
                for f in verdict.findings
            ),
            reproduce=redact(again(session.settings, requirement, verdict.findings)),
        )

    def _but_for_accepted(self, verdict: Verdict, item: pytest.Item) -> Verdict:
        """Return a verdict, not applicable where an accepted deviation in a story of both is in the way."""
        accepted = self._settings.open_promises
        if not accepted or verdict.blame is not Blame.PRECONDITION:
            return verdict
        read = set(stories_of(item))
        for other, requirement in self._ours:
            if requirement.id in accepted and not read.isdisjoint(stories_of(other)):
                reason = f"{verdict.message}; it follows from the accepted deviation of {requirement.id}"
                return Verdict(
                    verdict.requirement, Outcome.NOT_APPLICABLE, message=reason, cause=requirement.id
                )
        return verdict

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
        elif self._listened_to:
            output[FACTS] = asdict(facts)
            try:
                output[LENT] = str(lend(self._session, facts, self._config.workerinput["workerid"]))  # type: ignore[attr-defined]
            except ReportError as error:
                output[UNLENT] = error.what


def _judge_again(item: pytest.Item, other: Mapping[str, object]) -> None:
    """Call a judgement with other evidence of some stories."""
    if isinstance(item, pytest.Function):
        read = inspect.signature(item.obj).parameters
        item.obj(**{name: other.get(name.removesuffix(IF_ANY), item.funcargs[name]) for name in read})
