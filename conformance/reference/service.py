"""The reference service: from a parsed request to its answer.

`Service` is the one class to inherit from. Each decision and each effect is a small method somewhere in its
bases; a faulty or odd server is a subclass that overrides a few of them, and several such subclasses compose
by multiple inheritance: `type("Faulty", (A, B, Service), {})`. Where to look for a hook:

- `app.App`: bytes and time on the wire (`respond`, `serialize`, `encode`, `response_headers`, `transmit`);
- here: `handle` around every request, then who asks, what, and whether it is executed or replayed;
- `rules.Rules`, `metadata.MetadataRules`, `references.ReferenceRules`: what a body may say, field by field;
- `lifecycle.Lifecycle`: `check_…` decides, `apply_…` returns the changed record; `core.Core.save` keeps it;
- `rendering.Rendering`: how records, pages and refusals look; `runs.Runs`: runs;
- `scheduling.Scheduling`: which occurrences start a run, and when;
- `listing.Listing`: which rows exist, match, come first and are on a page;
- `idempotency.Idempotency`: what is remembered under a key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from conformance.reference.app import App
from conformance.reference.documents import parse_document
from conformance.reference.errors import (
    ApiError,
    crashed,
    invalid,
    method_not_allowed,
    not_found,
    unauthenticated,
)
from conformance.reference.idempotency import Idempotency
from conformance.reference.messages import Call, Document, Request, Response
from conformance.reference.routes import UNKNOWN, UNSUPPORTED
from conformance.reference.rules import Rules
from conformance.reference.runs import MANUAL
from conformance.reference.scheduling import Scheduling
from conformance.reference.store import Agent, Environment, Tenant, Vault

LOG: Final = logging.getLogger(__name__)
R = TypeVar("R", Agent, Environment, Vault)


class Service(App, Idempotency, Rules, Scheduling):
    """Answers every route; methods named after operations return the document of a success."""

    # --- from request to response --------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer one request, alone: no other is looked at meanwhile. Never raises.

        Overridden to see the parsed request before its answer is made, and the answer after.
        """
        with self.lock:
            try:
                self.fire_due()
                return self.answer(request)
            except ApiError as error:
                return self.render_error(error, request)
            except Exception:
                LOG.exception("the reference server failed on %s %s", request.method, request.path)
                return self.render_error(crashed(), request)

    def answer(self, request: Request) -> Response:
        """Answer one request, or raise ApiError: first who asks, then what, then whether it is JSON."""
        tenant = self.authenticate(request)
        self.check_route(request)
        return self.replay_or_execute(Call(request, tenant, self.read_body(request)))

    def authenticate(self, request: Request) -> Tenant:
        """Return the tenant whose token the request carries."""
        if request.token is not None:
            for tenant in self.store.tenants.values():
                if self.is_token_of(tenant, request.token):
                    return tenant
        raise unauthenticated()

    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        """Return whether a token opens a tenant."""
        return token == tenant.token

    def check_route(self, request: Request) -> None:
        """Refuse paths that lead nowhere and methods that a path does not offer."""
        if request.operation == UNKNOWN:
            raise not_found("The path")
        if request.operation == UNSUPPORTED:
            raise method_not_allowed(request.method, request.route.allowed)

    def read_body(self, request: Request) -> Document:
        """Return the JSON object in the body; an absent one is `{}`, and a GET's is not looked at."""
        if request.method == "GET":
            return {}
        if request.oversize:
            raise invalid(f"Request body must be at most {self.settings.body_limit} bytes.")
        if not request.content:
            return {}
        try:
            document = parse_document(request.content)
        except ValueError:
            raise invalid("Request body must be valid JSON.") from None
        if not isinstance(document, dict):
            raise invalid("Request body must be a JSON object.")
        return document

    def replay_or_execute(self, call: Call) -> Response:
        """Execute a call, or give the answer it got before under its idempotency key."""
        key = self.idempotency_key(call)
        if key is None:
            return self.execute(call)
        earlier = self.recall(call, key)
        if earlier is None:
            response = self.execute(call)
            self.remember(call, key, response)
            return response
        self.check_same_body(call, earlier)
        return earlier.response

    def execute(self, call: Call) -> Response:
        """Do what a call asks for."""
        operation: Callable[[Call], Document] = getattr(self, call.request.operation)
        return Response(self.success_status(call.request.operation), operation(call))

    def success_status(self, operation: str) -> int:  # noqa: ARG002 (overriders look at it)
        """Return the status of a success (for create the documents show none)."""
        return 200

    # --- deployments ---------------------------------------------------------------------------------------

    def create(self, call: Call) -> Document:
        """POST /deployments."""
        fields = self.read_creation(call)
        self.check_name_free(call, fields["name"])
        record = self.apply_create(call, fields)
        self.save(call, record)
        return self.render_deployment(record)

    def get(self, call: Call) -> Document:
        """GET /deployments/{deployment_id}."""
        return self.render_deployment(self.find(call))

    def list_deployments(self, call: Call) -> Document:
        """GET /deployments."""
        query = call.request.query
        wanted = self.deployment_filter(query)
        return self.render_page(self.page(self.deployment_rows(call), wanted, self.render_deployment, query))

    def update(self, call: Call) -> Document:
        """POST /deployments/{deployment_id}."""
        record = self.find(call)
        self.check_not_archived(record)
        fields = self.read_patch(call, record.metadata)
        if "name" in fields:
            self.check_name_free(call, fields["name"], besides=record.id)
        changed = self.apply_update(record, fields)
        self.save(call, changed)
        return self.render_deployment(changed)

    def pause(self, call: Call) -> Document:
        """POST /deployments/{deployment_id}/pause."""
        record = self.find(call)
        self.check_not_archived(record)
        self.check_not_paused(record)
        changed = self.apply_pause(record)
        self.save(call, changed)
        return self.render_deployment(changed)

    def unpause(self, call: Call) -> Document:
        """POST /deployments/{deployment_id}/unpause."""
        record = self.find(call)
        self.check_not_archived(record)
        self.check_paused(record)
        changed = self.apply_unpause(record)
        self.save(call, changed)
        return self.render_deployment(changed)

    def archive(self, call: Call) -> Document:
        """POST /deployments/{deployment_id}/archive."""
        record = self.find(call)
        self.check_not_already_archived(record)
        changed = self.apply_archive(record)
        self.save(call, changed)
        return self.render_deployment(changed)

    # --- runs ----------------------------------------------------------------------------------------------

    def run(self, call: Call) -> Document:
        """POST /deployments/{deployment_id}/run."""
        record = self.find(call)
        self.check_runnable(record)
        return self.render_run(self.record_run(record, MANUAL, self.now()))

    def list_runs(self, call: Call) -> Document:
        """GET /deployments/{deployment_id}/runs."""
        query = call.request.query
        wanted = self.scoped_run_filter(query, self.find(call))
        return self.render_page(self.page(self.run_rows(call), wanted, self.render_run, query))

    def get_run(self, call: Call) -> Document:
        """GET /deployments/{deployment_id}/runs/{run_id}."""
        record = self.find(call)
        run = self.find_run(call)
        self.check_run_belongs(run, record)
        return self.render_run(run)

    def list_all_runs(self, call: Call) -> Document:
        """GET /deployment_runs."""
        query = call.request.query
        wanted = self.global_run_filter(query)
        return self.render_page(self.page(self.run_rows(call), wanted, self.render_run, query))

    def get_run_globally(self, call: Call) -> Document:
        """GET /deployment_runs/{run_id}."""
        return self.render_run(self.find_run(call))

    # --- agents, environments and vaults -------------------------------------------------------------------

    def list_agents(self, call: Call) -> Document:
        """GET /agents."""
        return self._list_resources(call, call.tenant.agents.values(), self.render_agent)

    def list_environments(self, call: Call) -> Document:
        """GET /environments."""
        return self._list_resources(call, call.tenant.environments.values(), self.render_environment)

    def list_vaults(self, call: Call) -> Document:
        """GET /vaults."""
        return self._list_resources(call, call.tenant.vaults.values(), self.render_vault)

    def _list_resources(self, call: Call, rows: Iterable[R], render: Callable[[R], Document]) -> Document:
        query = call.request.query
        include = self.read_flag(query, "include_archived") is True
        return self.render_page(
            self.page(rows, lambda row: self.matches_archived(row, include=include), render, query)
        )
