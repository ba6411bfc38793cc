"""What GitHub Actions shows of a run: escaped lines, a few of each kind, and nothing anywhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.report import RunResult
from conformance.report.github import MOST, workflow_commands

Run = Callable[..., RunResult]
ACTIONS = {"GITHUB_ACTIONS": "true"}


def test_a_broken_promise_is_an_error_and_a_warning_a_warning(run: Run) -> None:
    assert workflow_commands(run("pass", "fail", "warn"), ACTIONS).splitlines() == [
        "::error title=pause.second-is-conflict::expected 409 conflict_error; got 200",
        "::warning title=list.newest-first::expected depl_2 before depl_1; got depl_1 first",
    ]


@pytest.mark.parametrize("environment", [{}, {"GITHUB_ACTIONS": "false"}])
def test_elsewhere_nothing_is_said(run: Run, environment: dict[str, str]) -> None:
    assert workflow_commands(run("fail"), environment) == ""


def test_a_run_that_judged_nothing_is_an_error(run: Run) -> None:
    (line,) = workflow_commands(run(), ACTIONS).splitlines()
    assert line.startswith("::error title=conformance::conformance: INCOMPLETE - judged 0 of 0")


def test_a_target_can_add_no_command(run: Run) -> None:
    (row,) = run("fail").judged
    evil = replace(row.verdict, got="100%0A\n::set-output name=a::b\r\u2028::warning::x")
    lines = workflow_commands(run(judged=[replace(row, verdict=evil)]), ACTIONS).splitlines()
    assert len(lines) == 1
    assert "100%250A" in lines[0]


def test_no_more_lines_than_are_shown(run: Run) -> None:
    (row,) = run("fail").judged
    lines = workflow_commands(run(judged=[row] * 300), ACTIONS).splitlines()
    assert len(lines) == MOST + 1
    assert lines[-1] == "::error title=conformance::291 more: see the summary of the job"
