"""Pausing: POST /deployments/{id}/pause."""

from __future__ import annotations

from conformance.contract.judgement import (
    expect_error,
    expect_field,
    expect_success,
    expect_unchanged,
)
from conformance.stories.pause import PauseTwice
from conformance.suite.requirement import requirement
from conformance.target.target import Target


@requirement("pause.makes-it-paused")
def test_a_pause_answers_200_and_paused(pause_twice: PauseTwice) -> None:
    expect_success(pause_twice.first)
    expect_field(pause_twice.first, "status", "paused")


@requirement("pause.second-is-conflict")
def test_a_second_pause_is_a_conflict(pause_twice: PauseTwice, target: Target) -> None:
    refusal = target.profile.refusals["pause-when-paused"]
    expect_error(pause_twice.second, refusal.status, kind=refusal.type)


@requirement("pause.refused-changes-nothing")
def test_a_refused_pause_changes_nothing(pause_twice: PauseTwice) -> None:
    expect_unchanged(pause_twice.after_first, pause_twice.after_second)
