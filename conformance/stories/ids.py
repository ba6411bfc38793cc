"""Ids that look right and name nothing, and ids of requests."""

from __future__ import annotations

import secrets
import time
import uuid


def unknown_deployment_id(prefix: str) -> str:
    """Return a well-formed id of no deployment: the prefix and 32 hexadecimal digits, a version 7 UUID.

    Samples look like this (fact sheet, 1.6), so a server that checks the form of ids finds nothing to refuse.
    """
    head = f"{int(time.time() * 1000):012x}7{secrets.token_hex(2)[:3]}"
    return f"{prefix}{head}{secrets.choice('89ab')}{secrets.token_hex(8)[:15]}"


def tracing() -> dict[str, str]:
    """Return headers with an id of the request, by which its error can be recognised (N11)."""
    return {"x-request-id": str(uuid.uuid4())}
