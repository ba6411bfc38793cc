"""Fields that a target never shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from conformance.client.exchange import Exchange
from conformance.contract.comparing import MISSING, field
from conformance.contract.shapes import Shapes
from conformance.run.verdicts.cause import Cause, Trouble
from conformance.run.verdicts.shown_documents import documents, is_list

SCHEMA = ("object.matches-schema", "object.has-sample-fields")


def never_shown(trouble: Trouble) -> Iterator[Cause]:
    """Yield the field that a broken promise is about, if nothing that may have it does."""
    at, shapes = trouble.error.at, trouble.shapes
    if at and (lacking := _lacking(at, shapes, trouble.exchanges)):
        kind, owners = ("list", ("list.envelope",)) if shapes.in_envelope(at) else ("deployment", SCHEMA)
        yield Cause(f"no {kind} shows {lacking}", owners)


def _lacking(path: str, shapes: Shapes, exchanges: Iterable[Exchange]) -> str:
    """Return the first part of a path that no answer has though it has what comes before it."""
    if not (shapes.in_envelope(path) or shapes.in_deployment(path)):
        return ""
    names = path.split(".")
    for depth in range(1, len(names) + 1):
        parent, part = ".".join(names[: depth - 1]), ".".join(names[:depth])
        if _all_lack(part, parent, _holders(path, shapes, exchanges)):
            return part
    return ""


def _holders(path: str, shapes: Shapes, exchanges: Iterable[Exchange]) -> Iterator[Mapping[str, object]]:
    """Yield what may have a field: lists for what belongs to their envelope, else deployments."""
    for exchange in exchanges:
        if not shapes.in_envelope(path):
            yield from documents(exchange)
        elif is_list(exchange) and isinstance(exchange.json, dict):
            yield exchange.json


def _all_lack(part: str, parent: str, holders: Iterable[Mapping[str, object]]) -> bool:
    """Tell whether there are documents with an object at `parent`, and none of them has the `part` of it."""
    lacking = False
    for document in holders:
        if parent and not isinstance(field(document, parent), dict):
            continue
        if field(document, part) is not MISSING:
            return False
        lacking = True
    return lacking
