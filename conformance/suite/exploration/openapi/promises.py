"""Which promise a request that schemathesis makes of the OpenAPI file asks about, if any.

The file says what the documents say; much of what breaks its schemas nobody promises to refuse. Only what
stands here is judged; whatever else can be made of the file is not sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CREATE, UPDATE = "POST /deployments", "POST /deployments/{id}"
LIST, GET = "GET /deployments", "GET /deployments/{id}"
RUNS, ALL_RUNS = "GET /deployments/{id}/runs", "GET /deployment_runs"
UNDOCUMENTED: Final = "x-schemathesis-unknown-property"
"""What schemathesis calls a query parameter that the file does not have."""


@dataclass(frozen=True)
class RoutePromise:
    """What the documents promise of a plain request on a route, and the schema of its answer."""

    promise: str
    schema: str = ""


ROUTES: Final[Mapping[str, RoutePromise]] = {
    CREATE: RoutePromise("create.returns-deployment", "deployment"),
    LIST: RoutePromise("list.envelope", "deployment-list"),
    GET: RoutePromise("get.has-the-shape-of-create", "deployment"),
    UPDATE: RoutePromise("update.returns-full-object", "deployment"),
    "POST /deployments/{id}/pause": RoutePromise("pause.makes-it-paused", "deployment"),
    "POST /deployments/{id}/unpause": RoutePromise("unpause.makes-it-active", "deployment"),
    "POST /deployments/{id}/archive": RoutePromise("archive.sets-archived-at", "deployment"),
    RUNS: RoutePromise("transport.routes-under-base", "deployment-run-list"),
    ALL_RUNS: RoutePromise("transport.routes-under-base", "deployment-run-list"),
    "GET /deployments/{id}/runs/{run_id}": RoutePromise("runs.unknown-run-is-404"),
    "GET /deployment_runs/{run_id}": RoutePromise("runs.unknown-run-is-404"),
}
"""All routes but the one that starts billable work."""

_RUN_FILTERS: Final = {
    "limit": "transport.routes-under-base",
    "deployment_id": "runs.filters",
    "trigger_type": "runs.filters",
    "has_error": "runs.error-filter",
    "created_at[gt]": "runs.created-range",
    "created_at[gte]": "runs.created-range",
}
PARAMETERS: Final[Mapping[str, Mapping[str, str]]] = {
    LIST: {
        "limit": "list.limit-is-kept",
        "status": "list.status-filter",
        "agent_id": "list.agent-filter",
        "include_archived": "archive.is-listed-on-request",
        "created_at[gte]": "list.created-at-range",
        "created_at[lte]": "list.created-at-range",
    },
    RUNS: _RUN_FILTERS,
    ALL_RUNS: _RUN_FILTERS,
}
"""By route and query parameter: the promise that a valid value, alone, is answered with a list."""

PARAMETER_LIMITS: Final[Mapping[tuple[str, str, str], str]] = {
    (LIST, "limit", "value_below_minimum"): "list.limit-below-one-is-400",
}
"""By route, query parameter and what is wrong with it: the promise that it is a 400."""

BODY_LIMITS: Final[Mapping[tuple[str, str], str]] = {
    (CREATE, "required"): "create.missing-field-is-400",
    (CREATE, "name/minLength"): "create.empty-name-is-400",
    (CREATE, "name/maxLength"): "create.name-of-257-is-400",
    (CREATE, "schedule/required"): "schedule.missing-field-is-400",
    (CREATE, "schedule/type/const"): "schedule.type-must-be-cron",
    (CREATE, "schedule/expression/type"): "schedule.invalid-cron-is-400",
    (CREATE, "schedule/timezone/type"): "schedule.unknown-zone-is-400",
    (CREATE, "initial_events/minItems"): "create.no-events-is-400",
    (CREATE, "initial_events/items/required"): "create.event-without-type-is-400",
    (CREATE, "initial_events/items/type/enum"): "create.unknown-event-type-is-400",
    (CREATE, "metadata/propertyNames/maxLength"): "create.metadata-key-of-65-is-400",
    (UPDATE, "name/minLength"): "update.empty-name-is-400",
    (UPDATE, "name/maxLength"): "update.name-of-257-is-400",
    (UPDATE, "schedule/type/const"): "update.schedule-type-must-be-cron",
    (UPDATE, "schedule/required"): "update.partial-schedule-is-400",
    (UPDATE, "schedule/expression/type"): "update.invalid-cron-is-400",
    (UPDATE, "initial_events/minItems"): "update.events-outside-1-to-50-are-400",
}
"""By route and the keyword of the body's schema that is broken: the promise that it is a 400."""

STORIES: Final[Mapping[str, str]] = {
    "auth.missing-is-401": "intrusions",
    "auth.unknown-token-is-401": "intrusions",
    "create.missing-field-is-400": "incomplete_creations",
    "create.event-without-type-is-400": "incomplete_creations",
    "create.unknown-event-type-is-400": "incomplete_creations",
    "create.empty-name-is-400": "beyond_the_limits",
    "create.name-of-257-is-400": "beyond_the_limits",
    "create.no-events-is-400": "beyond_the_limits",
    "create.metadata-key-of-65-is-400": "beyond_the_limits",
    "schedule.missing-field-is-400": "invalid_schedules",
    "update.empty-name-is-400": "refused_updates",
    "update.name-of-257-is-400": "refused_updates",
    "update.events-outside-1-to-50-are-400": "refused_updates",
    "update.partial-schedule-is-400": "refused_schedule_updates",
    "update.patch-and-put-are-not-offered": "open_updates",
    "list.limit-below-one-is-400": "odd_listings",
    "runs.unknown-run-is-404": "unknown_runs",
    "pause.makes-it-paused": "pause_twice",
    "unpause.makes-it-active": "unpause_twice",
    "update.empty-body-changes-nothing": "updates",
    "get.has-the-shape-of-create": "bare_creation",
    "list.status-filter": "status_filter",
    "list.agent-filter": "agent_filter",
    "list.created-at-range": "created_range",
    "archive.is-listed-on-request": "archive_twice",
}
"""The story that asks the same of a route as the file does, by the promise that this is about."""

METHODS: Final[Mapping[tuple[str, str], str]] = {
    ("PATCH", "/deployments/{id}"): "update.patch-and-put-are-not-offered",
    ("PUT", "/deployments/{id}"): "update.patch-and-put-are-not-offered",
}
"""By method and path: the promise that it is not there."""
OPEN_METHODS: Final = "transport.unsupported-methods"
PROBED_METHODS: Final = ("GET", "PUT", "PATCH", "DELETE")
"""Methods that are tried where the documents have none; the others belong to HTTP itself."""
