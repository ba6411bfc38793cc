"""Runs by hand, and running what must not be run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from conformance.client.answers import created_id, items
from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.contract.answers import VendorAnswers
from conformance.contract.comparing import MISSING, field, same, shorten
from conformance.contract.judgement import (
    answered,
    broken,
    expect_field,
    expect_success,
    expect_unchanged,
    refused,
)
from conformance.contract.schemas import parse_timestamp
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.judging.answers import expect_refusals
from conformance.suite.judging.list_answers import SLACK, expect_page
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.judging.states import need
from conformance.suite.runs.manual_runs import ChosenRuns, ManualRuns, RunWhilePaused, document
from conformance.suite.shared.list_pages import RUNS, ids

NO_LEAVE = (402, 403)
BY_A_FAILURE = ("status", "paused_reason")
"""What a run that fails may change: some vendors pause a deployment then."""
LAST_RUN = "schedule.last_run_at"
TRIGGER = "trigger_context.type"
STATES = ("pending", "running", "completed", "failed", "skipped")
UNDER_WAY = ("pending", "running")
TOGETHER = timedelta(minutes=1)


@requirement("runs.starts")
def test_a_run_of_an_active_deployment(
    manual_runs: ManualRuns, chosen_runs: ChosenRuns, target: Target
) -> None:
    check_leave(manual_runs.first)
    run = expect_success(manual_runs.first)
    if not str(run.get("id")).startswith(target.profile.run_ids.prefix):
        raise broken(
            f"an id that begins with {target.profile.run_ids.prefix}", run.get("id"), manual_runs.first
        )
    expect_field(manual_runs.first, "type", "deployment_run")
    expect_field(manual_runs.first, "deployment_id", manual_runs.created.id)
    if chosen_runs.unpaused and chosen_runs.other and chosen_runs.unpaused.succeeded:
        need(chosen_runs.other, "status", "active")
        check_leave(chosen_runs.foreign_run)
        expect_success(chosen_runs.foreign_run)
        expect_one_run(chosen_runs)


def expect_one_run(chosen: ChosenRuns) -> None:
    """Expect one run by hand of a deployment that was asked for one."""
    run, page = chosen.foreign_run, chosen.acted and chosen.acted.runs
    by_hand = [one for one in items(page) if field(one, TRIGGER) == "manual"] if page else []
    own = [one["id"] for one in by_hand if one.get("deployment_id") == field(run.json, "deployment_id")]
    if page and not run.retries and len(set(map(str, own))) > 1:
        raise broken("one run of one request", ", ".join(map(str, own)), run, page)


@requirement("runs.body-is-optional")
def test_a_run_needs_no_body_and_takes_an_empty_one(manual_runs: ManualRuns) -> None:
    both = (manual_runs.first, manual_runs.second)
    for exchange in both:
        check_leave(exchange)
        if not answered(exchange).succeeded:
            raise broken(f"200 to {exchange.label}", exchange.summary(), exchange)
    one, other = (document(exchange).get("id") for exchange in both)
    if one == other:
        raise broken("two runs", f"{one} twice", *both)


@requirement("runs.trigger-is-manual")
def test_a_run_by_hand_is_manual(manual_runs: ManualRuns) -> None:
    for exchange in all_of(manual_runs):
        expect_field(exchange, "trigger_context.type", "manual")


@requirement("runs.agent-is-the-deployments")
def test_a_run_names_the_agent_of_its_deployment(manual_runs: ManualRuns, chosen_runs: ChosenRuns) -> None:
    expect_agent(manual_runs.before, all_of(manual_runs))
    other, updated, run = chosen_runs.other, chosen_runs.updated, chosen_runs.foreign_run
    if other and updated and updated.succeeded and run.succeeded:
        need(other, "agent.version", field(updated.json, "agent.version"))
        expect_agent(other, [run])


def expect_agent(deployment: Exchange, runs: Sequence[Exchange]) -> None:
    """Expect runs to name the agent that a deployment shows."""
    agent = expect_success(deployment).get("agent")
    for exchange in runs:
        for name in ("id", "type", "version"):
            expect_field(exchange, f"agent.{name}", field(agent, name))


@requirement("runs.session-or-error")
def test_a_run_has_a_session_or_an_error(manual_runs: ManualRuns) -> None:
    for exchange in all_of(manual_runs):
        session, error = document(exchange).get("session_id"), document(exchange).get("error")
        if (session is None) == (error is None):
            got = f"session {shorten(session, 80)}, error {shorten(error, 80)}"
            raise broken("either a session_id or an error", got, exchange)


@requirement("runs.status-is-documented")
def test_the_status_of_a_run(manual_runs: ManualRuns) -> None:
    for exchange in all_of(manual_runs):
        status = document(exchange).get("status", STATES[0])
        if status not in STATES:
            raise broken(f"a status among {', '.join(STATES)}", status, exchange)


@requirement("runs.skipped-above-limit")
def test_a_run_above_the_limit_is_skipped(manual_runs: ManualRuns) -> None:
    started(manual_runs.first)
    limit = field(document(manual_runs.before), "metadata.cas_config.config.max_concurrent")
    if not same(limit, 1):
        showed = f"the deployment's max_concurrent is {shorten(limit, 80)}, not 1"
        raise NotJudgedError(Blame.PRECONDITION, showed)
    later = document(manual_runs.reread[0]).get("status") if manual_runs.reread else None
    if later not in UNDER_WAY:
        raise NotJudgedError(Blame.PRECONDITION, f"the first run was {later} before a second one could clash")
    started(manual_runs.second)
    expect_field(manual_runs.second, "status", "skipped")


@requirement("runs.moves-last-run")
def test_a_run_moves_last_run_at(manual_runs: ManualRuns) -> None:
    began = [at for exchange in all_of(manual_runs) if (at := created_at(document(exchange)))]
    last = field(expect_success(manual_runs.after), "schedule.last_run_at")
    at = parse_timestamp(last)
    if at is None or (began and not min(began) - TOGETHER <= at <= max(began) + TOGETHER):
        wanted = f"schedule.last_run_at near {max(began):%H:%M:%S}Z" if began else "schedule.last_run_at"
        raise broken(wanted, last, manual_runs.first, manual_runs.after)
    expect_unchanged(manual_runs.before, manual_runs.after, but=("updated_at", LAST_RUN, *BY_A_FAILURE))
    listed = [field(read.json, RUNS) for read in (manual_runs.before, manual_runs.after)]
    if not same(*listed):  # its next occurrence is months away
        raise broken("upcoming runs as before the run", listed[1], manual_runs.before, manual_runs.after)


@requirement("runs.leaves-last-run")
def test_a_manual_run_leaves_last_run_at(manual_runs: ManualRuns) -> None:
    started(manual_runs.first)
    last = field(expect_success(manual_runs.after), "schedule.last_run_at")
    if parse_timestamp(last):
        wanted = "schedule.last_run_at unset: the schedule has not fired"
        raise broken(wanted, last, manual_runs.first, manual_runs.after)


@requirement("runs.is-found")
def test_a_run_is_listed_and_read_everywhere(manual_runs: ManualRuns) -> None:
    runs = {str(document(exchange).get("id")) for exchange in all_of(manual_runs)}
    for page in (manual_runs.listed, manual_runs.listed_among_all):
        missing = runs - set(expect_page(page))
        if missing:
            raise broken("every run to be listed", f"not {', '.join(sorted(missing))}", page)
    for exchange in manual_runs.reread:
        expect_success(exchange)
        session = field(manual_runs.first.json, "session_id")  # it may be there later only
        for name in ("id", "deployment_id", "created_at", *(["session_id"] if session else [])):
            if not same(field(exchange.json, name), field(manual_runs.first.json, name)):
                wanted = f"{name} {field(manual_runs.first.json, name)} when the run is read"
                raise broken(wanted, field(exchange.json, name), manual_runs.first, exchange)


@requirement("runs.need-credentials")
def test_no_run_is_read_without_credentials(manual_runs: ManualRuns, target: Target) -> None:
    if not manual_runs.without_credentials:
        raise NotJudgedError(Blame.PRECONDITION, "there was no run to read")
    answers = {read.label: read for read in manual_runs.without_credentials}
    expect_refusals(answers, HTTPStatus.UNAUTHORIZED, target)


@requirement("runs.newest-first")
def test_runs_are_listed_newest_first(manual_runs: ManualRuns) -> None:
    first, second = started(manual_runs.first), started(manual_runs.second)
    one, other = created_at(first), created_at(second)
    if one is None or other is None or other - one < SLACK:
        raise NotJudgedError(Blame.TARGET, "the two runs show no different times")
    later = manual_runs.listed_once_archived
    pages = [
        manual_runs.listed,
        manual_runs.listed_among_all,
        *([later] if later and later.succeeded else []),
    ]
    for page in pages:
        order = [run_id for run_id in expect_page(page) if run_id in (first["id"], second["id"])]
        if order == [first["id"], second["id"]]:
            raise broken(f"{second['id']} before the older {first['id']}", "the older one first", page)


@requirement("archive.run-is-conflict")
def test_a_run_of_an_archived_deployment_is_a_conflict(
    manual_runs: ManualRuns, run_while_paused_if_any: RunWhilePaused | None, target: Target
) -> None:
    needed(manual_runs.archived)
    runs = [manual_runs.run_archived, manual_runs.run_archived_again]
    paused = run_while_paused_if_any
    if paused and paused.archived and paused.archived.succeeded:
        runs.append(paused.run_archived)
    VendorAnswers(target.profile).expect("run-when-archived", {run.label: run for run in runs if run})


@requirement("archive.keeps-last-run")
def test_an_archive_keeps_the_last_run(manual_runs: ManualRuns) -> None:
    needed(manual_runs.archived)
    last = field(expect_success(manual_runs.after), "schedule.last_run_at")
    if parse_timestamp(last) is None:
        raise NotJudgedError(Blame.PRECONDITION, "the deployment showed no last_run_at before the archive")
    expect_success(manual_runs.after_archive)
    expect_field(manual_runs.after_archive, "schedule.last_run_at", last)


@requirement("runs.paused-is-conflict")
def test_a_run_while_paused_is_a_conflict(run_while_paused: RunWhilePaused, target: Target) -> None:
    needed(run_while_paused.paused)
    answers = {"a run": run_while_paused.refused}
    if run_while_paused.again:
        answers["another one"] = run_while_paused.again
    VendorAnswers(target.profile).expect("run-when-paused", answers)


@requirement("runs.refused-records-nothing")
def test_a_refused_run_is_recorded_nowhere(run_while_paused: RunWhilePaused, manual_runs: ManualRuns) -> None:
    expect_none_while_paused(run_while_paused)
    expect_none_once_archived(manual_runs)


def expect_none_while_paused(run_while_paused: RunWhilePaused) -> None:
    """Expect no run of a paused deployment."""
    needed(run_while_paused.paused)
    answered(run_while_paused.refused)
    if run_while_paused.again:
        answered(run_while_paused.again)
    late = run_while_paused.run_archived and created_id(run_while_paused.run_archived)
    before = {*expect_page(run_while_paused.before), late}
    for page in (run_while_paused.after, run_while_paused.after_among_all):
        expect_page(page)
        own = {str(r.get("id")) for r in items(page) if r.get("deployment_id") == run_while_paused.created.id}
        new = own - before
        if new:
            raise broken(
                "no run of the paused deployment", ", ".join(sorted(new)), run_while_paused.refused, page
            )
    if refused(run_while_paused.refused):
        for read in run_while_paused.shown[1:]:
            expect_same_last_run(run_while_paused.shown[0], read)


def expect_same_last_run(before: Exchange, after: Exchange) -> None:
    """Expect a deployment to show no other last run than before."""
    runs = [field(read.json, LAST_RUN) for read in (before, after)]
    shown = [None if run is MISSING else run for run in runs]
    if before.succeeded and after.succeeded and not same(*shown):
        raise broken(f"{LAST_RUN} as before a run that was refused", shown[1], before, after)


def expect_none_once_archived(runs: ManualRuns) -> None:
    """Expect no further run by hand of a deployment that was archived, where its former ones are listed."""
    page, refusal = runs.listed_at_last, runs.run_archived
    made = (str(document(run).get("id")) for run in (runs.first, runs.second))
    known = {*made, *ids(runs.listed), *ids(runs.listed_among_all)}  # an answer may have been lost
    if runs.run_archived_again and not refused(runs.run_archived_again):
        return
    if page is None or not (runs.archived.succeeded and refused(refusal) and known & set(ids(page))):
        return
    by_hand = [run for run in items(page) if field(run, "trigger_context.type") == "manual"]
    own = {str(run.get("id")) for run in by_hand if run.get("deployment_id") == runs.created.id}
    if own - known:
        got = ", ".join(sorted(own - known))
        raise broken("no further run of the archived deployment", got, refusal, page)


@requirement("runs.filters")
def test_runs_are_chosen_by_deployment_and_trigger(chosen_runs: ChosenRuns) -> None:
    run = started(chosen_runs.run)
    started(chosen_runs.foreign_run)
    expect_chosen(chosen_runs.of_deployment, run["id"], "deployment_id", chosen_runs.created.id)
    expect_chosen(chosen_runs.by_trigger["manual"], run["id"], "trigger_context.type", "manual")
    expect_left_out(chosen_runs.by_trigger["schedule"], run["id"])


@requirement("runs.error-filter")
def test_runs_are_divided_by_error(chosen_runs: ChosenRuns) -> None:
    run = listed(chosen_runs)
    own = "false" if run.get("error") is None else "true"
    for word, page in chosen_runs.by_error.items():
        expect_page(page)
        odd = [e for e in items(page) if (e.get("error") is None) != (word == "false")]
        if odd:
            got = f"error {shorten(odd[0].get('error'), 80)}"
            raise broken(f"only such runs with has_error={word}", got, page)
        if (run["id"] in ids(page)) != (word == own):
            wanted = f"the run with error {shorten(run.get('error'), 80)} only with has_error={own}"
            raise broken(wanted, f"{'not ' if word == own else ''}with has_error={word}", page)


@requirement("runs.created-range")
def test_runs_are_chosen_by_creation(chosen_runs: ChosenRuns) -> None:
    run = listed(chosen_runs)
    if not chosen_runs.ranges:
        raise NotJudgedError(Blame.TARGET, f"the run has no time that can be read: {run.get('created_at')}")
    for bound in ("created_at[gte]", "created_at[lte]"):
        if run["id"] not in expect_page(chosen_runs.ranges[bound]):
            wanted = f"the run created at {run.get('created_at')} within {bound}"
            raise broken(wanted, "not listed", chosen_runs.run, chosen_runs.ranges[bound])
    for bound in ("created_at[gt]", "created_at[lt]"):
        expect_left_out(chosen_runs.ranges[bound], run["id"])
    under = chosen_runs.under
    for page in chosen_runs.missed.values() if under and run["id"] in ids(under) else ():
        expect_left_out(page, run["id"])


def expect_chosen(page: Exchange, run_id: str, path: str, wanted: str) -> None:
    """Expect a list to hold a run, and of every run the value that was asked for."""
    if run_id not in expect_page(page):
        raise broken(f"{run_id} in answer to {page.label}", ", ".join(ids(page)) or "no run", page)
    wrong = [field(run, path) for run in items(page) if field(run, path) != wanted]
    if wrong:
        raise broken(f"only runs with {path} {wanted}", wrong[0], page)


def expect_left_out(page: Exchange, run_id: str) -> None:
    """Expect a list not to hold a run."""
    if run_id in expect_page(page):
        raise broken(f"no {run_id} in answer to {page.label}", "it is listed", page)


def listed(chosen: ChosenRuns) -> Mapping[str, Any]:
    """Return the run as the list shows it; raises NotJudgedError when it does not."""
    run_id = started(chosen.run)["id"]
    found = next((run for run in items(chosen.of_deployment) if run.get("id") == run_id), None)
    if found is None:
        raise NotJudgedError(Blame.PRECONDITION, "the run is not listed at all")
    return found


def all_of(runs: ManualRuns) -> list[Exchange]:
    """Return every answer that is one run; the first must be."""
    started(runs.first)
    return [e for e in (runs.first, runs.second, *runs.reread) if e.succeeded]


def started(exchange: Exchange) -> Mapping[str, Any]:
    """Return a run that was started; raises NotJudgedError when none was: that breaks `runs.starts` alone."""
    check_leave(exchange)
    if created_id(exchange) is None:
        raise NotJudgedError(Blame.PRECONDITION, f"{exchange.label} answered {exchange.summary()}")
    return document(exchange)


def check_leave(exchange: Exchange) -> None:
    """Raise NotJudgedError where the account may not run anything."""
    if answered(exchange).status in NO_LEAVE:
        raise NotJudgedError(Blame.CREDENTIALS, f"the account may not start runs: {exchange.summary()}")


def needed(exchange: Exchange) -> None:
    """Raise NotJudgedError unless a change that comes before was made."""
    if not answered(exchange).succeeded:
        raise NotJudgedError(Blame.PRECONDITION, f"{exchange.label} answered {exchange.summary()}")


def created_at(run: Mapping[str, Any]) -> datetime | None:
    """Return when a run was created, None if it does not say."""
    return parse_timestamp(run.get("created_at"))


def seen_elsewhere(foreign_path: Exchange | None) -> str:
    """Return how a run was answered under the path of another deployment, for an observation."""
    return foreign_path.summary() if foreign_path else "nothing: no run was started"


globals().update(observations(observed("runs.foreign-path", seen_elsewhere, "chosen_runs.foreign_path")))
