"""The routes of the Deployments API, with everything that a story needs around them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple, TypeVar

from conformance.client.answers import created_id
from conformance.client.calls.operations import Operations
from conformance.client.calls.staleness import Memory
from conformance.client.credentials import Auth
from conformance.client.exchange import NOT_ASKED, Exchange
from conformance.client.hand import Hand
from conformance.client.ownership.borrowed import Lending, Loan
from conformance.client.ownership.creations import Creations
from conformance.client.ownership.pool import Fits, Kind, Member, Pool
from conformance.client.ownership.stock import Stock, Turn
from conformance.client.prerequisites import Prerequisites
from conformance.client.rich_values import Riches
from conformance.client.target import OutgoingRequest, Target
from conformance.contract import clock
from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import Blame, Level, NotJudgedError

T = TypeVar("T")
NOT_ABOUT_VALUES = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.PAYMENT_REQUIRED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""Refusals that say nothing of what was sent."""
REFERRED_TO = ("agent", "environment_id")
"""What a deployment needs, and is as it is in all of a run."""
LOOKS_ARCHIVED = "_archived_1782871209"
"""How the name of an archived deployment ends, and how any other may end as well."""


@dataclass(frozen=True, slots=True)
class Created:
    """A deployment that a story made: its id, the name asked for, and the exchange that made it."""

    id: str
    name: str
    exchange: Exchange


class ListedFour(NamedTuple):
    """Deployments to look for in lists, the oldest first: it is over a second older than the others.

    The second and the last are paused. The name of the active one ends like that of an archived one.
    """

    older: Created
    first: Created
    active: Created
    last: Created


