"""Stories about archiving: what it changes, hides and frees, what a second one answers, what is left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.client.api import LOOKS_ARCHIVED, Api, Created
from conformance.client.exchange import Exchange
from conformance.client.ownership.creations import created_id
from conformance.suite.engine.registry import story
from conformance.suite.shared.filtered_pages import SmallPages, small_pages
from conformance.suite.shared.list_pages import find_listed, holds
from conformance.suite.shared.values import yearly

LONG_NAME = 250
ON_REQUEST = {"include_archived": "true"}


@dataclass(frozen=True)
class Archived:
    """What shows an archived deployment: the answer to its archive, or a read where it was archived before.

    `hiding` are lists that leave it out, by their filter. Between two that are not archived, the list without
    a filter (`small_hiding`) and the one on request (`small_listed`) are read again in small pages.
    """

    created: Created
    first: Exchange
    after_first: Exchange
    hiding: Mapping[str, Exchange]
    listed: Exchange
    after_second: Exchange
    runs: Exchange
    small_hiding: tuple[SmallPages, ...] = field(default=(), kw_only=True)
    small_listed: tuple[SmallPages, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class ArchiveTwice(Archived):
    """The states around a first and a second archive, and what was tried on the archived deployment.

    `before` is the read before the first. `same_name` is a creation of its name at once, and `namesake` the
    archive of what that made. `third` is one more archive, before the read after the second; `renamed` is an
    update of another deployment to that name.
    `probes` are the answers to actions on it that the documents leave open, by action; `listed_after_probes`
    and `after_probes` are a list and a read after them, and `last` is one more archive. `bearer` reads what
    had been given the name before the probes.
    """

    second: Exchange
    before: Exchange
    third: Exchange
    same_name: Exchange
    namesake: Exchange | None
    renamed: Exchange
    probes: Mapping[str, Exchange]
    listed_after_probes: Exchange
    after_probes: Exchange
    last: Exchange
    bearer: Exchange | None = None


@story()
def archive_twice(api: Api) -> ArchiveTwice:
    """A scheduled deployment is archived, read, listed, archived twice more; its name is used again."""
    api.reserve(2, archiving=True)
    with api.target.stillness.watching():  # so that lists have them side by side
        older = "" if api.asks_musts_alone else api.create_plain().id  # for small pages
        created = api.create_deployment(schedule=yearly())
        newer = api.create_plain().id
    before = api.first_read(created, "read before the archive")
    first = api.archive(created.id, label="archive an active deployment")
    body = api.body(name=created.name)
    same_name = api.create(body, label="create with the name of an archived one", may_conflict=True)
    second_of_name = created_id(same_name)
    namesake = api.archive(second_of_name, label="archive its namesake as well") if second_of_name else None
    renamed = api.update(newer, {"name": created.name}, label="update to the name of an archived one")
    after_first = api.get_until(created.id, _is_archived)
    hiding = {
        "": list_without(api, created.id, {}),
        "status=active": list_without(api, created.id, {"status": "active"}),
        "include_archived=false": list_without(api, created.id, {"include_archived": "false"}),
    }
    listed = find_listed(api, {**ON_REQUEST, "limit": api.largest_page}, created.id)
    small_hiding = small_pages(api, {}, hiding[""], (older, newer), unwanted=[created.id])
    small_listed = small_pages(api, ON_REQUEST, listed, (older, created.id, newer), wanted=[created.id])
    api.wait_for_next_second()
    second = api.archive(created.id, label="archive an archived deployment")
    third = api.archive(created.id, label="archive an archived deployment again")
    after_second = api.get(created.id, label="read after the refused archives")
    probes = _probe(api, created.id)
    after_probes = api.get(created.id, label="read the archived deployment after all", probe=True)
    listed_after_probes = list_without(api, created.id, {})
    last = api.archive(created.id, label="archive it after all that")  # also should it have come back
    bearer = api.get(newer, label="read what bears its name now") if renamed.succeeded else None
    return ArchiveTwice(
        created=created,
        before=before,
        first=first,
        after_first=after_first,
        hiding=hiding,
        listed=listed,
        second=second,
        third=third,
        after_second=after_second,
        runs=api.runs(created.id, label="list the runs of an archived deployment"),
        same_name=same_name,
        namesake=namesake,
        renamed=renamed,
        probes=probes,
        listed_after_probes=listed_after_probes,
        after_probes=after_probes,
        last=last,
        small_hiding=small_hiding,
        small_listed=small_listed,
        bearer=bearer,
    )


def _probe(api: Api, archived: str) -> dict[str, Exchange]:
    path = f"/deployments/{archived}/unarchive"
    change = {"description": "changed after the archive"}
    return {
        "pause": api.pause(archived, label="pause an archived deployment", probe=True),
        "unpause": api.unpause(archived, label="unpause an archived deployment", probe=True),
        "update": api.update(archived, change, label="update an archived deployment", probe=True),
        "unarchive": api.send("POST", path, label="unarchive", probe=True),
    }


@dataclass(frozen=True)
class HiddenFromPaused:
    """An archived deployment and the list of paused ones, which leaves it out."""

    created: Created
    listed_paused: Exchange


@dataclass(frozen=True)
class ArchivePaused(HiddenFromPaused):
    """A paused deployment that is archived: the answer, the read after it, and a list of its agent's.

    `listed` is the list without a filter. Then it is archived `again`, unpaused, and read at `last`.
    """

    archived: Exchange
    after: Exchange
    listed_by_agent: Exchange
    listed: Exchange | None = None
    again: Exchange | None = None
    unpause: Exchange | None = None
    last: Exchange | None = None


@story()
def archive_paused(api: Api) -> ArchivePaused:
    """A paused deployment is archived, whose name ends like that of an archived one."""
    name = f"{api.body()['name']}{LOOKS_ARCHIVED}"
    created = api.create_deployment(schedule=yearly(), name=name)
    api.pause(created.id)
    archived = api.archive(created.id, label="archive a paused deployment")
    api.wait_for_next_second()  # a first read that is stale, and no other, does not merely lag behind
    after = api.get_until(created.id, _is_archived)
    listed_paused = list_without(api, created.id, {"status": "paused"})
    by_agent = {**ON_REQUEST, "agent_id": api.known.agent, "limit": api.largest_page}
    listed_by_agent = find_listed(api, by_agent, created.id)
    listed = list_without(api, created.id, {})
    again = api.archive(created.id, label="archive again what was paused")
    api.get(created.id, label="read after the second archive of what was paused")
    unpause = api.unpause(created.id, label="unpause what was paused and archived", probe=True)
    last = api.get(created.id, label="read after the unpause of what is archived", probe=True)
    return ArchivePaused(
        created, listed_paused, archived, after, listed_by_agent, listed, again, unpause, last
    )


@dataclass(frozen=True)
class ArchiveLongName:
    """The answer to archiving a deployment whose name has 250 characters."""

    archived: Exchange


@story()
def archive_long_name(api: Api) -> ArchiveLongName:
    """A deployment is archived whose name leaves no room for the suffix."""
    name = str(api.body()["name"]).ljust(LONG_NAME, "n")
    made = api.create_deployment(name=name)
    return ArchiveLongName(api.archive(made.id, label="archive one with a name of 250 characters"))


def _is_archived(state: Mapping[str, object]) -> bool:
    return state.get("archived_at") is not None


def list_without(api: Api, deployment_id: str, params: Mapping[str, object]) -> Exchange:
    """List until a deployment is gone."""
    return api.list_until({**params, "limit": api.largest_page}, lambda page: not holds(page, deployment_id))
