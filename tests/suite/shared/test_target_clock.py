"""The target's clock as a story sees it, told from written answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import cast

import pytest

from conformance.client.exchange import Exchange, Failure
from conformance.client.target import Target
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.shared import target_clock as module
from conformance.suite.shared.target_clock import TargetClock

NOON = datetime(2026, 6, 12, 12, 0, 0, tzinfo=UTC)


class Waits:
    """Stands for the event that ends a run; notes how long each wait was."""

    def __init__(self, *, stopped: bool = False) -> None:
        self.seconds: list[float] = []
        self.stopped = stopped

    def wait(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        return self.stopped


def answer(sent: datetime, date: datetime | None, **fields: str) -> Exchange:
    headers = {"date": format_datetime(date, usegmt=True)} if date else {}
    return Exchange(
        number=1, story="s", label="read", method="GET", url="u", sent_at=sent, seconds=0.0,
        request_headers={}, request_body=None, status=200, headers=headers, json=fields or None,
    )  # fmt: skip


def clock_from(creation: Exchange, waits: Waits | None = None) -> TargetClock:
    return TargetClock(cast("Target", SimpleNamespace(stopped=waits or Waits())), creation)


def passing(waits: Waits, speed: float) -> Iterator[Exchange]:
    """Yield answers of a server whose Date header runs `speed` times as fast as the waits."""
    while True:
        real = sum(waits.seconds) + 0.1
        date = (NOON + timedelta(seconds=real * speed)).replace(microsecond=0)
        yield answer(NOON + timedelta(seconds=real), date)


def test_it_is_as_late_as_the_date_header_allows() -> None:
    later = answer(NOON, NOON + timedelta(minutes=1))
    assert clock_from(answer(NOON, NOON)).at(later) == NOON + timedelta(minutes=1, seconds=1)


def test_without_a_date_header_the_clients_clock_counts() -> None:
    clock = clock_from(answer(NOON, None))
    assert clock.at(answer(NOON + timedelta(seconds=90), None)) == NOON + timedelta(seconds=90)


@pytest.mark.parametrize("date", [NOON - timedelta(minutes=7), NOON + timedelta(hours=8), None])
def test_a_gateways_clock_is_set_by_the_first_creation(date: datetime | None) -> None:
    clock = clock_from(answer(NOON + timedelta(minutes=3), date, created_at="2026-06-12T12:00:00Z"))
    shown = clock.at(answer(NOON + timedelta(minutes=3), date))
    assert NOON <= shown <= NOON + timedelta(seconds=1)


def test_fractions_and_slow_answers_are_no_other_clock() -> None:
    clock = clock_from(answer(NOON, NOON, created_at="2026-06-12T12:00:03.5Z"))
    assert clock.at(answer(NOON, NOON)) == NOON + timedelta(seconds=1)


@pytest.mark.parametrize("speed", [1.0, 60.0, 0.5])
def test_a_wait_ends_soon_after_its_instant_however_fast_the_clock(speed: float) -> None:
    waits = Waits()
    answers = passing(waits, speed)
    clock = clock_from(answer(NOON, NOON), waits)
    last = clock.wait_until(NOON + timedelta(minutes=3), lambda: next(answers), "a test")
    assert last.date
    assert timedelta(0) <= last.date - NOON - timedelta(minutes=3) <= timedelta(seconds=3 + 0.02 * speed)
    assert len(waits.seconds) < 40


def test_a_lost_answer_is_asked_for_again() -> None:
    waits = Waits()
    lost = replace(answer(NOON, None), status=None, failure=Failure(Blame.NETWORK, "timed out"))
    answers = iter([lost, lost, answer(NOON, NOON)])
    assert clock_from(answer(NOON, NOON), waits).wait_until(NOON, lambda: next(answers), "x").date == NOON
    with pytest.raises(NotJudgedError, match="timed out"):
        clock_from(answer(NOON, NOON), waits).wait_until(NOON, lambda: lost, "a test")


def test_a_clock_that_stands_still_is_the_targets_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", -120.0)
    with pytest.raises(NotJudgedError, match="stands still") as error:
        clock_from(answer(NOON, NOON)).wait_until(
            NOON + timedelta(minutes=1), lambda: answer(NOON, NOON), "a test"
        )
    assert error.value.blame is Blame.TARGET


def test_a_stopped_run_waits_no_longer() -> None:
    clock = clock_from(answer(NOON, NOON), Waits(stopped=True))
    with pytest.raises(NotJudgedError, match="stopped"):
        clock.wait_until(NOON + timedelta(minutes=1), lambda: answer(NOON, NOON), "a test")


def test_progress_is_told_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    waits = Waits()
    answers = passing(waits, 1.0)
    monkeypatch.setattr(module, "PROGRESS_SECONDS", 0.0)
    caplog.set_level("INFO", "conformance.progress")
    clock = clock_from(answer(NOON, NOON), waits)
    clock.wait_until(NOON + timedelta(minutes=1), lambda: next(answers), "watching")
    assert "watching; the target's clock shows 12:00:00Z" in caplog.messages
