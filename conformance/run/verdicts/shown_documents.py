"""What answers show: deployments, and lists of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.client.exchange import Exchange
from conformance.suite.shared.list_pages import listed


def documents(exchange: Exchange) -> Iterable[Mapping[str, object]]:
    """Return the deployments that an answer shows."""
    if not exchange.succeeded or "/deployments" not in exchange.url or "/run" in exchange.url:
        return ()
    shown = exchange.json
    return listed(shown) if is_list(exchange) else [shown] if isinstance(shown, dict) else ()


def is_list(exchange: Exchange) -> bool:
    """Tell whether an answer is a list of deployments."""
    return exchange.succeeded and exchange.method == "GET" and exchange.path.endswith("/deployments")
