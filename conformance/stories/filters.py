"""Stories about the filters of lists: status, agent, time of creation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from conformance.contract.judgement import field, instant
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.stories.pages import holds
from conformance.stories.registry import story
from conformance.target.api import LARGEST_PAGE, Api
from conformance.target.creations import created_id, items
from conformance.target.exchange import Exchange
from conformance.target.prerequisites import pick


@dataclass(frozen=True)
class StatusFilter:
    """Lists by status beside one active and two paused deployments; `small` are pages of one, in a row."""

    active: str
    paused: tuple[str, str]
    listed_active: Exchange
    listed_paused: Exchange
    small: tuple[Exchange, ...]


@story()
def status_filter(api: Api) -> StatusFilter:
    """One active and two paused deployments are listed by status, the paused ones page by page as well."""
    active = api.create_deployment().id
    paused = api.create_deployment().id, api.create_deployment().id
    for one in paused:
        api.pause(one)
    listed_active = _list_status(
        api, "active", lambda page: holds(page, active) and not any(holds(page, one) for one in paused)
    )
    listed_paused = _list_status(api, "paused", lambda page: all(holds(page, one) for one in paused))
    query: dict[str, object] = {"limit": 1, "status": "paused"}
    first = api.list(query, label="list one paused deployment")
    last_id = field(first.json, "last_id")
    small: tuple[Exchange, ...] = (first,)
    if isinstance(last_id, str):
        small = first, api.list({**query, "after_id": last_id}, label="list the paused deployment after it")
    return StatusFilter(active, paused, listed_active, listed_paused, small)


def _list_status(api: Api, status: str, ours: Callable[[Mapping[str, object]], bool]) -> Exchange:
    return api.list_until({"limit": LARGEST_PAGE, "status": status}, ours)


@dataclass(frozen=True)
class AgentFilter:
    """Lists by agent: by agent id, the own deployments of that agent and the page asked for.

    There is a second agent only if the account has one.
    """

    lists: Mapping[str, tuple[str, Exchange]]


@story()
def agent_filter(api: Api) -> AgentFilter:
    """A deployment of each of two agents (if the account has two) is looked for in a list of that agent."""
    first = api.known.agent
    own = {first: api.create_deployment().id}
    agents = items(api.send("GET", "/agents", label="look for a second agent", probe=True))
    second = pick((agent for agent in agents if agent.get("id") != first), archived=False)
    if second:
        made = api.create(api.body(agent=second), label="create a deployment of another agent", probe=True)
        own |= {second: made_id} if (made_id := created_id(made)) else {}
    return AgentFilter({agent: (one, _list_agent(api, agent, one)) for agent, one in own.items()})


def _list_agent(api: Api, agent: str, own: str) -> Exchange:
    return api.list_until({"limit": LARGEST_PAGE, "agent_id": agent}, lambda page: holds(page, own))


@dataclass(frozen=True)
class Bounded:
    """One list with the moment of a creation as its lower bound, its upper one, or both."""

    lower: bool
    upper: bool
    exchange: Exchange


@dataclass(frozen=True)
class CreatedRange:
    """Lists bounded by the moment `at` when `own` was made; others were made seconds before and after it."""

    own: str
    at: datetime
    lists: tuple[Bounded, ...]


@story(revisions=("2026-07",))
def created_range(api: Api) -> CreatedRange:
    """Of three deployments made some seconds apart the middle one's created_at bounds lists."""
    _make_apart(api)
    own = _make_apart(api)
    _make_apart(api)
    read = api.get(own, label="read when it was created")
    shown = field(read.json, "created_at")
    at = instant(shown)
    if at is None:
        raise NotJudgedError(Blame.PRECONDITION, f"created_at could not be read: {read.summary()}")
    shanghai = at.astimezone(timezone(timedelta(hours=8))).isoformat()
    return CreatedRange(
        own=own,
        at=at,
        lists=(
            Bounded(lower=True, upper=False, exchange=_list_range(api, "from a moment on", gte=shown)),
            Bounded(lower=False, upper=True, exchange=_list_range(api, "up to a moment", lte=shown)),
            Bounded(lower=True, upper=True, exchange=_list_range(api, "of a moment", gte=shown, lte=shown)),
            Bounded(
                lower=True,
                upper=True,
                exchange=_list_range(api, "of a moment in +08:00", gte=shanghai, lte=shanghai),
            ),
        ),
    )


def _make_apart(api: Api) -> str:
    """Make a deployment and wait until the next one differs from it by more than a second."""
    made = api.create_deployment().id
    api.wait_for_next_second()
    api.wait_for_next_second()
    return made


def _list_range(api: Api, label: str, **bounds: object) -> Exchange:
    query = {f"created_at[{bound}]": moment for bound, moment in bounds.items()}
    return api.list({"limit": LARGEST_PAGE, **query}, label=f"list the creations {label}")
