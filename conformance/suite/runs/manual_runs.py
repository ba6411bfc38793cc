"""Stories about runs by hand: each accepted one starts work that costs money. Told on request only."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as field_of
from datetime import datetime
from functools import partial
from itertools import repeat

from conformance.client.answers import created_id
from conformance.client.api import Api, Created
from conformance.client.calls.guarded import SETTLE_SECONDS
from conformance.client.calls.polling import poll, rest
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field
from conformance.contract.schemas import parse_timestamp
from conformance.suite.engine.registry import story
from conformance.suite.runs.history import ActedUpon, act_on_what_runs
from conformance.suite.runs.pages import ForeignRuns, RunPages, foreign_runs, run_pages
from conformance.suite.shared.list_pages import holds, item_of
from conformance.suite.shared.target_clock import SECOND
from conformance.suite.shared.values import yearly

PAGE = {"limit": 100}
READ_EVERY = 0.5
RANGE = "runs.created-range"
INCLUSIVE = ("created_at[gte]", "created_at[lte]")
"""The bounds of `_bounds` that hold the run."""


@dataclass(frozen=True)
class ManualRuns:
    """A scheduled deployment that is run twice by hand over a second apart, then archived and run again.

    `listed_once_archived` is the list of its runs after the archive, `run_archived_again` one more run.
    `listed_at_last` are its runs among all, some seconds after that.
    """

    created: Created
    before: Exchange
    first: Exchange
    second: Exchange
    reread: tuple[Exchange, ...]
    without_credentials: tuple[Exchange, ...]
    listed: Exchange
    listed_among_all: Exchange
    after: Exchange
    archived: Exchange
    after_archive: Exchange
    run_archived: Exchange
    pages: RunPages | None = None
    foreign: ForeignRuns | None = None
    listed_at_last: Exchange | None = None
    listed_once_archived: Exchange | None = None
    run_archived_again: Exchange | None = None


@dataclass(frozen=True)
class ChosenRuns:
    """Lists of all runs by what they were asked for, while two deployments have one run each.

    `ranges` are lists by bounds of `created_at` around the time of the run, `by_error` those by has_error,
    `under` is the list of one deployment, `missed` are such lists by bounds that leave the run
    out. `repeated` is its run sent again with its key, `late` once more after a pause, if that was accepted.
    `other` shows the other deployment before its run, after it was paused, `unpaused`, and `updated` to the
    first version of its agent, if that has several. `acted` tells what was done to it right after its run.
    """

    created: Created
    run: Exchange
    foreign_run: Exchange
    of_deployment: Exchange
    by_trigger: Mapping[str, Exchange]
    by_error: Mapping[str, Exchange]
    ranges: Mapping[str, Exchange]
    foreign_path: Exchange | None
    under: Exchange | None = None
    repeated: Exchange | None = None
    unpaused: Exchange | None = None
    updated: Exchange | None = None
    other: Exchange | None = None
    acted: ActedUpon | None = None
    late: Exchange | None = None
    missed: Mapping[str, Exchange] = field_of(default_factory=dict)


@dataclass(frozen=True)
class RunWhilePaused:
    """Runs of a paused deployment, the lists of its runs before and after, and reads of it (`shown`).

    It is run `again` if it is still paused after the first. Then it is unpaused, paused, archived and run
    once more; the last lists come after that.
    """

    created: Created
    paused: Exchange
    before: Exchange
    refused: Exchange
    again: Exchange | None
    after: Exchange
    after_among_all: Exchange
    shown: tuple[Exchange, ...] = ()
    archived: Exchange | None = None
    run_archived: Exchange | None = None


@story(tier="billable")
def manual_runs(api: Api) -> ManualRuns:
    """A deployment that was paused for a moment is run without and with a body, read and archived."""
    created = api.create_deployment(schedule=yearly())
    api.pause(created.id, label="pause before any run")
    api.unpause(created.id, label="unpause before any run")
    before = api.get(created.id, label="read before any run")
    first = api.run(created.id, label="run without a body")
    api.runs(created.id, PAGE, label="list the first run")  # which must not be all that is listed later
    api.wait_for_next_second()
    second = api.run(created.id, body={}, label="run with an empty object as body")
    ids = [made for made in map(created_id, (first, second)) if made]
    reread = _read_both_ways(api, created.id, ids[:1])
    unauthenticated = _read_without_credentials(api, created.id, ids[:1])
    listed = _until_all(api, ids, lambda: api.runs(created.id, PAGE, label="list the runs"))
    everywhere = {"deployment_id": created.id, **PAGE}
    among_all = _until_all(api, ids, lambda: api.all_runs(everywhere, label="list the runs among all"))
    newest = second if created_id(second) else first
    after = api.get_until(created.id, lambda state: _has_run_since(state, newest))
    pages = run_pages(api, created.id, ids)
    foreign = foreign_runs(api, created.id, ids[0]) if ids else None
    archived = api.archive(created.id, label="archive what has run")
    after_archive = api.get(created.id, label="read the archived deployment")
    run_archived = api.run(created.id, label="run an archived deployment")
    api.get(created.id, label="read after the refused run of the archived deployment")
    once_archived = _until_all(
        api, ids, lambda: api.runs(created.id, PAGE, label="list the runs of the archived deployment")
    )
    again = api.run(created.id, label="run an archived deployment again")
    api.wait_until_settled()  # a run that should not be there may be listed late, too
    return ManualRuns(
        created=created, before=before, first=first, second=second, reread=reread,
        without_credentials=unauthenticated, listed=listed,
        listed_among_all=among_all, after=after, archived=archived, after_archive=after_archive,
        run_archived=run_archived, pages=pages, foreign=foreign,
        listed_at_last=api.all_runs(everywhere, label="list its runs among all at last"),
        listed_once_archived=once_archived, run_archived_again=again,
    )  # fmt: skip


def _read_without_credentials(api: Api, deployment_id: str, runs: Iterable[str]) -> tuple[Exchange, ...]:
    """Try to read runs that exist without credentials, by both routes."""
    nobody, label = Auth.NONE, "read a run without credentials"
    return tuple(
        read
        for run in runs
        for read in (
            api.get_run(deployment_id, run, authorization=nobody, label=label),
            api.get_any_run(run, authorization=nobody, label=f"{label} by id"),
        )
    )


@story(tier="billable")
def chosen_runs(api: Api) -> ChosenRuns:
    """Two deployments run once each; the list of all runs is asked for one of them in many ways."""
    created, other = api.create_deployment(), api.create_deployment(schedule=yearly())
    key = {"idempotency-key": str(uuid.uuid4())}
    run = api.run(created.id, headers=key, label="run a deployment with a key")
    repeated = api.run(created.id, headers=key, label="run it again with that key")
    unpaused, updated, shown = _change(api, other.id)
    foreign_run = api.run(other.id, label="run another deployment, after a pause")
    ran = created_id(foreign_run)
    acted = act_on_what_runs(api, other.id, ran) if ran else None
    made = created_id(run)
    own = {"deployment_id": created.id, **PAGE}

    def asked(filters: Mapping[str, str], *, holding: bool) -> Exchange:
        said = " and ".join(f"{name}={value}" for name, value in filters.items()) or "deployment_id"
        read = partial(api.all_runs, {**own, **filters}, label=f"list the runs with {said}")
        return _until(api, read, lambda page: not made or holds(document(page), made) is holding)

    late = None
    if api.pause(created.id, label="pause what ran").succeeded:
        late = api.run(created.id, headers=key, label="run it again with that key while it is paused")
    of_deployment = asked({}, holding=True)
    failed = item_of(of_deployment.json, made or "").get("error") is not None
    return ChosenRuns(
        created=created,
        run=run,
        foreign_run=foreign_run,
        of_deployment=of_deployment,
        by_trigger={
            kind: asked({"trigger_type": kind}, holding=kind == "manual") for kind in ("manual", "schedule")
        },
        by_error={
            word: asked({"has_error": word}, holding=failed is (word == "true")) for word in ("false", "true")
        },
        ranges={
            name: asked({name: _text(at)}, holding=name in INCLUSIVE) for name, at in _bounds(run).items()
        },
        foreign_path=api.get_run(other.id, made, label="read a run under another deployment", probe=True)
        if made
        else None,
        under=api.runs(created.id, PAGE, label="list the runs of one deployment"),
        repeated=repeated,
        unpaused=unpaused,
        updated=updated,
        other=shown,
        acted=acted,
        late=late,
        missed=_list_beyond(api, created.id, run) if api.promised(RANGE) else {},
    )


def _change(api: Api, deployment_id: str) -> tuple[Exchange, Exchange | None, Exchange]:
    """Pause and unpause a deployment, pin the first version of its agent if it has another, and read it."""
    api.pause(deployment_id, label="pause another deployment")
    unpaused = api.unpause(deployment_id, label="unpause it")
    version, updated = api.known.agent_version, None
    if isinstance(version, int) and version > 1:
        agent = {"id": api.known.agent, "type": "agent", "version": 1}
        change = {"agent": agent, "description": "changed before a run"}
        updated = api.update(deployment_id, change, label="update the version of its agent")
        version = 1 if updated.succeeded else version
    shown = api.get_until(
        deployment_id,
        lambda state: state.get("status") == "active" and field(state, "agent.version") == version,
    )
    return unpaused, updated, shown


@story(tier="billable")
def run_while_paused(api: Api) -> RunWhilePaused:
    """A paused deployment is run by hand, twice; its runs are listed before and some seconds after."""
    created = api.create_deployment(schedule=yearly())
    paused = api.pause(created.id)
    shown = [api.get(created.id, label="read the paused deployment")]  # what is refused must not be done
    before = api.runs(created.id, PAGE, label="list the runs of the paused deployment")
    refused = api.run(created.id, label="run a paused deployment")
    again = None
    shown.append(api.get(created.id, label="read after the refused run"))
    if field(shown[-1].json, "status") == "paused":
        again = api.run(created.id, label="run a paused deployment again")
        shown.append(api.get(created.id, label="read after the second refused run"))
    own = {"deployment_id": created.id, **PAGE}
    api.unpause(created.id, label="unpause what was not to be run")  # nothing may have waited for that
    api.pause(created.id, label="pause it before its archive")
    archived = api.archive(created.id, label="archive what is paused")
    run_archived = api.run(created.id, label="run what was paused and archived")
    api.target.stopped.wait(SETTLE_SECONDS)  # a run that should not be there may be listed late, too
    after = api.runs(created.id, PAGE, label="list the runs after the refused one")
    among_all = api.all_runs(own, label="list them among all runs after the refused one")
    return RunWhilePaused(
        created, paused, before, refused, again, after, among_all, tuple(shown), archived, run_archived
    )


def _read_both_ways(api: Api, deployment_id: str, ids: list[str]) -> tuple[Exchange, ...]:
    """Read runs under their deployment and by their ids alone, as soon as they can be."""
    reads = (partial(api.get_run, deployment_id), api.get_any_run)
    return tuple(_until(api, partial(read, run_id), _is_there) for run_id in ids for read in reads)


def _until_all(api: Api, ids: list[str], read: Callable[[], Exchange]) -> Exchange:
    return _until(api, read, lambda page: all(holds(document(page), run_id) for run_id in ids))


def _until(api: Api, read: Callable[[], Exchange], enough: Callable[[Exchange], bool]) -> Exchange:
    """Read until the answer is enough, about as long as a read may lag behind a write."""
    wait = partial(rest, api.target.stopped, why="the run ended while a run was waited for")
    waits = repeat(READ_EVERY, int(SETTLE_SECONDS / READ_EVERY))
    return poll(read, lambda exchange: enough(exchange) or exchange.failure is not None, waits, wait)


def _has_run_since(state: Mapping[str, object], run: Exchange) -> bool:
    """Tell whether a deployment shows a last run that is no older than this one, where that can be told."""
    last, at = (
        parse_timestamp(one)
        for one in (field(state, "schedule.last_run_at"), document(run).get("created_at"))
    )
    return last is not None and (at is None or last >= at.replace(microsecond=0))


def _is_there(exchange: Exchange) -> bool:
    return exchange.succeeded


def document(exchange: Exchange) -> Mapping[str, object]:
    """Return the JSON object of an answer, an empty one if it holds none."""
    return exchange.json if isinstance(exchange.json, dict) else {}


def _bounds(run: Exchange) -> Mapping[str, datetime]:
    """Return bounds that surely hold or leave out a run, were its time kept with fractions or without."""
    at = parse_timestamp(document(run).get("created_at"))
    if at is None:
        return {}
    at = at.replace(microsecond=0)
    return {
        "created_at[gte]": at,
        "created_at[gt]": at + SECOND,
        "created_at[lte]": at + SECOND,
        "created_at[lt]": at,
    }


def _list_beyond(api: Api, deployment_id: str, run: Exchange) -> dict[str, Exchange]:
    """List the runs of one deployment by bounds that surely leave a run out, one on either side."""
    if not (bounds := _bounds(run)):
        return {}
    beyond = {
        "created_at[gte]": bounds["created_at[gt]"] + SECOND,
        "created_at[lte]": bounds["created_at[lt]"] - SECOND,
    }
    return {
        name: api.runs(
            deployment_id, {**PAGE, name: _text(at)}, label=f"list the runs of one deployment with {name}"
        )
        for name, at in beyond.items()
    }


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
