"""Every story that a judgement here reads, as a conforming target lets it be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from conformance.client.api import Created
from conformance.client.exchange import Exchange
from conformance.suite.archive.stories import ArchivePaused, ArchiveTwice
from conformance.suite.auth.credentials import Intrusion, Intrusions, OtherCredentials
from conformance.suite.auth.misplaced import Misplaced
from conformance.suite.auth.strangers import Strangers
from conformance.suite.create.accepted import KeptVariables, PinnedAgent, SameName
from conformance.suite.create.limits import AtTheLimits
from conformance.suite.create.refusals import CREATIONS
from conformance.suite.errors.clients import Answers, Clients
from conformance.suite.errors.unknown_ids import ByRoute
from conformance.suite.get.malformed_ids import MalformedIds
from conformance.suite.idempotency.stories import KeyedCreation, KeyedPause, KeyedUpdate
from conformance.suite.list.filters import AgentFilter, Bounded, CreatedRange, StatusFilter, StatusList
from conformance.suite.list.listing import OPEN_QUESTIONS, Listings, OddListings
from conformance.suite.list.walks import AfterIdWalk, PageWalk, Tail, Walk
from conformance.suite.object.whole_life import Lifecycle, Refusal
from conformance.suite.pause.bystanders import Bystander, Neighbours
from conformance.suite.pause.stories import PauseBodies, PauseCycle, PauseManualOnly, PauseTwice
from conformance.suite.runs.stories import UnknownRuns
from conformance.suite.schedule.accepted import Schedules
from conformance.suite.schedule.refusals import SCHEDULES
from conformance.suite.shared.creating import Refusals, Stored
from conformance.suite.shared.filtered_pages import SmallPages
from conformance.suite.shared.invalid_requests import Rows
from conformance.suite.tenancy.stories import OtherTenant
from conformance.suite.transport.stories import Lists, Transport
from conformance.suite.unpause.stories import UnpauseTwice
from conformance.suite.update.accepted import Rescheduling, Updates
from conformance.suite.update.changes import Change
from conformance.suite.update.open import Cleared, OpenUpdates
from conformance.suite.update.refusals import UPDATES
from conformance.suite.update.refused import RefusedUpdates
from tests.suite.history_stories import history
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
        later=(deployment(**paused), deployment(**paused)),
        second=error(),
        third=error(),
        after_third=deployment(**paused),
    )


def pause_manual_only() -> PauseManualOnly:
    paused, active = deployment(schedule=None, **PAUSED), deployment(schedule=None)
    return PauseManualOnly(paused, paused, active, active)


def pause_bodies() -> PauseBodies:
    return PauseBodies(*[deployment(**PAUSED)] * 4)


def pause_cycle(**fields: object) -> PauseCycle:
    turns = [(deployment(**PAUSED, **fields), deployment(**fields)) for _ in range(4)]
    again, listed = (error(), error()), page({**DEPLOYMENT, **PAUSED, **fields})
    return PauseCycle(deployment(**fields), tuple(turns[:3]), *turns[3], again, listed)


def unpause_twice() -> UnpauseTwice:
    first, after_first, later, after_third = (deployment(**LATER) for _ in range(4))
    refused = error(), error()
    return UnpauseTwice(
        created(),
        deployment(**PAUSED),
        first,
        after_first,
        later,
        *refused,
        after_third,
        pause=deployment(**PAUSED),
    )


def neighbour() -> Neighbours:
    active, paused = deployment(), deployment(**PAUSED)
    return Neighbours(
        active,
        Bystander(active, dict.fromkeys(ACTIONS, active)),
        Bystander(paused, dict.fromkeys(ACTIONS, paused)),
        (deployment(description="beside two"), deployment(description="beside two", **ARCHIVED)),
    )


def archive_twice() -> ArchiveTwice:
    archived = deployment(**ARCHIVED)
    return ArchiveTwice(
        created=created(),
        before=deployment(),
        first=archived,
        after_first=archived,
        hiding={"": page(), "status=active": page(), "include_archived=false": page()},
        listed=page({**DEPLOYMENT, **ARCHIVED}),
        second=error(),
        third=error(),
        after_second=archived,
        runs=page(),
        same_name=deployment(id="dep_another"),
        namesake=deployment(**ARCHIVED),
        renamed=deployment(id="dep_newer"),
        probes=routes("pause", "unpause", "update", "unarchive", status=409, kind="conflict_error"),
        listed_after_probes=page(),
        after_probes=archived,
        last=error(),
        bearer=deployment(id="dep_newer"),
        small_hiding=(SmallPages((page(item(OLDEST)),), (), (ID,), OLDEST, ended=True),),
        small_listed=(
            SmallPages((page(item(ID), has_more=True), page(item(OLDEST))), (ID,), (), OLDEST, ended=True),
        ),
    )


def archive_paused() -> ArchivePaused:
    archived = deployment(**ARCHIVED, **PAUSED)
    return ArchivePaused(
        created(),
        page(),
        archived,
        archived,
        page({**DEPLOYMENT, **ARCHIVED}),
        of_another_agent=page(),
        made_long_ago=page(),
        same_name=deployment(id="dep_another"),
    )


def asked(rows: Rows) -> list[str]:
    """Return what rows ask, in words."""
    return [row.asked for row in rows]


def refused(*asked: str) -> RefusedUpdates:
    """Return updates that were refused, around which nothing changed."""
    return RefusedUpdates(
        {one: error(400, "invalid_request_error") for one in asked}, ((deployment(), deployment()),)
    )


def refused_updates() -> RefusedUpdates:
    told = refused(*asked(UPDATES["refused_updates"]))
    return replace(told, later=deployment(metadata={"key-1": "changed"}, **LATER))


def refused_schedule_updates() -> RefusedUpdates:
    return refused(*asked(UPDATES["refused_schedule_updates"]))


def update_to_archived_agent() -> RefusedUpdates:
    return refused(*asked(UPDATES["update_to_archived_agent"]))


def update_to_archived_environment() -> RefusedUpdates:
    return refused(*asked(UPDATES["update_to_archived_environment"]))


LATER = {"updated_at": "2026-07-01T02:00:07Z"}
LAST = {"updated_at": "2026-07-01T02:00:09Z"}
LATEST = {"updated_at": "2026-07-01T02:00:11Z"}


EVENT = {"type": "user.message", "content": "The only event that stays"}
MOVED = {**SCHEDULE, "expression": "30 9 2 5 *"}
NOON = {**MOVED, "upcoming_runs_at": [f"{year}-05-02T01:30:00Z" for year in range(2027, 2032)]}


def update_steps() -> dict[str, tuple[dict[str, object], dict[str, object]]]:
    """Return what each update sends and what it changes, in their order."""
    merged: dict[str, object] = {"a": "new", "c": "set", "d": "kept"}
    kolkata = {**MOVED, "timezone": "Asia/Kolkata"}
    kolkata["upcoming_runs_at"] = [f"{year}-05-02T04:00:00Z" for year in range(2027, 2032)]
    return {
        "name": ({"name": "new"}, {"name": "new", **LATER}),
        "description": ({"description": "new"}, {"description": "new"}),
        "events": ({"initial_events": [EVENT]}, {"initial_events": [EVENT]}),
        "metadata": ({"metadata": {"a": "new", "b": None, "c": "set"}}, {"metadata": merged, **LAST}),
        "deleted": ({"metadata": {"c": None}}, {"metadata": {"a": "new", "d": "kept"}, **LATEST}),
        "cleared": ({"description": "", "vault_ids": []}, {"description": "", "vault_ids": []}),
        "restored": ({"metadata": {"c": "again"}}, {"metadata": {"a": "new", "c": "again", "d": "kept"}}),
        "expression": (
            {"schedule": MOVED, "description": "again"},
            {"schedule": NOON, "description": "again"},
        ),
        "timezone": ({"schedule": kolkata}, {"schedule": kolkata}),
        "empty_metadata": ({"metadata": {}}, {}),
        "nothing": ({}, {}),
    }


def updates() -> Updates:
    shown = {**DEPLOYMENT, "metadata": {"a": "old", "b": "old", "d": "kept"}}
    told: dict[str, Any] = {}
    for name, (sent, becomes) in update_steps().items():
        before, shown = answer(shown), {**shown, **becomes}
        told[name] = Change(sent, before, answer(shown), answer(shown))
    later = Change({"schedule": MOVED}, deployment(), *[deployment(schedule=NOON, **LATER)] * 2)
    replaced = Change(
        {"initial_events": [EVENT]},
        later.after,
        *[deployment(**LAST, schedule=NOON, initial_events=[EVENT])] * 2,
    )
    agent = {"id": "agent_2", "type": "agent", "version": 1}
    there = {"environment_id": "env_2", "agent": agent}
    elsewhere = Change(there, deployment(), *[deployment(**there)] * 2)
    return Updates(
        **told,
        new_event=EVENT["content"],
        rescheduled=later,
        replaced=replaced,
        exchanged=exchanged_key(),
        gone=exchanged_key().after,
        moved=elsewhere,
        types=event_types(),
        odd={
            "a NUL": ("a\0b", deployment(name="a", description="a\0b")),
            "blanks around": (" a ", deployment(name="a", description="a", metadata={"key-2": " a "})),
            "line breaks": ("a\r\nb", deployment(name="a", description="a", metadata={"key-2": "a\nb"})),
        },
        renamed=(deployment(), deployment(name="new")),
    )


def event_types() -> tuple[Change, ...]:
    message, system, outcome = (
        {"type": kind, "content": f"of type {kind}"}
        for kind in ("user.message", "system.message", "user.define_outcome")
    )
    sent = ([message, system], [outcome], [message, outcome, message, system])
    read = deployment(initial_events=sent[-1])
    back = [deployment(initial_events=sent[0]) for _ in range(2)]
    return (
        *(
            Change({"initial_events": events}, deployment(), deployment(initial_events=events), read)
            for events in sent
        ),
        Change({"initial_events": sent[0]}, read, *back),
    )


def rescheduling() -> Rescheduling:
    moved = {**SCHEDULE, "expression": "30 9 2 5 *", "timezone": "Asia/Kolkata"}
    listing = {**moved, "upcoming_runs_at": [f"{year}-05-02T04:00:00Z" for year in range(2027, 2032)]}
    shown = deployment(schedule=listing)
    paused = deployment(schedule=listing, **PAUSED, **LATER)
    change = {"description": "new", "metadata": {"never there": None}}
    return Rescheduling(
        pause=deployment(**PAUSED),
        while_paused=Change({"schedule": moved}, deployment(), paused, replace(paused)),
        later=Change(change, deployment(), *[deployment(description="new", **LATER)] * 2),
        added=Change({"schedule": moved}, deployment(schedule=None), shown, shown),
        resumed=Change({"schedule": moved}, deployment(schedule=listing, **PAUSED), shown, shown),
        runs=page(),
    )


def exchanged_key() -> Change:
    full = {f"key-{number}": "kept" for number in range(16)}
    sent = {"metadata": {"key-0": None, "another-key": "set"}}
    after = deployment(metadata={**dict(list(full.items())[1:]), "another-key": "set"})
    return Change(sent, deployment(metadata=full), after, after)


def open_updates() -> OpenUpdates:
    offered = error(405, "invalid_request_error")
    noon = {**SCHEDULE, "expression": "30 9 2 5 *"}
    listing = {**noon, "upcoming_runs_at": [f"{year}-05-02T01:30:00Z" for year in range(2027, 2032)]}
    set_again = deployment(schedule=listing)
    return OpenUpdates(
        before=deployment(),
        patch=offered,
        put=offered,
        schedule_null=offered,
        after_schedule_null=deployment(),
        cleared=Cleared(
            deployment(schedule=None), Change({"schedule": noon}, deployment(), set_again, set_again)
        ),
        metadata_null=offered,
        after_metadata_null=deployment(),
        read_only=routes("id", "status", status=400, kind="invalid_request_error"),
        after_read_only=deployment(),
    )


def lifecycle() -> Lifecycle:
    paused, updated = deployment(**PAUSED), deployment(**PAUSED, description="changed", **LATER)
    active = deployment(description="changed", **LATER)
    renamed, after = (deployment(name="new", **LATER) for _ in range(2))
    archived = deployment(**{**ARCHIVED, "name": f"new_archived_{SUFFIX}", **LATER})
    states = deployment(), deployment(), paused, paused, updated, renamed, after, archived, archived
    return Lifecycle(
        states=states,
        sent="changed",
        before_pause=deployment(),
        before_paused_update=paused,
        paused_update=updated,
        after_paused_update=updated,
        paused_again=Refusal(updated, error(), deployment(**PAUSED, description="changed", **LATER)),
        unpaused=active,
        unpaused_again=Refusal(renamed, error(), after),
        renamed=renamed,
        runs=page(),
        given=deployment(metadata={"given": "while paused"}, **PAUSED),
    )


def routes(*names: str, status: int, kind: str) -> dict[str, Exchange]:
    """Return the same error on several routes."""
    return {name: error(status, kind) for name in names}


def intrusions() -> Intrusions:
    active, paused = deployment(), deployment(**PAUSED)

    def intrusion(description: str) -> Intrusion:
        names = (
            "GET /deployments",
            "POST /deployments",
            "GET /deployments/{id}",
            "GET /deployments/{id}/runs",
        )
        tried = {name: unauthenticated() for name in names}
        return Intrusion(tried, (active, active), (paused, paused), description)

    return Intrusions(intrusion("by nobody"), intrusion("by a forger"))


def newest() -> tuple[Exchange, ...]:
    return (page(DEPLOYMENT),)


def unauthenticated(**said: str) -> Exchange:
    """Return the refusal of wrong credentials, with another message if one is given."""
    told = {"type": "authentication_error", "message": "No.", **said}
    return answer(
        {"type": "error", "error": told}, 401, url=f"https://deployments.example/api/deployments/{ID}"
    )


def misplaced_credentials() -> Misplaced:
    places = ("twice", "in cookies", "as the user of Basic credentials")
    return Misplaced(
        {place: unauthenticated() for place in places}, {"in cookies": unauthenticated()}, unauthenticated()
    )


def token_in_query() -> Misplaced:
    return Misplaced({"in the query": unauthenticated()}, {"in the query": unauthenticated()})


def strangers() -> Strangers:
    names = ("GET /deployments/{id}", "GET /deployments/{id}/runs")
    return Strangers(*(ByRoute({name: unauthenticated() for name in names}) for _ in range(2)))


def clients() -> Clients:
    unknown = error(404, "not_found_error")
    others = {words: error(404, "not_found_error") for words in ("Accept: */*", "Accept: text/html")}
    browser = {"the User-Agent of a browser": error(404, "not_found_error")}
    html = {"Accept: text/html": unauthenticated()}
    return Clients({
        "an unknown deployment": Answers(unknown, others | browser),
        "no credentials": Answers(unauthenticated(), html),
    })  # fmt: skip


def malformed_ids() -> MalformedIds:
    bad = "invalid_request_error"
    return MalformedIds(
        {
            "not-an-id": error(404, "not_found_error"),
            "a null byte": error(400, bad),
            "very long": error(404, "not_found_error"),
        },
        {"not-an-id": error(404, "not_found_error")},
        {"not-an-id": error(400, bad)},
    )


def odd_transport() -> Transport:
    refusal = error(400, "invalid_request_error")
    return Transport(
        no_content_type=deployment(),
        text_plain=error(415, "invalid_request_error"),
        delete=error(405, "invalid_request_error"),
        read_after_delete=deployment(),
        malformed={"pause": refusal, "archive": deployment()},
        head=answer(None),
        options=answer(None, 204),
        odd=refused("null", "a path as time zone"),
    )


def odd_updates() -> RefusedUpdates:
    return odd_transport().odd


def other_credentials() -> OtherCredentials:
    refused = unauthenticated()
    return OtherCredentials(refused, refused, refused, refused, refused, {"null": unauthenticated()})


def other_tenant() -> OtherTenant:
    active, paused = deployment(), deployment(id="dep_2", **PAUSED)
    answers = routes("pause", "archive", status=404, kind="not_found_error")
    around = (active, active), (paused, paused)
    listed = page(DEPLOYMENT)
    return OtherTenant((ID, "dep_2"), answers, (page(), page(), page()), *around, (listed, page()), listed)


def keyed_creation() -> KeyedCreation:
    made, description = deployment(), str(DEPLOYMENT["description"])
    others = routes("another name", "another event", "another event again", status=409, kind="conflict_error")
    updated, after = (deployment(metadata={"since": "updated"}) for _ in range(2))
    listed, late = page(DEPLOYMENT), deployment()
    return KeyedCreation(made, made, made, description, others, {}, listed, updated, after, late)


def keyed_update() -> KeyedUpdate:
    first, between, repeated = (
        deployment(metadata={"since": turn}) for turn in ("first", "updated", "first")
    )
    after = deployment(metadata={"since": "updated"}, **PAUSED)
    return KeyedUpdate(first, between, repeated, after, error())


def keyed_pause() -> KeyedPause:
    paused = deployment(**PAUSED)
    late, active = deployment(**PAUSED), deployment()
    return KeyedPause(
        paused,
        paused,
        paused,
        paused,
        error(),
        deployment(),
        paused,
        active,
        late,
        deployment(),
        keyed_update(),
        last=deployment(**PAUSED),
    )


def unknown_deployment() -> ByRoute:
    names = ("GET /deployments/{id}", "GET /deployments/{id}/runs", "pause")
    return ByRoute(routes(*names, status=404, kind="not_found_error"))


def unknown_runs() -> UnknownRuns:
    by_route = routes("by its deployment", "by its id", status=404, kind="not_found_error")
    below_one = routes("under a deployment", "among all", status=400, kind="invalid_request_error")
    return UnknownRuns(by_route, page(), page(), below_one=below_one)


def envelope(request_id: str, asked: str = "") -> Exchange:
    """Return an error with the id of its request, as it was asked for with or made by the target."""
    return replace(error(request_id=request_id), request_headers={"x-request-id": asked} if asked else {})


def every_exchange() -> tuple[Exchange, ...]:
    """Return an error without an id of the request, one with, a deployment, a full page and one that is not.

    Then comes what befell another deployment.
    """
    full, short = page(item(NEWEST), item(OLDEST), has_more=True), page(item(NEWEST), has_more=True)
    pages = (replace(one, url=f"{one.url}?limit=2") for one in (full, short))
    return envelope(REQUEST_ID), envelope(REQUEST_ID, asked=REQUEST_ID), deployment(), *pages, *history()


def disturbed() -> tuple[Exchange, ...]:
    """Return nothing: a conforming target disturbs no story."""
    return ()


def plain_lists() -> Lists:
    return Lists(page(), page(), page())


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
    plain = {"name": "whole", "description": "All of it.", "environment_id": "env_1"}
    return stored(**plain, environment_variables="ALL=1")


def creation_with_variables() -> KeptVariables:
    variables = {"environment_variables": "A=1"}
    later = deployment(**variables), deployment(**variables, **PAUSED), deployment(**variables)
    return KeptVariables(stored(**variables), later)


def pinned_agent() -> PinnedAgent:
    pinned = stored(agent={"id": "agent_1", "type": "agent", "version": 1})
    updated = deployment(description="beside a pinned version")
    moved, back = (deployment(agent={"id": "agent_1", "version": version}) for version in (2, 1))
    return PinnedAgent(pinned, updated, moved, latest=2, back=back)


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
    return refused_creations(*asked(CREATIONS["incomplete_creations"]))


def beyond_the_limits() -> Refusals:
    return replace(refused_creations(*asked(CREATIONS["beyond_the_limits"])), left=page(DEPLOYMENT))


def malformed_creations() -> Refusals:
    return refused_creations(*asked(CREATIONS["malformed_creations"]))


def refusals() -> tuple[Refusals, ...]:
    return refused_creations("a form as body"), replace(refused_creations("no name"), left=page(DEPLOYMENT))


def metadata_that_is_no_text() -> Refusals:
    return refused_creations(*asked(CREATIONS["metadata_that_is_no_text"]))


def agent_without_type() -> Refusals:
    return refused_creations(*asked(CREATIONS["agent_without_type"]))


def archived_agent() -> Refusals:
    return refused_creations(*asked(CREATIONS["archived_agent"]))


def archived_environment() -> Refusals:
    return refused_creations(*asked(CREATIONS["archived_environment"]))


def same_name_twice() -> SameName:
    conflict = routes("the same name", status=409, kind="conflict_error")
    second = Refusals(conflict, {"the same name": "refused"})
    nothing = error(400, "invalid_request_error")
    return SameName(created(), second, deployment(**PAUSED), deployment(**PAUSED), nothing)


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
    beginning, moved = ("agent_", page()), (OLDEST, page(item(NEWEST), item(OLDEST)))
    active = "agent_1", listed
    return AgentFilter({"agent_1": (NEWEST, listed)}, None, active, (small,), beginning, moved)


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
            bounded(OLDEST, early, older, "lu", zone=True),
            bounded(None, early, page(), "u"),
        ),
        page(),
        page(),
    )


def schedules() -> Schedules:
    runs = [f"2026-07-01T{time}:00Z" for time in ("02:30", "03:00", "03:30", "04:00", "04:30")]
    often = {**SCHEDULE, "expression": "0,30 * * * *", "timezone": "UTC", "upcoming_runs_at": runs}
    return Schedules({"often": stored(schedule=often)}, {"yearly": stored(schedule=SCHEDULE)})


def invalid_schedules() -> Refusals:
    return refused_creations(*asked(SCHEDULES["invalid_schedules"]))


CONFORMING: Final[Mapping[str, Callable[[], object]]] = {
    story.__name__: story
    for story in (
        pause_twice, pause_manual_only, pause_bodies, pause_cycle, unpause_twice, neighbour, archive_twice,
        archive_paused, refused_updates, rescheduling, refused_schedule_updates, update_to_archived_agent,
        update_to_archived_environment, updates, open_updates, lifecycle, intrusions, newest,
        other_credentials, other_tenant, keyed_creation, keyed_pause, unknown_deployment, unknown_runs, every_exchange, disturbed,
        plain_lists, preflight, creatable, bare_creation, whole_creation, creation_with_variables, pinned_agent,
        at_the_limits, incomplete_creations, beyond_the_limits, metadata_that_is_no_text, agent_without_type,
        archived_agent, archived_environment, same_name_twice, listings, after_id_walk, page_walk, odd_listings, malformed_creations, refusals, status_filter,
        agent_filter, created_range, schedules, invalid_schedules, misplaced_credentials, token_in_query, strangers,
        clients, malformed_ids, odd_transport, odd_updates,
    )
}  # fmt: skip
"""Stories by the name of their fixture."""
