"""What a loan takes for the run's own doing, and what for somebody else's."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.client.ownership.borrowed import Loan

AT, LATER = "2026-07-01T00:00:00Z", "2026-07-01T00:00:09Z"
BEFORE: dict[str, Any] = {
    "id": "dep_1", "name": "theirs", "description": "Theirs.", "status": "active", "updated_at": AT,
}  # fmt: skip


def lent(action: str, body: object, *answers: dict[str, Any]) -> Loan:
    """A loan on which one request was sent and answered so, if at all."""
    loan = Loan("dep_1", BEFORE)
    loan.sending(action, body)
    for answer in answers:
        loan.answered({**BEFORE, **answer})
    return loan


@pytest.mark.parametrize("answers", [(), ({},), ({"status": "paused", "updated_at": LATER},)])
def test_a_status_that_the_run_asked_for_is_its_own_whatever_was_answered(
    answers: tuple[dict[str, Any], ...],
) -> None:
    assert lent("pause", None, *answers).theirs({**BEFORE, "status": "paused", "updated_at": LATER}) == {}


def test_a_status_that_nobody_of_ours_asked_for_is_somebody_elses() -> None:
    loan = lent("pause", None, {"status": "paused", "updated_at": AT})
    assert loan.theirs({**BEFORE, "status": "active", "updated_at": LATER}) == {"status": "active"}


ASKED = {"description": "Geändert 🚀"}
ALTERED = {**BEFORE, "description": "Geändert ?"}


@pytest.mark.parametrize("answers", [(), ({**ASKED, "updated_at": LATER},)])
def test_what_the_target_made_of_a_value_is_put_back(answers: tuple[dict[str, Any], ...]) -> None:
    assert lent("dep_1", ASKED, *answers).theirs({**ALTERED, "updated_at": LATER}) == {}


def test_a_later_value_is_somebody_elses() -> None:
    loan = lent("dep_1", ASKED, {**ASKED, "updated_at": AT})
    assert loan.theirs({**ALTERED, "updated_at": LATER}) == {"description": "Geändert ?"}
    untouched = {**BEFORE, "name": "renamed", "updated_at": AT}
    assert loan.theirs(untouched) == {"name": "renamed"}
