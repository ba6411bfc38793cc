"""Values that stories send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from conformance.contract.schedule import ALL_POLICIES, find_zone, occurrences, parse
from conformance.suite.shared.values import minutes_around

MINUTES = 2 * 60


@pytest.mark.parametrize("hour", [0, 9, 10, 12, 23])
def test_every_minute_is_due_for_hours_to_come_and_was(hour: int) -> None:
    now = datetime(2026, 6, 12, hour, 59, 30, tzinfo=UTC)
    schedule = minutes_around(now)
    cron, zone = parse(schedule["expression"]), find_zone(schedule["timezone"])
    since = now - timedelta(minutes=MINUTES)
    due = [*islice(occurrences(cron, zone, since, ALL_POLICIES[0]), 2 * MINUTES)]
    first = since.replace(second=0) + timedelta(minutes=1)
    assert due == [first + timedelta(minutes=number) for number in range(2 * MINUTES)]


@pytest.mark.parametrize("hour", range(24))
def test_nothing_is_due_for_hours_where_it_is_read_in_utc(hour: int) -> None:
    now = datetime(2026, 6, 12, hour, 30, tzinfo=UTC)
    cron = parse(minutes_around(now)["expression"])
    due = next(occurrences(cron, find_zone("UTC"), now, ALL_POLICIES[0]))
    assert due - now > timedelta(hours=MINUTES / 60)
