"""When bystanders were disturbed: stories are told again then, each alone."""

from __future__ import annotations

from dataclasses import replace

from conformance.client.exchange import Exchange
from tests.suite.stories import neighbour
from tests.suite.written import ARCHIVED, deployment, error


def test_bystanders_that_stay_as_they_were_are_not_disturbed() -> None:
    assert not neighbour().disturbed


def test_one_that_an_action_changed_is() -> None:
    told = neighbour()
    changed: dict[str, Exchange] = {"archive": deployment(**ARCHIVED)}
    assert replace(told, older=replace(told.older, after=changed)).disturbed


def test_one_that_was_archived_before_it_was_first_read_is() -> None:
    told, archived = neighbour(), deployment(**ARCHIVED)
    older = replace(told.older, before=archived, after={"archive": archived})
    assert replace(told, older=older).disturbed


def test_one_whose_first_read_failed_is_not() -> None:
    told = neighbour()
    assert not replace(told, older=replace(told.older, before=error(500))).disturbed
