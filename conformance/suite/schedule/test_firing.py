"""Schedules that fire: when, what of, not while paused, not after an archive or under another schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from conformance.client.answers import items
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field, instant, same
from conformance.contract.judgement import broken, expect_field, expect_success
from conformance.contract.schemas import parse_timestamp
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.judging.list_answers import expect_page
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.judging.states import need, need_success
from conformance.suite.schedule.firing import (
    EVERY_MINUTE,
    MARGIN,
    PATIENCE,
    Acted,
    Read,
    WatchedArchive,
    WatchedPause,
    WatchedUpdate,
)
from conformance.suite.schedule.minutes import MINUTE, due_of, first_affected, floor, names_its_minute
from conformance.suite.schedule.test_schedule import upcoming
from conformance.suite.shared.list_pages import ids

ENOUGH = 2
"""Minutes that must have fired before the upcoming ones can be told from those of the past."""
SKEW = timedelta(seconds=3)
"""How far the clock that stamps runs may be from the one that stamps deployments."""
AHEAD = timedelta(seconds=10)
"""How far last_run_at may lie in the future: clocks differ, and a run may be started a little early."""
EARLY = MINUTE / 2
"""How long before the minute that it names a run may be made: one made earlier is that of another minute."""


@requirement("schedule.run-names-its-minute")
def test_a_scheduled_run_names_its_minute(watched_pause: WatchedPause) -> None:
    last = having_fired(watched_pause.fired)
    made = parse_timestamp(field(watched_pause.created.exchange.json, "created_at"))
    for run in items(last.runs):
        kind, due = field(run, "trigger_context.type"), field(run, "trigger_context.scheduled_at")
        if kind != "schedule":
            raise broken("trigger_context.type schedule of a scheduled run", kind, last.runs)
        at = parse_timestamp(due)
        if at is None:
            raise broken("trigger_context.scheduled_at of a scheduled run to be an instant", due, last.runs)
        if made and not made - MINUTE <= at <= last.at + MINUTE:
            wanted = f"scheduled_at in a minute between {made:%H:%M:%S}Z and {last.at:%H:%M:%S}Z"
            raise broken(wanted, due, last.runs)
        began = parse_timestamp(run.get("created_at"))
        if began and at - began > EARLY:
            raise broken(f"scheduled_at of the run created at {began:%H:%M:%S}Z by then", due, last.runs)


@requirement("schedule.fires-in-its-zone")
def test_a_schedule_fires_when_it_says_it_will(
    watched_update: WatchedUpdate, watched_pause: WatchedPause
) -> None:
    """A schedule in UTC is watched at the same time: where that one fires, others do."""
    having_fired(watched_pause.fired)
    first, last = watched_update.fired[0].deployment, watched_update.fired[-1]
    expect_success(last.runs)
    if any(items(last.runs)):
        return
    need(last.deployment, "status", "active")
    due = [at for at in listed_runs(first) if at < last.at - MARGIN - MINUTE]
    if len(due) < ENOUGH:
        raise NotJudgedError(Blame.PRECONDITION, f"{first.label} showed no runs within the next minutes")
    raise broken(f"runs for {due[0]:%H:%M:%S}Z and after, which were upcoming", "none", first, last.runs)


def listed_runs(exchange: Exchange) -> list[datetime]:
    """Return the upcoming runs of an answer as far as they can be read."""
    listed = field(exchange.json, "schedule.upcoming_runs_at")
    return [at for at in map(instant, listed) if at] if isinstance(listed, list) else []


@requirement("schedule.run-names-the-agent")
def test_a_scheduled_run_names_the_agent_of_its_deployment(watched_pause: WatchedPause) -> None:
    last = having_fired(watched_pause.fired)
    agent = expect_success(last.deployment).get("agent")
    for run in items(last.runs):
        for path in ("id", "type", "version"):
            wanted, got = field(agent, path), field(run, f"agent.{path}")
            if not same(got, wanted):
                expected = f"agent.{path} {wanted} of the scheduled run {run.get('id')}"
                raise broken(expected, got, last.deployment, last.runs)


@requirement("schedule.run-is-found")
def test_a_scheduled_run_is_read_by_both_routes(
    watched_pause: WatchedPause, watched_update_if_any: WatchedUpdate | None
) -> None:
    last = having_fired(watched_pause.fired)
    for reads in (watched_pause.fired, watched_update_if_any.fired if watched_update_if_any else ()):
        expect_history(reads)
    *_, run = items(last.runs)
    for exchange in watched_pause.reread:
        expect_success(exchange)
        for name in ("id", "deployment_id", "created_at"):
            if not same(field(exchange.json, name), field(run, name)):
                wanted = f"{name} {field(run, name)} when the run is read"
                raise broken(wanted, field(exchange.json, name), last.runs, exchange)


def expect_history(reads: Sequence[Read]) -> None:
    """Expect the last list of what fired to hold all runs that an earlier one had, where all are on it."""
    for read in reads[:-1]:
        gone = set(ids(read.runs)) - set(ids(reads[-1].runs))
        whole = reads[-1].runs.succeeded and field(reads[-1].runs.json, "has_more") is not True
        if gone and whole:
            wanted = f"the runs that were listed before: {', '.join(sorted(gone))}"
            raise broken(wanted, ", ".join(ids(reads[-1].runs)) or "none", read.runs, reads[-1].runs)


@requirement("schedule.moves-last-run")
def test_a_scheduled_run_moves_last_run_at(watched_pause: WatchedPause) -> None:
    """The time may be that of the run's minute or of its start, and a newer run may not show in it yet."""
    expect_last_run(having_fired(watched_pause.fired), datetime.min.replace(tzinfo=UTC))
    paused, unpaused = watched_pause.paused, watched_pause.unpaused
    for acted in (None, paused, unpaused):
        for read in acted.reads if acted else watched_pause.fired:
            expect_none_to_come(read)
    if unpaused and unpaused.reads:
        expect_last_run(unpaused.reads[-1], floor(unpaused.at))


