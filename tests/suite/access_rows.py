"""Credentials, tenants, keys, errors and unknown things, answered otherwise."""

from __future__ import annotations

from typing import Final

from tests.suite.judging import Accusing, Rows
from tests.suite.stories import OTHER_ID, REQUEST_ID, envelope
from tests.suite.written import (
    CRASH,
    DEPLOYMENT,
    ID,
    PAUSED,
    SILENT,
    TOUCHED,
    answer,
    becoming,
    deployment,
    error,
    page,
    put,
    repeated,
    showing,
    with_facts,
)

OK = becoming(deployment())
OTHER_KIND = becoming(error(401, "permission_error"))
FORBIDDEN, UNKNOWN = becoming(error(403, "permission_error")), becoming(error(404, "not_found_error"))
CONFLICT = becoming(error())
LISTED = {**DEPLOYMENT, "id": "dep_made"}
UNNAMED = becoming(answer({"type": "error", "error": {"type": "conflict_error", "message": "No."}}, 409))

BROKEN: Final[Accusing] = [
    ("transport.no-version-header", "plain_lists.deployments", with_facts("a beta header", request_headers={"anthropic-beta": "x"}), "anthropic-beta"),
    ("transport.no-version-header", "plain_lists.deployments", with_facts("a version header", request_headers={"api-version": "1"}), "api-version"),
    ("errors.request-id-is-uuid", "every_exchange", put((envelope(REQUEST_ID),) * 6, "six with one id"), "the same for 6"),
    ("auth.missing-is-401", "intrusions.nothing.answers.POST /deployments", OK, "200"),
    ("auth.missing-is-401", "intrusions.nothing.answers.GET /deployments", FORBIDDEN, "403"),
    ("auth.missing-is-401", "intrusions.nothing.answers.GET /deployments", OTHER_KIND, "permission_error"),
    ("auth.unknown-token-is-401", "intrusions.unknown_token.answers.POST /deployments", UNKNOWN, "404"),
    ("auth.unknown-token-is-401", "other_credentials.no_token", becoming(error(400)), "400"),
    ("auth.refused-changes-nothing", "intrusions.nothing.active.1", TOUCHED, "updated_at"),
    ("auth.refused-changes-nothing", "intrusions.unknown_token.paused.1", OK, "status"),
    ("auth.refused-changes-nothing", "newest.0", becoming(page({**LISTED, "description": "by nobody"})), "dep_made"),
    ("auth.refused-changes-nothing", "newest.0", becoming(page({**LISTED, "description": "by a forger"})), "dep_made"),
    ("auth.api-key-header-is-401", "other_credentials.api_key", becoming(page()), "200"),
    ("tenancy.other-tenant-is-refused", "other_tenant.answers.pause", OK, "200"),
    ("tenancy.other-tenant-is-refused", "other_tenant.answers.archive", CONFLICT, "409"),
    ("tenancy.other-tenant-is-refused", "other_tenant.active.1", becoming(deployment(**PAUSED)), "paused"),
    ("tenancy.other-tenant-is-refused", "other_tenant.paused.1", TOUCHED, "updated_at"),
    ("tenancy.other-tenant-is-refused", "other_tenant.lists.0", becoming(page(DEPLOYMENT)), ID),
    ("tenancy.other-tenant-is-refused", "other_tenant.lists.1", becoming(page({**DEPLOYMENT, "id": "dep_2"})), "dep_2"),
    ("idempotency.create-is-replayed", "keyed_creation.second", showing("id", "dep_2"), "dep_2"),
    ("idempotency.create-is-replayed", "keyed_creation.third", CONFLICT, "409"),
    ("idempotency.create-is-replayed", "keyed_creation.listed", becoming(page(DEPLOYMENT, LISTED)), "dep_made"),
    ("idempotency.other-body-is-conflict", "keyed_creation.other_bodies.another event", OK, "200"),
    (
        "idempotency.other-body-is-conflict",
        "keyed_creation.other_bodies.another name",
        becoming(error(kind="invalid_request_error")),
        "invalid_request_error",
    ),
    ("idempotency.pause-is-replayed", "keyed_pause.second", CONFLICT, "409"),
    ("idempotency.pause-is-replayed", "keyed_pause.second", showing("status", "active"), "active"),
    ("idempotency.pause-is-replayed", "keyed_pause.second", showing("id", "dep_2"), "dep_2"),
    ("idempotency.pause-is-replayed", "keyed_pause.after_second", TOUCHED, "updated_at"),
    ("idempotency.new-key-executes", "keyed_pause.other_key", becoming(deployment(**PAUSED)), "200"),
    ("errors.unknown-deployment-is-404", "unknown_deployment.answers.pause", becoming(error(400)), "400"),
    ("errors.unknown-deployment-is-404", "unknown_deployment.answers.read", OK, "200"),
    ("errors.unknown-deployment-is-404", "unknown_deployment.answers.read", becoming(error(404)), "conflict_error"),
    ("runs.unknown-run-is-404", "unknown_runs.by_route.by its id", becoming(error(400)), "400"),
    ("errors.malformed-json-is-400", "malformed_creations.answers.half a document", OK, "200"),
    ("errors.malformed-json-is-400", "refused_updates.answers.malformed JSON", CRASH, "500"),
    ("errors.malformed-json-is-400", "refused_updates.answers.malformed JSON", becoming(error(400)), "conflict_error"),
    ("errors.wrong-type-is-400", "incomplete_creations.answers.a list as name", CRASH, "500"),
    ("errors.wrong-type-is-400", "refused_updates.answers.a list as name", OK, "200"),
    ("errors.wrong-type-is-400", "refused_schedule_updates.answers.text as schedule", OK, "200"),
    ("errors.refused-creates-nothing", "newest.0", becoming(page({**LISTED, "description": "refused"})), "dep_made"),
    ("errors.envelope", "every_exchange.0", becoming(answer("no", 409)), "409"),
    ("errors.envelope", "every_exchange.0", showing("type", "failure"), "type"),
    ("errors.envelope", "every_exchange.0", showing("error.message", None), "message"),
    ("errors.type-matches-status", "every_exchange.0", showing("error.type", "api_error"), "api_error"),
    ("errors.param-is-text", "every_exchange.0", showing("error.param", 7), "7"),
    ("errors.request-id-present", "every_exchange.0", UNNAMED, "nothing"),
    ("errors.request-id-present", "every_exchange.0", showing("request_id", ""), ""),
    ("errors.request-id-is-uuid", "every_exchange.0", showing("request_id", "req_1"), "req_1"),
    ("errors.request-id-echoes-header", "every_exchange.1", showing("request_id", "another"), "another"),
    ("transport.routes-under-base", "plain_lists.deployments", UNKNOWN, "404"),
    ("transport.routes-under-base", "plain_lists.runs", UNKNOWN, "404"),
    ("transport.no-version-header", "plain_lists.deployments", becoming(error(400)), "400"),
]  # fmt: skip

