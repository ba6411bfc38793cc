"""Every story that a judgement here reads, as a conforming target lets it be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from conformance.stories.archive import ArchivePaused, ArchiveTwice
from conformance.stories.creating import Refusals, Stored
from conformance.stories.creation import KeptVariables, PinnedAgent, SameName
from conformance.stories.credentials import Intrusion, Intrusions, OtherCredentials
from conformance.stories.errors import ByRoute
from conformance.stories.filters import AgentFilter, Bounded, CreatedRange, StatusFilter, StatusList
from conformance.stories.idempotency import KeyedCreation, KeyedPause
from conformance.stories.lifecycle import Lifecycle
from conformance.stories.limits import AtTheLimits
from conformance.stories.listing import OPEN_QUESTIONS, Listings, OddListings
from conformance.stories.neighbour import Bystander, Neighbours
from conformance.stories.pause import PauseBodies, PauseCycle, PauseManualOnly, PauseTwice
from conformance.stories.runs import UnknownRuns
from conformance.stories.schedules import Schedules
from conformance.stories.schedules_refused import INVALID, PARTS
from conformance.stories.small_pages import SmallPages
from conformance.stories.tenancy import OtherTenant
from conformance.stories.transport import Lists
from conformance.stories.unpause import UnpauseTwice
from conformance.stories.updates import Change, OpenUpdates, Rescheduling, Updates
from conformance.stories.updates_refused import RefusedUpdates
from conformance.stories.walks import AfterIdWalk, PageWalk, Tail, Walk
from conformance.target.api import Created
from conformance.target.exchange import Exchange
from tests.suite.written import (
    ARCHIVED,
    CREATED_AT,
    DEPLOYMENT,
    ID,
    NAME,
    PAUSED,
    SCHEDULE,
    SUFFIX,
    answer,
    deployment,
    error,
    page,
)

OTHER_ID = "0196f3a1-7d52-4c1e-9b7a-3f5d1c2b4a61"
REQUEST_ID = "0196f3a1-7d52-4c1e-9b7a-3f5d1c2b4a60"
ACTIONS = ("pause", "unpause", "update", "archive")


def created() -> Created:
    """Return a deployment that was made."""
    return Created(ID, NAME, deployment())


def pause_twice() -> PauseTwice:
    paused = {**PAUSED, **LATER}
    return PauseTwice(
        created=created(),
        before=deployment(),
        first=deployment(**paused),
        after_first=deployment(**paused),
        listed_paused=page({**DEPLOYMENT, **paused}),
        listed_active=page(),
        second=error(),
        after_second=deployment(**paused),
    )


def pause_manual_only() -> PauseManualOnly:
    paused, active = deployment(schedule=None, **PAUSED), deployment(schedule=None)
    return PauseManualOnly(paused, paused, active, active)


def pause_bodies() -> PauseBodies:
    return PauseBodies(*[deployment(**PAUSED)] * 4)


def pause_cycle() -> PauseCycle:
    turn = deployment(**PAUSED), deployment()
    return PauseCycle(deployment(), (turn,) * 3, *turn)


def unpause_twice() -> UnpauseTwice:
    first, after_first, after_second = (deployment(**LATER) for _ in range(3))
    return UnpauseTwice(created(), deployment(**PAUSED), first, after_first, error(), after_second)


def neighbour() -> Neighbours:
    active, paused = deployment(), deployment(**PAUSED)
    return Neighbours(
        active,
        Bystander(active, dict.fromkeys(ACTIONS, active)),
        Bystander(paused, dict.fromkeys(ACTIONS, paused)),
    )


def archive_twice() -> ArchiveTwice:
    archived = deployment(**ARCHIVED)
    return ArchiveTwice(
        created=created(),
        first=archived,
        after_first=archived,
        hiding={"": page(), "status=active": page(), "include_archived=false": page()},
        listed=page({**DEPLOYMENT, **ARCHIVED}),
        second=error(),
        after_second=archived,
        runs=page(),
        same_name=deployment(id="dep_another"),
        probes=routes("pause", "unpause", "update", "unarchive", status=409, kind="conflict_error"),
        after_probes=archived,
        small_hiding=(SmallPages((page(item(OLDEST)),), (), (ID,), OLDEST, ended=True),),
        small_listed=(
            SmallPages((page(item(ID), has_more=True), page(item(OLDEST))), (ID,), (), OLDEST, ended=True),
        ),
    )


def archive_paused() -> ArchivePaused:
    archived = deployment(**ARCHIVED, **PAUSED)
    return ArchivePaused(created(), page(), archived, archived)


def refused(*asked: str) -> RefusedUpdates:
    """Return updates that were refused, around which nothing changed."""
    return RefusedUpdates(
        {one: error(400, "invalid_request_error") for one in asked}, ((deployment(), deployment()),)
    )


def refused_updates() -> RefusedUpdates:
    return refused(
        "an empty name", "a name of 257 characters", "a 17th metadata key", "no event", "51 events",
        "a metadata key of 65 characters", "a metadata value of 513 characters", "a number as metadata value",
        "an unknown event type", "an unknown event type after a good event", "an event without type",
        "malformed JSON", "a list as name",
    )  # fmt: skip


def refused_schedule_updates() -> RefusedUpdates:
    parts = (f"a schedule without {part}" for part in ("type", "expression", "timezone"))
    return refused(
        "the cron 'not a cron'", "a cron of 4 fields", "a cron of 6 fields", "the minute 61", *parts,
        "an unknown time zone",
        "the schedule type interval", "text as schedule",
    )  # fmt: skip


def update_to_archived_agent() -> RefusedUpdates:
    return refused("an archived agent")


def update_to_archived_environment() -> RefusedUpdates:
    return refused("an archived environment")


LATER = {"updated_at": "2026-07-01T02:00:07Z"}
LAST = {"updated_at": "2026-07-01T02:00:09Z"}


def updates() -> Updates:
    shown = {**DEPLOYMENT, "metadata": {"a": "old", "b": "old", "d": "kept"}}
    merged: dict[str, object] = {"a": "new", "c": "set", "d": "kept"}
    event = {"type": "user.message", "content": "The only event that stays"}
    moved = {**SCHEDULE, "expression": "30 9 2 5 *"}
    noon = {**moved, "upcoming_runs_at": [f"{year}-05-02T01:30:00Z" for year in range(2027, 2032)]}
    kolkata = {**moved, "timezone": "Asia/Kolkata"}
    kolkata["upcoming_runs_at"] = [f"{year}-05-02T04:00:00Z" for year in range(2027, 2032)]
    steps: list[tuple[dict[str, object], dict[str, object]]] = [
        ({"name": "new"}, {"name": "new", **LATER}),
        ({"description": "new"}, {"description": "new"}),
        ({"initial_events": [event]}, {"initial_events": [event]}),
        ({"metadata": {"a": "new", "b": None, "c": "set"}}, {"metadata": merged, **LAST}),
        ({"metadata": {"c": None}}, {"metadata": {"a": "new", "d": "kept"}}),
        ({"schedule": moved}, {"schedule": noon}),
        ({"schedule": kolkata}, {"schedule": kolkata}),
        ({"metadata": {}}, {}),
        ({}, {}),
    ]
    changes = []
    for sent, becomes in steps:
        before, shown = answer(shown), {**shown, **becomes}
        changes.append(Change(sent, before, answer(shown), answer(shown)))
    fields = (
        "name",
        "description",
        "events",
        "metadata",
        "deleted",
        "expression",
        "timezone",
        "empty_metadata",
        "nothing",
    )
    told: dict[str, Any] = dict(zip(fields, changes, strict=True))
    later = Change({"schedule": moved}, deployment(), *[deployment(schedule=noon, **LATER)] * 2)
    replaced = Change(
        {"initial_events": [event]},
        later.after,
        *[deployment(**LAST, schedule=noon, initial_events=[event])] * 2,
    )
    elsewhere = Change({"environment_id": "env_2"}, deployment(), *[deployment(environment_id="env_2")] * 2)
    return Updates(
        **told,
        new_event=event["content"],
        rescheduled=later,
        replaced=replaced,
        exchanged=exchanged_key(),
        moved=elsewhere,
    )


def rescheduling() -> Rescheduling:
    moved = {**SCHEDULE, "expression": "30 9 2 5 *", "timezone": "Asia/Kolkata"}
    listing = {**moved, "upcoming_runs_at": [f"{year}-05-02T04:00:00Z" for year in range(2027, 2032)]}
    shown = deployment(schedule=listing)
    return Rescheduling(
        added=Change({"schedule": moved}, deployment(schedule=None), shown, shown),
        resumed=Change({"schedule": moved}, deployment(schedule=listing, **PAUSED), shown, shown),
    )


def exchanged_key() -> Change:
    full = {f"key-{number}": "kept" for number in range(16)}
    sent = {"metadata": {"key-0": None, "another-key": "set"}}
    after = deployment(metadata={**dict(list(full.items())[1:]), "another-key": "set"})
    return Change(sent, deployment(metadata=full), after, after)


def open_updates() -> OpenUpdates:
    offered = error(405, "invalid_request_error")
    return OpenUpdates(
        before=deployment(),
        patch=offered,
        put=offered,
        schedule_null=offered,
        after_schedule_null=deployment(),
        metadata_null=offered,
        after_metadata_null=deployment(),
        read_only=routes("id", "status", status=400, kind="invalid_request_error"),
        after_read_only=deployment(),
    )


def lifecycle() -> Lifecycle:
    paused, updated = deployment(**PAUSED), deployment(**PAUSED, description="changed", **LATER)
    renamed = deployment(name="new", **LATER)
    archived = deployment(**{**ARCHIVED, "name": f"new_archived_{SUFFIX}", **LATER})
    states = deployment(), deployment(), paused, paused, updated, updated, renamed, archived
    return Lifecycle(states, "changed", paused, updated, updated, renamed)


def routes(*names: str, status: int, kind: str) -> dict[str, Exchange]:
    """Return the same error on several routes."""
    return {name: error(status, kind) for name in names}


def intrusions() -> Intrusions:
    active, paused = deployment(), deployment(**PAUSED)

    def intrusion(description: str) -> Intrusion:
        tried = routes("GET /deployments", "POST /deployments", status=401, kind="authentication_error")
        return Intrusion(tried, (active, active), (paused, paused), description)

    return Intrusions(intrusion("by nobody"), intrusion("by a forger"))


def newest() -> tuple[Exchange, ...]:
    return (page(DEPLOYMENT),)


def other_credentials() -> OtherCredentials:
    return OtherCredentials(*[error(401, "authentication_error")] * 5)


def other_tenant() -> OtherTenant:
    active, paused = deployment(), deployment(**PAUSED)
    answers = routes("pause", "archive", status=404, kind="not_found_error")
    return OtherTenant((ID, "dep_2"), answers, (page(), page(), page()), (active, active), (paused, paused))


def keyed_creation() -> KeyedCreation:
    made, description = deployment(), str(DEPLOYMENT["description"])
    others = routes("another name", "another event", status=409, kind="conflict_error")
    return KeyedCreation(made, made, made, description, others, {}, page(DEPLOYMENT))


def keyed_pause() -> KeyedPause:
    paused = deployment(**PAUSED)
    return KeyedPause(paused, paused, paused, paused, error(), deployment(), paused)


def unknown_deployment() -> ByRoute:
    return ByRoute(routes("read", "pause", status=404, kind="not_found_error"))


def unknown_runs() -> UnknownRuns:
    by_route = routes("by its deployment", "by its id", status=404, kind="not_found_error")
    below_one = routes("under a deployment", "among all", status=400, kind="invalid_request_error")
    return UnknownRuns(by_route, page(), page(), below_one=below_one)


def envelope(request_id: str, asked: str = "") -> Exchange:
    """Return an error with the id of its request, as it was asked for with or made by the target."""
    return replace(error(request_id=request_id), request_headers={"x-request-id": asked} if asked else {})


def every_exchange() -> tuple[Exchange, ...]:
    """Return an error without an id of the request, one with, a deployment, a full page and one that is not."""
    full, short = page(item(NEWEST), item(OLDEST), has_more=True), page(item(NEWEST), has_more=True)
    pages = (replace(one, url=f"{one.url}?limit=2") for one in (full, short))
    return envelope(REQUEST_ID), envelope(REQUEST_ID, asked=REQUEST_ID), deployment(), *pages


def plain_lists() -> Lists:
    return Lists(page(), page())


@dataclass(frozen=True)
class Flown:
    """What judgements read of the first requests of a run."""

    created: Exchange
    no_creation: Exception | None = None


def preflight() -> Flown:
    return Flown(deployment(schedule=None))


def creatable() -> Exchange:
    return deployment(schedule=None, updated_at=CREATED_AT)


def stored(**sent: object) -> Stored:
    """Return a creation that is shown, and reads, as it was sent."""
    shown = {"updated_at": CREATED_AT, **sent}
    return Stored(sent, deployment(**shown), deployment(**shown))


def bare_creation() -> Stored:
    return replace(stored(schedule=None), sent={"agent": "agent_1"})


def whole_creation() -> Stored:
    return stored(name="whole", description="All of it.", environment_id="env_1")


def creation_with_variables() -> KeptVariables:
    variables = {"environment_variables": "A=1"}
    later = deployment(**variables), deployment(**variables, **PAUSED), deployment(**variables)
    return KeptVariables(stored(**variables), later)


def pinned_agent() -> PinnedAgent:
    return PinnedAgent(stored(agent={"id": "agent_1", "type": "agent", "version": 1}))


def at_the_limits() -> AtTheLimits:
    events = [{"type": "user.message", "content": number} for number in "12"]
    return AtTheLimits(
        names={"beyond ASCII": stored(name="é" * 256)},
        metadata={"ASCII": stored(metadata={"full": "v" * 512})},
        events={"ASCII": stored(initial_events=events)},
    )


def refused_creations(*asked: str) -> Refusals:
    """Return creations that were refused."""
    answers = routes(*asked, status=400, kind="invalid_request_error")
    return Refusals(answers, dict.fromkeys(asked, "refused"))


def incomplete_creations() -> Refusals:
    return refused_creations(
        "no name", "no agent", "no environment_id", "no initial_events", "an unknown event type",
        "an unknown event type after a good event", "an event without type",
        "an event without type after a good event", "a list as name", "an event instead of a list",
    )  # fmt: skip


def beyond_the_limits() -> Refusals:
    return refused_creations(
        "a name of 257, ASCII", "a name of 257, beyond ASCII", "an empty name", "no events", "51 events",
        "51 vaults", "17 metadata keys", "a metadata key of 65", "a metadata value of 513",
    )  # fmt: skip


def malformed_creations() -> Refusals:
    return refused_creations("half a document")


def refusals() -> tuple[Refusals, ...]:
    return (malformed_creations(),)


def metadata_that_is_no_text() -> Refusals:
    return refused_creations("a number", "null")


def agent_without_type() -> Refusals:
    return refused_creations("an agent without type")


def archived_agent() -> Refusals:
    return refused_creations("an archived agent")


def archived_environment() -> Refusals:
    return refused_creations("an archived environment")


def same_name_twice() -> SameName:
    conflict = routes("the same name", status=409, kind="conflict_error")
    return SameName(created(), second=Refusals(conflict, {"the same name": "refused"}))


OPEN = (*OPEN_QUESTIONS, "after_id=unknown", "before_id=unknown")
NEWEST, OLDEST = "dep_newest", "dep_oldest"
MADE = {NEWEST: "2026-07-01T02:00:03Z", OLDEST: "2026-07-01T02:00:00Z"}


def item(made: str) -> dict[str, object]:
    """Return a deployment of a list."""
    return {**DEPLOYMENT, "id": made, "created_at": MADE.get(made, "2026-07-01T02:00:02Z")}


def listings() -> Listings:
    both = page(item(NEWEST), item(OLDEST))
    by_limit = {1: page(item(NEWEST), has_more=True), 2: both}
    return Listings(OLDEST, NEWEST, by_limit, both, both, both)


def walk() -> Walk:
    snapshot = page(item(NEWEST), item(OLDEST))
    pages = page(item(NEWEST), has_more=True), page(item(OLDEST))
    return Walk((OLDEST,), snapshot, 1, pages, ended=True, afterwards=snapshot)


def after_id_walk() -> AfterIdWalk:
    tail = Tail((NEWEST, OLDEST), page(item(NEWEST), has_more=True), page(item(OLDEST)), page())
    return AfterIdWalk(walk(), tail, OLDEST, page(item(NEWEST)), page(item(NEWEST)), lost=())


def page_walk() -> PageWalk:
    return PageWalk(walk(), routes("after_id", "before_id", status=400, kind="invalid_request_error"))


def odd_listings() -> OddListings:
    below = routes("limit=0", "limit=-1", status=400, kind="invalid_request_error")
    return OddListings(below, error(400, "invalid_request_error"), page(), {asked: page() for asked in OPEN})


def status_filter() -> StatusFilter:
    paused = {**item(OLDEST), **PAUSED}
    return StatusFilter(
        frozenset(MADE),
        StatusList("active", (NEWEST,), page(item(NEWEST)), {}),
        StatusList("paused", (OLDEST,), page(paused), {}),
        StatusList("paused", (), page(), {}),
        (StatusList("paused", (OLDEST,), page(paused), {}),),
        (
            SmallPages((page(paused),), (OLDEST,), (NEWEST,), OLDEST, ended=True),
            SmallPages((page(),), (), (NEWEST,), OLDEST, ended=False),
        ),
    )


def agent_filter() -> AgentFilter:
    listed = page(item(NEWEST))
    small = SmallPages((page(item(OLDEST)),), (OLDEST,), ("dep_of_agent_2",), OLDEST, ended=True)
    return AgentFilter({"agent_1": (NEWEST, listed)}, None, ("agent_1", listed), (small,))


def created_range() -> CreatedRange:
    early, late = (datetime.fromisoformat(MADE[one]) for one in (OLDEST, NEWEST))
    newer, older = page(item(NEWEST)), page(item(OLDEST))

    def bounded(
        own: str | None, at: datetime, listed: Exchange, bounds: str, *, zone: bool = False
    ) -> Bounded:
        return Bounded(own, at, "l" in bounds, "u" in bounds, zone, listed, ())

    return CreatedRange(
        (
            bounded(NEWEST, late, newer, "l"),
            bounded(OLDEST, early, older, "u"),
            bounded(OLDEST, early, older, "lu"),
            bounded(None, late, page(), "l"),
            bounded(NEWEST, late, newer, "lu", zone=True),
            bounded(None, early, page(), "u"),
        ),
    )


def schedules() -> Schedules:
    runs = [f"2026-07-01T{time}:00Z" for time in ("02:30", "03:00", "03:30", "04:00", "04:30")]
    often = {**SCHEDULE, "expression": "0,30 * * * *", "timezone": "UTC", "upcoming_runs_at": runs}
    return Schedules({"often": stored(schedule=often)}, {"yearly": stored(schedule=SCHEDULE)})


def invalid_schedules() -> Refusals:
    return refused_creations(
        "a schedule of type interval", *(f"a schedule without {part}" for part in PARTS),
        *(f"the expression {text!r}" for text in INVALID), "six fields", "the zone Mars/Olympus",
    )  # fmt: skip


CONFORMING: Final[Mapping[str, Callable[[], object]]] = {
    story.__name__: story
    for story in (
        pause_twice, pause_manual_only, pause_bodies, pause_cycle, unpause_twice, neighbour, archive_twice,
        archive_paused, refused_updates, rescheduling, refused_schedule_updates, update_to_archived_agent,
        update_to_archived_environment, updates, open_updates, lifecycle, intrusions, newest,
        other_credentials, other_tenant, keyed_creation, keyed_pause, unknown_deployment, unknown_runs, every_exchange,
        plain_lists, preflight, creatable, bare_creation, whole_creation, creation_with_variables, pinned_agent,
        at_the_limits, incomplete_creations, beyond_the_limits, metadata_that_is_no_text, agent_without_type,
        archived_agent, archived_environment, same_name_twice, listings, after_id_walk, page_walk, odd_listings, malformed_creations, refusals, status_filter,
        agent_filter, created_range, schedules, invalid_schedules,
    )
}  # fmt: skip
"""Stories by the name of their fixture."""
