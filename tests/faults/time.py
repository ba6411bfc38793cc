"""Faults of schedules that fire: they show only when time passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from conformance.reference import NEW, OLD, Call, Deployment, Document, ReferenceSettings, Run, Service
from conformance.reference.errors import not_found
from conformance.reference.listing import Query
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

timed = partial(fault, hides="time", tiers=("time",), time_scale=60)


@timed(breaks="pause.stops-firing", also=("unpause.replays-nothing",))  # what fires last before the unpause
class FiresWhilePaused(Service):
    """A pause changes what is shown, and the schedule goes on."""

    def should_fire(self, record: Deployment, occurrence: datetime) -> bool:
        return record.archived_at is None


@timed(breaks="pause.stops-firing")
class FiresTwiceAfterAPause(Service):
    """Occurrences queued ahead still fire after the pause."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.queued: dict[str, int] = {}

    def apply_pause(self, record: Deployment) -> Deployment:
        self.queued[record.id] = 2
        return super().apply_pause(record)

    def missed(self, record: Deployment, occurrence: datetime) -> None:
        if record.archived_at is None and self.queued.get(record.id, 0) > 0:
            self.queued[record.id] -= 1
            self.fire(record, occurrence, occurrence)


@timed(breaks="pause.stops-firing")
class APauseEndsByItself(Service):
    """A pause lasts two minutes; then the schedule goes on and the deployment shows active."""

    def missed(self, record: Deployment, occurrence: datetime) -> None:
        if record.archived_at is None and occurrence - record.updated_at > timedelta(minutes=2):
            self.keep(replace(record, status="active", paused_reason=None))


class Marking(Service):
    """Marks deployments whose schedule it treats in another way from then on."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.marked: set[str] = set()


class Arming(Marking):
    """A pause does not reach the schedules that are marked."""

    def should_fire(self, record: Deployment, occurrence: datetime) -> bool:
        armed = record.id in self.marked and record.archived_at is None
        return armed or super().should_fire(record, occurrence)


@timed(breaks="pause.stops-firing", also=("unpause.replays-nothing",))
class AnUpdateArmsThePausedSchedule(Arming):
    """An update hands the schedule to the scheduler again, whether it is paused or not."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        self.marked.add(record.id)
        return super().apply_update(record, fields)


@timed(breaks="pause.stops-firing", also=("unpause.replays-nothing",))
class ASecondPauseStopsNothing(Arming):
    """An unpause hands the schedule to the scheduler again, where no later pause finds it."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        self.marked.add(record.id)
        return super().apply_unpause(record)


@timed(breaks="archive.stops-firing")
class AnArchiveAfterAnUnpauseStopsNothing(Marking):
    """An unpause hands the schedule to the scheduler again, where an archive does not find it."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        self.marked.add(record.id)
        return super().apply_unpause(record)

    def should_fire(self, record: Deployment, occurrence: datetime) -> bool:
        seen = replace(record, archived_at=None) if record.id in self.marked else record
        return super().should_fire(seen, occurrence)


class Disarming(Marking):
    """The schedules that are marked are silent until an unpause."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        self.marked.discard(record.id)
        return super().apply_unpause(record)

    def should_fire(self, record: Deployment, occurrence: datetime) -> bool:
        return record.id not in self.marked and super().should_fire(record, occurrence)


@timed(breaks="update.schedule-fires")
class AnUpdateOfTheRestDisarmsTheSchedule(Disarming):
    """An update that does not name the schedule takes it from the scheduler."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "schedule" not in fields:
            self.marked.add(record.id)
        return super().apply_update(record, fields)


