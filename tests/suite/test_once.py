"""One cause is one accusation: what follows from a broken promise, or from what somebody else did, is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.client.exchange import Exchange
from conformance.contract.areas import FOLLOW_UP
from conformance.contract.catalogue import load_catalogue
from conformance.contract.shapes import Shapes
from conformance.contract.verdict import BrokenPromiseError, Finding, NotApplicableError
from conformance.run.verdicts.root_causes import Causes
from conformance.suite.judging.lasting import contradictions
from conformance.vendors import load_profile
from tests.suite.history_stories import ACTIVE, NOW_ARCHIVED, NOW_PAUSED, acted, at, created, read
from tests.suite.written import deployment

pytestmark = pytest.mark.fast
FOUND = Finding("pause.is-stored", "paused", "active", (), "", (), "")
ACCUSED = "unpause.clears-reason"


def causes(*accepted: str) -> Causes:
    return Causes(
        "https://deployments.example/api",
        exchanges=lambda: (),
        judges=lambda _: True,
        catalogue=load_catalogue(),
        shapes=Shapes(load_profile("qoder")),
        kinds={},
        told=lambda: (),
        accepted=accepted,
    )


def test_the_follow_up_is_silent_where_a_promise_is_broken() -> None:
    seen = causes()
    assert seen.kept(FOLLOW_UP, [FOUND]) == (FOUND,)
    seen = causes()
    seen.traced(load_catalogue()[ACCUSED], BrokenPromiseError("null", "a reason"))
    with pytest.raises(NotApplicableError, match=ACCUSED):
        seen.kept(FOLLOW_UP, [FOUND])
    assert seen.kept("model.lifecycle", [FOUND]) == (FOUND,)


@pytest.mark.parametrize("name", [ACCUSED, "object.no-undocumented-fields"])
def test_what_is_accepted_or_advice_does_not_silence_it(name: str) -> None:
    seen = causes(ACCUSED)
    seen.traced(load_catalogue()[name], BrokenPromiseError("null", "a reason"))
    assert seen.kept(FOLLOW_UP, [FOUND]) == (FOUND,)


def listing(**shown: object) -> tuple[Exchange, dict[str, object]]:
    item = deployment(**{**ACTIVE, **shown}).json
    assert isinstance(item, dict)
    page = at(3, replace(deployment(), json={"data": [item]}), path="", label="list")
    return page, item


def contradicted(*history: Exchange, **shown: object) -> list[list[str]]:
    page, item = listing(**shown)
    numbered = [replace(one, number=number) for number, one in enumerate((*history, page), start=1)]
    return [differing for _, _, differing in contradictions(numbered, [(numbered[-1], item)])]


def test_a_list_that_shows_another_name_contradicts_every_answer() -> None:
    assert contradicted(created(), read(2, **ACTIVE), name="another")


def test_a_list_that_shows_what_a_stranger_did_contradicts_nothing() -> None:
    assert contradicted(created(), read(2, **ACTIVE), **NOW_PAUSED) == []


def test_of_what_only_an_archive_showed_nothing_is_known_before() -> None:
    assert contradicted(acted(4, "archive", **NOW_ARCHIVED), name="another") == []
