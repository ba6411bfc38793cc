"""The stories of runs, by hand and by schedule, as a conforming target lets them be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from conformance.client.api import Created
from conformance.client.exchange import Exchange
from conformance.suite.runs.history import ActedUpon, AfterRun
from conformance.suite.runs.manual_runs import ChosenRuns, ManualRuns, RunWhilePaused
from conformance.suite.runs.pages import ForeignRuns, RunPages
from conformance.suite.schedule.firing import Acted, Read, WatchedArchive, WatchedPause, WatchedUpdate
from tests.suite.stories import created
from tests.suite.written import (
    ARCHIVED,
    DEPLOYMENT,
    ID,
    NAME,
    PAUSED,
    SCHEDULE,
    answer,
    deployment,
    error,
    page,
)

RUN: Final[Mapping[str, object]] = {
    "id": "drun_1",
    "type": "deployment_run",
    "deployment_id": ID,
    "agent": DEPLOYMENT["agent"],
    "trigger_context": {"type": "manual"},
    "session_id": "sess_1",
    "error": None,
    "created_at": "2026-07-01T02:00:10Z",
    "status": "running",
}
"""As in 2026-06, which shows a status as well."""
SECOND_RUN: Final = {
    **RUN, "id": "drun_2", "session_id": "sess_2", "created_at": "2026-07-01T02:00:12Z", "status": "skipped",
}  # fmt: skip
"""Above the limit of one run at a time."""
RAN: Final = {"schedule": {**SCHEDULE, "last_run_at": "2026-07-01T02:00:12Z"}}


def of_cas(limit: object) -> Exchange:
    """Return a deployment that shows how many of its runs may go on at a time."""
    return deployment(metadata={"cas_config": {"config": {"max_concurrent": limit}}})


def manual_runs() -> ManualRuns:
    listed, shown = page(SECOND_RUN, RUN), answer(RUN)
    ended = {**ARCHIVED, "schedule": {**RAN["schedule"], "upcoming_runs_at": []}}
    refused = error(401, "authentication_error")
    both_ways = replace(refused, label="by its deployment"), replace(refused, label="by its id")
    return ManualRuns(
        created=created(), before=of_cas(1), first=answer(RUN), second=answer(SECOND_RUN), reread=(shown, shown),
        without_credentials=both_ways, listed=listed, listed_among_all=listed, after=deployment(**RAN),
        archived=deployment(**ended), after_archive=deployment(**ended), run_archived=error(),
        pages=run_pages(), foreign=foreign_runs(), listed_at_last=listed, listed_once_archived=listed,
    )  # fmt: skip


def run_pages() -> RunPages:
    one = page(SECOND_RUN, has_more=True)
    refused = error(400, "invalid_request_error")
    return RunPages(first=one, following=page(RUN), among_all=one, two_cursors=refused)


def foreign_runs() -> ForeignRuns:
    reads = {"by its deployment": error(404, "not_found_error"), "by its id": error(404, "not_found_error")}
    return ForeignRuns("drun_1", reads, (page(), page()))


def chosen_runs() -> ChosenRuns:
    own = page(RUN)
    return ChosenRuns(
        created=created(), run=answer(RUN), foreign_run=answer({**RUN, "id": "drun_9", "deployment_id": "dep_9"}),
        of_deployment=own, by_trigger={"manual": own, "schedule": page()}, by_error={"false": own, "true": page()},
        ranges={"created_at[gte]": own, "created_at[gt]": page(), "created_at[lte]": own, "created_at[lt]": page()},
        foreign_path=None, under=own, repeated=answer(RUN), unpaused=deployment(), updated=deployment(),
        other=deployment(), acted=acted_upon(), late=answer(RUN),
        missed={"created_at[gte]": page(), "created_at[lte]": page()},
    )  # fmt: skip


def acted_upon() -> ActedUpon:
    ran = {**RUN, "id": "drun_9", "deployment_id": "dep_9"}

    def acted(**shown: object) -> AfterRun:
        return AfterRun(deployment(**RAN | shown), deployment(**RAN | shown), page(ran), answer(ran))

    ended = {**ARCHIVED, "schedule": {**RAN["schedule"], "upcoming_runs_at": []}}
    return ActedUpon(
        deployment(**RAN), page(ran), answer(ran), acted(**PAUSED), acted(), acted(), acted(**ended)
    )


def run_while_paused() -> RunWhilePaused:
    paused = deployment(**PAUSED)
    shown = paused, deployment(**PAUSED), deployment(**PAUSED)
    return RunWhilePaused(created(), paused, page(), error(), error(), page(), page(), shown)


def minute(number: int, second: int = 0) -> datetime:
    """Return an instant of the hour in which schedules fire."""
    return datetime(2026, 7, 1, 3, tzinfo=UTC) + timedelta(minutes=number, seconds=second)


def fired(number: int, **changes: object) -> dict[str, object]:
    """Return the run of one minute of that hour."""
    trigger = {"type": "schedule", "scheduled_at": f"{minute(number):%Y-%m-%dT%H:%M:%SZ}"}
    at = f"{minute(number, 1):%Y-%m-%dT%H:%M:%SZ}"
    return {**RUN, "id": f"drun_{number}", "trigger_context": trigger, "created_at": at, **changes}


def read(at: datetime, *runs: Mapping[str, object], **shown: object) -> Read:
    """Return a look at the deployment that fires every minute, and at its runs."""
    return Read(at, page(*runs), deployment(**shown))


def last_run(at: str, **shown: object) -> dict[str, object]:
    """Return a schedule of every minute by the last run that it shows, and what else it does."""
    return {**SCHEDULE, "expression": "* * * * *", "last_run_at": at, **shown}


def soon(first: int) -> dict[str, object]:
    """Return five minutes in a row as the upcoming ones."""
    return {"upcoming_runs_at": [f"{minute(first + number):%Y-%m-%dT%H:%M:%SZ}" for number in range(5)]}


def watched_pause() -> WatchedPause:
    first = fired(1)
    again = fired(7)
    schedule, later = last_run("2026-07-01T03:01:01Z"), last_run("2026-07-01T03:07:01Z")
    silence = read(minute(2), first, **PAUSED), read(minute(5), first, **PAUSED)
    return WatchedPause(
        created=Created(ID, NAME, deployment(created_at="2026-07-01T03:00:20Z")),
        fired=(read(minute(0, 30)), read(minute(0, 50)), read(minute(1, 25), first, schedule=schedule)),
        by_trigger={"schedule": page(first), "manual": page()},
        paused=Acted(deployment(**PAUSED), minute(1, 30), silence),
        unpaused=Acted(
            deployment(),
            minute(6, 30),
            (read(minute(6, 40), first), read(minute(7, 25), again, first, schedule=later)),
        ),
        reread=(answer(first), answer(first)),
    )


def watched_archive() -> WatchedArchive:
    first = fired(1)
    silence = read(minute(2), first, **ARCHIVED), read(minute(5), first, **ARCHIVED)
    return WatchedArchive(
        fired=(read(minute(1, 25), first, schedule=last_run("2026-07-01T03:01:01Z")),),
        archived=Acted(deployment(**ARCHIVED), minute(1, 30), silence),
        updates=(deployment(), deployment()),
    )


def watched_update() -> WatchedUpdate:
    first, second = fired(1), fired(2)
    silence = read(minute(3), second, first), read(minute(6), second, first)
    return WatchedUpdate(
        fired=(
            read(minute(1, 25), first),
            read(minute(2, 25), second, first, schedule={**SCHEDULE, **soon(3)}),
        ),
        updated=Acted(deployment(), minute(2, 30), silence),
    )


WRITTEN: Final[Mapping[str, Callable[[], object]]] = {
    story.__name__: story
    for story in (manual_runs, chosen_runs, run_while_paused, watched_pause, watched_archive, watched_update)
}
"""Stories by the name of their fixture."""