@timed(breaks="update.schedule-fires")
class ANewScheduleNeverFires(Disarming):
    """The old schedule is taken from the scheduler, and the new one is not handed to it."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "schedule" in fields:
            self.marked.add(record.id)
        return super().apply_update(record, fields)


@timed(breaks="schedule.fires-in-its-zone")
class FiresInUtc(Service):
    """The scheduler takes every expression for one in UTC; the upcoming runs are those of the zone."""

    def between(self, record: Deployment, since: datetime, until: datetime) -> Iterator[datetime]:
        schedule = record.schedule and replace(record.schedule, timezone="UTC")
        return super().between(replace(record, schedule=schedule), since, until)


@timed(breaks="update.stops-the-old-schedule", also=("update.schedule-fires",))
class TheFirstScheduleFiresForEver(Service):
    """The scheduler knows the first schedule of a deployment alone."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.first: dict[str, Schedule] = {}

    def between(self, record: Deployment, since: datetime, until: datetime) -> Iterator[datetime]:
        if record.schedule is None:
            return iter(())
        first = self.first.setdefault(record.id, record.schedule)
        return super().between(replace(record, schedule=first), since, until)


@timed(breaks="schedule.upcoming-runs-move-on")
class UpcomingRunsAreOfTheLastChange(Service):
    """What is upcoming is calculated when a deployment changes, and not again as time passes."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.calculated: dict[str, tuple[Deployment, Sequence[datetime]]] = {}

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        as_if_new = replace(record, runs=0, last_run_at=None)
        known, runs = self.calculated.get(record.id, (None, ()))
        if known != as_if_new:
            runs = super().upcoming(record)
            self.calculated[record.id] = as_if_new, runs
        return runs


@timed(breaks="unpause.lists-no-missed-run")
class UnpauseKeepsTheListOfThePause(Service):
    """While a deployment is paused its list stands still, and an unpause leaves it as it is until a run."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.kept: dict[str, tuple[int, Sequence[datetime]]] = {}

    def apply_pause(self, record: Deployment) -> Deployment:
        self.kept[record.id] = record.runs, super().upcoming(record)
        return super().apply_pause(record)

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        runs, kept = self.kept.get(record.id, (-1, ()))
        return kept if record.runs == runs and record.archived_at is None else super().upcoming(record)


