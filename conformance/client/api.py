"""The Deployments API as one story uses it: a method for each route, creations through the ledger."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final, NamedTuple, TypedDict, TypeVar, Unpack

from conformance.client.credentials import Auth, Authorization
from conformance.client.exchange import NOT_ASKED, Exchange
from conformance.client.hand import Hand
from conformance.client.ownership.borrowed import Lending, Loan
from conformance.client.ownership.creations import Creations, created_id, is_archived
from conformance.client.ownership.pool import Fits, Kind, Member, Pool
from conformance.client.ownership.stock import Stock, Turn
from conformance.client.prerequisites import Prerequisites
from conformance.client.rich_values import Riches
from conformance.client.staleness import Memory
from conformance.client.target import OutgoingRequest, Target
from conformance.client.traffic.quota import UNEXPECTED
from conformance.contract import clock
from conformance.contract.catalogue import load_catalogue
from conformance.contract.path_ids import spelled
from conformance.contract.verdict import Blame, Level, NotJudgedError

T = TypeVar("T")
ABSENT: Final = object()
"""As the value of a body field: leave the field out."""
BILLABLE = "billable"
"""The tier in which runs may be started."""
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
SETTLE_SECONDS = 5.0
"""How long a read may lag behind a write before it counts as wrong (N107: poll up to 5 s)."""
SETTLE_SECONDS_PER_STORY = 20.0


class Variant(TypedDict, total=False):
    """How a request differs from the documented one.

    `label` says what the story does; `body` is sent as JSON, `content` as raw bytes; `headers` are added to
    the documented ones and a header with the value "" is left out; `authorization` says whose credentials;
    `probe` marks a question that the documents leave open. Of creations: `valid` marks one that has to be
    accepted, `may_conflict` one for which a 409 is documented.
    """

    label: str
    body: object
    content: bytes
    headers: Mapping[str, str]
    authorization: Authorization
    probe: bool
    valid: bool
    may_conflict: bool


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


class Api:
    """The routes of the Deployments API for one story; every answer comes back as an `Exchange`."""

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
        self.target = target
        self.known = known
        self.story = story
        self.creations = creations
        self._counter = itertools.count(1)
        self._settle_left = SETTLE_SECONDS_PER_STORY
        self._memory = pool.memory if pool else Memory()
        self._lending = lending
        self._riches = riches or Riches(known, ())
        self._pool = pool
        self._leases: list[tuple[Kind, Created]] = []
        self._stock = stock
        self._hand = Hand(self, stock) if stock else None
        self._selected = selected

    @property
    def largest_page(self) -> int:
        """The largest page of deployments that every edition of the vendor allows."""
        return self.target.profile.lists.largest_page

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

    # --- deployments -------------------------------------------------------------------------------------

    def body(self, **changes: object) -> dict[str, object]:
        """Return a minimal valid create body with a fresh name; `changes` set fields, `ABSENT` drops one."""
        name = f"conformance-{self.target.run_id}-{self.story.replace('_', '-')}-{next(self._counter)}"
        fields = {
            "name": name,
            "description": f"Made by a conformance run ({name}); it is archived when the run ends.",
            "agent": self.target.shapes.agent(self.known.agent),
            "environment_id": self._environment(),
            "initial_events": [self.known.event(f"Event of {name}")],
            **changes,
        }
        return {field: value for field, value in fields.items() if value is not ABSENT}

    def _environment(self) -> object:
        """Return the environment of a creation, `ABSENT` where none is known and none is required."""
        required = self.target.profile.deployments.environment_required
        return self.known.environment if required or self.known.environment_id else ABSENT

    def create(self, body: object, /, **variant: Unpack[Variant]) -> Exchange:
        """Send a creation, whatever its body; the ledger has it before and after.

        An answer that a quota of the account explains says so (`Exchange.precondition`).
        """
        exchange = self._create(body, variant)
        if self.creations.created and variant.get("authorization", Auth.OWN) is Auth.OWN:
            conflict = exchange.status == HTTPStatus.CONFLICT and not variant.get("may_conflict")
            suspicious = variant.get("valid", False) or conflict or exchange.status in UNEXPECTED
            reason = self.creations.quota.reason(exchange, suspicious=suspicious, ask=self._create_minimal)
            return self.target.explain(exchange, reason) if reason else exchange
        return exchange

    def _create(self, body: object, variant: Variant) -> Exchange:
        with self.creations.announced(body) as (marks,):
            exchange = self._call("POST", "/deployments", variant, "create", body)
            self.creations.settle(marks, exchange)
        return exchange

    def _create_minimal(self) -> Exchange:
        """Create what any account with room takes, and archive it at once."""
        label = "look whether the account takes any more deployments"
        exchange = self._create(self.body(), {"label": label})
        if made := created_id(exchange):
            self.archive(made, label="archive it")
        return exchange

    def create_together(self, body: object, count: int, *, headers: Mapping[str, str]) -> Sequence[Exchange]:
        """Send one creation several times so that they arrive together; return the answers.

        Raises NotApplicableError when the rate never allows so many at once.
        """
        self.target.check_allowed(count)
        request = self.request("POST", "/deployments", label="create", body=body, headers=headers)
        with self.creations.announced(body, count) as marks:
            answers = self.volley([request] * count)
            for one, exchange in zip(marks, answers, strict=True):
                self.creations.settle(one, exchange)
        return answers

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
        member = pool.take(kind, wait=not self._leases)
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

        Stories share them: they may change the name of the oldest and the metadata of the newest, no more.
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
        looks_archived = f"{self.body()['name']}{LOOKS_ARCHIVED}"  # it is not for that
        with self.target.stillness.watching():  # so that lists have them side by side
            first, active, last = (
                self.create_plain(),
                self.create_plain(name=looks_archived),
                self.create_plain(),
            )
        for one in (first, last):
            self.pause(one.id)
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
        self._memory.note(read)
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

    def get(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Read one deployment; a read that lags behind what we did to it is repeated (N107)."""
        return self._until(
            partial(self._read, deployment_id, variant), self._caught_up(deployment_id, variant)
        )

    def first_read(self, made: Created, label: str) -> Exchange:
        """Return the read that has just shown a deployment, or send one where only its creation did."""
        return made.exchange if made.exchange.method == "GET" else self.get(made.id, label=label)

    def get_until(self, deployment_id: str, holds: Callable[[Mapping[str, object]], bool]) -> Exchange:
        """Read a deployment until `holds` is true of it, at most `SETTLE_SECONDS`; return the last read."""
        caught_up = self._caught_up(deployment_id, {})
        return self._until(
            partial(self._read, deployment_id, {}), lambda read: caught_up(read) and _holds(read, holds)
        )

    def _read(self, deployment_id: str, variant: Variant) -> Exchange:
        return self._call("GET", self.target.routes.deployment(deployment_id), variant, "read")

    def _caught_up(self, deployment_id: str, variant: Variant) -> Callable[[Exchange], bool]:
        """Return whether a read shows a deployment of ours as it was at our last change, or later.

        One that cannot be read yet does not, nor one that looks as it did before that change. Others may not
        see it at all, and are never waited for.
        """
        if variant.get("authorization", Auth.OWN) is not Auth.OWN:
            return lambda _: True
        missing_lags = self.creations.is_live(deployment_id) or self._memory.knows(deployment_id)
        return lambda read: (
            not (
                (read.status == HTTPStatus.NOT_FOUND and missing_lags)
                or self._memory.is_outdated(deployment_id, read)
            )
        )

    def list(self, params: Mapping[str, object] | None = None, **variant: Unpack[Variant]) -> Exchange:
        """List deployments; `params` are query parameters."""
        return self._call("GET", self.target.routes.deployments(params), variant, "list")

    def list_until(
        self,
        params: Mapping[str, object],
        holds: Callable[[Mapping[str, object]], bool],
        **variant: Unpack[Variant],
    ) -> Exchange:
        """List until `holds` is true of the page, at most `SETTLE_SECONDS`; return the last page."""
        return self._until(lambda: self.list(params, **variant), lambda page: _holds(page, holds))

    def update(self, deployment_id: str, body: object, /, **variant: Unpack[Variant]) -> Exchange:
        """Update a deployment with a partial body."""
        return self._call("POST", self.target.routes.deployment(deployment_id), variant, "update", body)

    def pause(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Pause a deployment."""
        return self._act(deployment_id, "pause", variant)

    def unpause(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Unpause a deployment."""
        return self._act(deployment_id, "unpause", variant)

    def archive(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Archive a deployment, which is final."""
        exchange = self._act(deployment_id, "archive", variant)
        if variant.get("authorization", Auth.OWN) is Auth.OWN and is_archived(exchange):
            self.creations.archived(deployment_id)  # else the clean-up reads whether it is
        return exchange

    def run(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Run a deployment by hand, which starts billable work.

        Without the tier `billable` only what cannot run may be named: a deployment that this run archived, or
        one that does not exist. Raises ForbiddenRequestError otherwise.
        """
        return self._act(deployment_id, "run", variant)

    # --- runs and what deployments refer to --------------------------------------------------------------

    def runs(
        self, deployment_id: str, params: Mapping[str, object] | None = None, **variant: Unpack[Variant]
    ) -> Exchange:
        """List the runs of one deployment."""
        return self._call("GET", self.target.routes.runs_of(deployment_id, params), variant, "list runs")

    def get_run(self, deployment_id: str, run_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Read one run of one deployment."""
        return self._call("GET", self.target.routes.run_of(deployment_id, run_id), variant, "read a run")

    def all_runs(self, params: Mapping[str, object] | None = None, **variant: Unpack[Variant]) -> Exchange:
        """List the runs of all deployments."""
        return self._call("GET", self.target.routes.runs(params), variant, "list all runs")

    def get_any_run(self, run_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Read one run by its id alone."""
        return self._call("GET", self.target.routes.run(run_id), variant, "read a run by id")

    def send(self, method: str, path: str, **variant: Unpack[Variant]) -> Exchange:
        """Send any request below the base URL; POSTs carry the documented Content-Type."""
        return self._call(method, path, variant, method)

    def request(self, method: str, path: str, **variant: Unpack[Variant]) -> OutgoingRequest:
        """Return a request as `send` would send it, for a volley."""
        return self._checked(_request(method, path, variant, method))

    def volley(self, requests: Sequence[OutgoingRequest]) -> Sequence[Exchange]:
        """Send requests so that they arrive together; return their exchanges in the same order."""
        answers = self.target.volley(self.story, requests)
        for request in requests:
            self._memory.forget(_named(request.path))  # which of them came last, nobody knows
        return answers

    def _call(self, method: str, path: str, variant: Variant, label: str, body: object = ABSENT) -> Exchange:
        request = self._checked(_request(method, path, variant, label, body))
        lending = self._lending if self._names_lent(path) else None
        if lending and method != "GET":
            self._read(lending.loan.id, {"label": "look whether somebody else changed it"})
            lending.before_change(path.rpartition("/")[2], request.content)
        exchange = self.target.send(self.story, request)
        with exchange.alone():
            self._learn(request, exchange, lending)
        return exchange

    @clock.unheeded()
    def _learn(self, request: OutgoingRequest, exchange: Exchange, lending: Lending | None) -> None:
        """Keep the books of what was changed, started and shown."""
        if lending:
            lending.note(exchange)
        if request.method == "POST":
            self._memory.note(exchange)
        if self._hand and request.authorization is Auth.OWN:
            self._hand.note(exchange)
        if starts_a_run(request) and exchange.succeeded:
            self.creations.started_a_run()
        if request.method == "GET":
            self._learn_whose(request, exchange)

    def _learn_whose(self, request: OutgoingRequest, exchange: Exchange) -> None:
        """Let what a read or a list shows say which deployments are ours; others may have the same ids."""
        named = _named(request.path)
        if request.authorization is not Auth.OWN:
            self.creations.read_by_others(named, request.authorization, exchange)
        elif request.path.partition("?")[0] == "/deployments":
            self.creations.listed(exchange)
        else:
            self.creations.read(named, exchange)

    def confirm(self, deployment_id: str) -> None:
        """Read a new deployment, or look for it in the list, until something shows that it is ours.

        Raises NotJudgedError (target) unless it is: then nothing may change it.
        """
        if self.creations.needs_a_read(deployment_id):
            read = self.get(deployment_id, label="read it before it is changed")
            if self.creations.needs_a_read(deployment_id):
                self.list({"limit": self.largest_page}, label="look for it in the list before it is changed")
            self.creations.check_shown(deployment_id, read)

    def _names_lent(self, path: str) -> bool:
        lent = self._lending and self.target.routes.deployment(self._lending.loan.id)
        return lent is not None and (path == lent or path.startswith((f"{lent}/", f"{lent}?")))

    def _checked(self, request: OutgoingRequest) -> OutgoingRequest:
        """Return a request unless it could change what is not this run's; raises NotJudgedError then."""
        if request.method not in {"GET", "HEAD"} and request.path.startswith("/deployments/"):
            named = _named(request.path)
            self.creations.check_writable(named)
            if starts_a_run(request) and BILLABLE not in self.target.settings.tier:
                self.creations.check_cannot_run(named)
            self.confirm(named)
            self._check_for(request, named)
        return request

    def _check_for(self, request: OutgoingRequest, deployment_id: str) -> None:
        """Raise NotJudgedError if other credentials lead to somebody else's deployment under an id of ours.

        Ids may be counted for each tenant: what they name depends on who asks.
        """
        who = request.authorization
        if who is Auth.OWN or not self.creations.is_made(deployment_id):
            return
        if not self.creations.is_read_by(deployment_id, who):
            label = "look what its id means to these credentials"
            self.get(deployment_id, label=label, authorization=who, probe=True)
        self.creations.check_same(deployment_id, who)

    def wait_for_next_second(self) -> None:
        """Wait until timestamps of whole seconds can show a later change (fact sheet, N84 and N106)."""
        self.target.stopped.wait(1.02)

    def wait_until_settled(self) -> None:
        """Wait as long as reads may lag behind what was written until now (N107)."""
        self.target.stopped.wait(SETTLE_SECONDS)

    def list_refused(self) -> Exchange:
        """List the newest deployments after refused creations; any that was made all the same is ours."""
        exchange = self.list({"limit": self.largest_page}, label="look for what refused creations left")
        self.creations.adopt(exchange)
        return exchange

    def _act(self, deployment_id: str, action: str, variant: Variant) -> Exchange:
        return self._call("POST", self.target.routes.deployment(deployment_id, action), variant, action)

    def _until(self, read: Callable[[], Exchange], settled: Callable[[Exchange], bool]) -> Exchange:
        started = time.monotonic()
        allowed = min(SETTLE_SECONDS, self._settle_left)
        for wait in itertools.chain((0.05, 0.1, 0.2, 0.4, 0.8), itertools.repeat(1.2)):
            began = time.monotonic()
            exchange = read()
            if settled(exchange):
                return exchange  # a target that lags within the bound, always, never runs out of patience
            over = began - started >= allowed
            if exchange.failure or over:
                self._settle_left -= began - started
                return exchange
            if self.target.stopped.wait(min(wait, max(0.0, started + allowed - time.monotonic()))):
                raise NotJudgedError(Blame.HARNESS, "the run ended while a read was waited for")
        raise AssertionError  # pragma: no cover (the waits never end)


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


def starts_a_run(request: OutgoingRequest) -> bool:
    """Tell whether a request asks for a run, in however odd a way."""
    segments = request.path.partition("?")[0].rstrip("/").split("/")
    return (
        request.method not in {"GET", "HEAD"} and segments[1:2] == ["deployments"] and "run" in segments[3:]
    )


def _holds(exchange: Exchange, holds: Callable[[Mapping[str, object]], bool]) -> bool:
    return isinstance(exchange.json, dict) and holds(exchange.json)


def _named(path: str) -> str:
    """Return the id of the deployment that a path names, or an empty text."""
    return spelled("".join(path.partition("?")[0].split("/")[2:3]))


def _request(method: str, path: str, variant: Variant, label: str, body: object = ABSENT) -> OutgoingRequest:
    headers = {} if method in {"GET", "HEAD"} else {"content-type": "application/json"}
    headers.update({name.lower(): value for name, value in variant.get("headers", {}).items()})
    return OutgoingRequest(
        method=method,
        path=path,
        label=variant.get("label", label),
        headers=headers,
        content=variant.get("content", _json(variant.get("body", body))),
        authorization=variant.get("authorization", Auth.OWN),
        probe=variant.get("probe", False),
    )


def _json(body: object) -> bytes | None:
    return None if body is ABSENT else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
