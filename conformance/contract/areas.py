"""The areas of the API and the tiers of a run by name; they cost nothing to import."""

from __future__ import annotations

TIERS = ("core", "property", "race", "time", "billable")
DEFAULT_TIERS = ("core", "property", "race")
AREAS = (
    "transport", "auth", "errors", "object", "create", "schedule", "get", "update", "pause", "unpause",
    "archive", "list", "runs", "idempotency", "tenancy", "security",
)  # fmt: skip
SEARCH_AREA = "search"
FOLLOW_UP = "model.stories"
"""The search that goes through what stories did: it is judged last, and only where nothing else is broken."""
