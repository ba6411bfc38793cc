"""Idempotency keys: the first good answer under a key is given again, without executing again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Final

from conformance.reference.core import Core
from conformance.reference.errors import conflict
from conformance.reference.messages import Call, Response
from conformance.reference.store import StoredAnswer

LIFETIME: Final = timedelta(hours=24)


class Idempotency(Core):
    """Remembers answers for 24 hours; the caller holds the lock from recall to remembrance."""

    def idempotency_key(self, call: Call) -> tuple[str, ...] | None:
        """Return what an answer is remembered by within the account: path and key; None without a key."""
        key = call.request.headers.get("idempotency-key")
        if call.request.method != "POST" or not key:
            return None
        return call.request.path, key

    def fingerprint(self, call: Call) -> str:
        """Return what two bodies share exactly when they are the same JSON document."""
        return json.dumps(call.body, sort_keys=True)

    def recall(self, call: Call, key: tuple[str, ...]) -> StoredAnswer | None:
        """Return the answer given before under a key, unless it has expired."""
        answer = call.tenant.answers.get(key)
        if answer is None or self.now() - answer.given_at >= LIFETIME:
            return None
        return answer

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        """Refuse a key that was used with another body."""
        if answer.fingerprint != self.fingerprint(call):
            raise conflict("Idempotency key reused with a different request body.")

    def remember(self, call: Call, key: tuple[str, ...], response: Response) -> None:
        """Keep the first answer under a key; refusals never get here: a refused request may be repeated."""
        call.tenant.answers[key] = StoredAnswer(self.fingerprint(call), response, self.now())
