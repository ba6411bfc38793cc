"""What an exchange shows of deployments: the object that was sent, the object or list that was answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from conformance.client.exchange import Exchange, parse_json


def is_archived(exchange: Exchange) -> bool:
    """Tell whether an answer shows a deployment that is archived."""
    shown = exchange.json if exchange.succeeded else None
    return isinstance(shown, dict) and bool(shown.get("archived_at"))


def is_gone(read: Exchange) -> bool:
    """Tell whether a read shows that a deployment needs no archive: it is archived, or not there."""
    return read.status == HTTPStatus.NOT_FOUND or is_archived(read)


def created_id(exchange: Exchange) -> str | None:
    """Return the id of the object that a successful answer holds, or None."""
    shown = exchange.json if exchange.succeeded else None  # once: a large document is read anew each time
    made = shown.get("id") if isinstance(shown, dict) else None
    return made if isinstance(made, str) and made else None


def items(page: Exchange) -> Iterator[Mapping[str, object]]:
    """Yield the objects of a list answer; nothing when it is no list envelope."""
    data = page.json.get("data") if isinstance(page.json, dict) else None
    yield from (item for item in data if isinstance(item, dict)) if isinstance(data, list) else ()


def body_of(exchange: Exchange) -> Mapping[str, Any] | None:
    """Return the object that a request sent, None where it sent none or none that could be kept whole."""
    body = parse_json((exchange.request_body or "").encode("utf-8", "replace"))
    return body if isinstance(body, dict) else None
