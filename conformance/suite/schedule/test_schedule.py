"""The schedule of a deployment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from conformance.client.exchange import Exchange
from conformance.contract.comparing import MISSING, field, instant
from conformance.contract.judgement import broken, expect_field, expect_object, refused
from conformance.contract.lifecycle import ACTIVE
from conformance.contract.schedule import CronError, Unexplained, ZoneError, explain, find_zone, foreseeable
from conformance.contract.verdict import BrokenPromiseError
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed, refusals
from conformance.suite.judging.stored import any_of, both, expect_stored
from conformance.suite.schedule.accepted import NO_CITIES, Schedules
from conformance.suite.schedule.open import NEW_YORK, ClockChanges
from conformance.suite.schedule.refusals import SCHEDULES
from conformance.suite.shared.creating import Stored
from conformance.suite.shared.values import SCHEDULE_PARTS
from conformance.suite.unpause.stories import UnpauseTwice

pytestmark = pytest.mark.usefixtures("creatable")

LISTED = 5
UPCOMING = "schedule.upcoming_runs_at"
LATENESS = timedelta(seconds=2)
"""`Date` has whole seconds, and a listing may have been computed a little before it was written."""
CLOCKS_APART = timedelta(days=1)
"""How far a target's clock may be from ours; without a Date header nothing tells."""
YEAR = timedelta(days=300)
"""How long after now no schedule for days around a change of clocks comes a second time."""
globals().update(refusals("schedule", SCHEDULES))


@requirement("schedule.is-echoed")
def test_a_schedule_reads_back(schedules: Schedules) -> None:
    any_of(schedules.all)  # where nothing was made, that is what there is to say
    expect_of_each(schedules.all, _expect_echoed)


def _expect_echoed(stored: Stored) -> None:
    if refused(stored.answer) and may_be_refused(stored):
        return
    read = expect_stored(stored)
    for part in SCHEDULE_PARTS:
        expect_field(read, f"schedule.{part}", field(stored.sent, f"schedule.{part}"))


def expect_of_each(stored: Mapping[str, Stored], expect: Callable[[Stored], None]) -> None:
    """Expect something of a schedule that was created, and of those that updates set.

    What goes wrong with every update, and not with the creation, is what promises of updates are about.
    """
    found: dict[bool, list[BrokenPromiseError | None]] = {False: [], True: []}
    for one in stored.values():
        try:
            expect(one)
        except BrokenPromiseError as error:
            found[one.updated].append(error)
        else:
            found[one.updated].append(None)
    updates = [] if all(found[True]) else found[True]
    for broken_one in filter(None, (*found[False], *updates)):
        raise broken_one


@requirement("schedule.lists-five-runs")
def test_five_upcoming_runs_are_listed(schedules: Schedules) -> None:
    expect_of_each(any_of(schedules.dense, "a schedule with five runs in a month"), _expect_five)


def _expect_five(stored: Stored) -> None:
    for exchange in both(stored):
        runs = upcoming(exchange)
        if len(runs) != LISTED:
            raise broken(f"{LISTED} upcoming runs in answer to {exchange.label}", f"{len(runs)}", exchange)


@requirement("schedule.lists-one-to-five-runs")
def test_one_to_five_upcoming_runs_are_listed(schedules: Schedules) -> None:
    expect_of_each(any_of(schedules.all), _expect_one_to_five)


def _expect_one_to_five(stored: Stored) -> None:
    for exchange in both(stored):
        runs = upcoming(exchange)
        if not 1 <= len(runs) <= LISTED:
            raise broken(
                f"1 to {LISTED} upcoming runs in answer to {exchange.label}", f"{len(runs)}", exchange
            )


@requirement("schedule.upcoming-runs-match")
def test_upcoming_runs_match_the_expression(
    schedules: Schedules, clock_changes_if_any: ClockChanges | None, unpause_twice_if_any: UnpauseTwice | None
) -> None:
    expect_of_each(any_of(schedules.all), _expect_its_runs)
    if unpaused := unpause_twice_if_any:
        _expect_the_same_runs(unpaused)
    if clock_changes_if_any is None:
        return  # where nothing may be created
    for what, (expression, day) in clock_changes_if_any.steady.items():
        read = clock_changes_if_any.stored[what].read
        if read and read.succeeded:
            expect_explained(expression, NEW_YORK, _besides(day, read), read)


def _expect_its_runs(stored: Stored) -> None:
    expression, zone = (str(field(stored.sent, f"schedule.{part}")) for part in SCHEDULE_PARTS[1:])
    for exchange in both(stored):
        expect_explained(expression, zone, upcoming(exchange), exchange)


