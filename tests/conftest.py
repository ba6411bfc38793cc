"""What faults and twins end in, for the tests that look at it; the doors; how Hypothesis judges speed."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.door import Door
from tests.fast import Guard, mark_fast, may_be_fast
from tests.faults.catalogue import load_faults
from tests.proof import Case, Outcome, judge_all
from tests.proof.workers import default_jobs

settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fast", settings.get_profile("calm"), max_examples=20)
settings.load_profile("calm")  # a busy machine is slow, and the first text costs a table of all characters


GUARD = Guard()


def pytest_configure(config: pytest.Config) -> None:
    """Have `-m fast` try fewer examples of each property, and import no module that has no fast test."""
    if config.option.markexpr == "fast":
        settings.load_profile("fast")
        if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
            config.args = [path for path in config.args if may_be_fast(Path(path).resolve())]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start no server, for `-m fast`."""
    mark_fast(items)


@pytest.fixture(autouse=True)
def _stays_fast(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that is marked fast and opens a connection, starts a process or sleeps."""
    if request.node.get_closest_marker("fast") is None:
        yield
        return
    with GUARD.watched() as seen:
        yield
    assert not seen, f"a fast test did {seen}: see tests/fast.py"


@pytest.hookimpl(optionalhook=True)  # the proof collects without pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers `-n auto` is: three on two cores, as tests wait much of their time."""
    return math.ceil(1.5 * (os.cpu_count() or 1))


@pytest.fixture(scope="module")
def judged(request: pytest.FixtureRequest) -> Mapping[Case, Outcome]:
    """The outcome of every case that selected tests of a module name; many are judged at a time."""
    items = [item for item in request.session.items if item.path == request.path]
    specs = [spec for item in items if (spec := getattr(item, "callspec", None))]
    cases = [spec.params["case"] for spec in specs if "case" in spec.params]
    waiting = 4 if any(case.only for case in cases) else 1  # one judgement waits far more than it works
    outcomes = {outcome.case: outcome for outcome in judge_all(cases, waiting * default_jobs())}
    missed = [case for case in cases if case.only and not _is_caught(outcomes[case])]
    again = {outcome.case: outcome for outcome in judge_all(missed, 1)} if missed else {}
    return {**outcomes, **again}


def _is_caught(outcome: Outcome) -> bool:
    """Tell whether a run caught its fault. Beside dozens of others the target may lack the time to show it."""
    if outcome.case.kind != "fault":
        return True
    fault = load_faults()[outcome.case.id]
    caught = fault.breaks in outcome.broken()
    if not caught:
        warnings.warn(f"{fault.id} ({outcome.case.revision}) was missed and is judged again", stacklevel=2)
    return caught


@pytest.fixture
def door(tmp_path: Path) -> Door:
    """Doors that open in an empty folder."""
    return Door(tmp_path)
