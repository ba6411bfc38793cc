"""No odd but legal server is accused of anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.twins.catalogue import Twin, load_twins
from tests.twins.prove import accusations, judge_twin

CASES = [
    pytest.param(twin, twin.revisions[number % len(twin.revisions)], id=f"{twin.id}")
    for number, twin in enumerate(load_twins().values())
]
"""Each twin in one revision, in turns; `python -m tests.twins.prove` judges all in both."""


@pytest.fixture(scope="module")
def judged(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[set[str]]]]:
    """The accusations of each selected twin; several are judged at a time."""
    specs = [getattr(item, "callspec", None) for item in request.session.items]
    params = [spec.params for spec in specs if spec and "twin" in spec.params]
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as pool:
        yield {p["twin"].id: pool.submit(_judge, p["twin"], p["revision"]) for p in params}


def _judge(twin: Twin, revision: str) -> set[str]:
    return accusations(judge_twin(twin, revision))


@pytest.mark.parametrize(("twin", "revision"), CASES)
def test_a_legal_server_is_not_accused(
    twin: Twin, revision: str, judged: dict[str, Future[set[str]]]
) -> None:
    assert judged[twin.id].result() == set(), f"{twin.service.__doc__} ({revision})"
