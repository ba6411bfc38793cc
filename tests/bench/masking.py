"""Measures masking: `python -m tests.bench.masking`.

For usual and hostile texts, as a text and as a body, how many MB of them are masked in a second, and how many times as long a text of
twice the length takes: about 2 where the time is linear in the text. Prints one JSON document.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from conformance.redaction.redactor import Redactor
from tests.client.test_masking import HOSTILE, TOKEN, least_seconds

SIZE = 64 * 1024
DEPLOYMENT = {
    "id": "dep_0123456789abcdef01234567", "type": "deployment", "name": "conformance-ab12cd34-listing-7",
    "description": "Made by a conformance run (conformance-ab12cd34-listing-7).", "status": "active",
    "metadata": {"team": "blue"}, "created_at": "2026-07-01T09:00:00.730000Z", "archived_at": None,
}  # fmt: skip


def figures(mask: Callable[[str], object], piece: str) -> dict[str, float]:
    """Return how fast texts made of a piece are masked, and how the time grows with their length."""
    one = (piece * (SIZE // len(piece) + 1))[:SIZE]
    once, twice = least_seconds(partial(mask, one)), least_seconds(partial(mask, one * 2))
    return {"MB/s": round(SIZE / once / 1e6, 1), "2N to N": round(twice / once, 2)}


def main() -> None:
    redactor = Redactor([TOKEN, "pt-second-token-of-another-tenant"])
    pieces = {"a list of deployments": json.dumps(DEPLOYMENT) + ", ", **HOSTILE}
    ways: dict[str, Callable[[str], object]] = {
        "text": redactor.text,
        "body": lambda text: redactor.body(text.encode(), len(text)),
        "body, no secret known": lambda text: Redactor().body(text.encode(), len(text)),
    }
    told = {way: {name: figures(mask, piece) for name, piece in pieces.items()} for way, mask in ways.items()}
    print(json.dumps(told, indent=1))  # noqa: T201 (the figures are what it is for)


if __name__ == "__main__":
    main()
