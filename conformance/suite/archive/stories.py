"""Stories about archiving: what it changes, hides and frees, what a second one answers, what is left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from conformance.client.answers import created_id
from conformance.client.api import Api, Created
from conformance.client.calls.guarded import ABSENT
from conformance.client.exchange import NOT_ASKED, Exchange
from conformance.client.prerequisites import pick
from conformance.client.rich_values import NAME
from conformance.suite.engine.registry import story
from conformance.suite.shared.filtered_pages import SmallPages, small_pages
from conformance.suite.shared.list_pages import find_listed, holds
from conformance.suite.shared.looking import look_for
from conformance.suite.shared.values import LONG_AGO, yearly

LONG_NAME = 250
ON_REQUEST = {"include_archived": "true"}
HIDDEN = ("archive.hides-from-list",)
SHOWN = ("archive.is-listed-on-request", "archive.clears-upcoming-runs")
LISTED = (*HIDDEN, *SHOWN)
RUNS = ("archive.runs-stay-readable", "list.empty-page", "runs.only-when-asked")
PROBED = (
    *LISTED,
    "archive.second-is-conflict",
    "archive.refuses-changes",
    "archive.is-final",
    "archive.pause-of-archived",
    "archive.unarchive",
    "update.of-archived",
    "runs.only-when-asked",
)
REPEATED = (
    *PROBED,
    "archive.refused-changes-nothing",
    "archive.second-answer",
    "archive.second-keeps-the-time",
    "archive.can-be-read",
)
RENAMED = (*REPEATED, "archive.frees-the-name")  # also what another deployment does to it by its name
NAMED = (*RENAMED, "archive.is-stored", "archive.sets-archived-at", "create.absent-metadata-is-empty")
PARTS = {
    "an older one": LISTED,
    "its name in another update": RENAMED,
    "its name in a creation": NAMED,
    "lists without it": HIDDEN,
    "a list with it": SHOWN,
    "archives again": REPEATED,
    "what is open": PROBED,
    "its runs": RUNS,
}
"""The requirements that read what is asked of an archived deployment beside its archive and a read."""


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


@story(parts=PARTS)
def archive_twice(api: Api) -> ArchiveTwice:
    """A scheduled deployment is archived, read, listed, archived twice more; its name is used again.

    What no judged requirement reads is left out.
    """
    older, created, newer = _make_side_by_side(api)
    created = _renamed(api, created)
    before = api.first_read(created, "read before the archive")
    first = api.archive(created.id, label="archive an active deployment")
    same_name, namesake = _use_its_name(api, created) if api.wants(*NAMED) else (NOT_ASKED, None)
    rename = {"name": created.name}
    renamed = api.when_wanted(
        RENAMED, lambda: api.update(newer, rename, label="update to the name of an archived one")
    )
    after_first = api.get_until(created.id, _is_archived)
    hiding = _list_without_it(api, created.id) if api.wants(*HIDDEN) else {"": NOT_ASKED}
    on_request = {**ON_REQUEST, "limit": api.largest_page}
    listed = api.when_wanted(SHOWN, lambda: find_listed(api, on_request, created.id))
    small_hiding = small_pages(api, {}, hiding[""], (older, newer), unwanted=[created.id])
    small_listed = small_pages(api, ON_REQUEST, listed, (older, created.id, newer), wanted=[created.id])
    second, third, after_second = _repeat(api, created.id) if api.wants(*REPEATED) else [NOT_ASKED] * 3
    probes, after_probes, listed_after_probes, last = _probe(api, created.id)
    bearer = api.get(newer, label="read what bears its name now") if renamed.succeeded else None
    runs = api.when_wanted(
        RUNS, lambda: api.runs(created.id, label="list the runs of an archived deployment")
    )
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
        runs=runs,
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


def _make_side_by_side(api: Api) -> tuple[str, Created, str]:
    """Return the deployment to archive between the ids of two others, empty where no question needs them."""
    small = api.wants(*LISTED) and not api.asks_musts_alone
    renames = api.wants(*RENAMED)
    api.reserve(1 + renames, archiving=True)
    with api.target.stillness.watching():  # so that lists have them side by side
        older = api.create_plain().id if small else ""
        created = api.create_deployment(schedule=yearly())
        newer = api.create_plain().id if renames else ""
    return older, created, newer


def _renamed(api: Api, made: Created) -> Created:
    """Give a deployment another name than its creation did, where more is asked than every MUST."""
    if api.asks_musts_alone or not api.wants(*NAMED):
        return made
    name = f"{made.name[: NAME - 1]}!"  # as long as a rich one is
    answer = api.update(made.id, {"name": name}, label="rename what is to be archived")
    return replace(made, name=name, exchange=answer) if answer.succeeded else made


def _use_its_name(api: Api, archived: Created) -> tuple[Exchange, Exchange | None]:
    """Create a deployment with the name of the archived one, and archive that as well."""
    body = api.body(name=archived.name)
    same_name = api.create(body, label="create with the name of an archived one", may_conflict=True)
    made = created_id(same_name)
    return same_name, api.archive(made, label="archive its namesake as well") if made else None


def _list_without_it(api: Api, archived: str) -> dict[str, Exchange]:
    return {
        "": list_without(api, archived, {}),
        "status=active": list_without(api, archived, {"status": "active"}),
        "include_archived=false": list_without(api, archived, {"include_archived": "false"}),
    }


def _repeat(api: Api, archived: str) -> list[Exchange]:
    """Archive it twice more, over a second later, and read it."""
    api.wait_for_next_second()
    return [
        api.archive(archived, label="archive an archived deployment"),
        api.archive(archived, label="archive an archived deployment again"),
        api.get(archived, label="read after the refused archives"),
    ]


def _probe(api: Api, archived: str) -> tuple[dict[str, Exchange], Exchange, Exchange, Exchange]:
    """Try what is open of an archived deployment; read and list it, and archive it once more."""
    if not api.wants(*PROBED):
        probes = dict.fromkeys(("pause", "unpause", "update", "unarchive"), NOT_ASKED)
        return probes, NOT_ASKED, NOT_ASKED, NOT_ASKED
    path = api.target.routes.deployment(archived, "unarchive")
    change = {"description": "changed after the archive"}
    probes = {
        "pause": api.pause(archived, label="pause an archived deployment", probe=True),
        "unpause": api.unpause(archived, label="unpause an archived deployment", probe=True),
        "update": api.update(archived, change, label="update an archived deployment", probe=True),
        "unarchive": api.send("POST", path, label="unarchive", probe=True),
    }
    after = api.get(archived, label="read the archived deployment after all", probe=True)
    listed = list_without(api, archived, {})
    last = api.archive(archived, label="archive it after all that")  # also should it have come back
    return probes, after, listed, last


@dataclass(frozen=True)
class HiddenFromPaused:
    """An archived deployment and the list of paused ones, which leaves it out."""

    created: Created
    listed_paused: Exchange


@dataclass(frozen=True)
class ArchivePaused(HiddenFromPaused):
    """A paused deployment that is archived: the answer, the read after it, and a list of its agent's.

    `listed` is the list without a filter. Then it is archived `again`, unpaused, and read at `last`. Lists on
    request of what another agent has and of what was `made_long_ago` leave it out. `same_name` is a creation
    of its name.
    """

    archived: Exchange
    after: Exchange
    listed_by_agent: Exchange
    listed: Exchange | None = None
    again: Exchange | None = None
    unpause: Exchange | None = None
    last: Exchange | None = None
    of_another_agent: Exchange | None = None
    made_long_ago: Exchange | None = None
    same_name: Exchange | None = None


@story()
def archive_paused(api: Api) -> ArchivePaused:
    """A paused deployment is archived, whose name ends like that of an archived one where it may."""
    create = partial(api.create_deployment, schedule=yearly(), metadata=ABSENT)
    created = api.create_like_archived(create)
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
    evidence = ArchivePaused(
        created, listed_paused, archived, after, listed_by_agent, listed, again, unpause, last
    )
    return evidence if api.asks_musts_alone else _asked_further(api, evidence)


def _asked_further(api: Api, evidence: ArchivePaused) -> ArchivePaused:
    """List what another agent has, if there is one, and what was made long ago; use its name again."""
    same_name, _ = _use_its_name(api, evidence.created)
    others = (one for one in look_for(api, "agent") if one.get("id") != api.known.agent)
    other, room = pick(others, archived=False), {**ON_REQUEST, "limit": api.largest_page}
    of_another, bounded = {**room, "agent_id": other}, {**room, "created_at[lte]": LONG_AGO}
    promised = api.promised("list.created-at-range")
    return replace(
        evidence,
        of_another_agent=api.list(of_another, label="list on request by another agent") if other else None,
        made_long_ago=api.list(bounded, label="list on request up to long ago") if promised else None,
        same_name=same_name,
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
