"""Faults of actions that reach deployments beside the one that is named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from conformance.reference import ApiError, Call, Deployment, Document, Service
from tests.faults.catalogue import fault

ALONE = "pause.leaves-others-alone"


class _Namesakes(Service):
    """Finds live deployments whose names merely begin like that of the one that a request names."""

    def longer(self, call: Call, name: str) -> Iterable[Deployment]:
        """Return those whose names go on where `name` ends."""
        live = [record for record in call.tenant.deployments.values() if record.archived_at is None]
        return [one for one in live if one.name.startswith(f"{name}-") and one.id != call.deployment_id]

    def shorter(self, call: Call, name: str) -> Iterable[Deployment]:
        """Return those whose names are the beginning of `name`."""
        live = [record for record in call.tenant.deployments.values() if record.archived_at is None]
        return [one for one in live if name.startswith(f"{one.name}-") and one.id != call.deployment_id]


@fault(breaks=ALONE, hides="side effect", shown_by=("neighbour",))
class AnUpdateDescribesNamesakes(_Namesakes):
    """An update of the description changes that of all whose names begin with its name."""

    def update(self, call: Call) -> Document:
        document = super().update(call)
        if "description" in call.body:
            for record in self.longer(call, self.find(call).name):
                self.keep(self.apply_update(record, {"description": self.find(call).description}))
        return document


@fault(breaks=ALONE, hides="side effect", shown_by=("neighbour",))
class APauseTakesShorterNames(_Namesakes):
    """A pause pauses all whose names are the beginning of its name."""

    def pause(self, call: Call) -> Document:
        document = super().pause(call)
        for record in self.shorter(call, self.find(call).name):
            if record.status == "active":
                self.keep(self.apply_pause(record))
        return document


@fault(breaks=ALONE, hides="side effect", shown_by=("neighbour",))
class AnUnpauseTakesNamesakes(_Namesakes):
    """An unpause unpauses all whose names begin with its name."""

    def unpause(self, call: Call) -> Document:
        document = super().unpause(call)
        for record in self.longer(call, self.find(call).name):
            if record.status == "paused":
                self.keep(self.apply_unpause(record))
        return document


@fault(breaks=ALONE, hides="side effect", shown_by=("neighbour",))
class AnArchiveTakesNamesakes(_Namesakes):
    """An archive archives all whose names begin with its name."""

    def archive(self, call: Call) -> Document:
        name = self.find(call).name
        document = super().archive(call)
        for record in self.longer(call, name):
            self.keep(self.apply_archive(record))
        return document


@fault(breaks=ALONE, hides="side effect", shown_by=("neighbour",))
class ARefusedPausePausesAnElder(Service):
    """A refused second pause pauses the deployment that was made just before."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError:
            _take_elder(self, call)
            raise


@fault(breaks=ALONE, hides="side effect", shown_by=("neighbour",))
class ARefusedArchivePausesAnElder(Service):
    """A refused second archive pauses the deployment that was made just before."""

    def archive(self, call: Call) -> Document:
        try:
            return super().archive(call)
        except ApiError:
            _take_elder(self, call)
            raise


@fault(breaks=ALONE, hides="side effect", shown_by=("neighbour",))
class ARefusedUpdatePausesAnElder(Service):
    """A refused update pauses the deployment that was made just before."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError:
            _take_elder(self, call)
            raise


def _take_elder(service: Service, call: Call) -> None:
    """Pause the youngest of the active deployments that are older and of the same family of names."""
    record = service.find(call)
    family = record.name.partition("_archived_")[0].rpartition("-")[0]
    elders = [
        one
        for one in call.tenant.deployments.values()
        if one.sequence < record.sequence and one.name.startswith(family[:-2])
    ]
    active = [one for one in elders if one.status == "active" and one.archived_at is None]
    if active:
        service.keep(service.apply_pause(max(active, key=lambda one: one.sequence)))


@fault(breaks=ALONE, hides="side effect", shown_by=("neighbour",))
class AnUpdateReschedulesNamesakes(_Namesakes):
    """An update of the schedule gives a schedule to all whose names begin with its name."""

    def update(self, call: Call) -> Document:
        document = super().update(call)
        if "schedule" in call.body:
            for record in self.longer(call, self.find(call).name):
                self.keep(replace(record, schedule=self.find(call).schedule))
        return document
