"""What faults and twins end in, for the tests that look at it; the doors; how Hypothesis judges speed."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.door import Door
from tests.proof import Case, Outcome, judge_all
from tests.proof.workers import default_jobs

settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")  # a busy machine is slow, and the first text costs a table of all characters


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
    waiting = 2 if any(case.only for case in cases) else 1  # one judgement waits more than it works
    return {outcome.case: outcome for outcome in judge_all(cases, waiting * default_jobs())}


@pytest.fixture
def door(tmp_path: Path) -> Door:
    """Doors that open in an empty folder."""
    return Door(tmp_path)
