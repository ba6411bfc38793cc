"""Creations that stand in the ledger before they are sent, until their answers settle them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from conformance.client.ownership.ledger import Ledger
from conformance.client.ownership.marks import Marks
from conformance.client.traffic.budget import Budget
from conformance.client.traffic.limits import Manners


class Announcements:
    """The creations that are under way; `manners` may forbid to make more, `now` is the wall clock."""

    def __init__(
        self, ledger: Ledger, manners: Manners | None, budget: Budget, now: Callable[[], datetime]
    ) -> None:
        self._ledger = ledger
        self._manners = manners
        self._budget = budget
        self._now = now
        self._lock = threading.Lock()
        self._open: list[Marks] = []

    def announce(self, body: object, *, newest: datetime | None) -> Marks:
        """Write a creation to the ledger; `newest` is the latest creation time that the target has shown.

        Raises LedgerError when the ledger cannot be written, and NotJudgedError (harness) when a limit of
        the run forbids it.
        """
        if self._manners:
            self._manners.announce()
        fields = body if isinstance(body, dict) else {}
        marks = Marks(
            self._ledger.run_id,
            text_or_none(fields.get("name")),
            text_or_none(fields.get("description")),
            since=time.monotonic(),
            announced=self._now(),
            newest=newest,
        )
        try:
            self._ledger.write("intent", name=marks.name, description=marks.description)
        except BaseException:
            self._budget.settle()
            raise
        with self._lock:
            self._open.append(marks)
        return marks

    def withdraw(self, marks: Marks) -> None:
        """Write that a creation was not sent."""
        if self.close(marks):
            self._ledger.write("refused", name=marks.name, status=None)
            self._budget.settle()

    def close(self, marks: Marks) -> bool:
        """Return whether a creation was under way; from now on it is not."""
        with self._lock:
            place = next((i for i, mark in enumerate(self._open) if mark is marks), None)
            if place is not None:
                del self._open[place]
            return place is not None

    def open(self) -> tuple[Marks, ...]:
        """Return the creations that are under way."""
        with self._lock:
            return tuple(self._open)


def text_or_none(value: object) -> str | None:
    """Return a value of JSON if it is a text."""
    return value if isinstance(value, str) else None
