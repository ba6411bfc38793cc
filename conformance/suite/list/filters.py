"""Stories about the filters of lists: status, agent, time of creation."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from conformance.client.answers import created_id
from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.prerequisites import pick
from conformance.contract.comparing import field, instant
from conformance.contract.lifecycle import ACTIVE, PAUSED
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.engine.registry import story
from conformance.suite.shared.filtered_pages import SmallPages, small_pages
from conformance.suite.shared.list_pages import find_listed, holds, ids, listed
from conformance.suite.shared.looking import look_for
from conformance.suite.shared.values import LONG_AGO

SHANGHAI_OFFSET = "+08:00"
RANGE = "list.created-at-range"
FAR_OFF = "2100-01-01T00:00:00.5Z"
"""A bound that everything lies within, as the API and whatever a run makes are younger; with a fraction."""
LEAST, ALMOST = timedelta(microseconds=1), timedelta(microseconds=999_999)


@dataclass(frozen=True)
class StatusList:
    """A list by `status` that must hold all `wanted`; `reads` are of those that it lacks, by id."""

    status: str
    wanted: tuple[str, ...]
    page: Exchange
    reads: Mapping[str, Exchange]


@dataclass(frozen=True)
class StatusFilter:
    """Lists by status beside a paused deployment, an active one, and another paused one, made in this order.

    `further` is the page of paused ones after the last of them, `combined` are lists of paused ones with
    another filter, `small` the paused ones again in small pages. Where none could be made, there may be more
    or fewer of them. Nobody changed those that are `known`; of all others a list may show the status of now
    and have chosen them by an earlier one.
    """

    known: frozenset[str]
    active: StatusList
    paused: StatusList
    further: StatusList
    combined: tuple[StatusList, ...] = ()
    small: tuple[SmallPages, ...] = ()


@story(listing=True)
def status_filter(api: Api) -> StatusFilter:
    """A paused, an active and another paused deployment are listed by status, also with other filters."""
    first, active, last = (made.id for made in api.listed()[1:])
    if not api.asks_musts_alone:  # an update may file a paused one under another status
        api.update(first, {"metadata": {"changed": "while paused"}}, label="update a paused one to list")
    known = frozenset((first, active, last))
    paused = list_status(api, "paused", [first, last], known)
    return StatusFilter(
        known,
        list_status(api, "active", [active], known),
        paused,
        list_status(api, "paused", [], known, after_id=last) if _has_ids(api) else paused,
        (list_status(api, "paused", [first, last], known, agent_id=api.known.agent), *_since(api, known)),
        small_pages(
            api, {"status": "paused"}, paused.page, (first, last), wanted=(first, last), unwanted=[active]
        ),
    )


def _has_ids(api: Api) -> bool:
    """Tell whether lists go on by ids."""
    return "after_id" in api.target.profile.lists.cursors


def _since(api: Api, known: Container[str]) -> Iterator[StatusList]:
    """Yield a list by status, agent and creation, where the target has such bounds: they are no must."""
    if api.promised(RANGE):
        also = {"agent_id": api.known.agent, "created_at[gte]": LONG_AGO}
        bounded = list_status(api, "paused", [], known, **also)
        if bounded.page.succeeded:
            yield bounded


def list_status(
    api: Api, status: str, wanted: Iterable[str], known: Container[str], **also: str
) -> StatusList:
    """List by status, and what else is asked, until the wanted are there and all known have that status."""
    wanted = tuple(wanted)

    def settled(page: Mapping[str, object]) -> bool:
        own = (item for item in listed(page) if str(item.get("id")) in known)
        return all(item.get("status") == status for item in own) and all(holds(page, one) for one in wanted)

    label = f"list by {' and '.join(['status', *also])}"
    page = api.list_until({"limit": api.largest_page, "status": status, **also}, settled, label=label)
    lacking = [one for one in wanted if page.succeeded and not holds(page.json, one)]
    reads = {one: api.get(one, label=f"read one that is not listed as {status}") for one in lacking}
    return StatusList(status, wanted, page, reads)


@dataclass(frozen=True)
class AgentFilter:
    """Lists by agent: by agent id, the own deployments of that agent and the page asked for.

    There is a second agent only if the account has one; `further` is then that agent and the page after its
    deployment, where the older one of the first agent follows, and `small` that agent's in small pages: it
    has one on either side of that. `active` is a list by agent and status, `moved` a list of the first agent
    after the older of the second had been paused and moved to it. As lists may choose by an agent of a moment
    ago, each was asked until no other agent was on it. `overdrawn` are lists that say that more follow where
    none does, each with the page that was to follow. `beginning` is a list by all but the last character of
    an agent's id. The newer deployment of the second agent was made for the first, if it could be moved, and
    the one of the first pins the earliest version, if there are several.
    """

    lists: Mapping[str, tuple[str, Exchange]]
    further: tuple[str, Exchange] | None
    active: tuple[str, Exchange] | None = None
    small: tuple[SmallPages, ...] = ()
    beginning: tuple[str, Exchange] | None = None
    moved: tuple[str, Exchange] | None = None
    overdrawn: tuple[tuple[Exchange, Exchange], ...] = ()


@story(listing=True)
def agent_filter(api: Api) -> AgentFilter:
    """A deployment of each of two agents (if the account has two) is looked for in a list of that agent."""
    first = api.known.agent
    second = pick((one for one in look_for(api, "agent") if one.get("id") != first), archived=False)
    if api.asks_musts_alone:
        older, own = _of_the_listed(api, first, second)
    else:
        older, own = _make_of_each(api, first, second)
    lists = {agent: (one, list_agent(api, agent, one)) for agent, one in own.items()}
    further = None
    small: tuple[SmallPages, ...] = ()
    if second and older and second in own:
        if _has_ids(api):
            query = {"limit": api.largest_page, "agent_id": second, "after_id": own[second]}
            label = "list what follows the deployment of another agent"
            further = second, api.list_until(query, lambda page: _is_of(page, second), label=label)
        both = older, own[second]
        small = small_pages(
            api, {"agent_id": second}, lists[second][1], both, wanted=both, unwanted=[own[first]]
        )
    agent = second if second in own else first
    active = agent, list_agent(api, agent, own[agent], status="active")
    overdrawn = tuple(_overdrawn(api, name, page) for name, (_, page) in lists.items())
    moved = None
    if older and not api.asks_musts_alone:  # a paused one may go on to be filed under the agent that it had
        api.pause(older, label="pause what is to be moved")
    if older and api.update(older, {"agent": first}, label="move it to the first agent").succeeded:
        moved = older, find_listed(api, {"limit": api.largest_page, "agent_id": first}, older)
    part = {"limit": api.largest_page, "agent_id": first[:-1]}
    beginning = first[:-1], api.list(part, label="list by the beginning of an agent's id", probe=True)
    return AgentFilter(lists, further, active, small, beginning, moved, tuple(filter(None, overdrawn)))


def _of_the_listed(api: Api, first: str, second: str | None) -> tuple[str | None, dict[str, str]]:
    """Move the oldest of the listed deployments to the second agent; return what is of each.

    Of the first agent it is one that pins its earliest version, if there is such a one.
    """
    older, *others = api.listed()
    moved = _move(api, older.id, second) if second else None
    pinned = [one.id for one in others if field(one.exchange.json, "agent.version") == 1]
    return moved, {first: [*pinned, others[-1].id][0], **({second: moved} if second and moved else {})}


def _make_of_each(api: Api, first: str, second: str | None) -> tuple[str | None, dict[str, str]]:
    """Return the older deployment of the second agent, and the newest of each."""
    with api.target.stillness.watching():  # so that lists have them side by side
        older = _make_of(api, second) if second else None
        own = {first: api.create_plain(**_at_first(api)).id}
        if second and older and (newer := _move(api, api.create_plain().id, second)):
            own[second] = newer
    return older, own


def _at_first(api: Api) -> dict[str, object]:
    """Return the agent at its first version, if it has several."""
    version = api.known.agent_version
    several = isinstance(version, int) and version > 1
    return {"agent": {"id": api.known.agent, "type": "agent", "version": 1}} if several else {}


def _move(api: Api, deployment_id: str, agent: str) -> str | None:
    """Move a deployment to another agent; return its id, None if it was not moved."""
    label = "move a deployment to another agent"
    moved = api.update(deployment_id, {"agent": agent}, label=label, probe=True)
    return deployment_id if field(moved.json, "agent.id") == agent else None


def _overdrawn(api: Api, agent: str, page: Exchange) -> tuple[Exchange, Exchange] | None:
    """Return a list that says twice that more follow, although it has room, with the empty page after it."""
    found = ids(page)
    if not 0 < len(found) < api.largest_page or field(page.json, "has_more") is not True:
        return None
    query = {"limit": api.largest_page, "agent_id": agent}
    beyond = api.list({**query, "after_id": found[-1]}, label="list what is said to follow")
    again = api.list(query, label="list by agent again")
    still = field(again.json, "has_more") is True and ids(again)[-1:] == found[-1:]
    return (again, beyond) if still and beyond.succeeded and not ids(beyond) else None


def _make_of(api: Api, agent: str) -> str | None:
    """Make a deployment of another agent; return its id, None if the target does not make one."""
    body = api.body(agent=agent)
    return created_id(api.create(body, label="create a deployment of another agent", probe=True))


def list_agent(api: Api, agent: str, own: str, **also: str) -> Exchange:
    """List by agent, and what else is asked, until an own deployment is there and none of another agent."""
    return api.list_until(
        {"limit": api.largest_page, "agent_id": agent, **also},
        lambda page: holds(page, own) and _is_of(page, agent),
        label=f"list by {' and '.join(['agent', *also])}",
    )


def _is_of(page: Mapping[str, object], agent: str) -> bool:
    return all(field(item, "agent.id") == agent for item in listed(page))


@dataclass(frozen=True)
class Bounded:
    """One list with the moment `at` of the creation of `own` as its lower bound, its upper one, or both.

    Without `own` nothing needs to be there. When it was not on it, `beside` lists what was made less than a
    second before `at` or after it, but not at `at`: a target that stores fractions and shows whole seconds,
    cut or rounded, has it there.
    """

    own: str | None
    at: datetime
    lower: bool
    upper: bool
    other_zone: bool
    exchange: Exchange
    beside: tuple[Exchange, ...]


@dataclass(frozen=True)
class CreatedRange:
    """Lists bounded by the moments when two deployments were made, more than a second apart.

    `empty` has its lower bound a year from now and its upper one at the creation of the older, `before` is
    of what is made a year from now, before the newer one.
    """

    lists: tuple[Bounded, ...]
    empty: Exchange | None = None
    before: Exchange | None = None


@story(promises=(RANGE,))
def created_range(api: Api) -> CreatedRange:
    """The created_at of the older of two deployments bounds lists above, that of the newer one below.

    A list of those that have the status of the newer one is bounded as well.
    """
    own = api.listed()
    older, newer = own.older.id, own.active.id
    (first, _), (last, status) = _read_made(api, older), _read_made(api, newer)
    # It is active, on a target that pauses nothing but what a request names.
    alike = {"status": status} if status in (ACTIVE, PAUSED) else {}
    api.list_until({"limit": api.largest_page}, lambda page: holds(page, newer))
    api.list_until({"limit": api.largest_page, **alike}, lambda page: holds(page, newer))
    also = {**alike, "created_at[lte]": FAR_OFF}
    among = _list_range(api, f"from a moment on, of {status} ones", newer, also, gte=last)
    one = _list_range(api, "up to a moment, one at most", older, {"limit": "1"}, lte=first)
    later = (datetime.now(UTC) + timedelta(days=365)).isoformat(timespec="seconds").replace("+00:00", "Z")
    empty = _list_between(api, "list the creations of next year and before", {"gte": later, "lte": first}, {})
    before = None
    if _has_ids(api):
        cursor = {"before_id": newer}
        label = "list the creations of next year before this one"
        before = _list_between(api, label, {"gte": later}, cursor)
    lists = (*list_ranges(api, (older, first), (newer, last)), among, one)
    return CreatedRange(lists, empty, before)


def list_ranges(api: Api, older: tuple[str, str], newer: tuple[str, str]) -> tuple[Bounded, ...]:
    """List what was made around two deployments, each given with its created_at."""
    (first_id, first), (last_id, last) = older, newer
    east, west = _elsewhere(first, 8), _elsewhere(first, -5)
    beside = _beside_cursors(api, (first_id, first), (last_id, last)) if _has_ids(api) else ()
    return (
        _list_range(api, "from a moment on", last_id, gte=last),
        _list_range(api, "up to a moment", first_id, lte=first),
        _list_range(api, "of a moment", first_id, gte=first, lte=first),
        _list_range(api, "from a moment in +08:00 to it in -05:00", first_id, gte=east, lte=west),
        *beside,
    )


def _beside_cursors(api: Api, older: tuple[str, str], newer: tuple[str, str]) -> tuple[Bounded, ...]:
    (first_id, first), (last_id, last) = older, newer
    back = _list_range(api, "up to a moment, before the older one", None, {"before_id": first_id}, lte=first)
    return (
        _list_range(api, "from a moment on, after the newer one", None, {"after_id": last_id}, gte=last),
        *([back] if back.exchange.succeeded else []),  # with a filter before_id is promised nowhere
    )


def _read_made(api: Api, deployment_id: str) -> tuple[str, str]:
    """Return created_at and status as they read; raises NotJudgedError when that is no timestamp."""
    read = api.get(deployment_id, label="read when it was created")
    shown = field(read.json, "created_at")
    if instant(shown) is None:
        cause = "object.matches-schema" if read.succeeded else ""
        raise NotJudgedError(Blame.PRECONDITION, f"created_at could not be read: {read.summary()}", cause)
    return str(shown), str(field(read.json, "status"))


def _elsewhere(moment: str, hours: int) -> str:
    at = instant(moment)
    return at.astimezone(timezone(timedelta(hours=hours))).isoformat() if at else moment


def _list_range(
    api: Api, label: str, own: str | None, also: Mapping[str, str] | None = None, **bounds: str
) -> Bounded:
    at = instant(next(iter(bounds.values()))) or datetime.min.replace(tzinfo=UTC)
    exchange = _list_between(api, f"list the creations {label}", bounds, also or {})
    lower, upper = "gte" in bounds, "lte" in bounds
    beside: tuple[Exchange, ...] = ()
    if own and exchange.succeeded and own not in ids(exchange):
        before, after = (at - ALMOST, at - LEAST), (at + LEAST, at + ALMOST)
        seconds = [*([before] if lower else []), *([after] if upper else [])]
        beside = tuple(
            _list_between(
                api,
                "list the creations within a second",
                {"gte": one.isoformat(), "lte": other.isoformat()},
                {**(also or {}), "limit": str(api.largest_page)},
            )
            for one, other in seconds
        )
        if not any(own in ids(page) for page in beside):  # one replica may lag behind more than another
            query = _between(api, bounds, also or {})
            exchange = api.list_until(query, lambda page: holds(page, own), label="list them once more")
    bound = next(iter(bounds.values()))
    return Bounded(own, at, lower, upper, bound.endswith(SHANGHAI_OFFSET), exchange, beside)


def _list_between(api: Api, label: str, bounds: Mapping[str, str], also: Mapping[str, str]) -> Exchange:
    return api.list(_between(api, bounds, also), label=label)


def _between(api: Api, bounds: Mapping[str, str], also: Mapping[str, str]) -> Mapping[str, object]:
    query = {f"created_at[{bound}]": moment for bound, moment in bounds.items()}
    return {"limit": api.largest_page, **also, **query}
