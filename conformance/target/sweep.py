"""Archives or puts back what earlier runs left: exactly what their ledgers name, and nothing like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain
from pathlib import Path

from conformance.contract.judgement import instant, shorten
from conformance.target.api import LARGEST_PAGE, NOT_FOUND, Api
from conformance.target.creations import GONE, Creations, items
from conformance.target.exchange import Exchange
from conformance.target.giving_back import give_back
from conformance.target.ids import misleading
from conformance.target.ledger import Ledger
from conformance.target.leftovers import Creation, Leftovers
from conformance.target.prerequisites import Prerequisites
from conformance.target.redaction import fingerprint
from conformance.target.target import Target

MOST_PAGES = 200
BLUR = timedelta(seconds=2)
"""Timestamps of whole seconds, and a clock read from a header of whole seconds, are this far off."""
ORDER = timedelta(hours=1)
"""How far beyond a creation lists are read: a broken order must not hide it."""
MOST_SKEW = timedelta(days=3650)


class Kind(StrEnum):
    """What became of one deployment."""

    ARCHIVED = "archived"
    PUT_BACK = "put back"
    GONE = "gone"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Told:
    """One deployment, or creation, and what became of it: a line for the reader."""

    kind: Kind
    text: str


class Sweep:
    """The sweep of one run's leftovers; can be repeated, and what it does stands in the ledger, too."""

    def __init__(self, target: Target, ledger: Path, leftovers: Leftovers) -> None:
        self._target = target
        self._left = leftovers
        self._ledger = Ledger(ledger, run_id=leftovers.run, target=leftovers.target)
        self._api = Api(target, "sweep", Prerequisites(), Creations(self._ledger))
        self._skew = timedelta()

    def tell(self) -> Iterator[Told]:
        """Put back what was lent, archive all that the ledger names, yield what became of each.

        Raises LedgerError.
        """
        first = self._api.list({"limit": LARGEST_PAGE}, label="look for what a run left")
        if not _is_list(first):
            yield Told(Kind.LEFT, f"all of run {self._left.run}: GET /deployments answered {_answer(first)}")
            return
        self._skew = _skew(first)
        clean = True
        for told in chain(self._lent(), self._named(), self._sought(first)):
            clean = clean and told.kind is not Kind.LEFT
            yield told
        if clean and not self._left.finished:
            self._ledger.write("finished")
        self._ledger.close()

    def _lent(self) -> Iterator[Told]:
        for loan in self._left.loans:
            api = Api(self._target, "sweep", Prerequisites(), Creations(self._ledger, lent=loan.id))
            given = give_back(api, loan)
            yield from (Told(Kind.LEFT, line) for line in given.left)
            if not given.left:
                self._ledger.write("returned", id=loan.id)
                yield Told(
                    Kind.PUT_BACK, f"{loan.id}: {', '.join(given.restored) or 'it was as it had been'}"
                )

    def _named(self) -> Iterator[Told]:
        made = self._left.made
        with ThreadPoolExecutor(max_workers=self._target.settings.concurrency) as pool:
            try:
                yield from pool.map(self._one, made, made.values())
            except BaseException:  # an interrupt, here or where this is read: send no more
                self._target.stopped.set()
                raise

    def _one(self, deployment_id: str, creation: Creation) -> Told:
        shown = _shown(deployment_id, creation)
        if misleading(deployment_id):
            return Told(Kind.LEFT, f"{shown}: no path leads to an id like that without doubt")
        read = self._api.get_until(deployment_id, lambda found: found.get("id") == deployment_id)
        if read.status == NOT_FOUND:
            return self._missing(deployment_id, shown)
        found = read.json if read.succeeded and isinstance(read.json, dict) else None
        if found is None:
            return Told(Kind.LEFT, f"{shown}: reading it answered {read.summary()}")
        if not (self._is_named(creation, found) or self._is_of_that_moment(creation, found)):
            return Told(Kind.LEFT, f"{shown}: it reads as another's, neither text nor creation time fits")
        return self._archive(deployment_id, shown, found)

    def _missing(self, deployment_id: str, shown: str) -> Told:
        token = self._target.settings.token
        if self._left.account and self._left.account != fingerprint(token):
            return Told(Kind.LEFT, f"{shown}: not found with this token; the run had another one")
        self._ledger.write("gone", id=deployment_id)
        return Told(Kind.GONE, f"{shown}: not there any more")

    def _archive(self, deployment_id: str, shown: str, found: Mapping[str, object]) -> Told:
        gone = bool(found.get("archived_at"))
        self._api.creations.reclaim(deployment_id)
        if not gone:
            answer = self._api.archive(deployment_id, label="sweep")
            if not (answer.succeeded or answer.status in GONE):
                return Told(Kind.LEFT, f"{shown}: archiving it answered {answer.summary()}")
        self._api.creations.archived(deployment_id)
        return Told(Kind.GONE if gone else Kind.ARCHIVED, shown)

    def _sought(self, first: Exchange) -> Iterator[Told]:
        """Look for creations whose answer was lost: the recorded name and the creation time must both fit."""
        creations = [creation for creation in self._left.sought if _telling(creation, self._left.run)]
        if not creations:
            return
        known: set[object] = set(self._left.made)
        for page in self._pages(first, creations):
            if isinstance(page, Told):
                yield page
                return
            for item in items(page):
                found = item.get("id")
                creation = next((c for c in creations if self._is_named(c, item)), None)
                if creation and isinstance(found, str) and found not in known and not item.get("archived_at"):
                    known.add(found)
                    yield self._adopt(found, creation, item)

    def _adopt(self, deployment_id: str, creation: Creation, item: Mapping[str, object]) -> Told:
        shown = _shown(deployment_id, creation)
        created, earliest = instant(item.get("created_at")), self._there(creation.announced)
        if misleading(deployment_id) or created is None or earliest is None or created < earliest:
            return Told(Kind.LEFT, f"{shown}: has the name of a lost creation, but is older than that")
        self._ledger.write("created", name=creation.name, id=deployment_id)
        return self._archive(deployment_id, shown, item)

    def _pages(self, first: Exchange, creations: Sequence[Creation]) -> Iterator[Exchange | Told]:
        """Yield pages of the newest deployments back beyond the creations; a `Told` if that fails."""
        moments = [moment for creation in creations if (moment := self._there(creation.announced))]
        oldest = min(moments, default=datetime.min.replace(tzinfo=UTC) + ORDER) - ORDER
        page, lost = first, f"whatever {len(creations)} creations without an answer made"
        for _ in range(MOST_PAGES):
            yield page
            found = [item for item in items(page) if isinstance(item.get("id"), str)]
            more = isinstance(page.json, dict) and page.json.get("has_more")
            created = [moment for item in found if (moment := instant(item.get("created_at")))]
            if not found or not more or (created and max(created) < oldest):
                return
            page = self._api.list({"limit": LARGEST_PAGE, "after_id": found[-1]["id"]}, label="look further")
            if not _is_list(page):
                yield Told(Kind.LEFT, f"{lost}: GET /deployments answered {_answer(page)}")
                return
        yield Told(Kind.LEFT, f"{lost}: the list does not end")

    def _is_named(self, creation: Creation, item: Mapping[str, object]) -> bool:
        """Tell whether an item bears the exact texts with the run's id that were sent."""
        sent = _telling(creation, self._left.run)
        return bool(sent) and all(item.get(key) == text for key, text in sent.items())

    def _is_of_that_moment(self, creation: Creation, item: Mapping[str, object]) -> bool:
        """Tell whether an item with a recorded id was made between its announcement and its answer."""
        created, since = instant(item.get("created_at")), self._there(creation.announced)
        until = self._there(creation.answered)
        if created is None or since is None or until is None:
            return False
        return since <= created <= until + 2 * BLUR

    def _there(self, moment: datetime | None) -> datetime | None:
        """Return the earliest time that the target's clock may have shown at a moment of ours."""
        return moment and moment + self._skew - BLUR


def _is_list(page: Exchange) -> bool:
    return page.succeeded and isinstance(page.json, dict) and isinstance(page.json.get("data"), list)


def _answer(page: Exchange) -> str:
    return f"{page.summary()}{', no list' if page.succeeded else ''}"


def _shown(deployment_id: str, creation: Creation) -> str:
    return f"{shorten(deployment_id, 100)} ({shorten(creation.name or '', 100) or 'without a name'})"


def _telling(creation: Creation, run: str) -> Mapping[str, str]:
    """Return the text that tells a creation: the name with the run's id, else the description with it."""
    for key, text in (("name", creation.name), ("description", creation.description)):
        if text and run in text:
            return {key: text}
    return {}


def _skew(answer: Exchange) -> timedelta:
    """Return by how much the target's clock is ahead of ours, zero without a `Date`."""
    received = answer.sent_at + timedelta(seconds=answer.seconds)
    skew = answer.date - received if answer.date else timedelta()
    return min(max(skew, -MOST_SKEW), MOST_SKEW)
