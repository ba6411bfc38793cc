"""Stories about schedules that fire: every minute, not while paused, nor once archived or replaced.

They take minutes of the target's time, and each firing starts work there: they are told on request only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from conformance.stories.clock import TargetClock
from conformance.stories.minutes import MINUTE, due_of, first_affected, floor
from conformance.stories.registry import story
from conformance.stories.values import cron, yearly
from conformance.target.api import SETTLE_SECONDS, Api, Created
from conformance.target.creations import items
from conformance.target.exchange import Exchange

MARGIN = timedelta(seconds=20)
"""How far from the start of a minute nothing is changed, and how long after it a run may still come up."""
PATIENCE = 3 * MINUTE + MARGIN
"""How long a firing is waited for."""
WATCHED = 3 * MINUTE + MARGIN
"""How long silence is watched, from the first minute that must stay silent: four minutes begin in it."""
BETWEEN_READS = timedelta(seconds=20)
PAGE = {"limit": 100}


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
    """An every-minute deployment until it fired, while it was paused, and after that.

    What could not be reached is None: nothing was paused when nothing fired, nor unpaused when the pause was
    refused. `by_trigger` lists its runs with each trigger_type. `updated` is the answer to an update, with an
    every-minute schedule as well, sent right after the pause.
    """

    created: Created
    fired: tuple[Read, ...]
    by_trigger: dict[str, Exchange] | None = None
    paused: Acted | None = None
    unpaused: Acted | None = None
    updated: Exchange | None = None


@dataclass(frozen=True)
class WatchedArchive:
    """An every-minute deployment until it fired, and after it was archived; None when it was not."""

    fired: tuple[Read, ...]
    archived: Acted | None = None


@dataclass(frozen=True)
class WatchedUpdate:
    """An every-minute deployment until it fired twice, and after its schedule became a yearly one.

    None when it was not updated.
    """

    fired: tuple[Read, ...]
    updated: Acted | None = None


@story(tier="time")
def watched_pause(api: Api) -> WatchedPause:
    """An every-minute deployment fires, is paused and watched for minutes, is unpaused and fires again."""
    with _every_minute(api) as watch:
        fired = watch.until_fired(watch.clock.at(watch.made.exchange) - MINUTE)
        if not any(items(fired[-1].runs)):
            return WatchedPause(watch.made, fired)
        by_trigger = watch.by_trigger()
        reschedule, updates = _rescheduling(api, cron("*/1 * * * *", "UTC")), list[Exchange]()

        def rest(since: datetime) -> tuple[Read, ...]:
            updates.append(reschedule(watch.made.id, label="update a paused deployment"))
            return watch.silence(since)

        paused = watch.act(api.pause, "pause between two minutes", rest)
        if not paused.action.succeeded:
            return WatchedPause(watch.made, fired, by_trigger, paused)
        unpaused = watch.act(api.unpause, "unpause between two minutes", watch.until_fired)
        return WatchedPause(watch.made, fired, by_trigger, paused, unpaused, updates[0])


@story(tier="time")
def watched_archive(api: Api) -> WatchedArchive:
    """An every-minute deployment fires, is archived and watched for minutes."""
    with _every_minute(api) as watch:
        fired = watch.until_fired(watch.clock.at(watch.made.exchange) - MINUTE)
        if not any(items(fired[-1].runs)):
            return WatchedArchive(fired)
        return WatchedArchive(fired, watch.act(api.archive, "archive between two minutes", watch.silence))


@story(tier="time")
def watched_update(api: Api) -> WatchedUpdate:
    """An every-minute deployment fires twice, gets a yearly schedule and is watched for minutes."""
    with _every_minute(api) as watch:
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


@contextmanager
def _every_minute(api: Api) -> Iterator[_Watch]:
    """Make a deployment that fires every minute; archive it whatever happens."""
    made = api.create_deployment(schedule=cron("* * * * *", "UTC"))
    try:
        yield _Watch(api, made)
    finally:
        api.archive(made.id, label="archive what fires every minute", probe=True)


class _Watch:
    """Watches one deployment by the target's own clock."""

    def __init__(self, api: Api, made: Created) -> None:
        self._api = api
        self.made = made
        self.clock = TargetClock(api.target, made.exchange)

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

    def _fired(self, read: Read, since: datetime) -> bool:
        return any(due is None or due >= since for due in map(due_of, items(read.runs)))

    def _read(self) -> Read:
        runs = self._api.runs(self.made.id, PAGE, label="list what fired")
        deployment = self._get()
        return Read(self.clock.at(deployment), runs, deployment)

    def _get(self) -> Exchange:
        return self._api.get(self.made.id)

    def _wait(self, instant: datetime, what: str) -> None:
        self.clock.wait_until(instant, self._get, f"{self._api.story}: {what}")


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}Z"
