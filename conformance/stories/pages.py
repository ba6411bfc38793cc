"""Reading list answers."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.target.creations import items
from conformance.target.exchange import Exchange


def holds(document: Mapping[str, object], deployment_id: str) -> bool:
    """Tell whether a list document holds a deployment."""
    data = document.get("data")
    return isinstance(data, list) and any(
        isinstance(item, dict) and item.get("id") == deployment_id for item in data
    )


def ids(page: Exchange) -> list[str]:
    """Return the ids of a list answer in order."""
    return [str(item.get("id")) for item in items(page)]
