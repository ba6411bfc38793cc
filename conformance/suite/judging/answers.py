"""Finding what binds every answer among all exchanges of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from http import HTTPStatus
from itertools import groupby

from conformance.client.answers import items
from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.contract.judgement import expect_errors

DEPLOYMENT_PATH = re.compile(r"/deployments/[^/?]+(?:/(?:pause|unpause|archive))?$")
LIST_PATH = re.compile(r"/deployments$")
DOCUMENTED_ERRORS = (400, 401, 403, 404, 409, 500)
"""The statuses that the errors page lists; gateways and frameworks answer others in their own way."""

Found = tuple[Exchange, Mapping[str, object]]


def expect_refusals(answers: Mapping[str, Exchange], status: HTTPStatus, target: Target) -> None:
    """Expect every answer to be an error of a status, and of the kind that the profile documents for it."""
    expect_errors(answers, status, kind=target.profile.error_types.get(status))


class Deployments:
    """Every deployment in a successful answer with its exchange, equal ones once; to be gone through often.

    It keeps where they are and not what they hold: answers may be large, and are then kept compressed.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._places: dict[bytes, tuple[Exchange, int]] = {}
        for exchange in exchanges:
            for place, document in enumerate(_documents(exchange)):
                text = json.dumps(document, sort_keys=True)
                self._places.setdefault(sha256(text.encode()).digest(), (exchange, place))

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Found]:
        for _, places in groupby(self._places.values(), key=lambda found: found[0].number):
            found = [*places]
            exchange = found[0][0]
            documents = tuple(_documents(exchange))
            yield from ((exchange, documents[place]) for _, place in found)


def shapes(found: Iterable[Found]) -> Iterator[Found]:
    """Yield one deployment of each shape: which fields there are depends on names and types alone."""
    seen: set[str] = set()
    for exchange, document in found:
        key = repr(_shape(document))
        if key not in seen:
            seen.add(key)
            yield exchange, document


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return sorted((name, _shape(part)) for name, part in value.items())
    if isinstance(value, list):
        return sorted({repr(_shape(part)) for part in value})
    return type(value).__name__


def _documents(exchange: Exchange) -> Iterable[Mapping[str, object]]:
    path = exchange.path
    if not exchange.succeeded or exchange.method not in {"GET", "POST"}:
        return ()
    if exchange.method == "GET" and LIST_PATH.search(path):
        return items(exchange)
    single = DEPLOYMENT_PATH.search(path) or LIST_PATH.search(path)
    return (exchange.json,) if single and isinstance(exchange.json, dict) else ()


def of_stories(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Yield what stories asked; what a search meets it tells itself, and how far it is is up to chance.

    The name of a search alone has a dot.
    """
    return (e for e in exchanges if "." not in e.story)


def errors(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Yield the documented kinds of errors, in answer to questions that the documents answer."""
    return (e for e in exchanges if e.status in DOCUMENTED_ERRORS and not e.probe)
