"""Lists of runs: their pages, what is on them, and who sees it."""

from __future__ import annotations

from http import HTTPStatus

from conformance.client.target import Target
from conformance.contract.comparing import field, shorten
from conformance.contract.judgement import broken, expect_errors
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.judging.answers import expect_refusals
from conformance.suite.judging.list_answers import expect_page
from conformance.suite.judging.requirement import requirement
from conformance.suite.runs.manual_runs import ChosenRuns, ManualRuns
from conformance.suite.runs.pages import RunPages
from conformance.suite.runs.stories import UnknownRuns
from conformance.suite.runs.test_manual_runs import started
from conformance.suite.shared.list_pages import ids

REFUSED, CREDENTIALS_REFUSED = (403, 404), (401, 403)


@requirement("runs.limit-below-one-is-400")
def test_a_limit_below_one_is_refused(unknown_runs: UnknownRuns, target: Target) -> None:
    expect_refusals(unknown_runs.below_one, HTTPStatus.BAD_REQUEST, target)


@requirement("runs.limit-is-kept")
def test_a_limit_of_runs_is_kept(manual_runs: ManualRuns) -> None:
    pages = paged(manual_runs)
    for page in (pages.first, pages.following, pages.among_all):
        found = expect_page(page)
        if len(found) > 1:
            raise broken(f"at most 1 run in answer to {page.label}", len(found), page)


@requirement("runs.after-id-walk")
def test_a_walk_through_runs_meets_all_once(manual_runs: ManualRuns) -> None:
    pages, runs = both_alone(manual_runs)
    met = [*expect_page(pages.first), *expect_page(pages.following)]
    if sorted(met) != sorted(runs):
        got = ", ".join(met) or "none"
        raise broken(f"{' and '.join(runs)} in a walk with limit=1", got, pages.first, pages.following)


@requirement("runs.has-more-is-true")
def test_has_more_says_whether_more_runs_follow(manual_runs: ManualRuns) -> None:
    pages, _ = both_alone(manual_runs)
    for page, more in ((pages.first, True), (pages.among_all, True), (pages.following, False)):
        shown, got = expect_page(page), field(page.json, "has_more")
        moved = page is not pages.following or shown != ids(pages.first)
        if len(shown) == 1 and moved and isinstance(got, bool) and got is not more:
            raise broken(f"has_more {shorten(more)} in answer to {page.label}", got, page)


@requirement("runs.two-cursors-are-400")
def test_two_cursors_of_runs_are_refused(manual_runs: ManualRuns, target: Target) -> None:
    answers = {"after_id and before_id": paged(manual_runs).two_cursors}
    expect_refusals(answers, HTTPStatus.BAD_REQUEST, target)


@requirement("runs.of-one-deployment")
def test_no_run_of_another_deployment_is_listed(chosen_runs: ChosenRuns) -> None:
    started(chosen_runs.run)
    foreign = started(chosen_runs.foreign_run)["id"]
    if chosen_runs.under and foreign in expect_page(chosen_runs.under):
        raise broken("no run of another deployment", f"{foreign} listed", chosen_runs.under)


@requirement("runs.other-tenant-is-refused")
def test_another_tenant_sees_no_run(manual_runs: ManualRuns) -> None:
    foreign = manual_runs.foreign
    if foreign is None:
        raise NotJudgedError(Blame.PRECONDITION, "there was no run to read")
    if foreign.lists[0].status in CREDENTIALS_REFUSED:
        reason = f"{foreign.lists[0].label} answered {foreign.lists[0].summary()}"
        raise NotJudgedError(Blame.CREDENTIALS, reason)
    expect_errors(foreign.reads, *REFUSED)
    expect_page(foreign.lists[0])
    for page in foreign.lists:
        if foreign.run in ids(page):
            raise broken("no run of another tenant", f"{foreign.run} listed", page)


def paged(runs: ManualRuns) -> RunPages:
    """Return the pages of one run each; raises NotJudgedError when there were no two runs to list."""
    started(runs.first)
    started(runs.second)
    if runs.pages is None:
        raise NotJudgedError(Blame.PRECONDITION, "there were no two runs to list")
    return runs.pages


def both_alone(runs: ManualRuns) -> tuple[RunPages, list[str]]:
    """Return these pages and the two runs; raises NotJudgedError when others, or fewer, are listed at all."""
    pages, made = paged(runs), [str(started(run)["id"]) for run in (runs.first, runs.second)]
    listed = ids(runs.listed)
    if sorted(listed) != sorted(made):
        raise NotJudgedError(Blame.PRECONDITION, f"not just the two runs are listed: {', '.join(listed)}")
    return pages, made
