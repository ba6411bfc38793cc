"""The schedule of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from conformance.contract.judgement import (
    MISSING,
    broken,
    expect_errors,
    expect_field,
    expect_object,
    field,
    instant,
)
from conformance.contract.schedule import explain
from conformance.stories.creating import Refusals, Stored
from conformance.stories.schedules import Schedules
from conformance.stories.schedules_open import ClockChanges
from conformance.stories.schedules_refused import INVALID, PARTS
from conformance.suite.requirement import Observe, requirement
from conformance.suite.stored import any_of, both, expect_stored, told
from conformance.target.exchange import Exchange

pytestmark = pytest.mark.usefixtures("creatable")

BAD_REQUEST = 400
LISTED = 5
LATENESS = timedelta(seconds=2)
"""`Date` has whole seconds, and a listing may have been computed a little before it was written."""
CLOCKS_APART = timedelta(minutes=5)


@requirement("schedule.type-must-be-cron")
def test_another_type_is_400(invalid_schedules: Refusals) -> None:
    expect_errors(invalid_schedules.of("a schedule of type interval"), BAD_REQUEST)


@requirement("schedule.missing-field-is-400")
def test_a_missing_part_is_400(invalid_schedules: Refusals) -> None:
    expect_errors(invalid_schedules.of(*(f"a schedule without {part}" for part in PARTS)), BAD_REQUEST)


@requirement("schedule.invalid-cron-is-400")
def test_an_invalid_expression_is_400(invalid_schedules: Refusals) -> None:
    expect_errors(invalid_schedules.of(*(f"the expression {text!r}" for text in INVALID)), BAD_REQUEST)


@requirement("schedule.six-fields-are-400")
def test_six_fields_are_400(invalid_schedules: Refusals) -> None:
    expect_errors(invalid_schedules.of("six fields"), BAD_REQUEST)


@requirement("schedule.unknown-zone-is-400")
def test_an_unknown_zone_is_400(invalid_schedules: Refusals) -> None:
    expect_errors(invalid_schedules.of("the zone Mars/Olympus"), BAD_REQUEST)


@requirement("schedule.is-echoed")
def test_a_schedule_reads_back(schedules: Schedules) -> None:
    for stored in any_of(schedules.all).values():
        if refused_as_frequent(stored):
            continue
        read = expect_stored(stored)
        for part in PARTS:
            expect_field(read, f"schedule.{part}", field(stored.sent, f"schedule.{part}"))


@requirement("schedule.lists-five-runs")
def test_five_upcoming_runs_are_listed(schedules: Schedules) -> None:
    for exchange in sights(schedules.dense):
        runs = upcoming(exchange)
        if len(runs) != LISTED:
            raise broken(f"{LISTED} upcoming runs in answer to {exchange.label}", f"{len(runs)}", exchange)


@requirement("schedule.upcoming-runs-match")
def test_upcoming_runs_match_the_expression(schedules: Schedules) -> None:
    for stored in any_of(schedules.all).values():
        for exchange in both(stored):
            earliest, latest = clock(exchange)
            wrong = explain(
                str(field(stored.sent, "schedule.expression")),
                str(field(stored.sent, "schedule.timezone")),
                upcoming(exchange),
                not_before=earliest,
                not_after=latest,
            )
            if wrong:
                expected, _, got = wrong.removeprefix("expected ").rpartition(", got ")
                raise broken(expected, got, exchange)


@requirement("schedule.no-last-run-before-the-first")
def test_there_is_no_last_run_before_the_first(schedules: Schedules) -> None:
    for exchange in sights(schedules.all):
        last = field(exchange.json, "schedule.last_run_at")
        if last not in (MISSING, None):
            raise broken(f"no last_run_at in answer to {exchange.label}", last, exchange)


def refused_as_frequent(stored: Stored) -> bool:
    """Tell whether a schedule of more than one run a day was refused: no least interval is documented."""
    of_day = str(field(stored.sent, "schedule.expression")).split()[:2]
    return stored.answer.status == BAD_REQUEST and not all(map(str.isdecimal, of_day))


def sights(stored: Mapping[str, Stored]) -> list[Exchange]:
    """Return the answers and reads of those creations that made something."""
    return [exchange for one in any_of(stored).values() for exchange in both(one)]


def upcoming(exchange: Exchange) -> list[datetime]:
    """Expect a list of timestamps as upcoming runs; return them."""
    listed = field(expect_object(exchange), "schedule.upcoming_runs_at")
    instants = [instant(text) for text in listed] if isinstance(listed, list) else [None]
    runs = [at for at in instants if at]
    if len(runs) != len(instants):
        raise broken(f"timestamps as upcoming_runs_at in answer to {exchange.label}", listed, exchange)
    return runs


def clock(exchange: Exchange) -> tuple[datetime, datetime]:
    """Return what the server's clock showed at least and at most when it answered."""
    told_at, apart = (exchange.date, LATENESS) if exchange.date else (exchange.sent_at, CLOCKS_APART)
    margin = apart + timedelta(seconds=exchange.seconds)
    return told_at - margin, told_at + margin


@requirement("schedule.dialect")
def test_extensions_of_the_grammar(open_dialect: Refusals, observe: Observe) -> None:
    extensions = {what: one for what, one in open_dialect.answers.items() if what != "30 February"}
    observe("; ".join(f"{what}: {_outcome(one)}" for what, one in extensions.items()))


@requirement("schedule.impossible-date")
def test_a_date_that_never_comes(open_dialect: Refusals, observe: Observe) -> None:
    observe(_outcome(open_dialect.answers["30 February"]))


@requirement("schedule.zone-forms")
def test_forms_of_time_zones(open_zones: Refusals, observe: Observe) -> None:
    observe(told(open_zones.answers))


@requirement("schedule.daylight-saving")
def test_skipped_and_repeated_hours(clock_changes: ClockChanges, observe: Observe) -> None:
    seen = (f"{what}: {_outcome(stored.answer)}" for what, stored in clock_changes.stored.items())
    observe("; ".join(seen))


def _outcome(answer: Exchange) -> str:
    """Return what a creation was answered and the runs it lists."""
    runs = field(answer.json, "schedule.upcoming_runs_at")
    listed = ", ".join(map(str, runs)) if isinstance(runs, list) else "no list"
    return f"{answer.summary()} ({listed or 'no runs'})" if answer.succeeded else answer.summary()
