"""Faults of tenancy."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from conformance.reference import ApiError, Call, Deployment, Request, Response, Service
from conformance.reference.store import StoredAnswer
from tests.faults.catalogue import fault


class _OpenTo(Service):
    """Lets every tenant reach every deployment with some operations."""

    reachable: ClassVar[tuple[str, ...]] = ()

    def find(self, call: Call) -> Deployment:
        if call.request.operation in self.reachable:
            for tenant in self.store.tenants.values():
                if call.deployment_id in tenant.deployments:
                    return tenant.deployments[call.deployment_id]
        return super().find(call)


@fault(breaks="tenancy.other-tenant-is-refused")
class OthersMayRead(_OpenTo):
    """A deployment is read by whoever knows its id."""

    reachable = ("get",)


@fault(breaks="tenancy.other-tenant-is-refused")
class OthersMayUpdate(_OpenTo):
    """A deployment is updated by whoever knows its id."""

    reachable = ("update",)


@fault(breaks="tenancy.other-tenant-is-refused")
class OthersMayPause(_OpenTo):
    """A deployment is paused by whoever knows its id."""

    reachable = ("pause",)


@fault(breaks="tenancy.other-tenant-is-refused")
class OthersMayUnpause(_OpenTo):
    """A deployment is unpaused by whoever knows its id."""

    reachable = ("unpause",)


@fault(breaks="tenancy.other-tenant-is-refused")
class OthersMayRun(_OpenTo):
    """A deployment is run by whoever knows its id."""

    reachable = ("run",)


@fault(breaks="tenancy.other-tenant-is-refused")
class OthersMayArchive(_OpenTo):
    """A deployment is archived by whoever knows its id."""

    reachable = ("archive",)


@fault(breaks="tenancy.other-tenant-is-refused")
class OthersMayListRuns(_OpenTo):
    """Runs are listed by whoever knows the deployment's id."""

    reachable = ("list_runs",)


@fault(breaks="tenancy.other-tenant-is-refused")
class ListsShowAll(Service):
    """Lists show the deployments of all tenants."""

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        return [record for tenant in self.store.tenants.values() for record in tenant.deployments.values()]


@fault(breaks="tenancy.other-tenant-is-refused", hides="inputs")
class ListsByAgentShowAll(Service):
    """Lists show the deployments of all tenants when they are filtered by agent."""

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        if "agent_id" not in call.request.query:
            return super().deployment_rows(call)
        return [record for tenant in self.store.tenants.values() for record in tenant.deployments.values()]


@fault(breaks="tenancy.other-tenant-is-refused", hides="side effect")
class RefusedIsCarriedOutForOthers(_OpenTo):
    """Another tenant's update is refused with 404 and carried out."""

    reachable = ("update",)

    def handle(self, request: Request) -> Response:
        if request.operation != "update":
            return super().handle(request)
        with self.lock, suppress(ApiError):
            tenant = self.authenticate(request)
            if request.route.ids["deployment_id"] not in tenant.deployments:
                super().handle(request)
                return self.render_error(ApiError(404, "not_found_error", "No such deployment."), request)
        return super().handle(request)


@fault(breaks="tenancy.other-tenant-is-refused", hides="inputs")
class CursorsLeadIntoOtherTenants(Service):
    """A cursor of another tenant lists the deployments around it."""

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        query = call.request.query
        cursor = query.get("after_id") or query.get("before_id")
        owner = next((t for t in self.store.tenants.values() if cursor in t.deployments), call.tenant)
        return owner.deployments.values()


@fault(breaks="tenancy.other-tenant-is-refused", hides="sequence")
class KeysAreSharedByTenants(Service):
    """An idempotency key answers every tenant with what its first use got."""

    def recall(self, call: Call, key: tuple[str, ...]) -> StoredAnswer | None:
        recall = super().recall
        found = (recall(replace(call, tenant=tenant), key) for tenant in self.store.tenants.values())
        return next(filter(None, found), None)
