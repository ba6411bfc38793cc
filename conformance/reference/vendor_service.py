"""The reference service in the shape of a vendor: its profile says in what it differs from the plain one.

What the profile does not say is as the plain service has it, in its newest revision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from conformance.reference.clock import Clock, SystemClock
from conformance.reference.config import ReferenceSettings
from conformance.reference.errors import ApiError, invalid, unauthenticated
from conformance.reference.listing import Query
from conformance.reference.messages import Call, Document, Request, Response
from conformance.reference.profile import ProfileData, base62
from conformance.reference.rendering import Page
from conformance.reference.service import Service
from conformance.reference.store import AgentPin, Deployment, Run, StoredAnswer, Tenant
from conformance.reference.vendor_rules import VendorRules

TOO_LARGE: Final = 413
KINDS: Final = {"dep": "deployment", "drun": "run"}
IDLE: Final = "200"
"""The answer of an action that does nothing, since it was done before."""
ANSWERS: Final[Mapping[str, str]] = {
    "pause-when-paused": IDLE,
    "unpause-when-active": IDLE,
    "archive-when-archived": IDLE,
    "run-when-paused": IDLE,
    "duplicate-name": IDLE,
    "reused-idempotency-key": IDLE,
}
"""What the server does where a profile leaves a situation open; in all others it refuses."""


class VendorService(VendorRules, Service):
    """A service that a profile describes; `shaped_as` makes the class of one."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.routes = self.profile.routes

    # --- requests ------------------------------------------------------------------------------------------

    def parse_request(self, scope: Any, content: bytes | None) -> Request:  # noqa: ANN401 (as ASGI has it)
        """Return a request without the parameters of each; the id that a header shows is the server's own."""
        request = super().parse_request(scope, content)
        carried = self.profile.credentials.get("query", {})
        query = {name: value for name, value in request.query.items() if name not in carried}
        own = self.profile.request_id_header
        return replace(request, query=query, request_id=f"req_{base62(24)}" if own else request.request_id)

    def authenticate(self, request: Request) -> Tenant:
        """Return the tenant whose token stands in the vendor's header; other headers may be needed."""
        form = self.profile.credentials
        value = request.headers.get(form["header"], "")
        scheme, _, token = value.rpartition(" ")
        tenant = next(
            (tenant for tenant in self.store.tenants.values() if self.is_token_of(tenant, token)), None
        )
        if tenant is None or scheme.lower() != form["scheme"].lower():
            raise unauthenticated()
        for name, documented in form.get("headers", {}).items():
            if documented not in request.headers.get(name, "").replace(" ", "").split(","):
                raise invalid(f"the header {name}: {documented} is required")
        return tenant

    def read_body(self, request: Request) -> Document:
        """Return the body; one above the limit has a status of its own where the vendor names one."""
        if request.oversize and TOO_LARGE in self.profile.error_types:
            raise ApiError(TOO_LARGE, "", f"The body must be at most {self.settings.body_limit} bytes.")
        return super().read_body(request)

    def idempotency_key(self, call: Call) -> tuple[str, ...] | None:
        """Return the key of a vendor that documents keys; others ignore the header."""
        return super().idempotency_key(call) if "reused-idempotency-key" in self.profile.answers else None

    # --- situations ----------------------------------------------------------------------------------------

    def execute(self, call: Call) -> Response:
        """Do what a call asks for; what the state of its deployment forbids, the profile answers."""
        record = call.tenant.deployments.get(call.request.route.ids.get("deployment_id", ""))
        situation = record and _situation(call.request.operation, record)
        try:
            return super().execute(call)
        except ApiError as error:
            if not situation or error.status != HTTPStatus.CONFLICT:
                raise
            self.check_allowed(situation)
            return Response(200, self.render_deployment(self.find(call)))

    def check_allowed(self, situation: str) -> None:
        """Refuse what the profile refuses in a situation, as it says."""
        status, _, kind = self.answer_to(situation).partition(" ")
        if not status.startswith("2"):
            raise ApiError(400 if status == "4xx" else int(status), kind, f"Refused: {situation}.")

    def answer_to(self, situation: str) -> str:
        """Return how a situation is answered: by the profile, or by the server where that leaves it open."""
        answer = self.profile.answers.get(situation, "any")
        return ANSWERS.get(situation, "4xx") if answer == "any" else answer

    def check_runnable(self, record: Deployment) -> None:
        """Refuse to run what is archived, and what is paused unless the profile lets it run."""
        runs = self.answer_to("run-when-paused").startswith("2")
        super().check_runnable(replace(record, status="active") if runs else record)

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        """Refuse a name that is taken where the profile does."""
        try:
            super().check_name_free(call, name, besides)
        except ApiError:
            self.check_allowed("duplicate-name")

    def check_same_body(self, call: Call, answer: StoredAnswer) -> None:
        """Refuse a key that was used with another body where the profile does."""
        try:
            super().check_same_body(call, answer)
        except ApiError:
            self.check_allowed("reused-idempotency-key")

    def archived_state(self, record: Deployment) -> dict[str, Any]:
        """Return status and reason of an archived deployment; it is active where nothing is said."""
        keeps = self.profile.deployments["status_once_archived"] == "paused"
        return {} if keeps else super().archived_state(record)

    def archived_name(self, record: Deployment, at: datetime) -> str:
        """Return the name after an archive."""
        renames = self.profile.deployments["renamed_by_archive"]
        return super().archived_name(record, at) if renames else record.name

    def apply_run(self, record: Deployment, run: Run) -> Deployment:
        """Return the deployment after a run; one by hand moves `last_run_at` with some vendors alone."""
        started = super().apply_run(record, run)
        moves = self.promises("runs.moves-last-run") or run.trigger["type"] != "manual"
        return started if moves else replace(started, last_run_at=record.last_run_at)

    def new_id(self, prefix: str) -> str:
        """Return a fresh id in the vendor's form."""
        if prefix not in KINDS:
            return super().new_id(prefix)
        return self.profile.new_id(KINDS[prefix], self.now(), self.store.next_sequence())

    def id_prefix(self, prefix: str) -> str:
        """Return how the vendor's ids of a kind begin."""
        return self.profile.ids[KINDS[prefix]]["prefix"] if prefix in KINDS else super().id_prefix(prefix)

    # --- answers -------------------------------------------------------------------------------------------

    def render_deployment(self, record: Deployment) -> Document:
        """Return the deployment with the fields that the vendor documents."""
        fields = self.profile.deployments["fields"]
        whole = super().render_deployment(record) | {
            "description": record.description or None,
            "environment_id": record.environment_id or None,
            "request_id": f"req_{base62(24)}",
        }
        return {name: value for name, value in whole.items() if name in fields}

    def render_agent_pin(self, agent: AgentPin) -> Document:
        """Return an agent with the fields that the vendor documents."""
        return self._documented("agent", super().render_agent_pin(agent))

    def render_schedule(self, record: Deployment) -> Document | None:
        """Return the schedule with the vendor's fields: all upcoming runs, or the next, null while paused."""
        whole = super().render_schedule(record)
        if whole is None:
            return None
        upcoming = self.upcoming(record) if record.status == "active" else ()
        following = self.render_time(upcoming[0]) if upcoming else None
        return self._documented("schedule", {"last_run_at": None, **whole, "next_run_at": following})

    def _documented(self, name: str, whole: Document) -> Document:
        fields = self.profile.deployments["fields"].get(name) or whole
        return {key: value for key, value in whole.items() if key in fields}

    def render_page(self, page: Page) -> Document:
        """Return a page in the vendor's envelope."""
        whole = super().render_page(page)
        return {
            key: value for key, value in whole.items() if key in ("data", *self.profile.lists["envelope"])
        }

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        """Return what decides whether a deployment is listed; some vendors let no two filters meet."""
        both = "status" in query and query.get("include_archived") == "true"
        if both and self.promises("list.status-with-archived-is-400"):
            raise invalid("status and include_archived cannot be combined")
        return super().deployment_filter(query)

    def max_limit(self) -> int:
        """Return the largest page size."""
        largest: int = self.profile.lists["largest_page"]
        return largest

    def cursor_parameters(self) -> tuple[str, ...]:
        """Return the parameters that move through a list; who goes on after an id goes back before one."""
        cursors = tuple(self.profile.lists["cursors"])
        return (*cursors, "before_id") if "after_id" in cursors else cursors

    def render_error(self, error: ApiError, request: Request) -> Response:
        """Return the answer to a refused request, with the vendor's word for its status."""
        error.kind = self.profile.error_types.get(error.status, error.kind)
        return super().render_error(error, request)

    def error_document(self, error: ApiError, request: Request) -> Document:
        """Return the vendor's error envelope."""
        inner = {self.profile.error_key: error.kind, "message": error.message}
        return {"type": "error", "error": inner, "request_id": request.request_id}

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        """Return the headers of an answer, with the id of its request where the vendor sends one."""
        name = self.profile.request_id_header
        return super().response_headers(request, response, body) | (
            {name: request.request_id} if name else {}
        )


def shaped_as(
    profile: ProfileData, clock: Clock | None = None, behaviour: type[Service] = VendorService
) -> tuple[type[Service], ReferenceSettings]:
    """Return the class of a service that a profile describes, and settings for it.

    A `behaviour` of its own comes first: what it overrides, the profile does not shape.
    """
    settings = ReferenceSettings(
        base_path=profile.base_path, body_limit=profile.body_limit, clock=clock or SystemClock()
    )
    bases = (behaviour,) if issubclass(behaviour, VendorService) else (behaviour, VendorService)
    return type("ShapedService", bases, {"profile": profile}), settings


def _situation(operation: str, record: Deployment) -> str:
    """Return the situation that an action on a deployment meets, empty for one that simply changes it."""
    if record.archived_at is not None and operation in ("update", "pause", "unpause", "run", "archive"):
        return f"{operation}-when-archived"
    met = {("pause", "paused"), ("unpause", "active"), ("run", "paused")}
    return f"{operation}-when-{record.status}" if (operation, record.status) in met else ""
