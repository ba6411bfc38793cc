"""What the tests of the suite make of what searches found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import BrokenPromiseError, Finding
from conformance.suite.exploration import test_races, test_search
from conformance.suite.exploration.registry import Searched
from conformance.suite.judging.running import FINDINGS
from tests.suite.judging import judgements

WINS, ORDER = "pause.one-of-many-wins", "pause.races-have-an-order"


def finding(requirement: str) -> Finding:
    return Finding(requirement, "one 200", "two")


def request_of(monkeypatch: pytest.MonkeyPatch, found: dict[str, object]) -> Any:  # noqa: ANN401 (stands for pytest's)
    """Return the request of a test in a run whose searches found this."""
    request = SimpleNamespace(config=object(), node=SimpleNamespace(stash=pytest.Stash()))

    def running(config: object) -> SimpleNamespace:
        assert config is request.config
        return SimpleNamespace(
            runner=SimpleNamespace(evidence=found.get), kept=lambda _, findings: tuple(findings)
        )

    for module in (test_races, test_search):
        monkeypatch.setattr(module, "running", running)
    return request


@pytest.mark.parametrize(
    ("requirement", "search"),
    [
        (WINS, "race.pauses"),
        *(
            (ORDER, name)
            for name in load_catalogue().searches
            if name.startswith("race.") and name != "race.creations"
        ),
    ],
)
def test_a_promise_is_broken_where_its_search_saw_it(
    requirement: str, search: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = finding("list.envelope")
    request = request_of(monkeypatch, {search: Searched((others, finding(requirement)), 1)})
    with pytest.raises(BrokenPromiseError, match="expected one 200; got two"):
        judgements()[requirement](request)


@pytest.mark.parametrize("requirement", [WINS, ORDER])
def test_what_its_searches_did_not_see_is_kept(requirement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {name: Searched((finding("list.envelope"),), 1) for name in load_catalogue().searches}
    elsewhere = Searched((finding(requirement),), 1)
    judgements()[requirement](
        request_of(monkeypatch, {**found, "race.creations": elsewhere, "property.ids": elsewhere})
    )
    judgements()[requirement](request_of(monkeypatch, {}))


def test_a_search_hands_over_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    request = request_of(monkeypatch, {"race.pauses": Searched((finding(WINS),), 1)})
    test_search.test_search("race.pauses", request)
    assert request.node.stash[FINDINGS] == (finding(WINS),)
    test_search.test_search("property.ids", request)
    assert request.node.stash[FINDINGS] == ()
