"""What a run made on its target: announced in the ledger first, cleaned up exactly, leftovers told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from conformance.target.exchange import Exchange
from conformance.target.ledger import Ledger

GONE = (404, 409)
"""What archiving answers for a deployment that is not there, or archived already."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What makes one creation recognisable on the target: the exact name or description sent with it.

    Only a text that holds the run's id counts: somebody else's deployment may well have another.
    """

    run_id: str
    name: str | None
    description: str | None

    def match(self, item: Mapping[str, object]) -> bool:
        """Tell whether a listed deployment was made by this creation."""
        sent = {"name": self.name, "description": self.description}
        return any(text and self.run_id in text and item.get(key) == text for key, text in sent.items())


class Creations:
    """The deployments of one run, shared by its stories."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._live: dict[str, None] = {}
        self._under_way: list[Marks] = []
        self._unsettled: list[Marks] = []
        self._unknown = False
        self.created = 0
        self.removed = 0

    def announce(self, body: object) -> Marks:
        """Write a creation to the ledger before it is sent; raises LedgerError when that fails."""
        fields = body if isinstance(body, dict) else {}
        marks = Marks(self._ledger.run_id, _text(fields.get("name")), _text(fields.get("description")))
        self._ledger.write("intent", name=marks.name, description=marks.description)
        with self._lock:
            self._under_way.append(marks)
        return marks

    def settle(self, marks: Marks, exchange: Exchange) -> None:
        """Note what became of an announced creation."""
        made = created_id(exchange)
        with self._lock:
            self._under_way.remove(marks)
        if made:
            self._take(made, marks.name)
        elif exchange.status in range(300, 500) and not exchange.ambiguous:
            self._ledger.write("refused", name=marks.name, status=exchange.status)
            with self._lock:
                self._unsettled.append(marks)
        else:
            self._ledger.write("unknown", name=marks.name)
            with self._lock:
                self._unsettled.append(marks)
                self._unknown = True

    def adopt(self, page: Exchange) -> None:
        """Take charge of listed deployments that an announced but unconfirmed creation of this run made."""
        with self._lock:
            unsettled = tuple(self._unsettled)
        for item in items(page):
            made = item.get("id")
            if (
                isinstance(made, str)
                and not item.get("archived_at")
                and any(m.match(item) for m in unsettled)
            ):
                self._take(made, _text(item.get("name")))

    def is_live(self, deployment_id: str) -> bool:
        """Tell whether this run made a deployment and has not archived it yet."""
        with self._lock:
            return deployment_id in self._live

    def archived(self, deployment_id: str) -> None:
        """Note that a story archived a deployment itself."""
        with self._lock:
            if deployment_id not in self._live:
                return
            del self._live[deployment_id]
            self.removed += 1
        self._ledger.write("archived", id=deployment_id)

    def clean_up(
        self,
        archive: Callable[[str], Exchange],
        list_newest: Callable[[], Iterable[Exchange]],
        *,
        workers: int,
    ) -> tuple[str, ...]:
        """Archive all that is still live; return one line for each deployment that stays, with the reason.

        `list_newest` is only called when the outcome of a creation is unknown.
        """
        with self._lock:  # a creation that is still under way was broken off by an interrupt
            self._unsettled += self._under_way
            unknown = self._unknown or bool(self._under_way)
        if unknown:
            for page in list_newest():
                self.adopt(page)
        with ThreadPoolExecutor(max_workers=workers) as pool:
            left = pool.map(lambda made: self._remove(made, archive), tuple(self._live))
            return tuple(line for line in left if line)

    def _remove(self, deployment_id: str, archive: Callable[[str], Exchange]) -> str:
        exchange = archive(deployment_id)
        if exchange.succeeded or exchange.status in GONE:
            self.archived(deployment_id)
            return ""
        self._ledger.write("left", id=deployment_id, why=exchange.summary())
        return f"{deployment_id} stays on the target: archiving it answered {exchange.summary()}"

    def _take(self, deployment_id: str, name: str | None) -> None:
        with self._lock:
            if deployment_id in self._live:
                return
            self._live[deployment_id] = None
            self.created += 1
        self._ledger.write("created", name=name, id=deployment_id)


def created_id(exchange: Exchange) -> str | None:
    """Return the id of the object that a successful answer holds, or None."""
    made = exchange.json.get("id") if isinstance(exchange.json, dict) else None
    return made if exchange.succeeded and isinstance(made, str) and made else None


def items(page: Exchange) -> Iterator[Mapping[str, object]]:
    """Yield the objects of a list answer; nothing when it is no list envelope."""
    data = page.json.get("data") if isinstance(page.json, dict) else None
    yield from (item for item in data if isinstance(item, dict)) if isinstance(data, list) else ()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
