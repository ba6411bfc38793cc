"""Faults that reach beyond the deployment that a request names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from conformance.reference import Call, Deployment, Document, Service
from tests.faults.catalogue import fault


class _Reaches(Service):
    """Finds the deployments that a request does not name."""

    def others(self, call: Call) -> Iterable[Deployment]:
        """Return the tenant's other live deployments, oldest first."""
        live = [record for record in call.tenant.deployments.values() if record.archived_at is None]
        return [record for record in live if record.id != call.deployment_id]


@fault(breaks="pause.leaves-others-alone", hides="side effect")
class PauseTouchesThePaused(_Reaches):
    """A pause moves updated_at of every paused deployment of the tenant."""

    def pause(self, call: Call) -> Document:
        document = super().pause(call)
        for record in self.others(call):
            if record.status == "paused":
                self.keep(self.touch(record))
        return document


@fault(breaks="pause.leaves-others-alone", hides="side effect")
class UnpauseWakesAll(_Reaches):
    """An unpause unpauses every deployment of the tenant."""

    def unpause(self, call: Call) -> Document:
        document = super().unpause(call)
        for record in self.others(call):
            if record.status == "paused":
                self.keep(self.apply_unpause(record))
        return document


@fault(breaks="pause.leaves-others-alone", hides="side effect")
class UpdateDescribesAll(_Reaches):
    """An update of the description changes that of every deployment of the tenant."""

    def update(self, call: Call) -> Document:
        document = super().update(call)
        if "description" in call.body:
            for record in self.others(call):
                self.keep(replace(record, description=self.find(call).description))
        return document


@fault(breaks="pause.leaves-others-alone", hides="side effect")
class ArchiveTakesAllScheduled(_Reaches):
    """An archive archives every scheduled deployment of the tenant."""

    def archive(self, call: Call) -> Document:
        document = super().archive(call)
        for record in self.others(call):
            if record.schedule is not None:
                self.keep(self.apply_archive(record))
        return document
