"""Runs and the actions on their deployment: none starts one, none loses one, and runs hinder none."""

from __future__ import annotations

from http import HTTPStatus

from conformance.client.exchange import Exchange
from conformance.contract.comparing import MISSING, field, same, shorten
from conformance.contract.judgement import broken, expect_field, expect_success
from conformance.contract.schemas import parse_timestamp
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.archive.stories import ArchiveTwice
from conformance.suite.judging.list_answers import expect_page
from conformance.suite.judging.requirement import requirement
from conformance.suite.object.whole_life import Lifecycle
from conformance.suite.runs.history import ActedUpon, AfterRun
from conformance.suite.runs.manual_runs import ChosenRuns, ManualRuns, document
from conformance.suite.runs.test_manual_runs import started
from conformance.suite.shared.list_pages import ids, item_of
from conformance.suite.update.accepted import Rescheduling

LAST_RUN = "schedule.last_run_at"
KEPT = ("deployment_id", "agent", "trigger_context", "created_at")
"""What is said of a run when it starts."""


@requirement("runs.only-when-asked")
def test_no_action_starts_a_run(
    lifecycle: Lifecycle, archive_twice: ArchiveTwice, rescheduling_if_any: Rescheduling | None
) -> None:
    """No deployment was ever run, nor was its schedule due."""
    rescheduled = rescheduling_if_any and rescheduling_if_any.runs
    for page in (lifecycle.runs, archive_twice.runs, rescheduled):
        if page and page.status != HTTPStatus.NOT_FOUND and expect_page(page):
            raise broken("no run of a deployment that was never run", ", ".join(ids(page)), page)
    for exchange in (*lifecycle.states, archive_twice.after_probes):
        last = field(exchange.json, LAST_RUN) if exchange.succeeded else None
        if last not in (None, MISSING):
            raise broken(f"no last_run_at in answer to {exchange.label}", last, exchange)


@requirement("pause.works-after-runs")
def test_what_runs_can_be_paused_and_unpaused(chosen_runs: ChosenRuns) -> None:
    acted = acted_upon(chosen_runs)
    for action, status in ((acted.paused, "paused"), (acted.unpaused, "active")):
        for exchange in (action.answer, action.read):
            expect_success(exchange)
            expect_field(exchange, "status", status)


@requirement("runs.outlive-actions")
def test_runs_outlive_every_action(chosen_runs: ChosenRuns, manual_runs_if_any: ManualRuns | None) -> None:
    acted = acted_upon(chosen_runs)
    run, last = started(chosen_runs.foreign_run)["id"], field(acted.before.json, LAST_RUN)
    if run not in expect_page(acted.runs):
        raise NotJudgedError(Blame.PRECONDITION, "the run was not listed before any action")
    for action in acted.actions:
        if action.answer.succeeded:
            expect_runs(acted, action, str(run))
            # That an archive keeps it is a promise of its own.
            if action is not acted.archived:
                expect_last_run(acted.before, action.read, last)
    if manual_runs_if_any:
        expect_all_once_archived(manual_runs_if_any)


def expect_all_once_archived(runs: ManualRuns) -> None:
    """Expect lists of an archived deployment's runs to hold none of them or all.

    What is listed under the deployment is in the list of all runs as well (N144).
    """
    made = {str(document(run).get("id")) for run in (runs.first, runs.second) if run.succeeded}
    if not (runs.archived.succeeded and made <= set(ids(runs.listed))):
        return
    under, among_all = runs.listed_once_archived, runs.listed_at_last
    for page in filter(None, (under, among_all)):
        shown = set(ids(page)) if page.succeeded else set()
        known = page is among_all and page.succeeded and under and made <= set(ids(under))
        if made - shown and (shown or known):
            raise broken(
                f"the runs {', '.join(sorted(made))} after the archive",
                ", ".join(sorted(shown)) or "none",
                runs.archived,
                page,
            )


def expect_runs(acted: ActedUpon, action: AfterRun, run: str) -> None:
    """Expect a list of runs to hold the one that was started, and no other than before."""
    if action.runs.status == HTTPStatus.NOT_FOUND and action is acted.archived:
        return  # that those of archived deployments are found is a promise of its own
    if acted.run.succeeded and action.run.status == HTTPStatus.NOT_FOUND and action is not acted.archived:
        wanted = f"the run to be found by its id as before: {action.answer.label}"
        raise broken(wanted, action.run.summary(), acted.run, action.answer, action.run)
    shown = expect_page(action.runs)
    if run not in shown or set(shown) - set(ids(acted.runs)):
        got = ", ".join(shown) or "no run"
        raise broken(
            f"the runs as before: {action.answer.label}", got, acted.runs, action.answer, action.runs
        )
    before, after = (item_of(page.json, run) for page in (acted.runs, action.runs))
    session = ("session_id",) if before.get("session_id") else ()  # one may come later, and none goes
    for name in (*KEPT, *session):
        if not same(before.get(name), after.get(name)):
            wanted = f"{name} {shorten(before.get(name), 80)} of the run as before: {action.answer.label}"
            raise broken(wanted, after.get(name), acted.runs, action.answer, action.runs)


def expect_last_run(before: Exchange, read: Exchange, last: object) -> None:
    """Expect a deployment to show the last run that it showed before, where it did and can be read."""
    got = field(read.json, LAST_RUN)
    if read.succeeded and parse_timestamp(last) is not None and not same(got, last):
        raise broken(f"{LAST_RUN} {last} in answer to {read.label}", got, before, read)


def acted_upon(chosen: ChosenRuns) -> ActedUpon:
    """Return what was done to a deployment that ran; raises NotJudgedError when none did."""
    started(chosen.foreign_run)
    if chosen.acted is None:
        raise NotJudgedError(Blame.PRECONDITION, "nothing was done to a deployment that ran")
    return chosen.acted
