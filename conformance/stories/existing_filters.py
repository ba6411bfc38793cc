"""Filters of lists over deployments that are there, where none may be made."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from conformance.contract.judgement import field, instant
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.stories.existing import by_id, lasting, list_there, some
from conformance.stories.filters import (
    RANGES,
    AgentFilter,
    CreatedRange,
    StatusFilter,
    StatusList,
    list_agent,
    list_ranges,
    list_status,
)
from conformance.stories.registry import LITTLE, story
from conformance.target.api import Api
from conformance.target.creations import items

AGENTS = 2


@story(modes=LITTLE)
def status_filter(api: Api) -> StatusFilter:
    """Active and paused deployments that are there all the while are looked for in lists by status."""
    before = list_there(api)
    active, paused = (
        some(before, lambda item, status=status: item.get("status") == status)  # type: ignore[misc]
        for status in ("active", "paused")
    )
    known = by_id(before)
    by_active = list_status(api, "active", active, known)
    by_paused = further = list_status(api, "paused", paused, known)
    if paused:
        further = list_status(api, "paused", [], known, after_id=paused[-1])
    there = lasting(before, list_there(api, "list what is still there"))
    if paused and not further.page.succeeded and paused[-1] not in there:
        further = by_paused
    active_kept, paused_kept, further_kept = (_kept(one, there) for one in (by_active, by_paused, further))
    return StatusFilter(frozenset(there), active_kept, paused_kept, further_kept)


def _kept(found: StatusList, there: Container[str]) -> StatusList:
    return replace(found, wanted=tuple(one for one in found.wanted if one in there))


@story(modes=LITTLE)
def agent_filter(api: Api) -> AgentFilter:
    """A deployment of each of two agents is looked for in a list of that agent."""
    before = list_there(api)
    agents = dict.fromkeys(
        agent for item in items(before) if isinstance(agent := field(item, "agent.id"), str)
    )
    own = {
        agent: found[0]
        for agent in list(agents)[:AGENTS]
        if (found := some(before, lambda item, agent=agent: field(item, "agent.id") == agent))  # type: ignore[misc]
    }
    lists = {agent: (one, list_agent(api, agent, one)) for agent, one in own.items()}
    there = lasting(before, list_there(api, "list what is still there"))
    kept = {agent: pair for agent, pair in lists.items() if pair[0] in there}
    if not kept:
        raise _moved()
    return AgentFilter(kept, None)


@story(revisions=RANGES, modes=LITTLE)
def created_range(api: Api) -> CreatedRange:
    """The created_at of an older and a newer deployment bound lists."""
    before = list_there(api)
    dated = [
        (str(item.get("id")), made)
        for item in items(before)
        if instant(made := item.get("created_at")) and isinstance(made, str)
    ]
    if not dated:
        raise NotJudgedError(Blame.PRECONDITION, "no created_at could be read")
    ranges = list_ranges(api, dated[-1], dated[0])
    there = lasting(before, list_there(api, "list what is still there"))
    kept = tuple(bounded for bounded in ranges if (bounded.own or dated[0][0]) in there)
    if not kept:
        raise _moved()
    return CreatedRange(kept)


def _moved() -> NotJudgedError:
    return NotJudgedError(Blame.PRECONDITION, "others changed the deployments that were looked for")
