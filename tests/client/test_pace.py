"""The pace: no second with more than the rate, volleys included; waits of the target; slower and faster again."""

from __future__ import annotations

import itertools
import random

import pytest

from conformance.client.traffic.rate_limiter import TRANSIT, Pace, Permit
from tests.client.faketime import FakeTime


def taken(pace: Pace, clock: FakeTime, count: int = 1) -> Permit:
    permit = pace.acquire(count, clock.wait)
    assert permit is not None
    return permit


def most_in_a_second(arrivals: list[float]) -> int:
    return max(sum(start <= one < start + 1 for one in arrivals) for start in arrivals)


@pytest.mark.parametrize("rate", [0.5, 1, 2.5, 9, 50])
@pytest.mark.parametrize("late", [0.0, 0.3, 3.0])
def test_no_second_at_the_target_sees_more_than_the_rate(rate: float, late: float) -> None:
    """Requests of any delay on the way, up to `TRANSIT`, and answers that come much later."""
    clock, lots = FakeTime(), random.Random(7)  # noqa: S311 (a draw that repeats)
    pace, arrivals, open_permits = Pace(rate, clock=clock), [], []
    for _ in range(int(rate * 20)):
        permit = taken(pace, clock)
        arrived = clock.now + lots.uniform(0, min(late, TRANSIT))
        arrivals.append(arrived)
        open_permits.append((arrived + lots.uniform(0, late), permit))
        for done in [one for one in open_permits if one[0] <= clock.now]:
            open_permits.remove(done)
            pace.answered(done[1], accepted=True)
    assert most_in_a_second(arrivals) <= max(1, rate)
    if rate < 1:
        assert min(b - a for a, b in itertools.pairwise(arrivals)) >= 1 / rate - TRANSIT


def test_an_undisturbed_run_goes_at_the_rate() -> None:
    clock = FakeTime()
    pace = Pace(10, clock=clock)
    for _ in range(101):
        pace.answered(taken(pace, clock), accepted=True)
    assert clock.waited == pytest.approx(10, abs=0.2)


def test_a_volley_takes_places_for_all_its_requests() -> None:
    clock = FakeTime()
    pace, arrivals = Pace(9, clock=clock), []
    for number in range(40):
        count = 4 if number % 3 == 0 else 1
        permit = taken(pace, clock, count)
        arrivals += [clock.now] * count
        pace.answered(permit, accepted=True)
    assert most_in_a_second(arrivals) <= 9
    assert not pace.allows(10)
    assert pace.allows(9)


def test_without_a_rate_nothing_waits() -> None:
    clock = FakeTime()
    pace = Pace(None, clock=clock)
    for _ in range(1000):
        pace.answered(taken(pace, clock), accepted=True)
    assert clock.waited == 0
    assert pace.allows(1000)


def test_a_hold_keeps_everybody_waiting_once() -> None:
    clock = FakeTime()
    pace = Pace(None, clock=clock)
    assert pace.hold(3) == 3
    assert pace.hold(2) == 0
    assert pace.hold(4) == 1
    taken(pace, clock)
    assert clock.waited == 4
    taken(pace, clock)
    assert clock.waited == 4


def test_refusals_slow_down_once_for_what_was_sent_together() -> None:
    clock = FakeTime()
    pace = Pace(None, clock=clock)
    permits = [taken(pace, clock) for _ in range(8)]
    clock.now += 0.1
    for permit in permits:
        pace.slow_down(permit)
    assert pace.rate == 8
    pace.slow_down(taken(pace, clock))
    assert pace.rate == pytest.approx(6.4)


def test_what_the_target_bore_is_where_slowing_down_begins() -> None:
    clock = FakeTime()
    pace = Pace(None, clock=clock)
    for _ in range(100):
        pace.answered(taken(pace, clock), accepted=True)
    pace.slow_down(taken(pace, clock))
    assert pace.rate == 80


def test_good_answers_let_it_go_faster_up_to_the_rate() -> None:
    clock = FakeTime()
    pace = Pace(9, clock=clock)
    pace.slow_down(taken(pace, clock))
    assert pace.rate == pytest.approx(7.2)
    slow, began = pace.rate, clock.now
    while clock.now < began + 1:
        pace.answered(taken(pace, clock), accepted=True)
    assert slow + 0.2 < pace.rate < slow + 0.5
    for _ in range(100):
        pace.answered(taken(pace, clock), accepted=True)
    assert pace.rate == 9


def test_it_never_stands_still() -> None:
    clock = FakeTime()
    pace = Pace(0.5, clock=clock)
    for _ in range(50):
        pace.slow_down(taken(pace, clock))
    assert pace.rate == 0.5


def test_a_wait_that_ends_early_gives_no_leave() -> None:
    pace = Pace(None)
    pace.hold(60)
    assert pace.acquire(1, lambda _: True) is None


@pytest.mark.parametrize("limit", [2.0, 10.0, 60.0])
def test_a_target_that_bears_so_much_is_found_out(limit: float) -> None:
    """A token bucket that answers 429 with Retry-After: 1; most requests get through at the first try."""
    clock = FakeTime()
    pace, tokens, filled, refused = Pace(None, clock=clock), limit, clock.now, 0
    for _ in range(600):
        permit = taken(pace, clock)
        clock.now += 0.005
        tokens, filled = min(limit, tokens + (clock.now - filled) * limit), clock.now
        accepted = tokens >= 1
        tokens -= accepted
        pace.answered(permit, accepted=accepted)
        if not accepted:
            refused += 1
            pace.slow_down(permit)
            pace.hold(1)
    assert refused < 100
    assert clock.now - 1000 < 2.5 * 600 / limit
