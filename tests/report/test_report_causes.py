"""A cascade stands under its cause, and nothing is called a cause that only happened beside it."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.contract.timeline import Timeline
from conformance.contract.verdict import Blame, Outcome, Verdict
from conformance.report import Judged, RunResult, markdown, result_json, terminal
from conformance.report.causes import causes, consequences
from conformance.report.html import html
from tests.report.conftest import FAILED, NOT_JUDGED, TIMELINE, WARNED, make_run, shown

CAUSE, BLOCKED = FAILED.requirement.id, NOT_JUDGED.requirement.id


def run_of(
    *others: Judged, evidence: Timeline = (), blame: Blame = Blame.PRECONDITION, cause: str = ""
) -> RunResult:
    """A run in which a promise is broken and another one could not be judged."""
    verdict = replace(
        NOT_JUDGED.verdict, blame=blame, message="pause again was accepted", evidence=evidence, cause=cause
    )
    return make_run(judged=(FAILED, *others, replace(NOT_JUDGED, verdict=verdict)))


def test_a_verdict_may_name_its_cause() -> None:
    assert causes(run_of(cause=CAUSE)) == {BLOCKED: CAUSE}


def test_the_same_marked_exchange_is_a_cause() -> None:
    assert consequences(run_of(evidence=TIMELINE)) == {CAUSE: [BLOCKED]}


def test_what_is_not_broken_is_no_cause() -> None:
    assert causes(run_of(cause="get.returns-it")) == {}


def test_an_exchange_that_shows_two_promises_broken_names_neither() -> None:
    assert causes(run_of(WARNED, evidence=TIMELINE)) == {}


def test_the_same_number_at_another_time_is_another_exchange() -> None:
    """Shards count anew."""
    elsewhere = shown(2, "pause it again", sent_at="2026-07-14T09:00:00+00:00", culprit=True)
    assert causes(run_of(evidence=(elsewhere,))) == {}


def test_a_network_that_failed_is_its_own_cause() -> None:
    assert causes(run_of(evidence=TIMELINE, blame=Blame.NETWORK)) == {}


def test_every_report_tells_it() -> None:
    run = run_of(evidence=TIMELINE)
    text = terminal(run, colour=False)
    assert f"  blocks    {BLOCKED}\n" in text
    assert f"  precondition: {CAUSE} is broken (1)\n    {BLOCKED}\n" in text
    assert f"<b>blocks</b> {BLOCKED}" in html(run)
    assert f'In the way: <a href="#{CAUSE}">' in html(run)
    assert f"{CAUSE} is broken: pause again was accepted" in markdown(run)
    assert [row["cause"] for row in json.loads(result_json(run))["requirements"]] == [None, CAUSE]


def test_what_an_accepted_deviation_keeps_from_applying_stands_under_it() -> None:
    accepted = Verdict(BLOCKED, Outcome.NOT_APPLICABLE, message="so it is", cause=CAUSE)
    run = make_run(judged=(FAILED, replace(NOT_JUDGED, verdict=accepted)))
    assert consequences(run) == {CAUSE: [BLOCKED]}