def _expect_the_same_runs(unpaused: UnpauseTwice) -> None:
    """Expect what is listed after an unpause, if anything is, to be runs of the schedule that was paused."""
    if not isinstance(field(unpaused.paused.json, UPCOMING), list):
        return  # a lent deployment may have no schedule
    expression, zone = (str(field(unpaused.paused.json, f"schedule.{part}")) for part in SCHEDULE_PARTS[1:])
    for exchange in (unpaused.first, unpaused.after_first):
        if exchange.succeeded and field(exchange.json, "status") == ACTIVE:
            with suppress(CronError, ZoneError):  # the schedule of a lent deployment is what it is
                expect_explained(expression, zone, upcoming(exchange), exchange)


def _besides(day: str, read: Exchange) -> list[datetime]:
    """Return the upcoming runs of the year on which all readings agree: those on other days than that one."""
    zone, (_, now) = find_zone(NEW_YORK), clock(read)
    year = [run for run in upcoming(read) if run < now + YEAR]
    return [run for run in year if run.astimezone(zone).date().isoformat() != day]


def expect_explained(expression: str, zone: str, runs: list[datetime], exchange: Exchange) -> None:
    """Expect an answer to list runs of a schedule, from the next one on."""
    if wrong := unexplained(expression, zone, runs, exchange):
        raise broken(wrong.expected, wrong.got, exchange)


@requirement("schedule.no-last-run-before-the-first")
def test_there_is_no_last_run_before_the_first(schedules: Schedules) -> None:
    expect_of_each(any_of(schedules.all), _expect_no_last_run)


def _expect_no_last_run(stored: Stored) -> None:
    for exchange in both(stored):
        last = field(exchange.json, "schedule.last_run_at")
        if last not in (MISSING, None):
            raise broken(f"no last_run_at in answer to {exchange.label}", last, exchange)


def may_be_refused(stored: Stored) -> bool:
    """Tell whether a schedule fires more than once a day, or in a zone that is not named by a city.

    No least interval is documented, and which other names of zones are known is up to the database.
    """
    of_day = str(field(stored.sent, "schedule.expression")).split()[:2]
    return field(stored.sent, "schedule.timezone") in NO_CITIES or not all(map(str.isdecimal, of_day))


def upcoming(exchange: Exchange) -> list[datetime]:
    """Expect a list of timestamps as upcoming runs; return them."""
    listed = field(expect_object(exchange), UPCOMING)
    instants = [instant(text) for text in listed] if isinstance(listed, list) else [None]
    runs = [at for at in instants if at]
    if len(runs) != len(instants):
        wanted = f"timestamps as upcoming_runs_at in answer to {exchange.label}"
        raise broken(wanted, listed, exchange, at=UPCOMING)
    return runs


def unexplained(
    expression: str, zone: str, runs: Sequence[datetime], exchange: Exchange
) -> Unexplained | None:
    """Say why an answer's upcoming runs are not those of a schedule, as far as they can be foreseen."""
    earliest, latest = clock(exchange)
    near = foreseeable(runs, zone, latest)
    return explain(expression, zone, near, not_before=earliest, not_after=latest)


def clock(exchange: Exchange) -> tuple[datetime, datetime]:
    """Return what the server's clock showed at least and at most when it answered."""
    stated_at, apart = (exchange.date, LATENESS) if exchange.date else (exchange.sent_at, CLOCKS_APART)
    margin = apart + timedelta(seconds=exchange.seconds)
    return stated_at - margin, stated_at + margin


def _outcome(answer: Exchange) -> str:
    """Return what a creation was answered and the runs it lists."""
    runs = field(answer.json, "schedule.upcoming_runs_at")
    listed = ", ".join(map(str, runs)) if isinstance(runs, list) else "no list"
    return f"{answer.summary()} ({listed or 'no runs'})" if answer.succeeded else answer.summary()


NEVER = "30 February"


def dialect(answers: Mapping[str, Exchange]) -> str:
    """Return what came of extensions of the grammar, for an observation."""
    return "; ".join(f"{what}: {_outcome(one)}" for what, one in answers.items() if what != NEVER)


def hours(stored: Mapping[str, Stored]) -> str:
    """Return what came of schedules in skipped and repeated hours, for an observation."""
    return "; ".join(f"{what}: {_outcome(one.answer)}" for what, one in stored.items())


globals().update(
    observations(
        observed("schedule.dialect", dialect, "open_dialect.answers"),
        observed("schedule.impossible-date", _outcome, f"open_dialect.answers.{NEVER}"),
        observed("schedule.zone-forms", "{}", "open_zones.answers"),
        observed("schedule.daylight-saving", hours, "clock_changes.stored"),
    )
)
