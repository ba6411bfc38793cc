"""A query that goes with every request of a vendor hides no creation from the histories of deployments."""

from __future__ import annotations

from dataclasses import replace

from conformance.client.exchange import Exchange
from conformance.suite.judging.answers import Deployments
from conformance.suite.judging.histories import histories
from conformance.suite.judging.lasting import contradictions
from tests.suite.history_stories import ACTIVE, ID, at, created, read
from tests.suite.written import deployment

QUERY = "?beta=true"


def told() -> list[Exchange]:
    """A creation, a rename and a read."""
    renamed = {**ACTIVE, "name": "renamed"}
    told = [created(name="first"), at(1, deployment(**renamed), "POST"), read(2, **renamed)]
    return [replace(one, number=number, url=one.url + QUERY) for number, one in enumerate(told, 1)]


def test_a_creation_begins_the_history() -> None:
    assert [one.number for one in histories(told())[ID]] == [1, 2, 3]


def test_a_rename_contradicts_no_creation() -> None:
    exchanges = told()
    assert list(contradictions(exchanges, Deployments(exchanges))) == []
