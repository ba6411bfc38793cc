"""The judgements on written exchanges: what they accuse, what they leave alone, what they do not judge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import BrokenPromiseError, Level, NotApplicableError, NotJudgedError
from tests.suite.golden import TABLES, load_golden, name_of, observed, refused, said_of, words_of
from tests.suite.judging import judge, judgements
from tests.suite.test_refusals import JUDGED
from tests.suite.written import Edit

REQUIREMENTS = {
    row.id
    for row in load_catalogue().requirements.values()
    if row.level is not Level.OBSERVE and row.tier != "race"
}
"""What is promised, but for what only a race can break: a search judges that."""
BROKEN, LEGAL, UNJUDGED, INAPPLICABLE = (
    [row for table in TABLES for row in getattr(table, name)]
    for name in ("BROKEN", "LEGAL", "UNJUDGED", "INAPPLICABLE")
)


GOLDEN = load_golden()
"""What was said when somebody last looked; after a look, `python -m tests.suite.golden` writes it anew."""


def named(table: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Return rows for pytest, each named by what is answered otherwise."""
    return [pytest.param(*row, id=name_of(*row[:3])) for row in table]


@pytest.mark.parametrize("requirement", sorted({row[0] for row in BROKEN}))
def test_what_the_documents_show_is_accepted(requirement: str) -> None:
    judge(requirement, {})


def test_each_judgement_has_been_seen_accusing() -> None:
    accusing = {row[0] for row in BROKEN} | JUDGED
    assert REQUIREMENTS - accusing == set()
    assert accusing - set(judgements()) == set()


@pytest.mark.parametrize(("requirement", "way", "edit", "got"), named(BROKEN))
def test_a_broken_promise_is_told(requirement: str, way: str, edit: Edit, got: str) -> None:
    with pytest.raises(BrokenPromiseError) as caught:
        judge(requirement, {way: edit})
    assert got in caught.value.got
    assert caught.value.culprits
    assert words_of(caught.value) == GOLDEN[name_of(requirement, way, edit)]


@pytest.mark.parametrize(("requirement", "way", "edit"), named(LEGAL))
def test_what_is_legal_is_accepted(requirement: str, way: str, edit: Edit) -> None:
    judge(requirement, {way: edit})


@pytest.mark.parametrize(("requirement", "way", "edit"), named(UNJUDGED))
def test_what_cannot_be_told_is_not_judged(requirement: str, way: str, edit: Edit) -> None:
    with pytest.raises(NotJudgedError) as caught:
        judge(requirement, {way: edit})
    assert words_of(caught.value) == GOLDEN[name_of(requirement, way, edit)]


@pytest.mark.parametrize(("requirement", "way", "edit"), named(INAPPLICABLE))
def test_what_nobody_promises_does_not_apply(requirement: str, way: str, edit: Edit) -> None:
    with pytest.raises(NotApplicableError) as caught:
        judge(requirement, {way: edit})
    assert words_of(caught.value) == GOLDEN[name_of(requirement, way, edit)]


@pytest.mark.parametrize("name", observed())
def test_what_is_open_is_observed(name: str) -> None:
    assert said_of(*observed()[name]) == GOLDEN[name]


def test_the_words_are_those_of_the_rows() -> None:
    assert GOLDEN.keys() == {**observed(), **refused()}.keys()


def test_messages_speak_no_python() -> None:
    python = re.compile(r"datetime\.|\+00:00|\bNone\b|got expected")
    assert {name: words for name, words in GOLDEN.items() if python.search(words)} == {}
