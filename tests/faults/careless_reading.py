"""Faults of reading requests: crashes at odd values, credentials and errors taken by halves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from conformance.reference import NEW, ApiError, Call, Document, Request, Response, Service, Tenant
from conformance.reference.errors import crashed
from conformance.reference.listing import Query
from conformance.reference.store import AgentPin
from tests.faults.catalogue import fault

inputs = partial(fault, hides="inputs")


@fault(breaks="errors.param-is-text")
class ParamsAreOfAnotherField(Service):
    """error.param is always name, whichever field is to blame."""

    # N9: names the bad field
    def render_error(self, error: ApiError, request: Request) -> Response:
        if error.param is not None and request.method == "POST":
            error = ApiError(error.status, error.kind, error.message, "name", error.headers)
        return super().render_error(error, request)


@fault(
    breaks="auth.unknown-token-is-401", hides="inputs", found_by="property.credentials", tiers=("property",)
)
class ThePrefixOfATokenIsOptional(Service):
    """A token opens without its prefix pt-."""

    # N3, N183
    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        return token.removeprefix("pt-") == tenant.token.removeprefix("pt-")


@fault(breaks="tenancy.other-tenant-is-refused", hides="sequence")
class OthersMayReadArchivedOnes(Service):
    """An archived deployment is read by whoever knows its id: the archive is a table without accounts."""

    # 1.3
    def get(self, call: Call) -> Document:
        for tenant in self.store.tenants.values():
            record = tenant.deployments.get(call.deployment_id)
            if record is not None and record.archived_at is not None:
                return self.render_deployment(record)
        return super().get(call)


@inputs(breaks="errors.no-server-error", revisions=(NEW,))
class BoundsWithoutAnOffsetCrash(Service):
    """A bound of created_at without an offset is a 500: it cannot be compared with an instant."""

    # N181
    def read_span(self, query: Query, bounds: Iterable[str]) -> dict[str, datetime]:
        span = super().read_span(query, bounds)
        for name in span:
            if datetime.fromisoformat(query[f"created_at[{name}]"]).tzinfo is None:
                raise crashed()
        return span


@inputs(breaks="errors.no-server-error")
class VaultsThatAreObjectsCrash(Service):
    """An object or a list among the vault ids is a 500: it has no hash."""

    # N181
    def read_vault_ids(self, value: object) -> Sequence[str]:
        if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
            raise crashed()
        return super().read_vault_ids(value)


@inputs(breaks="errors.no-server-error")
class LongKeysCrash(Service):
    """An idempotency key of more than 255 characters is a 500: the column is too short."""

    # N181
    def idempotency_key(self, call: Call) -> tuple[str, ...] | None:
        key = super().idempotency_key(call)
        if key is not None and len(key[-1]) > 255:
            raise crashed()
        return key


@inputs(breaks="errors.no-server-error")
class AgentsWithoutAnIdCrash(Service):
    """An agent object without an id is a 500: the key is missing."""

    # N181, N31
    def read_agent(self, value: object, tenant: Tenant) -> AgentPin:
        if isinstance(value, dict) and value.get("type") == "agent" and "id" not in value:
            raise crashed()
        return super().read_agent(value, tenant)


@inputs(breaks="errors.no-server-error")
class EmptyCursorsCrash(Service):
    """An empty after_id or before_id is a 500."""

    # N181
    def read_cursor(self, query: Query) -> tuple[str, str | None]:
        direction, cursor = super().read_cursor(query)
        if cursor == "":
            raise crashed()
        return direction, cursor


@inputs(breaks="errors.no-server-error")
class LoneSurrogatesCrash(Service):
    """A lone surrogate that is escaped in a body is a 500: it cannot be written as UTF-8."""

    # N181
    def read_body(self, request: Request) -> Document:
        try:
            return super().read_body(request)
        except ApiError:
            if re.search(rb"\\u[dD][89a-fA-F]", request.content):
                raise crashed() from None
            raise
