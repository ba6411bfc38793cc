"""What a run made on its target: announced in the ledger first, cleaned up exactly, leftovers told."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from conformance.client.exchange import Exchange
from conformance.client.ownership.ledger import Ledger
from conformance.client.ownership.marks import MOST_LAG, MOST_SKEW, Marks, skew_of
from conformance.client.traffic.budget import Budget
from conformance.client.traffic.limits import Manners
from conformance.client.traffic.permission import ForbiddenRequestError
from conformance.client.traffic.quota import Quota
from conformance.client.traffic.retry import lost
from conformance.contract import clock
from conformance.contract.judgement import instant, shorten
from conformance.contract.path_ids import key_of, misleading
from conformance.contract.verdict import Blame, NotJudgedError

GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
"""What archiving answers for a deployment that is not there, or archived already: a read tells."""
PATIENCE = 5.0
"""Seconds by which a list may lag behind a creation (N107)."""
UNFOUND = "was made, as its creation was answered, but no list shows it: conformance sweep looks for it"
UNSEEN = "may be on the target: neither its creation nor a list was answered; conformance sweep looks for it"


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
        self._now = now
        self._ledger = ledger
        self._lent = lent
        self._manners = manners
        self._budget = manners.budget if manners else Budget()
        self._lock = threading.Lock()
        self._live: dict[str, None] = {}
        self._claims: dict[str, list[Marks]] = {}
        self._skews: dict[str, timedelta] = {}
        self._ours: set[str] = set()
        self._archived: set[str] = set()
        self._made: Counter[str] = Counter()
        self._listed: dict[str, float] = {}
        self._disowned: dict[str, str] = {}
        self._under_way: list[Marks] = []
        self._refused: list[Marks] = []
        self._unknown: list[Marks] = []
        self._accepted: set[Marks] = set()
        self._elsewhere: dict[tuple[str, Hashable], bool] = {}
        self._newest: datetime | None = None
        self._lag = timedelta()
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
            marks.extend(self._announce(body) for _ in range(count))
        except BaseException:
            for one in marks:
                self._not_sent(one)
            raise
        try:
            yield marks
        finally:
            for one in marks:
                self._abandon(one)

    def _announce(self, body: object) -> Marks:
        if self._manners:
            self._manners.announce()
        fields = body if isinstance(body, dict) else {}
        name, description = _text(fields.get("name")), _text(fields.get("description"))
        marks = Marks(
            self._ledger.run_id,
            name,
            description,
            since=time.monotonic(),
            announced=self._now(),
            newest=self._newest,
        )
        try:
            self._ledger.write("intent", name=marks.name, description=marks.description)
        except BaseException:
            self._budget.settle()
            raise
        with self._lock:
            self._under_way.append(marks)
        return marks

    def _abandon(self, marks: Marks) -> None:
        if self._begin_to_settle(marks):
            self._seek(marks)
            self._budget.settle()

    def _not_sent(self, marks: Marks) -> None:
        if self._begin_to_settle(marks):
            self._ledger.write("refused", name=marks.name, status=None)
            self._budget.settle()

    def _begin_to_settle(self, marks: Marks) -> bool:
        """Return whether a creation was under way; from now on it is not."""
        with self._lock:
            place = next((i for i, one in enumerate(self._under_way) if one is marks), None)
            if place is not None:
                del self._under_way[place]
            return place is not None

    @clock.unheeded()
    def settle(self, marks: Marks, exchange: Exchange) -> None:
        """Note what became of an announced creation."""
        if not self._begin_to_settle(marks):
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

    def read_by_others(self, deployment_id: str, who: Hashable, exchange: Exchange) -> None:
        """Note what a deployment's id means to other credentials than the run's own."""
        shown = exchange.json if exchange.succeeded and isinstance(exchange.json, dict) else {}
        if shown and shown.get("id") != deployment_id:
            return  # runs of it, say
        with self._lock:
            self._elsewhere[deployment_id, who] = bool(shown) and self._ledger.run_id not in json.dumps(shown)

    def is_made(self, deployment_id: str) -> bool:
        """Tell whether a creation of this run was answered with an id."""
        return deployment_id in self._made

    def is_read_by(self, deployment_id: str, who: Hashable) -> bool:
        """Tell whether a deployment was asked for with other credentials."""
        return (deployment_id, who) in self._elsewhere

    def check_same(self, deployment_id: str, who: Hashable) -> None:
        """Raise NotJudgedError (precondition) if other credentials lead to a deployment of somebody else."""
        if self._elsewhere.get((deployment_id, who)):
            raise NotJudgedError(
                Blame.PRECONDITION,
                f"with other credentials the id {shorten(deployment_id, 100)} names a deployment that this "
                "run did not make: nothing is sent that could change it",
            )

    def unconfirmed(self) -> tuple[str, ...]:
        """Return the ids that creations were answered with and nothing has shown to be ours as yet."""
        with self._lock:
            return tuple(one for one in self._live if self.needs_a_read(one))

    @property
    def disowned(self) -> tuple[str, ...]:
        """A line for each id that a creation was answered with and that is not what it made."""
        with self._lock:
            found = tuple(self._disowned.items())
        nothing = "nothing was sent to it that could change it"
        return tuple(
            f"the target answered a creation with the id {shorten(one, 100)}, but {why}: {nothing}"
            for one, why in found
        )

    def needs_a_read(self, deployment_id: str) -> bool:
        """Tell whether a deployment has to be read before anything may change it."""
        return deployment_id in self._live and deployment_id not in self._ours

    def check_shown(self, deployment_id: str, read: Exchange) -> None:
        """Raise NotJudgedError (target) unless a deployment is ours after `read`, the last that was tried."""
        self.check_writable(deployment_id)
        if self.needs_a_read(deployment_id):
            raise NotJudgedError(
                Blame.TARGET,
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
                one
                for one in sought
                if there >= one.since and one.match(item) and not one.why_foreign(item, skew)
            )
            maker = next(found, None)
            if maker:
                self._take_charge(made, _text(item.get("name")))
                self._own(made)
                self._renounce(sought[maker], "what was sent is listed under another id")
                with self._lock:
                    self._unknown = [one for one in self._unknown if one is not maker]

    def _sought(self) -> Mapping[Marks, str]:
        """Return the creations that nothing was shown of, each with the id that answered it, if any."""
        open_ids = self.unconfirmed()
        with self._lock:
            claimed = {one: claim for claim in open_ids for one in self._claims.get(claim, ())}
            sought = {**dict.fromkeys((*self._refused, *self._unknown), ""), **claimed}
        return {one: claim for one, claim in sought.items() if one.distinctive}

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

    @clock.unheeded()
    def clean_up(
        self,
        archive: Callable[[str], Exchange],
        read: Callable[[str], Exchange],
        confirm: Callable[[str], None],
        list_newest: Callable[[], Iterable[Exchange]],
        *,
        workers: int,
    ) -> tuple[str, ...]:
        """Archive all that is still live and ours; return a line for each deployment that may stay, and why.

        `read` shows whether an archive was carried out. `confirm` reads one that nothing has shown yet, and
        raises NotJudgedError when it is not ours.
        `list_newest` is only called when a creation was not answered with what it made: a refusal may be one
        in words alone. When not every page of it is answered, there is a line for each creation not found.
        """
        with self._lock:  # a creation that is still under way was broken off by an interrupt
            self._unknown += self._under_way
        with ThreadPoolExecutor(max_workers=workers) as pool:
            why = dict(pool.map(lambda made: (made, _why_unconfirmed(made, confirm)), self.unconfirmed()))
            sought = self._refused or self._unknown or self.unconfirmed()
            looked = self._look(list_newest) if sought else True
            if looked and self._unknown and self._wait_for_lists():
                looked = self._look(list_newest)
            ours = tuple(self._ours & self._live.keys())
            left = [*pool.map(lambda made: self._remove(made, archive, read), ours)]
        left += [why.get(made, "") for made in self.unconfirmed()]
        for one in self._unknown:
            if not looked:
                left.append(f"{one.name or 'a deployment without a name'} {UNSEEN}")
            elif one in self._accepted:
                left.append(f"{one.name or 'a deployment without a name'} {UNFOUND}")
        return tuple(line for line in left if line)

    def _wait_for_lists(self) -> bool:
        """Wait until lists have to show the last creation without an answer; return whether that helps."""
        newest = max(one.since for one in self._unknown)
        left = newest + PATIENCE - time.monotonic()
        return left > 0 and not (self._manners and self._manners.wait(left))

    def _look(self, list_newest: Callable[[], Iterable[Exchange]]) -> bool:
        """Take charge of what lists show of unsettled creations; return whether all pages were answered."""
        answered = []
        for page in list_newest():
            self.adopt(page)
            answered.append(page.succeeded)
        return bool(answered) and all(answered)

    def _remove(
        self, deployment_id: str, archive: Callable[[str], Exchange], read: Callable[[str], Exchange]
    ) -> str:
        """Archive a deployment; return why it may still be alive, or an empty text."""
        try:
            exchange = archive(deployment_id)
            if exchange.failure and lost(exchange.failure.text):  # archiving twice does no harm
                exchange = archive(deployment_id)
        except NotJudgedError as error:
            return f"{shorten(deployment_id, 100)} stays on the target: {error.reason}"
        if is_archived(exchange) or (
            (exchange.succeeded or exchange.status in GONE) and is_gone(read(deployment_id))
        ):
            self.archived(deployment_id)
            return ""
        self._ledger.write("left", id=deployment_id, why=exchange.summary())
        return f"{deployment_id} stays on the target: archiving it answered {exchange.summary()}"

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
            another = bool(earlier) and all(one.distinctive != marks.distinctive for one in earlier)
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
            makers = (*claims, *(one for each in self._claims.values() for one in each if one.distinctive))
        self._learn_lag(claims, item, skew)
        if any(one.shown_by(item, skew + self._lag) for one in makers):
            self._own(made)
            self._record_newest(item, exchange)
        elif claims and (why := claims[0].why_foreign(item, skew + self._lag)):
            self._renounce(made, why)

    def _learn_lag(self, claims: Iterable[Marks], item: Mapping[str, object], skew: timedelta) -> None:
        """Learn from the first deployment of the run by which clock the target stamps what it makes."""
        if not self._ours:
            self._lag = min((one.lag_of(item, skew) for one in claims if one.match(item)), default=self._lag)

    def _record_newest(self, item: Mapping[str, object], exchange: Exchange) -> None:
        created, now = instant(item.get("created_at")), exchange.date or exchange.sent_at
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


def _why_unconfirmed(deployment_id: str, confirm: Callable[[str], None]) -> str:
    """Return why nothing shows whose a deployment is, or an empty text."""
    try:
        confirm(deployment_id)
    except NotJudgedError as error:
        return error.reason
    return ""


def is_archived(exchange: Exchange) -> bool:
    """Tell whether an answer shows a deployment that is archived."""
    shown = exchange.json if exchange.succeeded else None
    return isinstance(shown, dict) and bool(shown.get("archived_at"))


def is_gone(read: Exchange) -> bool:
    """Tell whether a read shows that a deployment needs no archive: it is archived, or not there."""
    return read.status == HTTPStatus.NOT_FOUND or is_archived(read)


def created_id(exchange: Exchange) -> str | None:
    """Return the id of the object that a successful answer holds, or None."""
    shown = exchange.json if exchange.succeeded else None  # once: a large document is read anew each time
    made = shown.get("id") if isinstance(shown, dict) else None
    return made if isinstance(made, str) and made else None


def items(page: Exchange) -> Iterator[Mapping[str, object]]:
    """Yield the objects of a list answer; nothing when it is no list envelope."""
    data = page.json.get("data") if isinstance(page.json, dict) else None
    yield from (item for item in data if isinstance(item, dict)) if isinstance(data, list) else ()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