def expect_last_run(read: Read, since: datetime) -> None:
    """Expect last_run_at to be near the runs since an instant, if there are any."""
    dues = [due for _, due in due_runs(read) if due >= since]
    if not dues:
        return
    got = field(expect_success(read.deployment), "schedule.last_run_at")
    at = parse_timestamp(got)
    if at is None or not min(dues) - MINUTE <= at <= read.at + MINUTE:
        wanted = f"last_run_at of a run between {min(dues):%H:%M:%S}Z and {read.at:%H:%M:%S}Z"
        raise broken(wanted, got, read.runs, read.deployment)


def expect_none_to_come(read: Read) -> None:
    """Expect last_run_at to be no instant that is still to come."""
    got = field(read.deployment.json, "schedule.last_run_at")
    at = parse_timestamp(got)
    if read.deployment.succeeded and at and at - read.at > AHEAD:
        raise broken(f"last_run_at not after {read.at:%H:%M:%S}Z, the time of the read", got, read.deployment)


@requirement("schedule.upcoming-runs-move-on")
def test_upcoming_runs_are_not_those_of_the_past(watched_update: WatchedUpdate) -> None:
    """The newest run is left aside: when the list is made anew after a firing is not documented."""
    last = having_fired(watched_update.fired)
    minutes = sorted(runs_by_minute(last))
    if len(minutes) < ENOUGH:
        raise NotJudgedError(Blame.PRECONDITION, f"the schedule fired once within {PATIENCE.seconds} s")
    expect_success(last.deployment)
    expect_none_over(last, minutes[-2])


def expect_none_over(read: Read, end: datetime) -> None:
    """Expect no upcoming run at an instant or before."""
    over = [at for at in upcoming(read.deployment) if at <= end]
    if over:
        wanted = f"no upcoming run that is over, at {end:%H:%M:%S}Z or before"
        raise broken(wanted, f"{over[0]:%H:%M:%S}Z", read.runs, read.deployment)


