"""Archives or puts back what earlier runs left: exactly what their ledgers name, and nothing like it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from itertools import chain
from pathlib import Path

from conformance.client.answers import is_archived, is_gone, items
from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.ownership.archiving import put_away
from conformance.client.ownership.borrowed import Loan
from conformance.client.ownership.clean_up import GONE
from conformance.client.ownership.creations import Creations
from conformance.client.ownership.ledger import Ledger
from conformance.client.ownership.marks import BLUR, MOST_SKEW, shows_run, skew_of
from conformance.client.ownership.moments import creation_time
from conformance.client.ownership.orphans import LONGEST_ANSWER, Creation, Leftovers
from conformance.client.ownership.restoring import give_back
from conformance.client.paging import Cursor, Pages, is_list, refusal
from conformance.client.prerequisites import Prerequisites
from conformance.client.target import Target
from conformance.contract.comparing import shorten
from conformance.contract.path_ids import misleading
from conformance.redaction.redactor import fingerprint

ORDER = timedelta(hours=1)
"""How far beyond a creation lists are read: a broken order must not hide it."""


class SweepOutcome(StrEnum):
    """What became of one deployment."""

    ARCHIVED = "archived"
    PUT_BACK = "put back"
    GONE = "gone"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Swept:
    """One deployment, or creation, and what became of it: a line for the reader."""

    kind: SweepOutcome
    text: str


class Sweep:
    """The sweep of one run's leftovers; can be repeated, and what it does stands in the ledger, too.

    A ledger may have been edited, so an id in it proves nothing: only what reads as the run made it, by a
    text with the run's mark and by the time of its creation, is archived.
    """

    def __init__(self, target: Target, ledger: Path, leftovers: Leftovers) -> None:
        self._target = target
        self._left = leftovers
        self._ledger = Ledger(ledger, run_id=leftovers.run, target=leftovers.target)
        self._api = Api(target, "sweep", Prerequisites(), Creations(self._ledger))
        self._skew = timedelta()

    def carry_out(self) -> Iterator[Swept]:
        """Put back what was lent, archive all that the ledger names, yield what became of each."""
        first = self._list({})
        if not is_list(first):
            yield Swept(SweepOutcome.LEFT, f"all of run {self._left.run}: {refusal(first)}")
            return
        self._skew = skew_of(first)
        clean = True
        for swept in chain(self._lent(), self._named(), self._sought(first)):
            clean = clean and swept.kind is not SweepOutcome.LEFT
            yield swept
        if clean and not self._left.finished:
            self._ledger.write("finished")
        self._ledger.close()

    def _list(self, cursor: Cursor) -> Exchange:
        return self._api.list({"limit": self._api.largest_page, **cursor}, label="look for what a run left")

    # --- what was lent -----------------------------------------------------------------------------------

    def _lent(self) -> Iterator[Swept]:
        for loan in self._left.loans:
            yield from self._give_back(loan)

    def _give_back(self, loan: Loan) -> Iterator[Swept]:
        api = Api(self._target, "sweep", Prerequisites(), Creations(self._ledger, lent=loan.id))
        given = give_back(api, loan, skew=self._skew)
        yield from (Swept(SweepOutcome.LEFT, line) for line in (*given.left, *given.kept))
        if given.left:
            return
        self._ledger.write("returned", id=loan.id, kept=list(given.kept))
        if not given.kept:
            yield Swept(
                SweepOutcome.PUT_BACK, f"{loan.id}: {', '.join(given.restored) or 'it was as it had been'}"
            )

    # --- what was made -----------------------------------------------------------------------------------

    def _named(self) -> Iterator[Swept]:
        made = self._left.made
        with ThreadPoolExecutor(max_workers=self._target.settings.concurrency) as pool:
            try:
                yield from pool.map(self._sweep_deployment, made, made.values())
            except BaseException:  # an interrupt, here or where this is read: send no more
                self._target.stopped.set()
                raise

    def _sweep_deployment(self, deployment_id: str, creation: Creation, *, sought: bool = False) -> Swept:
        shown = _shown(deployment_id, creation)
        if misleading(deployment_id):
            return Swept(SweepOutcome.LEFT, f"{shown}: no path leads to an id like that without doubt")
        read = self._api.get_until(deployment_id, lambda found: found.get("id") == deployment_id)
        if read.status == HTTPStatus.NOT_FOUND:
            return self._missing(deployment_id, shown)
        found = read.json if read.succeeded and isinstance(read.json, dict) else None
        if found is None or found.get("id") != deployment_id:
            return Swept(SweepOutcome.LEFT, f"{shown}: reading it answered {read.summary()}")
        if why := self._foreign(creation, found):
            return Swept(SweepOutcome.LEFT, f"{shown}: it reads as another's, {why}")
        if sought:
            self._ledger.write("created", name=creation.name, id=deployment_id)
        return self._archive(deployment_id, shown, found)

    def _foreign(self, creation: Creation, found: Mapping[str, object]) -> str:
        """Return why a deployment is not what the run made by a creation, or an empty text."""
        created, announced = creation_time(found), creation.announced
        if not shows_run(found, self._left.run):
            return "no text of it bears the mark of the run"
        if created is None and not any(
            found.get(k) == t for k, t in self._left.distinctive(creation).items()
        ):
            return "it shows neither what was sent nor when it was created"
        if created and announced:
            if created < announced + self._skew - BLUR:
                return "it is older than that"
            if created > announced + self._skew + LONGEST_ANSWER + BLUR:
                return "it was made much later than that"
        return ""

    def _missing(self, deployment_id: str, shown: str) -> Swept:
        token = self._target.settings.token
        if self._left.account and self._left.account != fingerprint(token):
            return Swept(SweepOutcome.LEFT, f"{shown}: not found with this token; the run had another one")
        self._ledger.write("gone", id=deployment_id)
        return Swept(SweepOutcome.GONE, f"{shown}: not there any more")

    def _archive(self, deployment_id: str, shown: str, found: Mapping[str, object]) -> Swept:
        gone = bool(found.get("archived_at"))
        self._api.creations.reclaim(deployment_id)
        if not gone:
            answer = put_away(self._api, deployment_id, label="sweep")
            done = answer.succeeded or answer.status in GONE
            if not (is_archived(answer) or (done and is_gone(self._api.get(deployment_id)))):
                return Swept(SweepOutcome.LEFT, f"{shown}: archiving it answered {answer.summary()}")
        self._api.creations.archived(deployment_id)
        return Swept(SweepOutcome.GONE if gone else SweepOutcome.ARCHIVED, shown)

    # --- what no answer told of --------------------------------------------------------------------------

    def _sought(self, first: Exchange) -> Iterator[Swept]:
        """Look for creations whose answer was lost, by the exact text that was sent; read what is found."""
        texts = {
            text: creation
            for creation in self._left.sought
            for text in self._left.distinctive(creation).items()
        }
        if not texts:
            return
        known: set[object] = set(self._left.made)
        form = self._target.profile.lists
        pages = Pages(self._list, form, beyond=self._beyond(list(texts.values())))
        for page in pages.after(first):
            for item in items(page):
                found = item.get("id")
                sent = next((text for text in _texts(item) if text in texts), None)
                if sent and isinstance(found, str) and found not in known and not item.get("archived_at"):
                    known.add(found)
                    yield self._sweep_deployment(found, texts[sent], sought=True)
        if pages.unfinished:
            count = len({id(creation) for creation in texts.values()})
            yield Swept(
                SweepOutcome.LEFT, f"whatever {count} creations without an answer made: {pages.unfinished}"
            )

    def _beyond(self, creations: Sequence[Creation]) -> Callable[[Exchange], bool]:
        """Return what tells whether a page, and all that follow, are older than the creations."""
        moments = [creation.announced for creation in creations if creation.announced]
        oldest = min(moments, default=datetime.min.replace(tzinfo=UTC) + MOST_SKEW + 2 * ORDER)
        limit = oldest + self._skew - ORDER

        def beyond(page: Exchange) -> bool:
            created = [moment for item in items(page) if (moment := creation_time(item))]
            return bool(created) and max(created) < limit

        return beyond


def _texts(item: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the texts of a listed deployment by which a creation may be known."""
    for key in ("name", "description"):
        if isinstance(text := item.get(key), str):
            yield key, text


def _shown(deployment_id: str, creation: Creation) -> str:
    return f"{shorten(deployment_id, 100)} ({shorten(creation.name or '', 100) or 'without a name'})"
