"""Refusals that say that an account takes no more deployments: they tell nothing of what was asked."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from http import HTTPStatus

from conformance.client.exchange import Exchange
from conformance.contract.comparing import field, shorten
from conformance.contract.judgement import error_type

REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)
"""How servers refuse what a quota forbids; a 429 is the gateway's."""
UNEXPECTED = (HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN)
"""Refusals that no body earns: the documents have none of them for a creation by somebody who may create."""
_NUMBERS = re.compile(r"\d+")


class Quota:
    """Tells refusals of a quota from others: a minimal creation, once accepted, is then refused alike.

    `ask` sends such a creation, and archives what it made, if it made something.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accepted = False
        self._known: dict[tuple[object, ...], bool] = {}
        self._reason = ""

    def accepted(self) -> None:
        """Note that a minimal creation was accepted: one that never is has another reason than a quota."""
        self._accepted = True

    def reason(self, refusal: Exchange, *, suspicious: bool, ask: Callable[[], Exchange]) -> str:
        """Return why a refusal says nothing of what was asked, or an empty text.

        Only a `suspicious` one is worth a creation: one that the documents do not lead to.
        """
        if refusal.status not in REFUSALS or not self._accepted:
            return ""
        kind = _kind(refusal)
        with self._lock:
            known = self._known.get(kind)
        if known is None and suspicious:
            self.record(ask(), kind)
        with self._lock:
            return self._reason if self._known.get(kind) else ""

    def record(self, minimal: Exchange, kind: tuple[object, ...] | None = None) -> None:
        """Note what a minimal creation was answered, after others had been accepted."""
        with self._lock:
            if kind is not None:
                self._known.setdefault(kind, False)
            if minimal.status in REFUSALS:
                self._known[_kind(minimal)] = True
                self._reason = self._reason or _described(minimal)


def _kind(refusal: Exchange) -> tuple[object, ...]:
    """Return what two refusals for one reason have in common: their numbers may differ."""
    message = field(refusal.json, "error.message")
    text = _NUMBERS.sub("#", message) if isinstance(message, str) else ""
    return refusal.status, error_type(refusal), text[:200]


def _described(refusal: Exchange) -> str:
    message = field(refusal.json, "error.message")
    said = f" ({shorten(message, 120)})" if isinstance(message, str) else ""
    return (
        "the account takes no more deployments: after others were accepted, a minimal creation is refused "
        f"with {refusal.summary()}{said}; have fewer alive at once, with --only, -m must or --tier core, or "
        "raise the quota"
    )
