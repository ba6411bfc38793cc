"""What a record of other people's deployments leaves out."""

from __future__ import annotations

import json

MASK = "[redacted]"
CONTENT = frozenset({"environment_variables", "initial_events", "resources", "vault_ids"})
"""What nobody but its owner should read."""
WORDS = CONTENT | {"description", "metadata"}


def without_content(document: object, body: bytes, *, lent: str | None) -> bytes:
    """Return a body to be recorded, in which no deployment tells what it works on.

    `document` is what the body holds. Of the `lent` deployment description and metadata are kept: it is
    updated, and they are evidence. A body that is no JSON stays as it is.
    """
    if not isinstance(document, dict | list):
        return body
    try:
        masked = _masked(document, lent)
        return (
            body if masked == document else json.dumps(masked, ensure_ascii=False).encode("utf-8", "replace")
        )
    except RecursionError:  # nobody's deployment is nested like that
        return body


def _masked(value: object, lent: str | None) -> object:
    if isinstance(value, list):
        return [_masked(part, lent) for part in value]
    if not isinstance(value, dict):
        return value
    private = CONTENT if lent is not None and value.get("id") == lent else WORDS
    return {name: MASK if name in private and part else _masked(part, lent) for name, part in value.items()}
