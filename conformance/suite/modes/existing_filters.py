"""Filters of lists over deployments that are there, where none may be made.

Others go on working meanwhile. What nobody touched of late is looked for, between two looks at all that is
there, and what changed between them is left out; an attempt that this leaves nothing of is repeated.
"""

from __future__ import annotations

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field, instant
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.engine.registry import LITTLE, story
from conformance.suite.list.filters import (
    RANGE,
    AgentFilter,
    CreatedRange,
    StatusFilter,
    StatusList,
    list_agent,
    list_ranges,
)
from conformance.suite.modes.existing import at_rest, by_id, lasting, list_there, repeated
from conformance.suite.shared.list_pages import holds, item_of

AGENTS = 2
STILL = "list what is still there"


@story(modes=LITTLE)
def status_filter(api: Api) -> StatusFilter:
    """Active and paused deployments that are there all the while are looked for in lists by status."""
    return repeated(api, lambda: _by_status(api), lambda found: not _denied(found))


def _by_status(api: Api) -> StatusFilter | None:
    """List by each status once; None if others changed all that was looked for."""
    before = list_there(api)
    resting = at_rest(before)
    sought = {
        status: [name for name, item in resting.items() if item.get("status") == status]
        for status in ("active", "paused")
    }
    active, paused = (_list_status(api, status) for status in sought)
    by_ids = "after_id" in api.target.profile.lists.cursors
    after_last = {"after_id": sought["paused"][-1]} if sought["paused"] and by_ids else {}
    further = _list_status(api, "paused", **after_last) if after_last else paused
    last = list_there(api, STILL)
    there = lasting(before, last).keys() & resting.keys()
    if not there:
        return None
    if not further.succeeded and after_last.get("after_id") not in by_id(last):
        further = paused
    kept = {status: tuple(one for one in names if one in there) for status, names in sought.items()}
    return StatusFilter(
        frozenset(there),
        StatusList("active", kept["active"], active, {}),
        StatusList("paused", kept["paused"], paused, {}),
        StatusList("paused", (), further, {}),
    )


def _list_status(api: Api, status: str, **also: str) -> Exchange:
    query = {"limit": api.largest_page, "status": status, **also}
    return api.list(query, label=f"list by {' and '.join(['status', *also])}")


def _denied(found: StatusFilter) -> bool:
    """Tell whether a list lacks what it should hold, or shows another status of what nobody changed."""
    lists = (found.active, found.paused, found.further)
    return any(
        not all(holds(one.page.json, name) for name in one.wanted)
        or any(item_of(one.page.json, name).get("status", one.status) != one.status for name in found.known)
        for one in lists
    )


@story(modes=LITTLE)
def agent_filter(api: Api) -> AgentFilter:
    """A deployment of each of two agents is looked for in a list of that agent."""
    return repeated(api, lambda: _by_agent(api))


def _by_agent(api: Api) -> AgentFilter | None:
    own: dict[str, str] = {}
    for name, item in at_rest(list_there(api)).items():
        if isinstance(agent := field(item, "agent.id"), str) and (agent in own or len(own) < AGENTS):
            own.setdefault(agent, name)
    if not own:
        raise NotJudgedError(Blame.PRECONDITION, "no agent.id could be read")
    lists = {agent: (one, list_agent(api, agent, one)) for agent, one in own.items()}
    last = by_id(list_there(api, STILL))
    kept = {agent: pair for agent, pair in lists.items() if field(last.get(pair[0]), "agent.id") == agent}
    return AgentFilter(kept, None) if kept else None


@story(promises=(RANGE,), modes=LITTLE)
def created_range(api: Api) -> CreatedRange:
    """The created_at of an older and a newer deployment bound lists."""
    return repeated(api, lambda: _by_creation(api))


def _by_creation(api: Api) -> CreatedRange | None:
    dated = [
        (name, made)
        for name, item in at_rest(list_there(api)).items()
        if instant(made := item.get("created_at")) and isinstance(made, str)
    ]
    if not dated:
        raise NotJudgedError(Blame.PRECONDITION, "no created_at could be read")
    ranges = list_ranges(api, dated[-1], dated[0])
    there = by_id(list_there(api, STILL))
    kept = tuple(bounded for bounded in ranges if (bounded.own or dated[0][0]) in there)
    return CreatedRange(kept) if kept else None
