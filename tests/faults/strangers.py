"""Faults between tenants: what is refused to another one and done all the same, and lists that know no tenants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from conformance.reference import ApiError, Call, Deployment, Document, Service
from tests.faults.catalogue import fault

REFUSED = "tenancy.other-tenant-is-refused"


class _Meddling(Service):
    """Does to another tenant's deployment what it refuses with 404."""

    act: ClassVar[str] = ""

    def owned(self, call: Call) -> Deployment | None:
        """The deployment that a call names, if it is another tenant's."""
        for tenant in self.store.tenants.values():
            if tenant.name != call.tenant.name and call.deployment_id in tenant.deployments:
                return tenant.deployments[call.deployment_id]
        return None

    def meddle(
        self, call: Call, act: Callable[[Call], Document], then: Callable[[Deployment], object]
    ) -> Document:
        try:
            return act(call)
        except ApiError:
            if record := self.owned(call):
                then(record)
            raise


@fault(breaks=REFUSED, hides="side effect")
class AStrangersPauseIsDone(_Meddling):
    """Another tenant's pause is refused with 404 and carried out."""

    def pause(self, call: Call) -> Document:
        return self.meddle(call, super().pause, lambda record: self.keep(self.apply_pause(record)))


@fault(breaks=REFUSED, hides="side effect")
class AStrangersUnpauseIsDone(_Meddling):
    """Another tenant's unpause of a paused deployment is refused with 404 and carried out."""

    def unpause(self, call: Call) -> Document:
        def then(record: Deployment) -> None:
            if record.status == "paused":
                self.keep(self.apply_unpause(record))

        return self.meddle(call, super().unpause, then)


@fault(breaks=REFUSED, hides="side effect")
class AStrangersArchiveIsDone(_Meddling):
    """Another tenant's archive is refused with 404 and carried out."""

    def archive(self, call: Call) -> Document:
        return self.meddle(call, super().archive, lambda record: self.keep(self.apply_archive(record)))


@fault(breaks=REFUSED, hides="side effect")
class AStrangersReadTouches(_Meddling):
    """Another tenant's read is refused with 404 and moves updated_at."""

    def get(self, call: Call) -> Document:
        return self.meddle(call, super().get, lambda record: self.keep(self.touch(record)))


class _SharedLists(Service):
    """Shows the deployments of all tenants in lists with one query parameter."""

    parameter: ClassVar[str] = ""
    value: ClassVar[str] = ""

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        given = call.request.query.get(self.parameter)
        if given is None or (self.value and given != self.value):
            return super().deployment_rows(call)
        return [one for tenant in self.store.tenants.values() for one in tenant.deployments.values()]


@fault(breaks=REFUSED, hides="inputs")
class ListsWithArchivedOnesAreShared(_SharedLists):
    """Lists with archived deployments show those of all tenants."""

    parameter, value = "include_archived", "true"
