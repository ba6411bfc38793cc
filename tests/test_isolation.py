"""Which value a judgement depends on is found by telling its stories again, with plain values and with few."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

import pytest

from conformance.client.rich_values import FIELDS
from conformance.contract.verdict import Blame, BrokenPromiseError, NotApplicableError, NotJudgedError
from conformance.reference import ReferenceServer
from conformance.run.verdicts.isolation import isolated
from conformance.suite.engine.runner import Runner
from tests.faults.rich_state import ManyEventsCannotBePaused
from tests.test_rejudge import judge, rejudge

BROKEN = BrokenPromiseError("200", "500", (3, 4))
LACKING = NotJudgedError(Blame.PRECONDITION, "it was not paused")
MANY = FIELDS["initial_events"]
TAKES_ITS_TIME = "import conformance.suite.engine.runner as one; one.COMPARED_SECONDS = 1e9"
"""On a busy machine the usual time is over before all that is to be told again is told."""


class FakeRunner:
    """Stands for a runner: a story yields the fields that are rich, all of them when it is told first."""

    def __init__(self, rich: Collection[str] = ("story",), *, in_time: bool = True) -> None:
        self.culprits: set[str] = set()
        self.asked: list[tuple[str, ...]] = []
        self._rich, self._in_time = rich, in_time

    def is_rich(self, name: str) -> bool:
        return name in self._rich

    def collected_with(self, _: str, *fields: str) -> object:
        self.asked.append(fields)
        if fields and not self._in_time:
            raise NotJudgedError(Blame.HARNESS, "the time is over")
        return fields


def outcome(runner: FakeRunner, error: Exception | None, *breaking: str) -> BaseException | None:
    """Isolate an error of a judgement that some rich fields break."""

    def judge(other: Any) -> None:  # noqa: ANN401 (evidence)
        if not set(breaking).isdisjoint(other["story"]):
            raise BROKEN

    return isolated(cast("Runner", runner), judge, ("story",), error)


def test_the_value_that_breaks_a_promise_is_named() -> None:
    found = outcome(FakeRunner(), BROKEN, "initial_events")
    assert isinstance(found, BrokenPromiseError)
    assert found.got == f"500; repeated with plain values, it held, and with {MANY} it did not"
    assert (found.expected, found.culprits) == (BROKEN.expected, BROKEN.culprits)


def test_the_value_that_broke_another_promise_is_tried_first() -> None:
    runner = FakeRunner()
    outcome(runner, BROKEN, "metadata")
    runner.asked.clear()
    outcome(runner, BROKEN, "metadata")
    assert runner.asked == [(), (*FIELDS,), ("metadata",)]


def test_where_only_several_values_break_it_none_is_named() -> None:
    def judge(other: Any) -> None:  # noqa: ANN401 (evidence)
        if {"name", "metadata"} <= {*other["story"]}:
            raise BROKEN

    found = isolated(cast("Runner", FakeRunner()), judge, ("story",), BROKEN)
    assert isinstance(found, BrokenPromiseError)
    assert found.got == "500; repeated with plain values, it held"


@pytest.mark.parametrize("runner", [FakeRunner(), FakeRunner(in_time=False)], ids=["by chance", "no time"])
def test_what_holds_with_rich_values_as_well_is_told_as_it_is(runner: FakeRunner) -> None:
    assert outcome(runner, BROKEN) is BROKEN


def test_what_lacks_a_precondition_is_judged_with_plain_values() -> None:
    assert outcome(FakeRunner(), LACKING) is None


def test_what_fails_with_plain_values_as_well_is_told_as_it_is() -> None:
    def judge(_: object) -> None:
        raise BROKEN

    for error in (BROKEN, LACKING):
        assert isolated(cast("Runner", FakeRunner()), judge, ("story",), error) is error


@pytest.mark.parametrize(
    "error", [None, NotApplicableError("no"), NotJudgedError(Blame.NETWORK, "lost"), KeyError("ours")]
)
def test_what_no_value_can_be_the_reason_of_is_not_asked_again(error: Exception | None) -> None:
    runner = FakeRunner()
    assert outcome(runner, error) is error
    assert runner.asked == []


def test_stories_without_rich_deployments_are_not_told_again() -> None:
    runner = FakeRunner(rich=())
    assert outcome(runner, BROKEN) is BROKEN
    assert runner.asked == []


def test_a_run_names_the_value_and_says_so_again_when_it_is_judged_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(TAKES_ITS_TIME)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    with ReferenceServer(ManyEventsCannotBePaused) as server:
        judge(server, tmp_path, "--only", "pause.makes-it-paused,pause.is-stored,pause.second-is-conflict")
    again = rejudge(tmp_path)
    told = [json.loads((tmp_path / name / "result.json").read_text()) for name in ("reports", "again")]
    first, second = ({row["id"]: row for row in one["requirements"]} for one in told)
    assert MANY in first["pause.makes-it-paused"]["message"]
    assert first["pause.second-is-conflict"]["verdict"] == "pass"
    for name, row in first.items():
        assert (row["verdict"], row["message"]) == (second[name]["verdict"], second[name]["message"])
    assert "none of 3 verdicts changed" in again.stdout
