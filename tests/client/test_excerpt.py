"""Of many exchanges the culprits and the end are shown, and a line says how many are not."""

from __future__ import annotations

import re

import pytest

from conformance.client.excerpt import excerpt
from conformance.report.evidence import written
from tests.client.factory import exchange

MOST = 24


def shown(number: int, *culprits: int) -> tuple[list[int], list[int]]:
    """The numbers of the exchanges that are shown of so many, and how many each gap holds."""
    told = written(excerpt([exchange(number=n) for n in range(1, number + 1)], frozenset(culprits), MOST))
    heads = re.findall(r"^(?:--|>>) #(\d+) ", told, re.MULTILINE)
    gaps = re.findall(
        r"^   \((\d+) exchanges? left out here: evidence\.json\.gz has them\)$", told, re.MULTILINE
    )
    assert len(re.findall("^>> #", told, re.MULTILINE)) == len({*map(int, heads)} & {*culprits})
    return [*map(int, heads)], [*map(int, gaps)]


@pytest.mark.parametrize("number", [0, 1, 23, 24])
def test_few_are_shown_whole(number: int) -> None:
    assert shown(number) == ([*range(1, number + 1)], [])


def test_without_a_culprit_the_end_is_shown() -> None:
    assert shown(100) == ([*range(77, 101)], [76])


def test_culprits_spread_wide_are_all_shown_with_the_end() -> None:
    culprits = (1, 30, 31, 60, 99, 140, 180)
    heads, gaps = shown(200, *culprits)
    assert {*culprits, 200} <= {*heads}
    assert len(heads) == MOST
    assert len(heads) + sum(gaps) == 200
    assert 29 in heads, "what led to a culprit"


def test_of_many_culprits_the_first_and_the_last_are_shown() -> None:
    heads, gaps = shown(100, *range(1, 101, 2))
    assert heads == [*range(1, 25, 2), *range(79, 100, 2), 100]
    assert len(heads) == MOST
    assert sum(gaps) == 100 - MOST
