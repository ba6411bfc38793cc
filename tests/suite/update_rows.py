"""Updates, and what holds over a whole life, answered otherwise."""

from __future__ import annotations

from typing import Final

from tests.suite.judging import Accusing, Rows
from tests.suite.stories import LATER
from tests.suite.written import (
    CRASH,
    DEPLOYMENT,
    REFUSED,
    SILENT,
    TOUCHED,
    answer,
    becoming,
    deployment,
    error,
    put,
    repeated,
    showing,
)

ACCEPTED = becoming(deployment())
PAST = "2026-07-01T01:00:00Z"
WITHOUT_EVENTS = {name: value for name, value in DEPLOYMENT.items() if name != "initial_events"}
REFUSALS: Final = {
    "update.empty-name-is-400": ("refused_updates", "an empty name"),
    "update.name-of-257-is-400": ("refused_updates", "a name of 257 characters"),
    "update.17th-metadata-key-is-400": ("refused_updates", "a 17th metadata key"),
    "update.metadata-beyond-limits-is-400": ("refused_updates", "a number as metadata value"),
    "update.events-outside-1-to-50-are-400": ("refused_updates", "51 events"),
    "update.unknown-event-type-is-400": ("refused_updates", "an unknown event type after a good event"),
    "update.invalid-cron-is-400": ("refused_schedule_updates", "the minute 61"),
    "update.partial-schedule-is-400": ("refused_schedule_updates", "a schedule without timezone"),
    "update.schedule-type-must-be-cron": ("refused_schedule_updates", "the schedule type interval"),
    "update.six-fields-are-400": ("refused_schedule_updates", "a cron of 6 fields"),
    "update.unknown-zone-is-400": ("refused_schedule_updates", "an unknown time zone"),
    "update.archived-agent-is-400": ("update_to_archived_agent", "an archived agent"),
    "update.archived-environment-is-400": ("update_to_archived_environment", "an archived environment"),
}
_WAYS = [(requirement, f"{story}.answers.{asked}") for requirement, (story, asked) in REFUSALS.items()]

