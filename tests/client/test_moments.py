"""Whose a deployment is may be told by a creation time that is a number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conformance.client.ownership.marks import Marks
from conformance.client.ownership.moments import creation_time

AT = datetime(2026, 7, 1, 2, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "shown", ["2026-07-01T02:00:00.5Z", "2026-07-01T02:00:00.5", AT.timestamp(), int(AT.timestamp() * 1000)]
)
def test_a_time_is_read(shown: object) -> None:
    assert creation_time({"created_at": shown}) == AT


@pytest.mark.parametrize("shown", [None, "", "1782871200", True, 0, 1041, -1, 10**400, float("nan"), [1], {}])
def test_what_is_no_time_is_none(shown: object) -> None:
    assert creation_time({"created_at": shown}) is None


def test_a_number_from_before_the_creation_shows_another_deployment() -> None:
    marks = Marks(
        run_id="0123abcd",
        announced=AT,
        name="conformance-0123abcd-x-1",
        description=None,
        since=0.0,
        newest=None,
    )
    own = {"id": "depl_1", "name": marks.name, "created_at": AT.timestamp()}
    older = {**own, "created_at": (AT - timedelta(hours=1)).timestamp()}
    assert marks.shown_by(own, timedelta())
    assert not marks.shown_by(older, timedelta())
