"""Stories about schedules that fire: every minute, not while paused, nor once archived or replaced.

They take minutes of the target's time, and each firing starts work there: they are told on request only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import repeat

from conformance.client.answers import items
from conformance.client.api import Api, Created
from conformance.client.calls.guarded import SETTLE_SECONDS
from conformance.client.calls.polling import poll
from conformance.client.exchange import Exchange
from conformance.contract.judgement import answered
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.engine.registry import story
from conformance.suite.schedule.minutes import MINUTE, due_of, first_affected, floor
from conformance.suite.shared.list_pages import ids
from conformance.suite.shared.target_clock import TargetClock
from conformance.suite.shared.values import cron, minutes_around, yearly

MARGIN = timedelta(seconds=20)
"""How far from the start of a minute nothing is changed, and how long after it a run may still come up."""
PATIENCE = 3 * MINUTE + MARGIN
"""How long a firing is waited for."""
WATCHED = 3 * MINUTE + MARGIN
"""How long silence is watched, from the first minute that must stay silent: four minutes begin in it."""
BETWEEN_READS = timedelta(seconds=20)
PAGE = {"limit": 100}
EVERY_MINUTE = "* * * * *"


@dataclass(frozen=True)
class Read:
    """The runs of a deployment, then the deployment itself; `at` is the target's time, at the latest."""

    at: datetime
    runs: Exchange
    deployment: Exchange


@dataclass(frozen=True)
class Acted:
    """A request that changed the deployment, when it was answered at the latest, and the reads after it."""

    action: Exchange
    at: datetime
    reads: tuple[Read, ...]


@dataclass(frozen=True)
class WatchedPause:
    """An every-minute deployment until it fired, while it was paused for the second time, and after that.

    What could not be reached is None: nothing was paused when nothing fired, nor unpaused when the pause was
    refused. `by_trigger` lists its runs with each trigger_type, `reread` are reads of the oldest of them by
    both routes. `updated` is the answer to an update, with an every-minute schedule as well, sent right after
    the pause.
    """

    created: Created
    fired: tuple[Read, ...]
    by_trigger: dict[str, Exchange] | None = None
    paused: Acted | None = None
    unpaused: Acted | None = None
    updated: Exchange | None = None
    reread: tuple[Exchange, ...] = ()


@dataclass(frozen=True)
class WatchedArchive:
    """A deployment until it fired, and after it was paused, unpaused and archived; None when it was not.

    `updates` made it an every-minute one, then changed something else.
    """

    fired: tuple[Read, ...]
    archived: Acted | None = None
    updates: tuple[Exchange, ...] = ()


@dataclass(frozen=True)
class WatchedUpdate:
    """A deployment until it fired twice, and after its schedule became a yearly one; None when it did not.

    It fired every minute of a few hours in a zone where it is another hour than in UTC.
    """

    fired: tuple[Read, ...]
    updated: Acted | None = None


@story(tier="time")
def watched_pause(api: Api) -> WatchedPause:
    """An every-minute deployment fires, is paused again and watched for minutes, is unpaused and fires."""
    with _watching(api, cron(EVERY_MINUTE, "UTC")) as watch:
        fired = watch.until_fired(watch.clock.at(watch.made.exchange) - MINUTE)
        if not any(items(fired[-1].runs)):
            return WatchedPause(watch.made, fired)
        by_trigger, reread = watch.by_trigger(), watch.reread(ids(fired[-1].runs)[-1])
        reschedule, updates = _rescheduling(api, cron("*/1 * * * *", "UTC")), list[Exchange]()

        def rest(since: datetime) -> tuple[Read, ...]:
            updates.append(reschedule(watch.made.id, label="update a paused deployment"))
            return watch.silence(since)

        paused = watch.act(_after_a_break(api, api.pause), "pause again between two minutes", rest)
        if not paused.action.succeeded:
            return WatchedPause(watch.made, fired, by_trigger, paused, reread=reread)
        unpaused = watch.act(api.unpause, "unpause between two minutes", watch.until_fired)
        return WatchedPause(watch.made, fired, by_trigger, paused, unpaused, updates[0], reread)


@story(tier="time")
def watched_archive(api: Api) -> WatchedArchive:
    """A deployment is updated to fire every minute, fires, is paused, unpaused, archived and watched."""
    with _watching(api, yearly()) as watch:
        made, schedule = watch.made.id, {"schedule": cron(EVERY_MINUTE, "UTC")}
        updated = api.update(made, schedule, label="update the schedule to every minute")
        if not updated.succeeded:
            raise NotJudgedError(Blame.PRECONDITION, f"{updated.label} answered {updated.summary()}")
        other = {"description": "Updated before it fires."}
        updates = updated, api.update(made, other, label="update the description")
        fired = watch.until_fired(watch.clock.at(watch.made.exchange) - MINUTE)
        if not any(items(fired[-1].runs)):
            return WatchedArchive(fired, updates=updates)
        archive = _after_a_break(api, api.archive)
        archived = watch.act(archive, "archive between two minutes", watch.silence)
        return WatchedArchive(fired, archived, updates)


@story(tier="time")
def watched_update(api: Api) -> WatchedUpdate:
    """A deployment far in the west fires twice, gets a yearly schedule and is watched for minutes."""
    now = api.get(api.known.untouched, label="look what time it is").date or datetime.now(UTC)
    with _watching(api, minutes_around(now)) as watch:
        fired = watch.until_fired(watch.clock.at(watch.made.exchange) - MINUTE)
        first = [due for due in map(due_of, items(fired[-1].runs)) if due]
        if not first:
            return WatchedUpdate(fired)
        fired += watch.until_fired(floor(max(first)) + MINUTE)
        label = "update the schedule between two minutes"
        return WatchedUpdate(fired, watch.act(_rescheduling(api, yearly()), label, watch.silence))