BROKEN: Final[Accusing] = [
    *((requirement, way, ACCEPTED, "200") for requirement, way in _WAYS),
    *((requirement, way, CRASH, "500") for requirement, way in _WAYS),
    ("update.unknown-event-type-is-400", "refused_updates.answers.an event without type", ACCEPTED, "200"),
    ("update.archived-agent-is-400", "update_to_archived_agent.around.0.1", TOUCHED, "updated_at"),
    ("update.archived-environment-is-400", "update_to_archived_environment.around.0.1", TOUCHED, "updated_at"),
    ("update.returns-full-object", "updates.name.answer", CRASH, "500"),
    ("update.returns-full-object", "updates.name.answer", becoming(answer(WITHOUT_EVENTS)), "initial_events"),
    ("update.returns-full-object", "updates.description.answer", showing("description", "old"), "old"),
    ("update.returns-full-object", "updates.description.answer", becoming(error(409, "conflict_error")), "409"),
    ("update.returns-full-object", "updates.moved.answer", showing("environment_id", "env_1"), "env_1"),
    ("update.is-stored", "updates.moved.after", showing("environment_id", "env_1"), "env_1"),
    ("update.is-stored", "updates.name.after", showing("name", "old"), "old"),
    ("update.is-stored", "updates.description.after", CRASH, "500"),
    ("update.keeps-what-was-not-sent", "updates.name.after", showing("status", "paused"), "status"),
    ("update.keeps-what-was-not-sent", "updates.timezone.after", showing("metadata", {}), "metadata"),
    ("update.keeps-what-was-not-sent", "updates.events.after", showing("schedule", None), "schedule"),
    ("update.keeps-what-was-not-sent", "updates.deleted.after", showing("description", ""), "description"),
    ("update.patch-and-put-are-not-offered", "open_updates.patch", ACCEPTED, "200"),
    ("update.patch-and-put-are-not-offered", "open_updates.put", becoming(answer(None, 204)), "204"),
    ("update.advances-updated-at", "updates.name.answer", showing("updated_at", DEPLOYMENT["updated_at"]), "2026"),
    ("update.advances-updated-at", "updates.name.after", showing("updated_at", PAST), "2026"),
    ("update.advances-updated-at", "updates.name.answer", showing("updated_at", None), "null"),
    ("update.advances-updated-at", "updates.rescheduled.after", showing("updated_at", PAST), "2026"),
    ("update.advances-updated-at", "updates.metadata.after", showing("updated_at", LATER["updated_at"]), "2026"),
    ("update.advances-updated-at", "updates.replaced.answer", showing("updated_at", LATER["updated_at"]), "2026"),
    ("update.new-schedule-lists-new-runs", "updates.expression.answer", CRASH, "500"),
    (
        "update.new-schedule-lists-new-runs",
        "updates.timezone.answer",
        showing("schedule.upcoming_runs_at", ["2027-05-02T01:30:00Z"]),
        "2027-05-02T01:30",
    ),
    ("update.new-schedule-lists-new-runs", "updates.timezone.after", showing("schedule.upcoming_runs_at", []), "none"),
    ("update.new-schedule-lists-new-runs", "rescheduling.added.answer", showing("schedule", None), "nothing"),
    ("update.new-schedule-lists-new-runs", "rescheduling.added.after", showing("schedule.upcoming_runs_at", []), "none"),
    (
        "update.new-schedule-lists-new-runs",
        "rescheduling.resumed.after",
        showing("schedule.upcoming_runs_at", ["2027-05-02T01:30:00Z"]),
        "2027-05-02T01:30",
    ),
    ("update.metadata-is-merged", "updates.metadata.answer", showing("metadata.d", "other"), "other"),
    ("update.metadata-is-merged", "updates.metadata.after", showing("metadata.b", "old"), "old"),
    ("update.metadata-is-merged", "updates.metadata.after", showing("metadata.b", None), "null"),
    ("update.metadata-is-merged", "updates.metadata.after", showing("metadata.c", ""), ""),
    ("update.metadata-is-merged", "updates.deleted.answer", REFUSED, "400"),
    ("update.metadata-is-merged", "updates.deleted.after", showing("metadata.c", "set"), "set"),
    ("update.metadata-is-merged", "updates.exchanged.answer", REFUSED, "400"),
    ("update.metadata-is-merged", "updates.exchanged.after", showing("metadata.key-0", "kept"), "kept"),
    ("update.metadata-is-merged", "updates.exchanged.after", showing("metadata.key-1", "other"), "other"),
    ("update.empty-metadata-changes-nothing", "updates.empty_metadata.after", showing("metadata", {}), "metadata"),
    ("update.empty-metadata-changes-nothing", "updates.empty_metadata.answer", becoming(error(400)), "400"),
    ("update.events-are-replaced", "updates.events.answer", showing("initial_events", []), "[]"),
    ("update.events-are-replaced", "updates.events.after", showing("initial_events", [{}, {}]), "{}"),
    ("update.of-paused-keeps-it-paused", "lifecycle.paused_update", showing("status", "active"), "active"),
    ("update.of-paused-keeps-it-paused", "lifecycle.after_paused_update", ACCEPTED, "active"),
    ("update.of-paused-keeps-it-paused", "lifecycle.after_paused_update", showing("description", "old"), "old"),
    ("update.of-paused-keeps-it-paused", "lifecycle.after_paused_update", showing("paused_reason", None), "paused_reason"),
    ("update.empty-body-changes-nothing", "updates.nothing.after", showing("name", "other"), "name"),
    ("update.empty-body-changes-nothing", "updates.nothing.answer", becoming(error(400)), "400"),
    ("object.identity-never-moves", "lifecycle.states.3", showing("id", "dep_other"), "dep_other"),
    ("object.identity-never-moves", "lifecycle.states.4", showing("created_at", PAST), PAST),
    ("object.identity-never-moves", "lifecycle.states.1", showing("type", "job"), "job"),
    ("object.updated-at-never-goes-back", "lifecycle.states.3", showing("updated_at", PAST), "2026-07-01T01"),
    ("errors.refused-changes-nothing", "refused_updates.around.0.1", TOUCHED, "updated_at"),
    ("errors.refused-changes-nothing", "refused_schedule_updates.around.0.1", showing("schedule", None), "schedule"),
]  # fmt: skip

