"""What a run made on its target: announced in the ledger first, cleaned up exactly, leftovers told."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from conformance.client.answers import created_id, items
from conformance.client.exchange import Exchange
from conformance.client.ownership.announcements import Announcements, text_or_none
from conformance.client.ownership.elsewhere import Elsewhere
from conformance.client.ownership.ledger import Ledger
from conformance.client.ownership.marks import MOST_LAG, MOST_SKEW, Marks, skew_of
from conformance.client.ownership.moments import creation_time
from conformance.client.traffic.budget import Budget
from conformance.client.traffic.limits import Manners
from conformance.client.traffic.permission import ForbiddenRequestError
from conformance.client.traffic.quota import Quota
from conformance.contract import clock
from conformance.contract.comparing import shorten
from conformance.contract.path_ids import key_of, misleading
from conformance.contract.verdict import Blame, NotJudgedError


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Creations:
    """The deployments of one run, shared by its stories; `manners` may forbid to make more.

    An answer to a creation claims that an id is what it made. It is only believed, and the deployment ours,
    when a read or a list shows our texts under that id, and that it was not there before.
    """

    def __init__(
        self,
        ledger: Ledger,
        manners: Manners | None = None,
        lent: str | None = None,
        *,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._ledger = ledger
        self._lent = lent
        self._manners = manners
        self._budget = manners.budget if manners else Budget()
        self._announcements = Announcements(ledger, manners, self._budget, now)
        self._lock = threading.Lock()
        self._live: dict[str, None] = {}
        self._claims: dict[str, list[Marks]] = {}
        self._skews: dict[str, timedelta] = {}
        self._ours: set[str] = set()
        self._archived: set[str] = set()
        self._made: Counter[str] = Counter()
        self._listed: dict[str, float] = {}
        self._disowned: dict[str, str] = {}
        self._refused: list[Marks] = []
        self._unknown: list[Marks] = []
        self._accepted: set[Marks] = set()
        self._newest: datetime | None = None
        self._lag = timedelta()
        self.elsewhere = Elsewhere(ledger.run_id)
        self.quota = Quota()
        self.created = 0
        self.removed = 0
        self.runs = 0

    @contextmanager
    def announced(self, body: object, count: int = 1) -> Iterator[Sequence[Marks]]:
        """Write creations to the ledger before they are sent, which the block does and then settles.

        What the block leaves unsettled, because it raised, may have been sent and is looked for at the end.
        Raises LedgerError when the ledger cannot be written, and NotJudgedError (harness) when a limit of
        the run forbids one of them; then none was sent.
        """
        marks: list[Marks] = []
        try:
            marks.extend(self._announcements.announce(body, newest=self._newest) for _ in range(count))
        except BaseException:
            for mark in marks:
                self._announcements.withdraw(mark)
            raise
        try:
            yield marks
        finally:
            for mark in marks:
                if self._announcements.close(mark):
                    self._seek(mark)
                    self._budget.settle()

    @clock.unheeded()
    def settle(self, marks: Marks, exchange: Exchange) -> None:
        """Note what became of an announced creation."""
        if not self._announcements.close(marks):
            return
        if made := created_id(exchange):
            self._claim(made, marks, exchange)
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
        found = [item for item in items(page) if isinstance(item.get("id"), str)]
        with self._lock:
            for item in found:
                self._listed.setdefault(str(item["id"]), now)
        for item in found[:1]:  # the newest, as lists are ordered
            self._record_newest(item, page)
        for item in found:
            self._record(item, page)

    def read(self, deployment_id: str, exchange: Exchange) -> None:
        """Note what a read shows of a deployment."""
        document = exchange.json
        if exchange.succeeded and isinstance(document, dict) and document.get("id") == deployment_id:
            self._record(document, exchange)
            if document.get("archived_at") and deployment_id in self._ours:
                self.archived(deployment_id)

    def is_made(self, deployment_id: str) -> bool:
        """Tell whether a creation of this run was answered with an id."""
        return deployment_id in self._made

    def unconfirmed(self) -> tuple[str, ...]:
        """Return the ids that creations were answered with and nothing has shown to be ours as yet."""
        with self._lock:
            return tuple(made for made in self._live if self.needs_a_read(made))

    @property
    def disowned(self) -> tuple[str, ...]:
        """A line for each id that a creation was answered with and that is not what it made."""
        with self._lock:
            found = tuple(self._disowned.items())
        nothing = "nothing was sent to it that could change it"
        return tuple(
            f"the target answered a creation with the id {shorten(made, 100)}, but {why}: {nothing}"
            for made, why in found
        )

    def needs_a_read(self, deployment_id: str) -> bool:
        """Tell whether a deployment has to be read before anything may change it."""
        return deployment_id in self._live and deployment_id not in self._ours

    def check_shown(self, deployment_id: str, read: Exchange) -> None:
        """Raise NotJudgedError (target, or what kept `read` from an answer) unless it shows what is ours."""
        self.check_writable(deployment_id)
        if self.needs_a_read(deployment_id):
            raise NotJudgedError(
                read.failure.blame if read.failure else Blame.TARGET,
                f"a creation was answered with {shorten(deployment_id, 100)}, but no read shows that it made "
                f"that: {read.label} answered {read.summary()}; nothing is sent to it that could change it",
            )

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
            why = self._disowned.get(key_of(deployment_id), "it was there before" if foreign else "")
        if why:
            raise NotJudgedError(
                Blame.TARGET,
                f"the target named {shorten(deployment_id, 100)} as what a creation made, but {why}: "
                "nothing is sent to it that could change it",
            )

    def check_cannot_run(self, deployment_id: str) -> None:
        """Raise ForbiddenRequestError unless we archived a deployment, or it does not exist."""
        known = deployment_id in self._made or deployment_id in self._listed
        if known and deployment_id not in self._archived:
            raise ForbiddenRequestError(
                f"a run of {shorten(deployment_id, 100)} must not be asked for without --tier billable"
            )

    def started_a_run(self) -> None:
        """Note that a run was accepted, which costs money."""
        with self._lock:
            self.runs += 1

    @clock.unheeded()
    def adopt(self, page: Exchange) -> None:
        """Take charge of listed deployments that an announced but unconfirmed creation of this run made."""
        skew = skew_of(page) + self._lag
        sought = self._sought()
        for item in items(page):
            made = item.get("id")
            if not isinstance(made, str) or made in self._made or item.get("archived_at") or misleading(made):
                continue
            there = self._listed.get(made, float("inf"))
            found = (
                mark
                for mark in sought
                if there >= mark.since and mark.match(item) and not mark.why_foreign(item, skew)
            )
            maker = next(found, None)
            if maker:
                self._take_charge(made, text_or_none(item.get("name")))
                self._own(made)
                self._renounce(sought[maker], "what was sent is listed under another id")
                with self._lock:
                    self._unknown = [mark for mark in self._unknown if mark is not maker]

    def _sought(self) -> Mapping[Marks, str]:
        """Return the creations that nothing was shown of, each with the id that answered it, if any."""
        open_ids = self.unconfirmed()
        with self._lock:
            claimed = {mark: claim for claim in open_ids for mark in self._claims.get(claim, ())}
            sought = {**dict.fromkeys((*self._refused, *self._unknown), ""), **claimed}
        return {mark: claim for mark, claim in sought.items() if mark.distinctive}

    def is_live(self, deployment_id: str) -> bool:
        """Tell whether this run made a deployment and has not archived it yet."""
        with self._lock:
            return deployment_id in self._live

    def reclaim(self, deployment_id: str) -> None:
        """Take charge of what an earlier run made, as its ledger and a read say."""
        with self._lock:
            self._made[deployment_id] += 1
            self._live[deployment_id] = None
            self._ours.add(deployment_id)

    # --- for the clean-up ----------------------------------------------------------------------------------

    def owned(self) -> tuple[str, ...]:
        """Return the deployments of this run that are still there."""
        return tuple(self._ours & self._live.keys())

    def break_off(self) -> None:
        """Look from now on for creations that are still under way: an interrupt has broken them off."""
        with self._lock:
            self._unknown += self._announcements.open()

    def is_sought(self) -> bool:
        """Tell whether it is unknown what some creation made; a refusal may be one in words alone."""
        return bool(self._refused or self._unknown or self.unconfirmed())

    def unfound(self) -> tuple[tuple[Marks, bool], ...]:
        """Return the creations of which nothing is known, each with whether its answer was accepted."""
        return tuple((marks, marks in self._accepted) for marks in self._unknown)

    def wait(self, seconds: float) -> bool:
        """Wait; return whether the run goes on."""
        return not (self._manners and self._manners.wait(seconds))

    def left(self, deployment_id: str, why: str) -> None:
        """Write that a deployment could not be archived."""
        self._ledger.write("left", id=deployment_id, why=why)

    def archived(self, deployment_id: str) -> None:
        """Note that a story archived a deployment itself."""
        with self._lock:
            if deployment_id not in self._live:
                return
            del self._live[deployment_id]
            self._archived.add(deployment_id)
            self.removed += 1
        self._budget.archived(deployment_id)
        self._ledger.write("archived", id=deployment_id)

    # --- whose a deployment is -----------------------------------------------------------------------------

    def _claim(self, made: str, marks: Marks, exchange: Exchange) -> None:
        """Note that a creation was answered with an id."""
        if why := self._impossible(made, marks, exchange.json):
            self._disown(made, why)
            self._seek(marks, accepted=True)
            return
        with self._lock:
            if exchange.date:  # a clock that runs fast is further ahead when the deployment is read
                self._skews.setdefault(made, skew_of(exchange))
            earlier = self._claims.setdefault(made, [])
            another = bool(earlier) and all(mark.distinctive != marks.distinctive for mark in earlier)
            if not another:
                earlier.append(marks)
        if another:  # the id of an earlier creation: this one may have made something else, or nothing
            self._made[made] += 1
            self._ledger.write("refused", name=marks.name, status=exchange.status)
            with self._lock:
                self._refused.append(marks)
        elif not self._take_charge(made, marks.name):
            self._ledger.write("created", name=marks.name, id=made)
            if made in self._archived:  # a first answer that comes again brings nothing back
                self._ledger.write("archived", id=made)

    def _impossible(self, made: str, marks: Marks, shown: object) -> str:
        """Return why an id cannot be what a creation made, or an empty text."""
        if misleading(made):
            return "no path leads to an id like that without doubt"
        with self._lock:
            if made in self._made:
                return ""
            if why := self._disowned.get(key_of(made)):
                return why
            if self._listed.get(made, marks.since) < marks.since:
                return "it was there before"
        if isinstance(shown, dict) and marks.deny(shown):
            return "neither its name nor its description is what was sent"
        return ""

    def _record(self, item: Mapping[str, object], exchange: Exchange) -> None:
        """Believe the claim to an id, or disown it, by what a read or a list shows under it."""
        made = str(item.get("id"))
        if not self.needs_a_read(made):
            return
        with self._lock:
            claims = tuple(self._claims.get(made, ()))
            skew = min(skew_of(exchange), self._skews.get(made, MOST_SKEW))
            # Answers may have been swapped: then it is what another creation of this run made.
            makers = (*claims, *(mark for each in self._claims.values() for mark in each if mark.distinctive))
        self._learn_lag(claims, item, skew)
        if any(mark.shown_by(item, skew + self._lag) for mark in makers):
            self._own(made)
            self._record_newest(item, exchange)
        elif claims and (why := claims[0].why_foreign(item, skew + self._lag)):
            self._renounce(made, why)

    def _learn_lag(self, claims: Iterable[Marks], item: Mapping[str, object], skew: timedelta) -> None:
        """Learn from the first deployment of the run by which clock the target stamps what it makes."""
        if not self._ours:
            self._lag = min(
                (mark.lag_of(item, skew) for mark in claims if mark.match(item)), default=self._lag
            )

    def _record_newest(self, item: Mapping[str, object], exchange: Exchange) -> None:
        created, now = creation_time(item), exchange.date or exchange.sent_at
        if created is None or created > now + MOST_LAG:  # a time that is not over says nothing of order
            return
        if self._newest is None or created > self._newest:
            self._newest = created

    def _own(self, deployment_id: str) -> None:
        with self._lock:
            self._ours.add(deployment_id)
            self._disowned.pop(key_of(deployment_id), None)  # its creation's answer may have shown another
        self._budget.confirmed(deployment_id)

    def _renounce(self, deployment_id: str, why: str) -> None:
        """Disown what a creation was answered with; what it made instead is looked for at the end."""
        with self._lock:
            claims = self._claims.pop(deployment_id, [])
            self._made.pop(deployment_id, None)
            if deployment_id not in self._live:
                return
            del self._live[deployment_id]
            self.created -= 1
        self._budget.forget(deployment_id)
        self._ledger.write("disowned", id=deployment_id, why=why)
        self._disown(deployment_id, why)
        for marks in claims:
            self._seek(marks, accepted=True)

    def _disown(self, deployment_id: str, why: str) -> None:
        with self._lock:
            self._disowned[key_of(deployment_id)] = why

    def _seek(self, marks: Marks, *, accepted: bool = False) -> None:
        """Note that nobody knows what a creation made, so that the clean-up looks for it."""
        if accepted:
            self._accepted.add(marks)
        self._ledger.write("unknown", name=marks.name)
        self._budget.lose()
        with self._lock:
            self._unknown.append(marks)

    def _take_charge(self, deployment_id: str, name: str | None) -> bool:
        """Take charge of a deployment; return False when it is in our charge already, or was."""
        with self._lock:
            self._made[deployment_id] += 1
            if deployment_id in self._live or deployment_id in self._archived:
                return False
            self._live[deployment_id] = None
            self.created += 1
        self._budget.made(deployment_id)
        self._ledger.write("created", name=name, id=deployment_id)
        return True