class Catching(Service):
    """Remembers what was missed."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.behind: dict[str, list[datetime]] = {}

    def missed(self, record: Deployment, occurrence: datetime) -> None:
        if record.archived_at is None:
            self.behind.setdefault(record.id, []).append(occurrence)


@timed(breaks="unpause.replays-nothing")
class ReplaysAfterUnpause(Catching):
    """Each missed occurrence is made up for at the unpause."""

    def unpause(self, call: Call) -> Document:
        answer = super().unpause(call)
        for occurrence in self.behind.pop(call.deployment_id, ()):
            self.fire(self.find(call), occurrence, self.now())
        return answer


@timed(breaks="unpause.replays-nothing")
class CatchesUpOnceAfterUnpause(Catching):
    """One run at the unpause stands for all that was missed, and says it was due now."""

    def unpause(self, call: Call) -> Document:
        answer = super().unpause(call)
        if self.behind.pop(call.deployment_id, ()):
            self.fire(self.find(call), self.now(), self.now())
        return answer


@timed(breaks="unpause.replays-nothing")
class ReplaysAtTheNextMinute(Catching):
    """What was missed is made up for when the schedule fires again, as if it were due then."""

    def fire(self, record: Deployment, occurrence: datetime, at: datetime) -> None:
        for _ in (occurrence, *self.behind.pop(record.id, ())):
            now = self.store.tenants[record.tenant].deployments[record.id]
            super().fire(now, occurrence, at)


@timed(breaks="unpause.fires-again")
class NeverFiresAgain(Marking):
    """A schedule that was paused once stays silent."""

    def apply_pause(self, record: Deployment) -> Deployment:
        self.marked.add(record.id)
        return super().apply_pause(record)

    def should_fire(self, record: Deployment, occurrence: datetime) -> bool:
        return record.id not in self.marked and super().should_fire(record, occurrence)


@timed(breaks="archive.stops-firing")
class FiresAfterArchive(Service):
    """An archive hides the deployment, and its schedule goes on."""

    def should_fire(self, record: Deployment, occurrence: datetime) -> bool:
        return record.status == "active"


class OtherTrigger(Service):
    trigger = "manual"

    def new_run(self, record: Deployment, trigger: object, at: datetime) -> Run:
        return super().new_run(record, {"type": self.trigger}, at)


@timed(breaks="schedule.run-names-its-minute", also=("runs.schedule-filter",), revisions=(NEW,))
class ScheduledRunsSayManual(OtherTrigger):
    """Scheduled runs are recorded as if started by hand."""


@timed(breaks="runs.schedule-filter", revisions=(OLD,))
class ScheduledRunsAreFiledAsManual(OtherTrigger):
    """The same in the revision that shows no scheduled_at."""


@timed(breaks="schedule.run-names-its-minute", revisions=(NEW,))
class ScheduledRunsNameNoMinute(OtherTrigger):
    """Scheduled runs lack scheduled_at."""

    trigger = "schedule"


@timed(breaks="schedule.run-names-its-minute", also=("unpause.fires-again",), revisions=(NEW,))
class ScheduledAtIsLocalTime(Service):
    """scheduled_at is hours off: local time, called UTC."""

    def fire(self, record: Deployment, occurrence: datetime, at: datetime) -> None:
        super().fire(record, occurrence - timedelta(hours=8), at)


@timed(breaks="runs.schedule-filter")
class TheTriggerFilterIsIgnored(Service):
    """trigger_type chooses nothing."""

    def matches_trigger(self, run: Run, trigger: str | None) -> bool:
        return True


@timed(breaks="runs.schedule-filter")
class TheTriggerFilterChoosesNothing(Service):
    """A list of scheduled runs is empty."""

    def read_choice(self, query: Query, name: str, allowed: tuple[str, ...]) -> str | None:
        chosen = super().read_choice(query, name, allowed)
        return "retry" if name == "trigger_type" and chosen == "schedule" else chosen


@timed(breaks="runs.schedule-filter", revisions=(OLD,))
class ScheduledRunsSayCron(Service):
    """Scheduled runs are filed as such and shown with a type that no page names."""

    def render_run(self, run: Run) -> Document:
        shown = super().render_run(run)
        return shown | {"trigger_context": {"type": "cron"}} if run.trigger["type"] == "schedule" else shown


@timed(breaks="schedule.run-names-the-agent")
class AScheduledRunForgetsTheAgentsVersion(Service):
    """A scheduled run names the first version of the agent, whichever was deployed."""

    def new_run(self, record: Deployment, trigger: Mapping[str, str], at: datetime) -> Run:
        run = super().new_run(record, trigger, at)
        scheduled = trigger["type"] == "schedule"
        return replace(run, agent=replace(run.agent, version=run.agent.version - 1)) if scheduled else run


@timed(breaks="schedule.run-is-found")
class ScheduledRunsAreOnlyListed(Service):
    """The id of a scheduled run finds nothing."""

    def find_run(self, call: Call) -> Run:
        run = super().find_run(call)
        if run.trigger["type"] == "schedule":
            raise not_found("The deployment run")
        return run


@timed(breaks="schedule.run-is-found")
class AScheduledRunIsReadUnderItsDeploymentAlone(Service):
    """The id alone finds a run only if it was started by hand."""

    def get_run_globally(self, call: Call) -> Document:
        if self.find_run(call).trigger["type"] == "schedule":
            raise not_found("The deployment run")
        return super().get_run_globally(call)


@timed(breaks="schedule.moves-last-run")
class ScheduledRunsLeaveLastRunAlone(Service):
    """Only a run by hand moves last_run_at."""

    def apply_run(self, record: Deployment, run: Run) -> Deployment:
        moved = super().apply_run(record, run)
        return moved if run.trigger["type"] == "manual" else replace(moved, last_run_at=record.last_run_at)


@timed(breaks="schedule.moves-last-run")
class LastRunIsTheFirst(Service):
    """last_run_at is set by the first run and stays."""

    def apply_run(self, record: Deployment, run: Run) -> Deployment:
        return replace(super().apply_run(record, run), last_run_at=record.last_run_at or run.created_at)