@requirement("runs.schedule-filter")
def test_scheduled_runs_are_filtered_by_their_trigger(watched_pause: WatchedPause) -> None:
    fired = having_fired(watched_pause.fired)
    by_trigger = watched_pause.by_trigger or {}
    known = {str(run.get("id")) for run in items(fired.runs)}
    missing = known - set(expect_page(by_trigger["schedule"]))
    if missing:
        got = f"not {', '.join(sorted(missing))}"
        raise broken("every scheduled run with trigger_type=schedule", got, by_trigger["schedule"])
    for run in items(by_trigger["schedule"]):
        kind = field(run, "trigger_context.type")
        if kind != "schedule":
            raise broken("only runs of type schedule in that list", kind, by_trigger["schedule"])
    wrong = known & set(expect_page(by_trigger["manual"]))
    if wrong:
        raise broken(
            "no scheduled run with trigger_type=manual", ", ".join(sorted(wrong)), by_trigger["manual"]
        )


@requirement("pause.stops-firing")
def test_nothing_fires_while_paused(watched_pause: WatchedPause) -> None:
    fired, paused = having_fired(watched_pause.fired), accepted(watched_pause.paused)
    updated = watched_pause.updated
    if updated and updated.succeeded and field(updated.json, "status") == "active":
        raise NotJudgedError(Blame.PRECONDITION, f"{updated.label} made it active")
    for read in paused.reads:
        expect_success(read.deployment)
        expect_field(read.deployment, "status", "paused")
    expect_silence(fired, paused)


@requirement("archive.stops-firing")
def test_nothing_fires_after_an_archive(watched_archive: WatchedArchive) -> None:
    expect_silence(having_fired(watched_archive.fired), accepted(watched_archive.archived))


@requirement("update.stops-the-old-schedule")
def test_nothing_fires_by_the_schedule_of_before_an_update(watched_update: WatchedUpdate) -> None:
    expect_silence(having_fired(watched_update.fired), accepted(watched_update.updated))


@requirement("update.schedule-fires")
def test_a_schedule_fires_after_updates(watched_archive: WatchedArchive, watched_pause: WatchedPause) -> None:
    """A schedule that nobody updated is watched at the same time: where that one fires, others do."""
    having_fired(watched_pause.fired)
    for update in watched_archive.updates:
        need_success(update)
    last = watched_archive.fired[-1]
    need(last.deployment, "status", "active")
    need(last.deployment, "schedule.expression", EVERY_MINUTE)
    expect_success(last.runs)
    if not any(items(last.runs)):
        wanted = f"a scheduled run within {PATIENCE.seconds} s after the updates"
        raise broken(wanted, "none", *watched_archive.updates, last.runs)


@requirement("unpause.fires-again")
def test_an_unpaused_schedule_fires_again(watched_pause: WatchedPause) -> None:
    having_fired(watched_pause.fired)
    unpaused = accepted(watched_pause.unpaused)
    last = unpaused.reads[-1]
    expect_success(last.runs)
    first = floor(unpaused.at)
    if not any(due >= first for _, due in due_runs(last)):
        wanted = f"a scheduled run within {PATIENCE.seconds} s after the unpause at {unpaused.at:%H:%M:%S}Z"
        raise broken(wanted, "none", unpaused.action, last.runs)


@requirement("unpause.lists-no-missed-run")
def test_missed_occurrences_are_not_upcoming(watched_pause: WatchedPause) -> None:
    unpaused = accepted(watched_pause.unpaused)
    expect_success(unpaused.reads[0].deployment)
    expect_none_over(unpaused.reads[0], unpaused.at - MINUTE)


@requirement("unpause.replays-nothing")
def test_missed_occurrences_are_not_made_up_for(watched_pause: WatchedPause) -> None:
    having_fired(watched_pause.fired)
    paused, unpaused = accepted(watched_pause.paused), accepted(watched_pause.unpaused)
    last, first = unpaused.reads[-1], floor(unpaused.at) + MINUTE
    seen = {run.get("id") for read in paused.reads for run in items(read.runs)}
    later = [(run, due) for run, due in due_runs(last) if run.get("id") not in seen]
    for run, due in later:
        if silent_from(run, paused.at) <= due < first - SKEW:
            wanted = f"no run before {first:%H:%M}Z, the first minute after the unpause"
            raise broken(wanted, described(run, due), unpaused.action, last.runs)
    expect_one_each([due for _, due in later if due >= first - SKEW], first, watched_pause.fired[-1], last)


