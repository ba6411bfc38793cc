"""What a run made on its target: announced in the ledger first, cleaned up exactly, leftovers told."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from conformance.contract.judgement import shorten
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.target.budget import Budget
from conformance.target.exchange import Exchange
from conformance.target.ids import misleading
from conformance.target.ledger import Ledger
from conformance.target.manners import Manners
from conformance.target.repeating import lost

GONE = (404, 409)
"""What archiving answers for a deployment that is not there, or archived already."""
UNSEEN = "may be on the target: neither its creation nor a list was answered; conformance sweep looks for it"


@dataclass(frozen=True, slots=True)
class Marks:
    """What makes one creation recognisable on the target: the exact name or description sent with it.

    Only a text that holds the run's id counts: somebody else's deployment may well have another. `since` is
    the moment of the announcement, on the monotonic clock: what was listed before cannot be meant.
    """

    run_id: str
    name: str | None
    description: str | None
    since: float = 0.0

    def match(self, item: Mapping[str, object]) -> bool:
        """Tell whether a listed deployment was made by this creation."""
        return any(item.get(key) == text for key, text in self._telling().items())

    def deny(self, item: Mapping[str, object]) -> bool:
        """Tell whether a deployment bears another name and another description than this creation gave it."""
        shown = [key for key in self._telling() if _text(item.get(key))]
        return bool(shown) and not self.match(item)

    def _telling(self) -> Mapping[str, str]:
        sent = {"name": self.name, "description": self.description}
        return {key: text for key, text in sent.items() if text and self.run_id in text}


class Creations:
    """The deployments of one run, shared by its stories; `manners` may forbid to make more."""

    def __init__(self, ledger: Ledger, manners: Manners | None = None, lent: str | None = None) -> None:
        self._ledger = ledger
        self._lent = lent
        self._manners = manners
        self._budget = manners.budget if manners else Budget()
        self._lock = threading.Lock()
        self._live: dict[str, None] = {}
        self._made: Counter[str] = Counter()
        self._listed: dict[str, float] = {}
        self._disowned: dict[str, str] = {}
        self._under_way: list[Marks] = []
        self._refused: list[Marks] = []
        self._unknown: list[Marks] = []
        self.created = 0
        self.removed = 0

    def announce(self, body: object) -> Marks:
        """Write a creation to the ledger before it is sent; raises LedgerError when that fails.

        Raises NotJudgedError (harness) when a limit of the run forbids it.
        """
        if self._manners:
            self._manners.announce()
        fields = body if isinstance(body, dict) else {}
        name, description = _text(fields.get("name")), _text(fields.get("description"))
        marks = Marks(self._ledger.run_id, name, description, time.monotonic())
        self._ledger.write("intent", name=marks.name, description=marks.description)
        with self._lock:
            self._under_way.append(marks)
        return marks

    def settle(self, marks: Marks, exchange: Exchange) -> None:
        """Note what became of an announced creation."""
        made = created_id(exchange)
        with self._lock:
            self._under_way.remove(marks)
        if made and not (why := self._foreign(made, marks, exchange.json)):
            if not self._take(made, marks.name):
                self._ledger.write("created", name=marks.name, id=made)
        elif made:
            self._disown(made, why)
            self._seek(marks)
        elif exchange.status in range(300, 500) and not exchange.ambiguous:
            self._ledger.write("refused", name=marks.name, status=exchange.status)
            with self._lock:
                self._refused.append(marks)
        elif exchange.failure and not exchange.failure.sent:
            self._ledger.write("refused", name=marks.name, status=None)
        else:
            self._seek(marks)
        self._budget.settle()

    def listed(self, page: Exchange) -> None:
        """Note which deployments a list shows: what is made later is not among them."""
        now = time.monotonic()
        with self._lock:
            for item in items(page):
                if isinstance(one := item.get("id"), str):
                    self._listed.setdefault(one, now)

    def confirm(self, body: object, read: Exchange) -> None:
        """Disown a new deployment that reads as another's: neither of its texts is what was sent.

        Raises NotJudgedError (target) then.
        """
        made, fields = created_id(read), body if isinstance(body, dict) else {}
        marks = Marks(self._ledger.run_id, _text(fields.get("name")), _text(fields.get("description")))
        if made and isinstance(read.json, dict) and marks.deny(read.json):
            with self._lock:
                del self._made[made]
                self._live.pop(made, None)
            self._budget.forget(made)
            why = "it reads as another one, neither the name nor the description is what was sent"
            self._ledger.write("disowned", id=made, why=why)
            self._disown(made, why)
            self._seek(marks)
            self.check_writable(made)

    def check_new(self, deployment_id: str) -> None:
        """Raise NotJudgedError (target) unless an id is ours and one creation alone was answered with it."""
        self.check_writable(deployment_id)
        if self._made[deployment_id] > 1:
            reason = f"several creations were answered with one id, {shorten(deployment_id, 100)}"
            raise NotJudgedError(Blame.TARGET, reason)

    def check_writable(self, deployment_id: str) -> None:
        """Raise NotJudgedError (target) when a deployment is not this run's to change.

        Ids that nobody ever saw, as of requests that must be refused, are nobody's.
        """
        with self._lock:
            ours = deployment_id in self._made or deployment_id == self._lent
            foreign = deployment_id in self._listed and not ours
            why = self._disowned.get(deployment_id, "it was there before" if foreign else "")
        if why:
            raise NotJudgedError(
                Blame.TARGET,
                f"the target named {shorten(deployment_id, 100)} as what a creation made, but {why}: "
                "nothing is sent to it that could change it",
            )

    def adopt(self, page: Exchange) -> None:
        """Take charge of listed deployments that an announced but unconfirmed creation of this run made."""
        with self._lock:
            unsettled = (*self._refused, *self._unknown)
        for item in items(page):
            made = item.get("id")
            if not isinstance(made, str) or item.get("archived_at"):
                continue
            if any(one.match(item) and not self._foreign(made, one, item) for one in unsettled):
                self._take(made, _text(item.get("name")))

    def is_live(self, deployment_id: str) -> bool:
        """Tell whether this run made a deployment and has not archived it yet."""
        with self._lock:
            return deployment_id in self._live

    def reclaim(self, deployment_id: str) -> None:
        """Take charge of what an earlier run made, as its ledger says."""
        with self._lock:
            self._made[deployment_id] += 1
            self._live[deployment_id] = None

    def archived(self, deployment_id: str) -> None:
        """Note that a story archived a deployment itself."""
        with self._lock:
            if deployment_id not in self._live:
                return
            del self._live[deployment_id]
            self.removed += 1
        self._budget.archived(deployment_id)
        self._ledger.write("archived", id=deployment_id)

    def clean_up(
        self,
        archive: Callable[[str], Exchange],
        list_newest: Callable[[], Iterable[Exchange]],
        *,
        workers: int,
    ) -> tuple[str, ...]:
        """Archive all that is still live; return one line for each deployment that stays, with the reason.

        `list_newest` is only called when a creation was not answered with what it made: a refusal may be one
        in words alone. When no list is answered either, there is a line for each that may have been made.
        """
        with self._lock:  # a creation that is still under way was broken off by an interrupt
            self._unknown += self._under_way
            unsettled, unknown = bool(self._refused or self._unknown), tuple(self._unknown)
        looked = False
        for page in list_newest() if unsettled else ():
            self.adopt(page)
            looked |= page.succeeded
        with ThreadPoolExecutor(max_workers=workers) as pool:
            left = list(pool.map(lambda made: self._remove(made, archive), tuple(self._live)))
        if not looked:
            left += [f"{one.name or 'a deployment without a name'} {UNSEEN}" for one in unknown]
        return tuple(line for line in left if line)

    def _remove(self, deployment_id: str, archive: Callable[[str], Exchange]) -> str:
        exchange = archive(deployment_id)
        if exchange.failure and lost(exchange.failure.text):  # archiving twice does no harm
            exchange = archive(deployment_id)
        if exchange.succeeded or exchange.status in GONE:
            self.archived(deployment_id)
            return ""
        self._ledger.write("left", id=deployment_id, why=exchange.summary())
        return f"{deployment_id} stays on the target: archiving it answered {exchange.summary()}"

    def _foreign(self, made: str, marks: Marks, shown: object) -> str:
        """Return why a deployment that seems to be made by a creation is not this run's, or an empty text."""
        if misleading(made):
            return "no path leads to an id like that without doubt"
        with self._lock:
            if made in self._made:
                return ""
            if made in self._disowned:
                return self._disowned[made]
            if self._listed.get(made, marks.since) < marks.since:
                return "it was there before"
        if isinstance(shown, dict) and marks.deny(shown):
            return "neither its name nor its description is what was sent"
        return ""

    def _disown(self, deployment_id: str, why: str) -> None:
        with self._lock:
            self._disowned[deployment_id] = why

    def _seek(self, marks: Marks) -> None:
        """Note that nobody knows what a creation made, so that the clean-up looks for it."""
        self._ledger.write("unknown", name=marks.name)
        self._budget.lose()
        with self._lock:
            self._unknown.append(marks)

    def _take(self, deployment_id: str, name: str | None) -> bool:
        """Take charge of a deployment; return False when it is in our charge already."""
        with self._lock:
            self._made[deployment_id] += 1
            if deployment_id in self._live:
                return False
            self._live[deployment_id] = None
            self.created += 1
        self._budget.made(deployment_id)
        self._ledger.write("created", name=name, id=deployment_id)
        return True


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