LEGAL: Final[Rows] = [
    ("errors.request-id-is-uuid", "every_exchange", put((envelope(REQUEST_ID),) * 5, "five with one id")),
    ("errors.request-id-is-uuid", "every_exchange", put((*[envelope(REQUEST_ID)] * 5, envelope(OTHER_ID)), "two ids")),
    ("errors.request-id-is-uuid", "every_exchange", put((envelope(REQUEST_ID, asked=REQUEST_ID),) * 6, "six echoes")),
    ("errors.refused-creates-nothing", "refusals.0.answers.half a document", OK),
    ("auth.missing-is-401", "intrusions.nothing.answers.GET /deployments", becoming(answer("who?", 401))),
    ("tenancy.other-tenant-is-refused", "other_tenant.answers.pause", FORBIDDEN),
    ("tenancy.other-tenant-is-refused", "other_tenant.lists.1", becoming(page(LISTED))),
    ("tenancy.other-tenant-is-refused", "other_tenant.lists.2", becoming(error(400))),
    ("idempotency.create-is-replayed", "keyed_creation.second", becoming(answer(DEPLOYMENT, 201))),
    ("idempotency.create-is-replayed", "keyed_creation.listed", becoming(page())),
    ("idempotency.other-body-is-conflict", "keyed_creation.other_bodies.another name", repeated(error())),
    ("idempotency.new-key-executes", "keyed_pause.other_key", becoming(answer("no", 409))),
    ("errors.envelope", "every_exchange.0", showing("error.hint", "wait")),
    ("errors.envelope", "every_exchange.2", becoming(answer("slow down", 429))),
    ("errors.envelope", "every_exchange.2", becoming(answer("teapot", 418))),
    ("errors.param-is-text", "every_exchange.0", showing("error.param", None)),
    ("errors.request-id-present", "every_exchange.0", becoming(answer("no", 409))),
    ("transport.routes-under-base", "plain_lists.runs", becoming(answer({"data": [], "more": 1}))),
]  # fmt: skip

UNJUDGED: Final[Rows] = [
    ("errors.envelope", "every_exchange", put([], "nothing")),
    ("errors.refused-creates-nothing", "newest.0", SILENT),
    ("errors.malformed-json-is-400", "refused_updates.answers.malformed JSON", becoming(answer(None, 429))),
    ("auth.missing-is-401", "intrusions.nothing.answers.GET /deployments", SILENT),
    ("auth.refused-changes-nothing", "newest.0", CRASH),
    ("auth.refused-changes-nothing", "newest.0", SILENT),
    ("tenancy.other-tenant-is-refused", "other_tenant.answers.pause", becoming(answer(None, 429))),
    ("idempotency.create-is-replayed", "keyed_creation.first", SILENT),
    ("idempotency.pause-is-replayed", "keyed_pause.second", repeated(error())),
    ("idempotency.new-key-executes", "keyed_pause.after_second", OK),
    ("idempotency.new-key-executes", "pause_twice.second", becoming(deployment(**PAUSED))),
    ("idempotency.new-key-executes", "pause_twice.second", becoming(error(kind="invalid_request_error"))),
    ("idempotency.new-key-executes", "keyed_pause.other_key", becoming(answer(None, 503))),
    ("runs.unknown-run-is-404", "unknown_runs.by_route.by its id", SILENT),
    ("transport.routes-under-base", "plain_lists.runs", becoming(answer(None, 503))),
]  # fmt: skip

INAPPLICABLE: Final[Rows] = []