LEGAL: Final[Rows] = [
    ("update.new-schedule-lists-new-runs", "updates.expression.after", showing("schedule.timezone", "PRC")),
    ("update.new-schedule-lists-new-runs", "rescheduling.added.answer", REFUSED),
    ("update.new-schedule-lists-new-runs", "rescheduling.added", put(None, "none was made")),
    ("update.new-schedule-lists-new-runs", "rescheduling.resumed", put(None, "none was made")),
    ("update.new-schedule-lists-new-runs", "rescheduling.resumed.answer", REFUSED),
    ("update.new-schedule-lists-new-runs", "rescheduling.resumed.before", showing("schedule.timezone", "UTC")),
    ("update.new-schedule-lists-new-runs", "rescheduling.resumed.before", showing("status", "active")),
    ("update.metadata-is-merged", "updates.exchanged", put(None, "none with 16 keys")),
    ("update.metadata-is-merged", "updates.deleted", put(None, "none to delete")),
    ("update.returns-full-object", "updates.moved.answer", REFUSED),
    ("update.is-stored", "updates.moved", put(None, "no second environment")),
    ("update.advances-updated-at", "updates.replaced", put(None, "left alone")),
    ("update.advances-updated-at", "updates.rescheduled.after", showing("schedule", None)),
    ("update.is-stored", "updates.name.after", showing("revision", 8)),
    ("update.keeps-what-was-not-sent", "updates.name.after", showing("schedule.upcoming_runs_at", [])),
    ("update.keeps-what-was-not-sent", "updates.name.after", TOUCHED),
    ("update.empty-body-changes-nothing", "updates.nothing.after", TOUCHED),
    ("update.metadata-is-merged", "updates.metadata.after", showing("metadata.cas_config", {"mode": "x"})),
    ("update.patch-and-put-are-not-offered", "open_updates.patch", becoming(error(404, "not_found_error"))),
    ("update.patch-and-put-are-not-offered", "open_updates.put", CRASH),
    ("update.of-paused-keeps-it-paused", "lifecycle.after_paused_update", TOUCHED),
    ("object.identity-never-moves", "lifecycle.states.3", showing("created_at", "2026-07-01T02:00:00.900Z")),
    ("object.updated-at-never-goes-back", "lifecycle.states.3", showing("updated_at", "2026-07-01T02:00:04.5Z")),
    *((requirement, way, becoming(answer("no", 400))) for requirement, way in _WAYS),
]  # fmt: skip

UNJUDGED: Final[Rows] = [
    *((requirement, way, SILENT) for requirement, way in _WAYS),
    *((requirement, way, becoming(answer(None, 429))) for requirement, way in _WAYS),
    ("update.empty-name-is-400", "refused_updates.answers.an empty name", repeated(error())),
    ("update.patch-and-put-are-not-offered", "open_updates.patch", SILENT),
    ("update.advances-updated-at", "updates.name.after", showing("name", "old")),
    ("update.new-schedule-lists-new-runs", "updates.name.after", showing("name", "old")),
    ("update.new-schedule-lists-new-runs", "updates.expression.before", showing("schedule", None)),
    ("update.metadata-is-merged", "updates.name.after", showing("name", "old")),
    ("update.events-are-replaced", "updates.name.after", showing("name", "old")),
    ("update.of-paused-keeps-it-paused", "lifecycle.before_paused_update", becoming(deployment())),
    ("update.of-paused-keeps-it-paused", "updates.name.after", showing("name", "old")),
    ("update.is-stored", "updates.name.after", becoming(answer(None, 503))),
    ("update.keeps-what-was-not-sent", "updates.name.before", SILENT),
]  # fmt: skip

INAPPLICABLE: Final[Rows] = [
    (
        "update.new-schedule-lists-new-runs",
        "updates.expression.before",
        showing("schedule.upcoming_runs_at", []),
    ),
    ("update.events-are-replaced", "updates.events", put(None, "left alone")),
]