def expect_one_each(dues: Sequence[datetime], first: datetime, before: Read, last: Read) -> None:
    """Expect no more runs since `first` than minutes, if there was one for each minute before."""
    minutes = max((last.at - first) // MINUTE + 1, 0)
    if len(dues) > minutes and all(count == 1 for count in runs_by_minute(before).values()):
        raise broken(
            f"{minutes} runs in the {minutes} minutes after the unpause", f"{len(dues)} runs", last.runs
        )


def expect_silence(before: Read, acted: Acted) -> None:
    """Expect no run for any minute that began after a change; runs already under way are left aside.

    Raises NotJudgedError when the runs of before are not listed any more: then no other would be.
    """
    for read in acted.reads:
        expect_success(read.runs)
        for run, due in due_runs(read):
            if due >= silent_from(run, acted.at) and not _made_before(run, acted.at):
                wanted = f"no run for a minute after {acted.at:%H:%M:%S}Z ({acted.action.label})"
                raise broken(wanted, described(run, due), acted.action, read.runs)
    hidden = set(ids(before.runs)) - set(ids(acted.reads[-1].runs))
    if hidden:
        reason = f"after {acted.action.label} its earlier runs are not listed: {', '.join(sorted(hidden))}"
        raise NotJudgedError(Blame.TARGET, reason)


def _made_before(run: Mapping[str, object], change: datetime) -> bool:
    """Tell whether a run was made before a change, whatever minute it names: that is another promise."""
    made = parse_timestamp(run.get("created_at"))
    return made is not None and made < change - SKEW


def silent_from(run: Mapping[str, object], change: datetime) -> datetime:
    """Return from when on no run like this may be due: one that says only when it started may be late."""
    first = first_affected(change) - SKEW
    return first if names_its_minute(run) else first + MINUTE


def having_fired(reads: Sequence[Read]) -> Read:
    """Return the last read; raises NotJudgedError when nothing fired, since then silence proves nothing."""
    last = reads[-1]
    if not any(items(last.runs)):
        reason = f"the every-minute schedule started no run within {PATIENCE.seconds} s"
        raise NotJudgedError(Blame.PRECONDITION, f"{reason} ({last.runs.summary()})")
    return last


def accepted(acted: Acted | None) -> Acted:
    """Return a change that was made; raises NotJudgedError when it was refused or never tried."""
    if acted is None:
        raise NotJudgedError(Blame.PRECONDITION, "the deployment could not be paused")
    if not acted.reads:
        reason = f"{acted.action.label} answered {acted.action.summary()}"
        raise NotJudgedError(Blame.PRECONDITION, reason)
    return acted


def due_runs(read: Read) -> Iterator[tuple[Mapping[str, object], datetime]]:
    """Yield the runs of a read with the instants they were due; raises NotJudgedError if one shows none."""
    for run in items(read.runs):
        due = due_of(run)
        if due is None:
            raise NotJudgedError(Blame.TARGET, f"the run {run.get('id')} has no time that can be read")
        yield run, due


def runs_by_minute(read: Read) -> Counter[datetime]:
    """Return how many runs of a read were due in each minute."""
    return Counter(floor(due) for _, due in due_runs(read))


def described(run: Mapping[str, object], due: datetime) -> str:
    """Return a run in a few words."""
    return f"the run {run.get('id')}, due at {due:%H:%M:%S}Z"


def lateness(story: WatchedPause) -> str:
    """Return how long after they were due runs were created, for an observation."""
    runs = [*items(story.fired[-1].runs)]
    lags = [
        f"{(started - due).total_seconds():.0f} s"
        for run in runs
        if (due := due_of(run)) and (started := parse_timestamp(run.get("created_at")))
    ]
    if not lags:
        return f"nothing that can be read fired within {PATIENCE.seconds} s"
    if any(map(names_its_minute, runs)):
        return f"runs were created {', '.join(lags)} after they were due"
    return "it fires; runs do not say when they were due"


def starts(story: WatchedPause) -> str:
    """Return how many occurrences started how many runs, for an observation."""
    counts = Counter(runs_by_minute(story.fired[-1]).values())
    return ", ".join(f"{count} occurrences started {runs}" for runs, count in counts.items()) or "no run"


globals().update(
    observations(
        observed("schedule.fires", lateness, "watched_pause"),
        observed("schedule.one-run-per-occurrence", starts, "watched_pause"),
    )
)
