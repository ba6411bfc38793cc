"""Faults beside the documented requests: the search over the OpenAPI file finds them."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference import Call, Document, Request, Response, Service
from conformance.reference.errors import crashed
from conformance.reference.routes import find_route
from conformance.reference.store import Schedule, Tenant
from tests.faults.property import found_by

ALL_LISTS = ("list_deployments", "list_runs", "list_all_runs")
LISTS = "transport.routes-under-base"


def segments(request: Request) -> tuple[str, ...]:
    """The parts of the path from `deployments` on."""
    return ("deployments", *request.path.partition("/deployments/")[2].split("/"))


@found_by("openapi", "list.envelope", LISTS)
class UndocumentedParametersAreACrash(Service):
    """A list with a parameter that nobody documented is a 500."""

    def answer(self, request: Request) -> Response:
        if request.operation in ALL_LISTS and any(name.startswith("x-") for name in request.query):
            raise crashed()
        return super().answer(request)


@found_by("openapi", "runs.error-filter")
class RunsWithErrorsAreACrash(Service):
    """The list of runs with an error is a 500."""

    def list_all_runs(self, call: Call) -> Document:
        if call.request.query.get("has_error") == "true":
            raise crashed()
        return super().list_all_runs(call)


@found_by("openapi", "list.limit-is-kept", revisions=("2026-07",))
class LargePagesAreCsv(Service):
    """A page of 99 comes as CSV."""

    def is_large(self, request: Request) -> bool:
        return request.operation == "list_deployments" and request.query == {"limit": "99"}

    def serialize(self, request: Request, response: Response) -> bytes:
        return b"id,name\r\n" if self.is_large(request) else super().serialize(request, response)

    def content_type(self, request: Request, response: Response) -> str:
        return "text/csv" if self.is_large(request) else super().content_type(request, response)


@found_by("openapi", "auth.missing-is-401", "auth.unknown-token-is-401")
class RunsAreOpenToAll(Service):
    """The runs of a deployment are listed without a valid token."""

    def authenticate(self, request: Request) -> Tenant:
        if request.operation == "list_runs":
            return next(iter(self.store.tenants.values()))
        return super().authenticate(request)


@found_by("openapi", "update.patch-and-put-are-not-offered")
class PutIsAnUpdate(Service):
    """PUT on a deployment updates it."""

    def check_route(self, request: Request) -> None:
        if request.method != "PUT" or not find_route("POST", segments(request)).ids:
            super().check_route(request)

    def replay_or_execute(self, call: Call) -> Response:
        if call.request.method == "PUT":
            route = find_route("POST", segments(call.request))
            call = replace(call, request=replace(call.request, route=route))
        return super().replay_or_execute(call)


@found_by("openapi", "schedule.type-must-be-cron", "update.schedule-type-must-be-cron")
class ScheduleTypesMayBeAnything(Service):
    """A type of a schedule that is no text counts as cron."""

    def read_schedule(self, value: object) -> Schedule:
        if isinstance(value, dict) and "type" in value and not isinstance(value["type"], str):
            value = {**value, "type": "cron"}
        return super().read_schedule(value)


@found_by(
    "openapi",
    "create.returns-deployment",
    "create.metadata-key-of-65-is-400",
    "update.returns-full-object",
    "update.of-paused-keeps-it-paused",
)
class EmptyListsAreACrash(Service):
    """An empty list of vaults is a 500."""

    def read_vault_ids(self, value: object) -> list[str]:
        if value == []:
            raise crashed()
        return list(super().read_vault_ids(value))
