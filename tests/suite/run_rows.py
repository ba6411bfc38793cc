"""Runs by hand and by schedule, answered otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tests.suite.judging import Accusing, Rows
from tests.suite.run_stories import RUN, SECOND_RUN, fired, last_run, minute, read, soon
from tests.suite.written import (
    CRASH,
    REFUSED,
    SILENT,
    Edit,
    answer,
    becoming,
    deployment,
    error,
    page,
    put,
    showing,
    with_facts,
)


def listing(*runs: Mapping[str, Any]) -> Edit:
    """Return the edit that lists other runs."""
    told = (f"{run['id']} {str(run['deployment_id'])[:6]} {_trigger(run)} {run['error']}" for run in runs)
    return replace(becoming(page(*runs)), words=", ".join(told) or "no run")


def _trigger(run: Mapping[str, Any]) -> str:
    trigger = run["trigger_context"]
    return f"{trigger['type']} {trigger.get('scheduled_at', '')[11:16]}"


def upcoming_from(first: int) -> Edit:
    """Show five minutes in a row as upcoming."""
    edit = showing("schedule.upcoming_runs_at", soon(first)["upcoming_runs_at"])
    return replace(edit, words=f"from minute {first} on")


def silent(words: str, **shown: object) -> Edit:
    """Have nothing fired in minutes."""
    return put((read(minute(0, 30), **shown), read(minute(4), **shown)), words)


def last_run_at(text: str | None) -> Edit:
    """Show another last run."""
    return showing("schedule.last_run_at", text)


def of_agent(**changes: object) -> Edit:
    """Have the run of another agent listed."""
    run = fired(1, agent={**RUN_AGENT, **changes})
    return replace(listing(run), words=f"{changes}")


def updated_to(status: str) -> Edit:
    """Have an update of the paused deployment answered with a status."""
    return with_facts(f"updated to {status}", updated=deployment(status=status))


MINUTE_BEFORE: Final = "2026-07-01T03:01:01Z"
LAST_SEEN: Final = "watched_pause.unpaused.reads.1.deployment"
LAST_SHOWN: Final = "watched_pause_if_any.unpaused.reads.1.deployment"
RUN_AGENT: Final = {"id": "agent_1", "type": "agent", "version": 1}
EMPTY = listing()
NEVER = silent("no run", schedule=last_run("", **soon(1)))
NONE_SOON = silent("none soon", schedule=last_run("", **soon(50)))
NO_LEAVE, NO_TIME = becoming(error(403, "permission_error")), showing("created_at", "soon")
WITHOUT_TIME = with_facts("a run without time", of_deployment=page({**RUN, "created_at": "soon"}), ranges={})
STARTED = becoming(answer(RUN))
FAILED: Final = {**RUN, "session_id": None, "error": {"type": "agent_error", "message": "No."}}
FIRED = "watched_pause.fired.2.runs"
THIRD_RUN: Final = {**RUN, "id": "drun_3"}
RETRY: Final = {**RUN, "id": "drun_4", "trigger_context": {"type": "retry"}}
OF_OTHER: Final = {**RUN, "id": "drun_9", "deployment_id": "dep_9"}
LAST_ARCHIVED, LAST_PAUSED = "watched_archive.archived.reads.1.runs", "watched_pause.paused.reads.1.runs"
LAST_UNPAUSED, LAST_UPDATED = "watched_pause.unpaused.reads.1.runs", "watched_update.updated.reads.1.runs"
IN_SILENCE, CAUGHT_UP = listing(fired(3), fired(1)), listing(fired(7), fired(4), fired(1))
UNNAMED = {"trigger_context": {"type": "schedule"}}
"""Of a run that says only when it began."""
NEXT_MINUTE = listing(fired(2, **UNNAMED), fired(1))
OF_THE_FIRST = (
    "starts",
    "trigger-is-manual",
    "agent-is-the-deployments",
    "session-or-error",
    "body-is-optional",
)

BROKEN: Final[Accusing] = [
    ("runs.paused-is-conflict", "run_while_paused.again", STARTED, "200"),
    ("pause.works-after-runs", "chosen_runs.acted.paused.answer", becoming(error()), "409"),
    ("pause.works-after-runs", "chosen_runs.acted.paused.read", showing("status", "active"), "active"),
    ("pause.works-after-runs", "chosen_runs.acted.unpaused.answer", becoming(error()), "409"),
    ("runs.outlive-actions", "chosen_runs.acted.paused.runs", listing(), "no run"),
    ("runs.outlive-actions", "chosen_runs.acted.updated.runs", listing(OF_OTHER, THIRD_RUN), "drun_3"),
    ("runs.outlive-actions", "chosen_runs.acted.archived.runs", listing(), "no run"),
    ("runs.outlive-actions", "chosen_runs.acted.unpaused.read", last_run_at(None), "null"),
    ("runs.outlive-actions", "manual_runs_if_any.listed_at_last", EMPTY, "none"),
    ("runs.outlive-actions", "manual_runs_if_any.listed_at_last", listing(RUN), "drun_1"),
    ("runs.outlive-actions", "chosen_runs.acted.paused.run", becoming(error(404, "not_found_error")), "404"),
    ("runs.starts", "manual_runs.first", becoming(error()), "409"),
    ("runs.starts", "manual_runs.first", showing("id", "run_1"), "run_1"),
    ("runs.starts", "manual_runs.first", showing("type", "run"), "run"),
    ("runs.starts", "manual_runs.first", showing("deployment_id", "dep_9"), "dep_9"),
    ("runs.body-is-optional", "manual_runs.first", CRASH, "500"),
    ("runs.body-is-optional", "manual_runs.second", REFUSED, "400"),
    ("runs.body-is-optional", "manual_runs.second", STARTED, "drun_1 twice"),
    ("runs.trigger-is-manual", "manual_runs.first", showing("trigger_context.type", "schedule"), "schedule"),
    ("runs.trigger-is-manual", "manual_runs.second", showing("trigger_context", None), "nothing"),
    ("runs.trigger-is-manual", "manual_runs.reread.1", showing("trigger_context.type", "cron"), "cron"),
    ("runs.agent-is-the-deployments", "manual_runs.first", showing("agent.id", "agent_9"), "agent_9"),
    ("runs.agent-is-the-deployments", "manual_runs.second", showing("agent.version", 2), "2"),
    ("runs.agent-is-the-deployments", "manual_runs.reread.0", showing("agent.type", "bot"), "bot"),
    ("runs.session-or-error", "manual_runs.first", showing("session_id", None), "session null, error null"),
    ("runs.session-or-error", "manual_runs.second", showing("error", FAILED["error"]), "agent_error"),
    ("runs.status-is-documented", "manual_runs.first", becoming(answer({**RUN, "status": "done"})), "done"),
    ("runs.status-is-documented", "manual_runs.reread.1", becoming(answer({**RUN, "status": 1})), "1"),
    ("runs.skipped-above-limit", "manual_runs.second", showing("status", "pending"), "pending"),
    ("runs.moves-last-run", "manual_runs.after", becoming(deployment()), "null"),
    (
        "runs.moves-last-run",
        "manual_runs.after",
        showing("schedule.last_run_at", "2026-07-01T02:01:13Z"),
        "02:01:13Z",
    ),
    (
        "runs.moves-last-run",
        "manual_runs.after",
        showing("schedule.last_run_at", "2026-07-01T01:59:09Z"),
        "01:59:09Z",
    ),
    ("runs.moves-last-run", "manual_runs.after", CRASH, "500"),
    ("runs.is-found", "manual_runs.listed", listing(RUN), "not drun_2"),
    ("runs.is-found", "manual_runs.listed_among_all", EMPTY, "drun_1"),
    ("runs.is-found", "manual_runs.listed", CRASH, "500"),
    ("runs.is-found", "manual_runs.reread.0", becoming(error(404, "not_found_error")), "404"),
    ("runs.is-found", "manual_runs.reread.1", showing("id", "drun_9"), "drun_9"),
    ("runs.is-found", "manual_runs.reread.0", showing("deployment_id", "dep_9"), "dep_9"),
    ("runs.is-found", "manual_runs.reread.0", showing("created_at", "2026-07-01T02:00:11Z"), "02:00:11Z"),
    ("runs.need-credentials", "manual_runs.without_credentials.0", STARTED, "200"),
    (
        "runs.need-credentials",
        "manual_runs.without_credentials.1",
        becoming(error(404, "not_found_error")),
        "404",
    ),
    ("runs.newest-first", "manual_runs.listed", listing(RUN, SECOND_RUN), "older one first"),
    ("runs.newest-first", "manual_runs.listed_among_all", listing(RUN, SECOND_RUN), "older one first"),
    ("runs.newest-first", "manual_runs.listed", CRASH, "500"),
    ("archive.run-is-conflict", "manual_runs.run_archived", STARTED, "200"),
    ("archive.run-is-conflict", "manual_runs.run_archived", becoming(error(409, "api_error")), "api_error"),
    ("archive.keeps-last-run", "manual_runs.after_archive", showing("schedule.last_run_at", None), "null"),
    ("archive.keeps-last-run", "manual_runs.after_archive", CRASH, "500"),
    ("runs.paused-is-conflict", "run_while_paused.refused", STARTED, "200"),
    ("runs.paused-is-conflict", "run_while_paused.refused", becoming(error(409, "api_error")), "api_error"),
    ("runs.refused-records-nothing", "run_while_paused.after", listing(RUN), "drun_1"),
    (
        "runs.refused-records-nothing",
        "run_while_paused.shown.1",
        showing("schedule.last_run_at", "2026-07-01T02:00:12Z"),
        "02:00:12",
    ),
    ("idempotency.run-is-replayed", "chosen_runs.late", becoming(error()), "409"),
    ("runs.refused-records-nothing", "run_while_paused.after_among_all", listing(RUN), "drun_1"),
    ("runs.refused-records-nothing", "run_while_paused.after", CRASH, "500"),
    ("runs.filters", "chosen_runs.of_deployment", EMPTY, "no run"),
    (
        "runs.filters",
        "chosen_runs.of_deployment",
        listing(RUN, {**RUN, "deployment_id": "dep_9"}),
        "dep_9",
    ),
    ("runs.filters", "chosen_runs.by_trigger.manual", listing(RUN, fired(1)), "schedule"),
    ("runs.filters", "chosen_runs.by_trigger.manual", EMPTY, "no run"),
    ("runs.filters", "chosen_runs.by_trigger.schedule", listing(RUN), "listed"),
    ("runs.error-filter", "chosen_runs.by_error.false", EMPTY, "not with has_error=false"),
    ("runs.error-filter", "chosen_runs.by_error.true", listing(RUN), "null"),
    ("runs.error-filter", "chosen_runs.by_error.false", listing(RUN, FAILED), "agent_error"),
    ("runs.error-filter", "chosen_runs.of_deployment", listing(FAILED), "with has_error=false"),
    ("runs.created-range", "chosen_runs.ranges.created_at[gte]", EMPTY, "not listed"),
    ("runs.created-range", "chosen_runs.ranges.created_at[lte]", EMPTY, "not listed"),
    ("runs.created-range", "chosen_runs.ranges.created_at[gt]", listing(RUN), "it is listed"),
    ("runs.created-range", "chosen_runs.ranges.created_at[lt]", listing(RUN), "it is listed"),
    ("runs.created-range", "chosen_runs.missed.created_at[lte]", listing(RUN), "it is listed"),
    ("runs.created-range", "chosen_runs.missed.created_at[gte]", listing(SECOND_RUN, RUN), "it is listed"),
    ("runs.starts", "chosen_runs.foreign_run", becoming(error()), "409"),
    ("runs.agent-is-the-deployments", "chosen_runs.foreign_run", showing("agent.version", 2), "2"),
    (
        "runs.refused-records-nothing",
        "manual_runs.listed_at_last",
        listing(THIRD_RUN, SECOND_RUN, RUN),
        "drun_3",
    ),
    ("idempotency.run-is-replayed", "chosen_runs.repeated", becoming(answer(SECOND_RUN)), "drun_2"),
    ("idempotency.run-is-replayed", "chosen_runs.repeated", becoming(error()), "409"),
    ("idempotency.run-is-replayed", "chosen_runs.of_deployment", listing(SECOND_RUN, RUN), "drun_2"),
    ("runs.of-one-deployment", "chosen_runs.under", listing(OF_OTHER, RUN), "drun_9"),
    ("runs.of-one-deployment", "chosen_runs.under", CRASH, "500"),
    ("runs.limit-is-kept", "manual_runs.pages.first", listing(SECOND_RUN, RUN), "2"),
    ("runs.limit-is-kept", "manual_runs.pages.following", listing(SECOND_RUN, RUN), "2"),
    ("runs.limit-is-kept", "manual_runs.pages.among_all", listing(SECOND_RUN, RUN), "2"),
    ("runs.limit-is-kept", "manual_runs.pages.among_all", CRASH, "500"),
    ("runs.after-id-walk", "manual_runs.pages.following", listing(SECOND_RUN), "drun_2, drun_2"),
    ("runs.after-id-walk", "manual_runs.pages.following", EMPTY, "drun_2"),
    ("runs.after-id-walk", "manual_runs.pages.first", CRASH, "500"),
    ("runs.has-more-is-true", "manual_runs.pages.first", showing("has_more", False), "false"),
    ("runs.has-more-is-true", "manual_runs.pages.among_all", showing("has_more", False), "false"),
    ("runs.has-more-is-true", "manual_runs.pages.following", showing("has_more", True), "true"),
    ("runs.has-more-is-true", "manual_runs.pages.following", CRASH, "500"),
    ("runs.two-cursors-are-400", "manual_runs.pages.two_cursors", becoming(page(RUN)), "200"),
    (
        "runs.other-tenant-is-refused",
        "manual_runs.foreign.reads.by its deployment",
        becoming(answer(RUN)),
        "200",
    ),
    ("runs.other-tenant-is-refused", "manual_runs.foreign.reads.by its id", becoming(answer(RUN)), "200"),
    ("runs.other-tenant-is-refused", "manual_runs.foreign.lists.0", listing(RUN), "drun_1 listed"),
    (
        "runs.other-tenant-is-refused",
        "manual_runs.foreign.lists.1",
        listing(SECOND_RUN, RUN),
        "drun_1 listed",
    ),
    ("runs.limit-below-one-is-400", "unknown_runs.below_one.among all", becoming(page()), "200"),
    ("runs.limit-below-one-is-400", "unknown_runs.below_one.under a deployment", CRASH, "500"),
    ("schedule.run-names-its-minute", FIRED, listing(RUN), "manual"),
    (
        "schedule.run-names-its-minute",
        FIRED,
        listing(fired(1, **UNNAMED)),
        "nothing",
    ),
    ("schedule.run-names-its-minute", FIRED, listing(fired(3)), "03:03:00Z"),
    ("schedule.run-names-its-minute", FIRED, listing(fired(-1)), "02:59:00Z"),
    ("schedule.run-names-its-minute", FIRED, listing(fired(2, created_at=MINUTE_BEFORE)), "03:02:00Z"),
    ("schedule.fires-in-its-zone", "watched_update.fired", NEVER, "none"),
    ("schedule.fires-in-its-zone", "watched_update.fired.1.runs", CRASH, "500"),
    ("schedule.run-names-the-agent", FIRED, of_agent(id="agent_9"), "agent_9"),
    ("schedule.run-names-the-agent", FIRED, of_agent(version=2), "2"),
    ("schedule.run-names-the-agent", FIRED, of_agent(type="bot"), "bot"),
    ("schedule.run-names-the-agent", "watched_pause.fired.2.deployment", CRASH, "500"),
    ("schedule.run-is-found", "watched_pause.reread.0", becoming(error(404, "not_found_error")), "404"),
    ("schedule.run-is-found", "watched_pause.reread.1", showing("id", "drun_9"), "drun_9"),
    ("schedule.run-is-found", "watched_pause.reread.0", showing("deployment_id", "dep_9"), "dep_9"),
    (
        "schedule.run-is-found",
        "watched_pause.reread.1",
        showing("created_at", "2026-07-01T03:01:03Z"),
        ":03Z",
    ),
    ("schedule.run-is-found", "watched_update_if_any.fired.1.runs", listing(fired(2)), "drun_2"),
    ("schedule.run-is-found", "watched_update_if_any.fired.1.runs", EMPTY, "none"),
    (
        "object.updated-at-never-goes-back",
        LAST_SHOWN,
        showing("updated_at", "2026-07-01T01:00:00Z"),
        "01:00:00Z",
    ),
    ("schedule.moves-last-run", LAST_SEEN, last_run_at("2026-07-01T03:08:00Z"), "03:08:00Z"),
    (
        "schedule.moves-last-run",
        "watched_pause.fired.2.deployment",
        last_run_at("2026-07-01T03:01:36Z"),
        ":36Z",
    ),
    ("schedule.moves-last-run", "watched_pause.fired.2.deployment", last_run_at(None), "null"),
    ("schedule.moves-last-run", "watched_pause.fired.2.deployment", CRASH, "500"),
    (
        "schedule.moves-last-run",
        "watched_pause.fired.2.deployment",
        last_run_at("2026-07-01T02:59:59Z"),
        "02:59:59Z",
    ),
    (
        "schedule.moves-last-run",
        "watched_pause.fired.2.deployment",
        last_run_at("2026-07-01T03:02:26Z"),
        "03:02:26Z",
    ),
    (
        "schedule.moves-last-run",
        "watched_pause.unpaused.reads.1.deployment",
        last_run_at("2026-07-01T03:01:01Z"),
        "03:01:01Z",
    ),
    ("update.schedule-fires", "watched_archive.fired.0.runs", EMPTY, "none"),
    ("update.schedule-fires", "watched_archive.fired.0.runs", CRASH, "500"),
    ("runs.schedule-filter", "watched_pause.by_trigger.schedule", EMPTY, "drun_1"),
    (
        "runs.schedule-filter",
        "watched_pause.by_trigger.schedule",
        listing(fired(1, trigger_context={"type": "cron"})),
        "cron",
    ),
    ("runs.schedule-filter", "watched_pause.by_trigger.manual", listing(fired(1)), "drun_1"),
    ("runs.schedule-filter", "watched_pause.by_trigger.manual", CRASH, "500"),
    ("pause.stops-firing", LAST_PAUSED, IN_SILENCE, "drun_3, due at 03:03:00Z"),
    ("pause.stops-firing", LAST_PAUSED, listing(fired(3, **UNNAMED), fired(1)), "due at 03:03:01Z"),
    ("pause.stops-firing", LAST_PAUSED, listing(fired(3, created_at="2026-07-01T03:01:28Z")), "03:03:00Z"),
    ("pause.stops-firing", LAST_PAUSED, CRASH, "500"),
    ("pause.stops-firing", "watched_pause.paused.reads.1.deployment", becoming(deployment()), "active"),
    (
        "update.stops-the-old-schedule",
        LAST_UPDATED,
        listing(fired(4), fired(2), fired(1)),
        "drun_4, due at 03:04:00Z",
    ),
    ("update.stops-the-old-schedule", LAST_UPDATED, CRASH, "500"),
    ("schedule.upcoming-runs-move-on", "watched_update.fired.1.deployment", upcoming_from(1), "03:01:00Z"),
    ("schedule.upcoming-runs-move-on", "watched_update.fired.1.deployment", CRASH, "500"),
    (
        "unpause.lists-no-missed-run",
        "watched_pause.unpaused.reads.0.deployment",
        upcoming_from(2),
        "03:02:00Z",
    ),
    ("unpause.lists-no-missed-run", "watched_pause.unpaused.reads.0.deployment", CRASH, "500"),
    ("archive.stops-firing", LAST_ARCHIVED, IN_SILENCE, "drun_3, due at 03:03:00Z"),
    ("archive.stops-firing", LAST_ARCHIVED, CRASH, "500"),
    ("unpause.fires-again", LAST_UNPAUSED, listing(fired(1)), "none"),
    ("unpause.fires-again", LAST_UNPAUSED, CRASH, "500"),
    ("unpause.replays-nothing", LAST_UNPAUSED, listing(fired(7), fired(6), fired(1)), "drun_6"),
    ("unpause.replays-nothing", LAST_UNPAUSED, CAUGHT_UP, "drun_4, due at 03:04:00Z"),
    (
        "unpause.replays-nothing",
        LAST_UNPAUSED,
        listing(fired(7, id="drun_8"), fired(7), fired(1)),
        "2 runs",
    ),
]

LEGAL: Final[Rows] = [
    ("runs.paused-is-conflict", "run_while_paused.again", put(None, "it was paused no more")),
    ("runs.refused-records-nothing", "run_while_paused.again", put(None, "it was paused no more")),
    ("runs.outlive-actions", "chosen_runs.acted.archived.runs", becoming(error(404, "not_found_error"))),
    ("runs.outlive-actions", "chosen_runs.acted.archived.read", becoming(error(404, "not_found_error"))),
    ("runs.outlive-actions", "chosen_runs.acted.archived.run", becoming(error(404, "not_found_error"))),
    ("runs.outlive-actions", "chosen_runs.acted.before", last_run_at(None)),
    (
        "runs.outlive-actions",
        "manual_runs_if_any",
        with_facts("none", listed_at_last=page(), listed_once_archived=page()),
    ),
    ("runs.outlive-actions", "manual_runs_if_any.listed_at_last", becoming(error(404, "not_found_error"))),
    ("runs.outlive-actions", "chosen_runs.acted.paused.answer", becoming(error())),
    ("runs.starts", "manual_runs.first", becoming(answer(FAILED))),
    ("runs.session-or-error", "manual_runs.first", becoming(answer(FAILED))),
    ("runs.status-is-documented", "manual_runs.first", becoming(answer({**RUN, "status": "skipped"}))),
    ("runs.moves-last-run", "manual_runs.after", showing("schedule.last_run_at", "2026-07-01T02:01:12Z")),
    (
        "runs.moves-last-run",
        "manual_runs.after",
        showing("schedule.last_run_at", "2026-07-01T01:59:10+00:00"),
    ),
    ("runs.is-found", "manual_runs.listed", listing({**RUN, "id": "drun_9"}, SECOND_RUN, RUN)),
    ("runs.is-found", "manual_runs.reread.0", showing("created_at", "2026-07-01T02:00:10.250Z")),
    ("runs.is-found", "manual_runs.second", becoming(error())),
    ("runs.newest-first", "manual_runs.listed", EMPTY),
    ("runs.filters", "chosen_runs.of_deployment", listing(SECOND_RUN, RUN)),
    ("runs.created-range", "chosen_runs.ranges.created_at[gt]", listing(SECOND_RUN)),
    ("runs.created-range", "chosen_runs.missed.created_at[lte]", listing(SECOND_RUN)),
    ("runs.created-range", "chosen_runs", with_facts("not listed", under=page(), missed={"any": page(RUN)})),
    (
        "runs.refused-records-nothing",
        "run_while_paused.after_among_all",
        listing({**RUN, "deployment_id": "x"}),
    ),
    ("runs.starts", "chosen_runs.unpaused", CRASH),
    ("runs.starts", "chosen_runs.foreign_run", becoming(answer(FAILED))),
    ("runs.agent-is-the-deployments", "chosen_runs.updated", put(None, "no version")),
    ("runs.agent-is-the-deployments", "chosen_runs.updated", REFUSED),
    ("runs.agent-is-the-deployments", "chosen_runs.foreign_run", becoming(error())),
    ("runs.refused-records-nothing", "manual_runs.listed_at_last", EMPTY),
    ("runs.refused-records-nothing", "manual_runs.listed_at_last", becoming(error(404, "not_found_error"))),
    ("runs.refused-records-nothing", "manual_runs.listed_at_last", listing(RETRY, SECOND_RUN, RUN)),
    ("runs.refused-records-nothing", "manual_runs.listed_at_last", listing(OF_OTHER, RUN)),
    ("runs.refused-records-nothing", "manual_runs.archived", CRASH),
    (
        "runs.refused-records-nothing",
        "manual_runs",
        with_facts(
            "a run whose answer was lost",
            listed=page(THIRD_RUN, SECOND_RUN, RUN),
            listed_at_last=page(THIRD_RUN, SECOND_RUN, RUN),
        ),
    ),
    ("runs.refused-records-nothing", "manual_runs.run_archived", STARTED),
    ("runs.refused-records-nothing", "manual_runs.run_archived", SILENT),
    ("idempotency.run-is-replayed", "chosen_runs.of_deployment", listing(RETRY, OF_OTHER, RUN)),
    ("runs.has-more-is-true", "manual_runs.pages.first", listing(SECOND_RUN, RUN)),
    ("runs.has-more-is-true", "manual_runs.pages.following", becoming(page(SECOND_RUN, has_more=True))),
    ("runs.has-more-is-true", "manual_runs.pages.among_all", showing("has_more", None)),
    ("runs.other-tenant-is-refused", "manual_runs.foreign.lists.1", becoming(error(404, "not_found_error"))),
    (
        "runs.other-tenant-is-refused",
        "manual_runs.foreign.reads.by its id",
        becoming(error(403, "permission_error")),
    ),
    ("schedule.run-names-its-minute", FIRED, listing(fired(2), fired(0))),
    ("schedule.run-names-its-minute", FIRED, listing(fired(2, created_at="2026-07-01T03:01:30Z"))),
    ("pause.stops-firing", LAST_PAUSED, listing(fired(3, created_at=MINUTE_BEFORE), fired(1))),
    ("schedule.run-is-found", "watched_update_if_any.fired.1.runs", becoming(page(fired(2), has_more=True))),
    ("schedule.run-is-found", "watched_update_if_any.fired.0.runs", EMPTY),
    (
        "object.updated-at-never-goes-back",
        "watched_pause_if_any.unpaused.reads.0.deployment",
        showing("updated_at", "soon"),
    ),
    ("object.updated-at-never-goes-back", LAST_SHOWN, becoming(error(404, "not_found_error"))),
    (
        "pause.stops-firing",
        LAST_PAUSED,
        listing(fired(1), fired(0)),
    ),
    ("pause.stops-firing", LAST_PAUSED, NEXT_MINUTE),
    ("archive.stops-firing", LAST_ARCHIVED, NEXT_MINUTE),
    ("pause.stops-firing", "watched_pause", updated_to("paused")),
    ("pause.stops-firing", "watched_pause", with_facts("refused while paused", updated=error())),
    ("update.stops-the-old-schedule", LAST_UPDATED, listing(fired(3, **UNNAMED), fired(2), fired(1))),
    ("schedule.upcoming-runs-move-on", "watched_update.fired.1.deployment", upcoming_from(2)),
    (
        "schedule.upcoming-runs-move-on",
        "watched_update.fired.1.deployment",
        showing("schedule.upcoming_runs_at", []),
    ),
    ("unpause.lists-no-missed-run", "watched_pause.unpaused.reads.0.deployment", upcoming_from(6)),
    ("schedule.fires-in-its-zone", "watched_update.fired.0.deployment", upcoming_from(50)),
    ("schedule.run-is-found", "watched_pause.reread", put((), "not read")),
    ("schedule.moves-last-run", "watched_pause.fired.2.deployment", last_run_at("2026-07-01T03:00:00Z")),
    ("schedule.moves-last-run", "watched_pause.fired.2.deployment", last_run_at("2026-07-01T03:01:35Z")),
    (
        "schedule.moves-last-run",
        "watched_pause.unpaused.reads.1.deployment",
        last_run_at("2026-07-01T03:06:00Z"),
    ),
    ("schedule.moves-last-run", LAST_UNPAUSED, listing(fired(1))),
    ("schedule.moves-last-run", "watched_pause.unpaused", put(None, "none")),
    ("unpause.fires-again", LAST_UNPAUSED, listing(fired(6), fired(1))),
    ("unpause.replays-nothing", LAST_UNPAUSED, listing(fired(7), fired(1), fired(0))),
]

_OF_NONE = (
    "session-or-error",
    "trigger-is-manual",
    "moves-last-run",
    "is-found",
    "newest-first",
    "status-is-documented",
)
_AFTER_FIRING = [
    ("schedule.run-names-its-minute", "watched_pause"),
    ("runs.schedule-filter", "watched_pause"),
    ("pause.stops-firing", "watched_pause"),
    ("unpause.fires-again", "watched_pause"),
    ("unpause.replays-nothing", "watched_pause"),
    ("schedule.run-names-the-agent", "watched_pause"),
    ("schedule.run-is-found", "watched_pause"),
    ("schedule.moves-last-run", "watched_pause"),
    ("schedule.fires-in-its-zone", "watched_pause"),
    ("update.schedule-fires", "watched_pause"),
]
UNJUDGED: Final[Rows] = [
    ("pause.works-after-runs", "chosen_runs.foreign_run", NO_LEAVE),
    ("pause.works-after-runs", "chosen_runs.acted", put(None, "nothing was done")),
    ("runs.outlive-actions", "chosen_runs.acted.runs", listing()),
    ("runs.need-credentials", "manual_runs.without_credentials", put((), "no run")),
    *((f"runs.{name}", "manual_runs.first", NO_LEAVE) for name in OF_THE_FIRST),
    *((f"runs.{name}", "manual_runs.first", SILENT) for name in OF_THE_FIRST),
    *((f"runs.{name}", "manual_runs.first", becoming(error())) for name in _OF_NONE),
    ("runs.body-is-optional", "manual_runs.second", becoming(error(402, "permission_error"))),
    (
        "runs.skipped-above-limit",
        "manual_runs.before",
        showing("metadata.cas_config.config.max_concurrent", 2),
    ),
    ("runs.skipped-above-limit", "manual_runs.before", becoming(deployment())),
    ("runs.skipped-above-limit", "manual_runs.reread.0", showing("status", "completed")),
    ("runs.skipped-above-limit", "manual_runs.second", becoming(error())),
    ("runs.newest-first", "manual_runs.second", becoming(error())),
    ("runs.newest-first", "manual_runs.second", NO_TIME),
    ("runs.newest-first", "manual_runs.first", NO_TIME),
    ("runs.newest-first", "manual_runs.second", showing("created_at", "2026-07-01T02:00:10.900Z")),
    ("archive.run-is-conflict", "manual_runs.archived", CRASH),
    ("archive.keeps-last-run", "manual_runs.archived", CRASH),
    ("archive.keeps-last-run", "manual_runs.after", becoming(deployment())),
    ("runs.paused-is-conflict", "run_while_paused.paused", CRASH),
    ("runs.refused-records-nothing", "run_while_paused.paused", CRASH),
    ("runs.refused-records-nothing", "run_while_paused.refused", SILENT),
    ("runs.filters", "chosen_runs.run", becoming(error())),
    ("runs.filters", "chosen_runs.foreign_run", becoming(error())),
    ("runs.error-filter", "chosen_runs.of_deployment", EMPTY),
    ("runs.created-range", "chosen_runs.of_deployment", EMPTY),
    *((name, f"{story}.fired.2.runs", EMPTY) for name, story in _AFTER_FIRING),
    ("archive.stops-firing", "watched_archive.fired.0.runs", EMPTY),
    ("pause.stops-firing", LAST_PAUSED, listing({**fired(3, **UNNAMED), "created_at": "soon"})),
    ("pause.stops-firing", LAST_PAUSED, SILENT),
    ("archive.stops-firing", LAST_ARCHIVED, SILENT),
    ("archive.stops-firing", LAST_ARCHIVED, EMPTY),
    ("pause.stops-firing", LAST_PAUSED, EMPTY),
    ("pause.stops-firing", "watched_pause", updated_to("active")),
    ("update.stops-the-old-schedule", LAST_UPDATED, SILENT),
    ("update.stops-the-old-schedule", LAST_UPDATED, listing(fired(2))),
    (
        "update.stops-the-old-schedule",
        "watched_update.updated",
        with_facts("refused", action=error(), reads=()),
    ),
    ("update.stops-the-old-schedule", "watched_update.fired.1.runs", EMPTY),
    ("schedule.upcoming-runs-move-on", "watched_update.fired.1.runs", EMPTY),
    ("schedule.upcoming-runs-move-on", "watched_update.fired.1.runs", listing(fired(1))),
    ("schedule.upcoming-runs-move-on", "watched_update.fired.1.deployment", SILENT),
    ("unpause.fires-again", LAST_UNPAUSED, SILENT),
    ("unpause.lists-no-missed-run", "watched_pause.unpaused.reads.0.deployment", SILENT),
    ("unpause.lists-no-missed-run", "watched_pause.unpaused", put(None, "none")),
    ("unpause.fires-again", "watched_pause.unpaused", with_facts("refused", action=error(), reads=())),
    ("unpause.fires-again", "watched_pause.unpaused", put(None, "none")),
    ("runs.created-range", "chosen_runs", WITHOUT_TIME),
    ("runs.starts", "chosen_runs.other", showing("status", "paused")),
    ("runs.agent-is-the-deployments", "chosen_runs.other", showing("agent.version", 2)),
    ("idempotency.run-is-replayed", "chosen_runs.repeated", put(None, "none")),
    ("idempotency.run-is-replayed", "chosen_runs.repeated", SILENT),
    ("runs.of-one-deployment", "chosen_runs.foreign_run", becoming(error())),
    ("runs.of-one-deployment", "chosen_runs.run", NO_LEAVE),
    ("runs.limit-is-kept", "manual_runs.pages", put(None, "one run")),
    ("runs.limit-is-kept", "manual_runs.second", becoming(error())),
    ("runs.two-cursors-are-400", "manual_runs.pages.two_cursors", SILENT),
    ("runs.after-id-walk", "manual_runs.listed", listing(RUN)),
    ("runs.has-more-is-true", "manual_runs.listed", listing(RETRY, SECOND_RUN, RUN)),
    ("runs.other-tenant-is-refused", "manual_runs.foreign", put(None, "no run")),
    (
        "runs.other-tenant-is-refused",
        "manual_runs.foreign.lists.0",
        becoming(error(401, "authentication_error")),
    ),
    ("runs.limit-below-one-is-400", "unknown_runs.below_one.among all", SILENT),
    ("schedule.fires-in-its-zone", "watched_update.fired", NONE_SOON),
    ("schedule.fires-in-its-zone", "watched_update.fired", silent("no list", schedule=None)),
    ("schedule.fires-in-its-zone", "watched_update.fired", silent("paused", status="paused")),
    ("schedule.fires-in-its-zone", "watched_update.fired.1.runs", SILENT),
    ("schedule.fires-in-its-zone", "watched_update.fired.1.runs", EMPTY),
    ("schedule.moves-last-run", "watched_pause.fired.2.deployment", SILENT),
    ("update.schedule-fires", "watched_archive.updates.0", REFUSED),
    ("update.schedule-fires", "watched_archive.updates.1", CRASH),
    ("update.schedule-fires", "watched_archive.fired.0.deployment", showing("status", "paused")),
    (
        "update.schedule-fires",
        "watched_archive.fired.0.deployment",
        showing("schedule.expression", "0 3 1 1 *"),
    ),
    ("update.schedule-fires", "watched_archive.fired.0.runs", SILENT),
]

INAPPLICABLE: Final[Rows] = []
