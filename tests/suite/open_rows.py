"""What the documents leave open, answered otherwise than the written stories do."""

from __future__ import annotations

from typing import Final

from tests.suite.judging import Rows
from tests.suite.run_stories import fired
from tests.suite.stories import stored
from tests.suite.written import (
    ARCHIVED,
    CRASH,
    PAUSED,
    REFUSED,
    SCHEDULE,
    answer,
    becoming,
    deployment,
    error,
    page,
    put,
    showing,
    with_facts,
)

ODD_PAIR = deployment(status="paused"), deployment(paused_reason={"type": "manual"})
SHIFTED = stored(schedule=SCHEDULE)

OBSERVED: Final[Rows] = [
    ("create.schedule-null", "open_values.answers.schedule null", REFUSED),
    ("create.blank-name", "open_values.answers.a blank name", becoming(deployment(name="   "))),
    ("create.description-null", "open_values.answers.description null", showing("description", "")),
    ("create.absent-description", "bare_creation.answer", CRASH),
    (
        "create.agent-object-without-version",
        "open_references.answers.an agent object without version",
        REFUSED,
    ),
    ("create.event-content-forms", "other_event_form.stored.read", showing("initial_events", [])),
    (
        "create.event-content-forms",
        "other_event_form.stored.read",
        showing("initial_events", [{"content": 7}]),
    ),
    ("archive.of-paused", "archive_paused.after", becoming(deployment(**ARCHIVED))),
    ("archive.pause-of-archived", "archive_twice.after_probes", CRASH),
    ("archive.pause-of-archived", "archive_twice.after_probes", becoming(deployment())),
    ("archive.unarchive", "archive_twice.probes.unarchive", becoming(deployment())),
    ("archive.long-name", "archive_long_name.archived", CRASH),
    ("idempotency.key-on-get", "keyed_pause.read_after", becoming(deployment())),
    ("idempotency.key-on-get", "keyed_pause.read_before", becoming(deployment(**PAUSED))),
    ("list.limit-101", "odd_listings.open.limit=101", REFUSED),
    ("object.paused-reason-invariant", "every_exchange.2", showing("status", "paused")),
    (
        "object.paused-reason-invariant",
        "every_exchange.2",
        showing("paused_reason", {"type": "manual"}),
    ),
    ("runs.retry-trigger", "unknown_runs.retry_trigger", REFUSED),
    ("schedule.fires", "watched_pause.fired.2.runs", becoming(page())),
    ("schedule.impossible-date", "open_dialect.answers.30 February", REFUSED),
    ("schedule.impossible-date", "open_dialect.answers.30 February", becoming(answer({}))),
    ("object.paused-reason-invariant", "every_exchange.2", put(deployment(**PAUSED), "a paused one")),
    ("object.paused-reason-invariant", "every_exchange", put(ODD_PAIR, "two odd ones")),
    (
        "transport.throttling",
        "every_exchange.0",
        with_facts("refused thrice", retries=("429", "503", "429", "no answer")),
    ),
    (
        "errors.request-id-header",
        "every_exchange.0",
        with_facts("an x-request-id", headers={"x-request-id": "a"}),
    ),
    (
        "errors.request-id-header",
        "every_exchange.0",
        with_facts("both", headers={"x-request-id": "a", "request-id": "b"}),
    ),
    ("errors.content-type", "every_exchange.0", with_facts("no headers", headers={})),
    (
        "schedule.fires",
        "watched_pause.fired.2.runs",
        becoming(page(fired(1, trigger_context={"type": "schedule"}))),
    ),
    ("schedule.fires", "watched_pause.fired.2.runs", becoming(page(fired(2), fired(1)))),
    ("schedule.one-run-per-occurrence", "watched_pause.fired.2.runs", becoming(page())),
    (
        "schedule.one-run-per-occurrence",
        "watched_pause.fired.2.runs",
        becoming(page(fired(2), fired(1), fired(1, id="drun_9"))),
    ),
    ("runs.foreign-path", "chosen_runs.foreign_path", put(error(404, "not_found_error"), "404")),
    (
        "create.malformed-environment-variables",
        "open_values.answers.variables without an equals sign",
        becoming(deployment(environment_variables="NOEQUALS")),
    ),
    ("create.event-content-forms", "other_event_form.form", put("blocks", "blocks")),
    (
        "schedule.daylight-saving",
        "clock_changes.stored",
        put({"skipped": SHIFTED, "repeated": SHIFTED}, "both hours"),
    ),
    (
        "tenancy.refusal-of-other-tenant",
        "other_tenant.answers.pause",
        becoming(error(403, "permission_error")),
    ),
    (
        "update.odd-texts",
        "updates.odd",
        put({"a NUL": ("a", error(400)), "blanks": (" a", deployment(name="a"))}, "two"),
    ),
    ("update.outcome-events", "updates.types.1.answer", REFUSED),
    (
        "update.read-only-fields",
        "open_updates.after_read_only",
        becoming(deployment(id="dep_9", status="paused")),
    ),
    ("update.of-archived", "archive_twice.probes.update", becoming(deployment(name="new"))),
]