def _rescheduling(api: Api, schedule: Mapping[str, str]) -> Callable[..., Exchange]:
    """Return what updates a deployment: its schedule, and its description as well."""
    body = {"schedule": schedule, "description": "Updated while its schedule is watched."}
    return lambda deployment_id, **variant: api.update(deployment_id, body, **variant)


def _after_a_break(api: Api, action: Callable[..., Exchange]) -> Callable[..., Exchange]:
    """Return what pauses a deployment, unpauses it and then acts: it is to stop what an unpause arms, too.

    It answers with the first of them that was refused, if any was.
    """

    def act(deployment_id: str, **variant: str) -> Exchange:
        for step, label in ((api.pause, "pause for a moment"), (api.unpause, "unpause at once")):
            answer = step(deployment_id, label=label)
            if not answer.succeeded:
                return answer
        api.get_until(deployment_id, lambda state: state.get("status") == "active")
        return action(deployment_id, **variant)

    return act


@contextmanager
def _watching(api: Api, schedule: Mapping[str, str]) -> Iterator[_Watch]:
    """Make a deployment that fires every minute, if only after an update; archive it whatever happens.

    Raises NotJudgedError when its runs cannot be listed, or it cannot be read: nothing would show a firing.
    """
    made = api.create_deployment(schedule=schedule)
    try:
        watch = _Watch(api, made)
        watch.check_routes()
        yield watch
    finally:
        api.archive(made.id, label="archive what fires every minute", probe=True)


class _Watch:
    """Watches one deployment by the target's own clock."""

    def __init__(self, api: Api, made: Created) -> None:
        self._api = api
        self.made = made
        self.clock = TargetClock(api.target, made.exchange)

    def check_routes(self) -> None:
        """Raise NotJudgedError unless what a watch reads is there, if only after a moment."""
        waits = repeat(1.0, int(SETTLE_SECONDS) - 1)
        if refused := poll(self._refused, lambda found: not found, waits, self.clock.rest):
            reason = f"no firing can be watched: {refused[0].label} answered {refused[0].summary()}"
            raise NotJudgedError(Blame.PRECONDITION, reason)

    def _refused(self) -> list[Exchange]:
        return [read for read in (self._list(), self._get()) if not answered(read).succeeded]

    def until_fired(self, since: datetime) -> tuple[Read, ...]:
        """Read until a run of a minute after `since` is listed, and once more when all others must be."""
        reads = [self._read()]
        end = reads[0].at + PATIENCE
        while not self._fired(reads[-1], since) and reads[-1].at < end:
            self._wait(reads[-1].at + BETWEEN_READS / 4, f"waiting for a run until {_clock(end)}")
            reads.append(self._read())
        self._wait(reads[-1].at + MARGIN, "waiting for late runs")
        self.clock.rest(SETTLE_SECONDS)
        return (*reads, self._read())

    def silence(self, since: datetime) -> tuple[Read, ...]:
        """Read again and again over the whole span that must stay silent."""
        end = first_affected(since) + WATCHED
        reads = [self._read()]
        while reads[-1].at < end:
            self._wait(
                min(reads[-1].at + BETWEEN_READS, end), f"watching until {_clock(end)} that nothing fires"
            )
            reads.append(self._read())
        self.clock.rest(SETTLE_SECONDS)
        return (*reads, self._read())

    def act(
        self, action: Callable[..., Exchange], label: str, then: Callable[[datetime], tuple[Read, ...]]
    ) -> Acted:
        """Change the deployment well between two minutes, then watch if that was accepted."""
        now = self.clock.at(self._get())
        into = now - floor(now)
        if not MARGIN <= into <= 2 * MARGIN:
            self._wait(
                now - into + MARGIN + (MINUTE if into > MARGIN else timedelta(0)),
                "waiting for the middle of a minute",
            )
        exchange = action(self.made.id, label=label)
        at = self.clock.at(exchange)
        return Acted(exchange, at, then(at) if exchange.succeeded else ())

    def by_trigger(self) -> dict[str, Exchange]:
        """List the deployment's runs among all runs, by what triggered them."""
        own = {"deployment_id": self.made.id, **PAGE}
        return {
            kind: self._api.all_runs(
                own | {"trigger_type": kind}, label=f"list runs with trigger_type={kind}"
            )
            for kind in ("schedule", "manual")
        }

    def reread(self, run_id: str) -> tuple[Exchange, ...]:
        """Read a run under its deployment and by its id alone."""
        return (
            self._api.get_run(self.made.id, run_id, label="read what fired"),
            self._api.get_any_run(run_id, label="read what fired by its id"),
        )

    def _fired(self, read: Read, since: datetime) -> bool:
        return any(due is None or due >= since for due in map(due_of, items(read.runs)))

    def _read(self) -> Read:
        runs = self._list()
        deployment = self._get()
        return Read(self.clock.at(deployment), runs, deployment)

    def _list(self) -> Exchange:
        return self._api.runs(self.made.id, PAGE, label="list what fired")

    def _get(self) -> Exchange:
        return self._api.get(self.made.id)

    def _wait(self, instant: datetime, what: str) -> None:
        self.clock.wait_until(instant, self._get, f"{self._api.story}: {what}")


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}Z"
