"""What the documents leave open, answered otherwise than the written stories do."""

from __future__ import annotations

from typing import Final

from tests.suite.judging import Rows
from tests.suite.written import (
    ARCHIVED,
    PAUSED,
    answer,
    becoming,
    deployment,
    error,
    page,
    showing,
)

CRASH = becoming(error(500, "api_error"))
REFUSED = becoming(error(400, "invalid_request_error"))

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
    ("object.paused-reason-invariant", "every_exchange.2", becoming(deployment(status="paused"))),
    (
        "object.paused-reason-invariant",
        "every_exchange.2",
        becoming(deployment(paused_reason={"type": "manual"})),
    ),
    ("runs.retry-trigger", "unknown_runs.retry_trigger", REFUSED),
    ("schedule.fires", "watched_pause.fired.1.runs", becoming(page())),
    ("schedule.impossible-date", "open_dialect.answers.30 February", REFUSED),
    ("schedule.impossible-date", "open_dialect.answers.30 February", becoming(answer({}))),
    ("update.read-only-fields", "open_updates.after_read_only", becoming(deployment(id="dep_9"))),
    ("update.of-archived", "archive_twice.probes.update", becoming(deployment(name="new"))),
]