class Api(Operations):
    """The Deployments API for one story, and the deployments that the story needs."""

    def __init__(
        self,
        target: Target,
        story: str,
        known: Prerequisites,
        creations: Creations,
        lending: Lending | None = None,
        *,
        riches: Riches | None = None,
        pool: Pool | None = None,
        stock: Stock | None = None,
        selected: frozenset[str] | None = None,
    ) -> None:
        memory = pool.memory if pool else Memory()
        super().__init__(target, story, known, creations, lending=lending, memory=memory)
        self._riches = riches or Riches(known, ())
        self._pool = pool
        self._leases: list[tuple[Kind, Created]] = []
        self._stock = stock
        self._hand = Hand(self, stock) if stock else None
        self._selected = selected

    @clock.unheeded()
    def _learn(self, request: OutgoingRequest, exchange: Exchange, lending: Lending | None) -> None:
        super()._learn(request, exchange, lending)
        if self._hand and request.authorization is Auth.OWN:
            self._hand.note(exchange)

    def promised(self, requirement: str) -> bool:
        """Tell whether a requirement binds the target: what is only observed has no right answer.

        While the edition is not known, all is promised that any edition promises.
        """
        catalogue = load_catalogue(self.target.settings.profile)
        observed = catalogue[requirement].level is Level.OBSERVE
        return not observed and catalogue.speaks_of(requirement, self.known.revision)

    @property
    def asks_musts_alone(self) -> bool:
        """Whether nothing is to be sent without which every MUST can be judged."""
        return self.target.settings.reach.musts

    def wants(self, *requirements: str) -> bool:
        """Tell whether one of them is judged; all are where it is not known which."""
        return self._selected is None or not self._selected.isdisjoint(requirements)

    def when_wanted(self, requirements: Collection[str], ask: Callable[[], Exchange]) -> Exchange:
        """Ask what some requirements alone read, where one of them is judged."""
        return ask() if self.wants(*requirements) else NOT_ASKED

    def asks(self, requirement: str) -> bool:
        """Tell whether what a requirement alone needs is sent: it is promised, if need be as a MUST."""
        level = load_catalogue(self.target.settings.profile)[requirement].level
        return self.promised(requirement) and (level is Level.MUST or not self.asks_musts_alone)

    def create_deployment(self, **changes: object) -> Created:
        """Create a deployment that the story needs, rich in all fields that it does not name in `changes`.

        Where the run makes few, it is one that another story has left, if that can be made to show `changes`.
        Raises NotJudgedError when the target does not make one, or none of our own.
        """
        made = self._draw(changes)
        return made or self._kept(self._made(*self.create_rich(self.body(**changes), changes)))

    def create_plain(self, **changes: object) -> Created:
        """Create a deployment that need only be there, as in lists; otherwise as `create_deployment`."""
        return self._draw(changes, rich=False) or self._kept(self.create_another(**changes))

    def create_another(self, **changes: object) -> Created:
        """Create a deployment that need only be there, and be new; raises as `create_deployment` does."""
        body = self.body(**changes)
        return self._made(body, self.create(body, valid=True))

    def create_like_archived(self, create: Callable[..., Created]) -> Created:
        """Create a deployment named as if it were archived, if the target lets one have such a name."""
        try:
            return create(name=f"{self.body()['name']}{LOOKS_ARCHIVED}")
        except NotJudgedError:
            return create()

    def reserve(self, count: int, *, archiving: bool = False) -> None:
        """Take at once all deployments that the story is going to ask for, where it need not make them.

        Those are the oldest ones first. A story that is `archiving` some of them lets others go first.
        """
        if self._hand:
            self._hand.reserve(count, Turn.ARCHIVING if archiving else Turn.CHANGING)

    def hand_on(self, made: Created, shown: Exchange | None = None) -> None:
        """Let other stories have what this one has made, where the run makes few; `shown` is how it reads."""
        if self._stock:
            self._stock.add(Member(made, shown))

    def enriched(self, changes: Mapping[str, object]) -> dict[str, object]:
        """Return what a deployment is updated to that is to be as if it were created with `changes`."""
        rich = self._riches.enriched(self.story, self.body(**changes), changes)
        return {name: value for name, value in rich.items() if name in changes or name not in REFERRED_TO}

    def _draw(self, changes: Mapping[str, object], *, rich: bool = True) -> Created | None:
        """Return what the stock has for a story; None where that is nothing, or there is none."""
        return self._drawn(self._hand.draw(changes, rich=rich)) if self._hand else None

    def _drawn(self, read: Exchange | None) -> Created | None:
        if read is None:
            return None
        self._riches.used_by(self.story)
        return _shown(Created(str(state_of(read).get("id")), "", read), read)

    def _kept(self, made: Created) -> Created:
        if self._hand:
            self._hand.keep(made)
        return made

    def _made(self, body: Mapping[str, object], exchange: Exchange) -> Created:
        made = created_id(exchange)
        if exchange.precondition:
            raise NotJudgedError(Blame.PRECONDITION, exchange.precondition)
        if not made:
            blame = exchange.failure.blame if exchange.failure else Blame.PRECONDITION
            raise NotJudgedError(
                blame, f"a deployment that the story {self.story} needs was not created: {exchange.summary()}"
            )
        self.creations.check_new(made)
        return Created(made, str(body["name"]), exchange)

    def create_rich(
        self, plain: Mapping[str, object], given: Collection[str], *, label: str = "create"
    ) -> tuple[Mapping[str, object], Exchange]:
        """Create a deployment with rich values in place of the `plain` ones, but for the fields `given`.

        Return what was sent in the end and its answer: values that the target refuses are left out.
        """
        body: Mapping[str, object] = self._riches.enriched(self.story, plain, given)
        exchange = self.create(body, valid=True, label=label)
        if body != plain and _unfit(exchange):
            self._riches.sort_out(self._refusal_of)
            body = self._riches.enriched(self.story, plain, given)
            exchange = self.create(body, valid=True, label="create with what is not refused alone")
        if body != plain and _unfit(exchange):
            self._riches.give_up(exchange.summary())
            body, exchange = plain, self.create(plain, valid=True, label="create with plain values")
        return body, exchange

    def _refusal_of(self, field: str) -> str:
        """Return how the target refuses a creation with one rich field, empty when it takes it."""
        body = self._riches.only(field).enriched(self.story, self.body(), ())
        exchange = self.create(body, label=f"create with a rich {field} alone", probe=True)
        if made := created_id(exchange):
            self.archive(made, label=f"archive what was created with a rich {field}")
        return exchange.summary() if _unfit(exchange) else ""

    def obtain(self, **changes: object) -> Created:
        """Return an active deployment to pause, unpause and update: one of the pool, or the one that is lent.

        `changes` set fields of a new one; the lent one takes of them the schedule, if it has one at all, and
        one of the pool can only be had where nothing but a schedule is asked for.
        Raises NotJudgedError when there is none to be had.
        """
        if self._lending is not None:
            return self._borrow(self._lending.loan, changes.get("schedule"))
        if self._pool is None or self._hand or changes.keys() - {"schedule"}:
            return self._obtain_from_stock(changes) or self.create_deployment(**changes)
        return self._lease(self._pool, Kind.SCHEDULED if changes else Kind.MANUAL_ONLY, changes)

    def obtain_any(self) -> Created:
        """Return an active deployment, with a schedule or without; otherwise as `obtain`."""
        if self._hand is None:
            return self.obtain()
        return self._drawn(self._hand.draw_any({})) or self.create_deployment()

    def _obtain_from_stock(self, changes: Mapping[str, object]) -> Created | None:
        if self._hand is None:
            return None
        read = self._hand.draw_any(changes) if changes else self._hand.draw_manual_only()
        return self._drawn(read)

    def _lease(self, pool: Pool, kind: Kind, changes: Mapping[str, object]) -> Created:
        """Return a deployment of the pool, or a new one that it has from then on."""
        member = pool.acquire(kind, wait=not self._leases)
        try:
            read = self._ready(kind, member) if member else None
            made = _shown(member.made, read) if member and read else self.create_deployment(**changes)
        except BaseException:
            pool.lose(kind)
            raise
        self._leases.append((kind, made))
        self._riches.used_by(self.story)
        return made

    def reuse(self, fits: Fits) -> tuple[Created, Exchange] | None:
        """Return an active plain deployment that was left, and how it reads; None if none fits."""
        while self._pool and (member := self._pool.pick(Kind.PLAIN, fits)):
            read = self._ready(Kind.PLAIN, member)
            if read and fits(state_of(read)):
                return member.made, read
            if read:
                self._pool.add(Kind.PLAIN, Member(member.made, read))
        return None

    def leave(self, made: Created, shown: Exchange | None = None) -> None:
        """Leave a plain scheduled deployment to searches; `shown` is how it reads, if that is known."""
        if self._pool:
            self._pool.add(Kind.PLAIN, Member(made, shown))

    def _ready(self, kind: Kind, member: Member) -> Exchange | None:
        """Return how a deployment of the pool reads when it is active, None when it is not what it was."""
        read = self.ready(member)
        scheduled = read is not None and state_of(read).get("schedule") is not None
        return read if scheduled == (kind is not Kind.MANUAL_ONLY) else None

    def ready(self, member: Member) -> Exchange | None:
        """Make a deployment that another story has left active; return how it reads, None if it is not."""
        made = member.made.id
        if not self.creations.is_live(made):
            return None
        read = member.shown or self.get(made, label="read a deployment that another has used")
        read = self._activate(made, read)
        return read if is_active(read) else None

    def _activate(self, deployment_id: str, read: Exchange) -> Exchange:
        """Unpause a deployment if a read shows it paused; return the last read of it."""
        if state_of(read).get("status") != "paused":
            return read
        self.unpause(deployment_id, label="make it active again")
        return self.get_until(deployment_id, lambda shown: shown.get("status") == "active")

    def listed(self) -> ListedFour:
        """Return deployments to look for in lists.

        Stories share them: they may change the name of the oldest and the metadata of the others, no more.
        """
        return ListedFour(*self.shared("listed", self._make_listed))

    def shared(self, name: str, make: Callable[[], T]) -> T:
        """Return what stories of one run make once, by the name that they know it by."""
        return self._pool.shared(name, make) if self._pool else make()

    def _make_listed(self) -> tuple[Created, ...]:
        if self._hand:
            self._hand.reserve(len(ListedFour._fields), Turn.LISTING, scheduled=False)
        older = self.create_plain()
        if older.exchange.method == "POST":
            self.wait_for_next_second()
        with self.target.stillness.watching():  # so that lists have them side by side
            first, active, last = (
                self.create_plain(),
                self.create_like_archived(self.create_plain),
                self.create_plain(),
            )
        for made in (first, last):
            self.pause(made.id)
        if self._hand:
            self._hand.keep_listed()
        return older, first, active, last

    def hand_back(self) -> None:
        """Let other stories have what this one leased of the pool, or took from the stock."""
        while self._pool and self._leases:
            self._pool.hand_back(*self._leases.pop())
        if self._stock and self._hand:
            self._hand.give_back()
            self._stock.ended(self.story)

    def _borrow(self, loan: Loan, schedule: object) -> Created:
        """Make the lent deployment active, on a schedule that does not fire meanwhile."""
        read = self.get(loan.id, label="read the lent deployment")
        self._memory.remember(read)
        state = state_of(read)
        own = state.get("schedule") is not None and not loan.reschedules(state)
        if schedule and own:
            self.update(loan.id, {"schedule": schedule}, label="set a schedule that does not fire meanwhile")
            read = self.get_until(loan.id, loan.reschedules)
            own = not loan.reschedules(state_of(read))
        if state.get("status") == loan.before.get("status") == "paused" and own:
            raise NotJudgedError(
                Blame.PRECONDITION,
                "the lent deployment is paused, and its schedule could not be set to one that rests",
            )
        read = self._activate(loan.id, read)
        if not is_active(read):
            raise NotJudgedError(
                Blame.PRECONDITION, f"the lent deployment could not be made active: {read.summary()}"
            )
        return _shown(Created(loan.id, "", read), read)

    def first_read(self, made: Created, label: str) -> Exchange:
        """Return the read that has just shown a deployment, or send one where only its creation did."""
        return made.exchange if made.exchange.method == "GET" else self.get(made.id, label=label)


def state_of(read: Exchange) -> Mapping[str, object]:
    """Return what a read shows of a deployment, nothing when it was refused."""
    return read.json if read.succeeded and isinstance(read.json, dict) else {}


def is_active(read: Exchange) -> bool:
    """Tell whether a read shows a deployment that can be paused, unpaused and updated."""
    state = state_of(read)
    return state.get("status") == "active" and not state.get("archived_at")


def _shown(made: Created, read: Exchange) -> Created:
    """Return a deployment with the name that it has now, and the read that shows it."""
    return Created(made.id, str(state_of(read).get("name")), read)


def _unfit(exchange: Exchange) -> bool:
    """Tell whether a creation failed in a way that its values may be the reason of."""
    status = exchange.status or 0
    return status in range(400, 600) and status not in NOT_ABOUT_VALUES and not exchange.precondition
