"""Finding what binds every answer among all exchanges of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from conformance.target.creations import items
from conformance.target.exchange import Exchange

ONE = re.compile(r"/deployments/[^/?]+(?:/(?:pause|unpause|archive))?$")
MANY = re.compile(r"/deployments$")
DOCUMENTED_ERRORS = (400, 401, 403, 404, 409, 500)
"""The statuses that the errors page lists; gateways and frameworks answer others in their own way."""

Found = tuple[Exchange, Mapping[str, object]]


def deployments(exchanges: Iterable[Exchange]) -> Iterator[Found]:
    """Yield every deployment in a successful answer with its exchange, equal ones once."""
    seen: set[str] = set()
    for exchange in exchanges:
        for document in _documents(exchange):
            key = json.dumps(document, sort_keys=True)
            if key not in seen:
                seen.add(key)
                yield exchange, document


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
    path = exchange.url.partition("?")[0]
    if not exchange.succeeded or exchange.method not in {"GET", "POST"}:
        return ()
    if exchange.method == "GET" and MANY.search(path):
        return items(exchange)
    single = ONE.search(path) or MANY.search(path)
    return (exchange.json,) if single and isinstance(exchange.json, dict) else ()


def errors(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Yield the documented kinds of errors, in answer to questions that the documents answer."""
    return (e for e in exchanges if e.status in DOCUMENTED_ERRORS and not e.probe)
