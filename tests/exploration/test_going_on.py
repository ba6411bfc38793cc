"""Searches go on beyond what is accepted: in examples here, in walks and races in `test_nights.py`."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import strategies as st

from conformance.config.settings import Settings
from conformance.contract.judgement import broken
from conformance.contract.lifecycle import Operation, Verb, created, model_of
from conformance.suite.exploration.driver import explore, upholding
from conformance.vendors import load_profile

KNOWN, NEW = "create.stores-what-was-sent", "create.returns-deployment"


def api(*accepted: str) -> Any:  # noqa: ANN401 (stands for an Api whose target was sent nothing)
    settings = SimpleNamespace(
        reach=Settings(examples=5).reach, seed=1, replay=(), open_promises=frozenset(accepted)
    )
    manners = SimpleNamespace(signal="", budget=SimpleNamespace(short_of=lambda **_: ""))
    target = SimpleNamespace(
        settings=settings, manners=manners, next_number=lambda: 1, exchanges=lambda _: (),
    )  # fmt: skip
    return SimpleNamespace(target=target, story="property.valid-creations")


def attempt(examples: Sequence[int]) -> None:
    """Break one promise by every example, and another by 3 alone."""
    if 3 in examples:
        with upholding(NEW):
            raise broken("a", "b")
    with upholding(KNOWN):
        raise broken("c", "d")


def test_what_is_accepted_ends_no_search() -> None:
    found = explore(api(KNOWN), lambda: st.just(1), attempt, first=[(1,), (2,), (3,)])
    assert [one.requirement for one in found.findings] == [NEW, KNOWN]
    assert found.examples == 3


def test_a_group_is_taken_apart_to_see_beyond_what_is_accepted() -> None:
    found = explore(api(KNOWN), lambda: st.just(1), attempt, first=[(1, 2, 3)])
    assert [one.requirement for one in found.findings] == [NEW, KNOWN]


def test_what_is_accepted_alone_is_found_all_the_same() -> None:
    found = explore(api(KNOWN), lambda: st.just(1), attempt, first=[(1,), (2,)])
    assert [(one.requirement, one.got) for one in found.findings] == [(KNOWN, "d")]


def test_what_nobody_accepted_is_found() -> None:
    found = explore(api(), lambda: st.just(1), attempt, first=[(1,)])
    assert [one.requirement for one in found.findings] == [KNOWN]


@pytest.mark.parametrize(
    ("verb", "promise"),
    [(Verb.PAUSE, "pause.makes-it-paused"), (Verb.UNPAUSE, "unpause.active-is-conflict"), (Verb.ARCHIVE, "archive.sets-archived-at")],
)  # fmt: skip
def test_a_model_allows_any_answer_where_a_deviation_is_accepted(verb: Verb, promise: str) -> None:
    profile = load_profile("qoder")
    state = created({"schedule": {"type": "cron"}})
    strict, lax = model_of(profile), model_of(profile, frozenset({promise}))
    operation = Operation(verb)
    assert not any(one.answer.allows(418) for one in strict.step(state, operation))
    assert state in [one.then for one in lax.step(state, operation) if one.answer.allows(418)]
    assert lax.step(state, operation)[: len(strict.step(state, operation))] == strict.step(state, operation)
