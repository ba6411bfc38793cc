"""The judgements made of rows: each row accuses what is not refused, and is judged by a refusal alone."""

from __future__ import annotations

import pytest

from conformance.contract.verdict import Blame, BrokenPromiseError, NotJudgedError
from conformance.suite.create.refusals import CREATIONS
from conformance.suite.schedule.refusals import SCHEDULES
from conformance.suite.shared.invalid_requests import UPDATE, InvalidRequest
from conformance.suite.update.refusals import UPDATES
from tests.suite.judging import judge
from tests.suite.written import CRASH, SILENT, TOUCHED, Edit, answer, becoming, deployment, error

TABLES = {**CREATIONS, **SCHEDULES, **UPDATES}
ACCEPTED = becoming(deployment())
ROWS = {
    f"{story}.answers.{row.asked}": row for story, rows in TABLES.items() for row in rows if row.requirement
}
"""Each row by the way to the answer that it is judged by."""
JUDGED = {row.requirement for row in ROWS.values()}


def words(row: InvalidRequest) -> str:
    """Return how a message names what was asked: promises that bind several routes name the update."""
    of_errors = row.requirement.startswith("errors.") and row.route == UPDATE
    return f"an update with {row.asked}" if of_errors else row.asked


def wanted(row: InvalidRequest) -> str:
    return " or ".join(map(str, row.statuses)) + (f" {row.kind}" if row.kind else "")


@pytest.mark.parametrize(("way", "row"), ROWS.items(), ids=ROWS)
@pytest.mark.parametrize(
    ("edit", "got"), [(ACCEPTED, "200"), (CRASH, "500 api_error")], ids=["taken", "crash"]
)
def test_what_is_not_refused_is_accused(way: str, row: InvalidRequest, edit: Edit, got: str) -> None:
    with pytest.raises(BrokenPromiseError) as caught:
        judge(row.requirement, {way: edit})
    assert (caught.value.expected, caught.value.got) == (f"{wanted(row)} to {words(row)}", got)
    assert caught.value.__notes__ == [way]


@pytest.mark.parametrize(("way", "row"), ROWS.items(), ids=ROWS)
def test_a_refusal_without_a_known_body_is_one(way: str, row: InvalidRequest) -> None:
    for status in row.statuses:
        judge(row.requirement, {way: becoming(answer("no", status))})


@pytest.mark.parametrize(("way", "row"), ROWS.items(), ids=ROWS)
def test_the_type_of_an_error_counts_where_the_promise_names_it(way: str, row: InvalidRequest) -> None:
    edits = {way: becoming(error(400, "conflict_error"))}
    if row.kind is None:
        judge(row.requirement, edits)
        return
    with pytest.raises(BrokenPromiseError, match="conflict_error"):
        judge(row.requirement, edits)


@pytest.mark.parametrize(("way", "row"), ROWS.items(), ids=ROWS)
@pytest.mark.parametrize(
    ("edit", "blame"),
    [(SILENT, Blame.NETWORK), (becoming(answer(None, 429)), Blame.TARGET)],
    ids=["silent", "429"],
)
def test_what_got_no_answer_is_not_judged(way: str, row: InvalidRequest, edit: Edit, blame: Blame) -> None:
    with pytest.raises(NotJudgedError) as caught:
        judge(row.requirement, {way: edit})
    assert caught.value.blame is blame


@pytest.mark.parametrize(("way", "row"), [one for one in ROWS.items() if one[1].unchanged])
def test_what_a_refusal_changes_is_accused(way: str, row: InvalidRequest) -> None:
    story = way.partition(".")[0]
    with pytest.raises(BrokenPromiseError, match="updated_at"):
        judge(row.requirement, {f"{story}.around.0.1": TOUCHED})
