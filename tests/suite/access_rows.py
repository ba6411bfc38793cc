"""Credentials, tenants, keys, errors and unknown things, answered otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from conformance.client.exchange import NOT_JSON
from conformance.suite.get.malformed_ids import MalformedIds
from tests.suite.judging import Accusing, Rows
from tests.suite.stories import OTHER_ID, REQUEST_ID, envelope, keyed_update, unauthenticated
from tests.suite.written import (
    CRASH,
    CREATED_AT,
    DEPLOYMENT,
    ID,
    PAUSED,
    REFUSED,
    SILENT,
    TOUCHED,
    Edit,
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
WITHOUT_KEYS = replace(
    keyed_update(), other=deployment(), after=deployment(metadata={"since": "first"}, **PAUSED)
)
OTHER_KIND = becoming(error(401, "permission_error"))
FORBIDDEN, UNKNOWN = becoming(error(403, "permission_error")), becoming(error(404, "not_found_error"))
CONFLICT = becoming(error())
LISTED = {**DEPLOYMENT, "id": "dep_made"}
UNMARKED = {**LISTED, "name": "", "description": "", "created_at": "2026-07-01T02:00:10Z"}
UNNAMED = becoming(answer({"type": "error", "error": {"type": "conflict_error", "message": "No."}}, 409))

ONE = "GET /deployments/{id}"
ASKED = "clients.asked.an unknown deployment.others"
SAID = becoming(unauthenticated(message="It is not yours."))
DETAIL_404 = becoming(answer({"detail": "Not found."}, 404))
PAGE_414 = becoming(answer(NOT_JSON, 414, body="<h1>Too long</h1>"))
LISTED_OTHERWISE = page({**DEPLOYMENT, **PAUSED})
ECHO = with_facts("an echo", echo="the header x-debug")
TRACE = 'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in read'
PHP = "failed in /var/www/index.php on line 3"


def refused_update(param: str) -> Edit:
    """Return the edit that refuses an update of the description, and names something as its fault."""
    said = {"type": "invalid_request_error", "message": "No.", "param": param}
    return with_facts(
        f"{param} is to blame", method="POST", status=400, json={"type": "error", "error": said},
        url=f"https://deployments.example/api/deployments/{ID}", request_body='{"description": 5}',
    )  # fmt: skip


BROKEN: Final[Accusing] = [
    ("transport.no-version-header", "plain_lists.deployments", with_facts("a beta header", request_headers={"anthropic-beta": "x"}), "anthropic-beta"),
    ("transport.no-version-header", "plain_lists.deployments", with_facts("a version header", request_headers={"api-version": "1"}), "api-version"),
    ("errors.request-id-is-uuid", "every_exchange", put((envelope(REQUEST_ID),) * 6, "six with one id"), "the same for 6"),
    ("auth.missing-is-401", "intrusions.nothing.answers.POST /deployments", OK, "200"),
    ("auth.missing-is-401", "intrusions.nothing.answers.GET /deployments", FORBIDDEN, "403"),
    ("auth.missing-is-401", "intrusions.nothing.answers.GET /deployments", OTHER_KIND, "permission_error"),
    ("auth.unknown-token-is-401", "intrusions.unknown_token.answers.POST /deployments", UNKNOWN, "404"),
    ("auth.unknown-token-is-401", "other_credentials.no_token", becoming(error(400)), "400"),
    ("auth.unknown-token-is-401", "other_credentials.guessed.null", becoming(page()), "200"),
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
    ("idempotency.create-is-replayed", "keyed_creation.late", showing("id", "dep_2"), "dep_2"),
    ("idempotency.create-is-replayed", "keyed_creation.third", showing("status", "paused"), "paused"),
    ("idempotency.create-is-replayed", "keyed_creation.late", showing("archived_at", "2026-07-01T02:00:08Z"), "2026-07-01T02:00:08Z"),
    ("idempotency.create-is-replayed", "keyed_creation.listed", becoming(page(DEPLOYMENT, LISTED)), "dep_made"),
    ("idempotency.create-is-replayed", "keyed_creation.late", UNKNOWN, "404"),
    ("idempotency.other-body-is-conflict", "keyed_creation.other_bodies.another event again", OK, "200"),
    ("idempotency.other-body-is-conflict", "keyed_pause_if_any.update.other", OK, "200"),
    ("idempotency.other-body-is-conflict", "keyed_pause_if_any.update.after", showing("metadata", {"since": "another"}), "another"),
    ("errors.refused-creates-nothing", "refusals.1.left", becoming(page({**LISTED, "description": "refused"})), "dep_made"),
    ("errors.refused-creates-nothing", "same_name_twice.taken", put(error(), "a conflict"), "409"),
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
    ("idempotency.pause-is-replayed", "keyed_pause.late", CONFLICT, "409"),
    ("idempotency.pause-is-replayed", "keyed_pause.last", CONFLICT, "409"),
    ("idempotency.update-is-replayed", "keyed_pause.update.after", showing("metadata", {"since": "first"}), "first"),
    ("idempotency.update-is-replayed", "keyed_pause.update.repeated", CONFLICT, "409"),
    ("idempotency.pause-is-replayed", "keyed_pause.late", becoming(deployment()), "active"),
    ("idempotency.pause-is-replayed", "keyed_pause.after_late", becoming(deployment(**PAUSED)), "paused"),
    ("idempotency.create-is-replayed", "keyed_creation.after", showing("metadata", {}), "nothing"),
    ("idempotency.new-key-executes", "keyed_pause.other_key", becoming(deployment(**PAUSED)), "200"),
    ("errors.unknown-deployment-is-404", "unknown_deployment.answers.pause", becoming(error(400)), "400"),
    ("errors.unknown-deployment-is-404", "unknown_deployment.answers.GET /deployments/{id}", OK, "200"),
    ("errors.unknown-deployment-is-404", "unknown_deployment.answers.GET /deployments/{id}", becoming(error(404)), "conflict_error"),
    ("runs.unknown-run-is-404", "unknown_runs.by_route.by its id", becoming(error(400)), "400"),
    ("errors.refused-creates-nothing", "newest.0", becoming(page({**LISTED, "description": "refused"})), "dep_made"),
    ("errors.refused-creates-nothing", "newest.0", becoming(page(UNMARKED)), "no name"),
    ("errors.envelope", "every_exchange.0", becoming(answer("no", 409)), "409"),
    ("errors.envelope", "every_exchange.0", showing("type", "failure"), "type"),
    ("errors.envelope", "every_exchange.0", showing("error.message", None), "message"),
    ("errors.type-matches-status", "every_exchange.0", showing("error.type", "api_error"), "api_error"),
    ("errors.param-is-text", "every_exchange.0", showing("error.param", 7), "7"),
    ("errors.param-is-text", "every_exchange.0", refused_update("name"), "name"),
    ("errors.param-is-text", "every_exchange.0", refused_update("metadata.key"), "metadata"),
    ("errors.request-id-present", "every_exchange.0", UNNAMED, "nothing"),
    ("errors.request-id-present", "every_exchange.0", showing("request_id", ""), ""),
    ("errors.request-id-is-uuid", "every_exchange.0", showing("request_id", "req_1"), "req_1"),
    ("errors.request-id-echoes-header", "every_exchange.1", showing("request_id", "another"), "another"),
    ("auth.only-bearer-opens", "misplaced_credentials.lists.twice", OK, "a list twice → 200"),
    ("auth.only-bearer-opens", "misplaced_credentials.lists.in cookies", OK, "a list in cookies → 200"),
    ("auth.only-bearer-opens", "misplaced_credentials.reads.in cookies", OK, "a read in cookies → 200"),
    ("auth.only-bearer-opens", "misplaced_credentials.beside", OK, "a read beside an unknown token → 200"),
    ("auth.token-in-query-opens-nothing", "token_in_query.lists.in the query", OK, "a list in the query → 200"),
    ("auth.token-in-query-opens-nothing", "token_in_query.reads.in the query", OK, "a read in the query → 200"),
    ("auth.ids-stay-hidden", f"strangers.nothing.answers.{ONE}", UNKNOWN, "401 authentication_error about one that exists"),
    ("auth.ids-stay-hidden", f"strangers.nothing.answers.{ONE}/runs", FORBIDDEN, "403"),
    ("auth.ids-stay-hidden", f"strangers.unknown_token.answers.{ONE}", becoming(error(401, "not_found_error")), "not_found_error"),
    ("auth.ids-stay-hidden", f"intrusions.nothing.answers.{ONE}", SAID, "'It is not yours.'"),
    ("errors.malformed-id-is-refused", "malformed_ids.answers.not-an-id", OK, "a read of not-an-id → 200"),
    ("errors.malformed-id-is-refused", "malformed_ids.answers.not-an-id", DETAIL_404, "a read of not-an-id → 404"),
    ("errors.malformed-id-is-refused", "malformed_ids.answers.very long", OK, "a read of very long → 200"),
    ("errors.malformed-id-is-refused", "malformed_ids.answers.a null byte", becoming(error(422)), "422"),
    ("errors.malformed-id-is-refused", "malformed_ids.runs.not-an-id", becoming(answer({}, 302)), "302"),
    ("errors.malformed-id-is-refused", "malformed_ids.lists.not-an-id", becoming(page()), "runs of not-an-id → 200"),
    ("errors.same-for-every-client", f"{ASKED}.Accept: */*", becoming(error(406)), "406"),
    ("errors.same-for-every-client", f"{ASKED}.Accept: */*", DETAIL_404, "with Accept: */* → 404"),
    ("errors.same-for-every-client", f"{ASKED}.Accept: text/html", DETAIL_404, "with Accept: text/html → 404"),
    ("errors.same-for-every-client", f"{ASKED}.the User-Agent of a browser", becoming(answer(NOT_JSON, body="log in")), "200 as application/json"),
    ("errors.same-for-every-client", "clients.asked.no credentials.others.Accept: text/html", becoming(answer("", 302)), "302"),
    ("errors.no-server-error", "every_exchange.0", CRASH, "read → 500 api_error"),
    ("errors.no-server-error", "every_exchange.2", becoming(answer("", 502, retries=("502",))), "502"),
    ("errors.no-server-error", "every_exchange.2", becoming(answer("", 501)), "501"),
    ("security.credentials-are-not-repeated", "every_exchange.2", ECHO, "it stands in the header x-debug of the 200 to read"),
    ("security.messages-keep-internals", "every_exchange.0", showing("error.message", TRACE), "a stack trace in the 409"),
    ("security.messages-keep-internals", "every_exchange.0", becoming(answer(NOT_JSON, 404, body=f"<pre>{PHP}</pre>")), "a stack trace"),
    ("tenancy.other-tenant-is-refused", "other_tenant.afterwards.0", put(page(DEPLOYMENT, LISTED), "a copy"), "dep_made listed"),
    ("tenancy.other-tenant-is-refused", "other_tenant.leaked", put({"dep_3": page({**DEPLOYMENT, "id": "dep_3"})}, "one of another story"), "dep_3 listed"),
    ("tenancy.other-tenant-is-refused", "other_tenant.afterwards.1", becoming(page(LISTED)), "dep_made listed"),
    ("tenancy.other-tenant-is-refused", "other_tenant.afterwards.0", put(page({**DEPLOYMENT, **PAUSED}), "another status"), "status of"),
    ("errors.refused-changes-nothing", "odd_updates.around.0.1", TOUCHED, "updated_at"),
    ("transport.routes-under-base", "plain_lists.deployments", UNKNOWN, "404"),
    ("transport.routes-under-base", "plain_lists.runs", UNKNOWN, "404"),
    ("transport.routes-under-base", "plain_lists.of_deployment", UNKNOWN, "404"),
    ("transport.routes-under-base", "plain_lists.runs", becoming(answer("", 502, retries=("502", "502"))), "502"),
    ("transport.no-version-header", "plain_lists.deployments", becoming(error(400)), "400"),
]  # fmt: skip

LEGAL: Final[Rows] = [
    ("errors.refused-creates-nothing", "newest.0", becoming(page({**UNMARKED, "created_at": CREATED_AT}))),
    ("errors.refused-creates-nothing", "newest.0", becoming(page({**UNMARKED, "description": "Somebody else's."}))),
    ("errors.request-id-is-uuid", "every_exchange", put((envelope(REQUEST_ID),) * 5, "five with one id")),
    ("errors.request-id-is-uuid", "every_exchange", put((*[envelope(REQUEST_ID)] * 5, envelope(OTHER_ID)), "two ids")),
    ("errors.request-id-is-uuid", "every_exchange", put((envelope(REQUEST_ID, asked=REQUEST_ID),) * 6, "six echoes")),
    ("errors.refused-creates-nothing", "refusals.0.answers.a form as body", OK),
    ("auth.missing-is-401", "intrusions.nothing.answers.GET /deployments", becoming(answer("who?", 401))),
    ("tenancy.other-tenant-is-refused", "other_tenant.answers.pause", FORBIDDEN),
    ("tenancy.other-tenant-is-refused", "other_tenant.lists.1", becoming(page(LISTED))),
    ("tenancy.other-tenant-is-refused", "other_tenant", with_facts("lists that always show something else", beforehand=LISTED_OTHERWISE, afterwards=(LISTED_OTHERWISE, page()))),
    ("tenancy.other-tenant-is-refused", "other_tenant.lists.2", becoming(error(400))),
    ("idempotency.create-is-replayed", "keyed_creation.second", becoming(answer(DEPLOYMENT, 201))),
    ("idempotency.create-is-replayed", "keyed_creation.listed", becoming(page())),
    ("idempotency.other-body-is-conflict", "keyed_creation.other_bodies.another name", repeated(error())),
    ("idempotency.other-body-is-conflict", "keyed_pause_if_any.update", put(WITHOUT_KEYS, "keys mean nothing")),
    ("idempotency.new-key-executes", "keyed_pause.other_key", becoming(answer("no", 409))),
    ("errors.envelope", "every_exchange.0", showing("error.hint", "wait")),
    ("errors.envelope", "every_exchange.2", becoming(answer("slow down", 429))),
    ("errors.envelope", "every_exchange.2", becoming(answer("teapot", 418))),
    ("errors.param-is-text", "every_exchange.0", showing("error.param", None)),
    ("errors.param-is-text", "every_exchange.0", refused_update("description")),
    ("errors.param-is-text", "every_exchange.0", refused_update("body.name")),
    ("errors.request-id-present", "every_exchange.0", becoming(answer("no", 409))),
    ("auth.only-bearer-opens", "misplaced_credentials.lists.twice", REFUSED),
    ("auth.only-bearer-opens", "misplaced_credentials.lists.in cookies", becoming(answer("", 302))),
    ("auth.ids-stay-hidden", f"intrusions.nothing.answers.{ONE}", OK),
    ("auth.ids-stay-hidden", f"strangers.nothing.answers.{ONE}", becoming(unauthenticated(message="At 12:30:05."))),
    ("errors.malformed-id-is-refused", "malformed_ids.answers.very long", PAGE_414),
    ("errors.malformed-id-is-refused", "malformed_ids.answers.a null byte", becoming(answer(NOT_JSON, 403, body="no"))),
    ("errors.malformed-id-is-refused", "malformed_ids.answers.very long", becoming(error(414))),
    ("errors.malformed-id-is-refused", "malformed_ids.answers.very long", SILENT),
    ("errors.malformed-id-is-refused", "malformed_ids.answers.not-an-id", CRASH),
    ("errors.same-for-every-client", f"{ASKED}.Accept: text/html", becoming(answer(NOT_JSON, 406, body="no"))),
    ("errors.same-for-every-client", f"{ASKED}.the User-Agent of a browser", becoming(answer(NOT_JSON, 403, body="no"))),
    ("errors.same-for-every-client", f"{ASKED}.Accept: */*", CRASH),
    ("errors.same-for-every-client", f"{ASKED}.Accept: */*", SILENT),
    ("errors.same-for-every-client", "clients.asked.an unknown deployment.usual", OK),
    ("errors.no-server-error", "every_exchange.0", becoming(answer("", 503))),
    ("errors.no-server-error", "every_exchange.0", with_facts("501 to PUT", status=501, method="PUT")),
    ("errors.no-server-error", "every_exchange.0", with_facts("500 in a search", status=500, story="property.ids")),
    ("security.messages-keep-internals", "every_exchange.0", showing("error.message", "at position 3 (field:5), see /deployments")),
    ("security.messages-keep-internals", "every_exchange.0", with_facts("its own path", json=error(message=PHP).json, request_body=PHP)),
    ("tenancy.other-tenant-is-refused", "other_tenant.afterwards.0", becoming(page())),
    ("tenancy.other-tenant-is-refused", "other_tenant.afterwards.1", becoming(error(400))),
    ("transport.routes-under-base", "plain_lists.runs", becoming(answer({"data": [], "more": 1}))),
]  # fmt: skip

UNJUDGED: Final[Rows] = [
    ("idempotency.update-is-replayed", "keyed_pause.update.first", CONFLICT),
    ("idempotency.update-is-replayed", "keyed_pause.update.between", showing("metadata", {})),
    ("errors.envelope", "every_exchange", put([], "nothing")),
    ("errors.refused-creates-nothing", "newest.0", SILENT),
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
    ("auth.only-bearer-opens", "misplaced_credentials.lists.twice", SILENT),
    ("auth.only-bearer-opens", f"intrusions.nothing.answers.{ONE}", OK),
    ("auth.token-in-query-opens-nothing", "intrusions.nothing.answers.GET /deployments", OK),
    ("auth.ids-stay-hidden", f"strangers.nothing.answers.{ONE}", SILENT),
    ("errors.malformed-id-is-refused", "malformed_ids", put(MalformedIds({"not-an-id": answer(None, 503)}, {}, {}), "503 alone")),
    ("errors.same-for-every-client", "clients.asked.an unknown deployment.usual", SILENT),
    ("security.messages-keep-internals", "every_exchange", put((deployment(),), "no error")),
    ("transport.routes-under-base", "plain_lists.runs", becoming(answer(None, 503))),
    ("transport.routes-under-base", "plain_lists.runs", becoming(answer(None, 502))),
]  # fmt: skip

INAPPLICABLE: Final[Rows] = []
