"""Faults that only a history of several operations, or several deployments, brings to light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.reference import Call, Deployment, Document, Service
from conformance.reference.store import Agent, Environment
from tests.faults.catalogue import fault

CYCLES = 3
SEARCH = "model.lifecycle"


@fault(breaks="unpause.next-run-is-in-the-future", hides="sequence", tiers=("property",), found_by=SEARCH)
class ThirdCycleLosesSchedule(Service):
    """The third unpause of a deployment leaves it without its schedule."""

    def unpause(self, call: Call) -> Document:
        record = self.find(call)
        done = self.cycles.get(record.id, 0) + 1
        super().unpause(call)
        self.cycles[record.id] = done
        changed = self.find(call)
        if done == CYCLES:
            changed = replace(changed, schedule=None)
            self.save(call, changed)
        return self.render_deployment(changed)

    @property
    def cycles(self) -> dict[str, int]:
        counts: dict[str, int] = self.__dict__.setdefault("_cycles", {})
        return counts


@fault(breaks="archive.hides-from-list", hides="sequence", tiers=("property",), found_by=SEARCH)
class ArchivedWhilePausedStaysListed(Service):
    """A deployment that was paused when it was archived is still listed with status=paused."""

    def archived_state(self, record: Deployment) -> dict[str, Any]:
        return {"status": record.status, "paused_reason": record.paused_reason}

    def matches_archived(self, record: Deployment | Agent | Environment, *, include: bool) -> bool:
        shown = isinstance(record, Deployment) and record.status == "paused"
        return shown or super().matches_archived(record, include=include)


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence", tiers=("property",), found_by=SEARCH)
class DescriptionUnpauses(Service):
    """An update of the description makes a paused deployment active."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return self.apply_unpause(changed) if "description" in fields else changed


@fault(breaks="update.keeps-what-was-not-sent", hides="side effect", tiers=("property",), found_by=SEARCH)
class RenamingLosesMetadata(Service):
    """An update of the name empties the metadata."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        lost = {} if "name" not in fields or "metadata" in fields else {"metadata": self.default_metadata()}
        return super().apply_update(record, {**fields, **lost})


@fault(breaks="unpause.next-run-is-in-the-future", hides="sequence", tiers=("property",), found_by=SEARCH)
class UnpauseAfterUpdateForgetsSchedule(Service):
    """An unpause loses the schedule of a deployment that was updated while it was paused."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if record.status == "paused":
            self.updated.add(record.id)
        return super().apply_update(record, fields)

    def apply_unpause(self, record: Deployment) -> Deployment:
        changed = super().apply_unpause(record)
        return replace(changed, schedule=None) if record.id in self.updated else changed

    @property
    def updated(self) -> set[str]:
        ids: set[str] = self.__dict__.setdefault("_updated", set())
        return ids


@fault(breaks="pause.leaves-others-alone", hides="side effect", tiers=("property",), found_by=SEARCH)
class PausePausesTheNewestToo(Service):
    """A pause of one of several deployments pauses the newest of them, too."""

    def pause(self, call: Call) -> Document:
        document = super().pause(call)
        # Those whose names begin alike: in a run, many others make deployments at the same time.
        family = call.tenant.deployments[call.deployment_id].name.rpartition("-")[0]
        alike = [d for d in call.tenant.deployments.values() if d.name.rpartition("-")[0] == family]
        newest = max((d for d in alike if d.archived_at is None), key=lambda d: d.sequence)
        if newest.status == "active":
            self.save(call, self.apply_pause(newest))
        return document


@fault(breaks="errors.refused-changes-nothing", hides="side effect", tiers=("property",), found_by=SEARCH)
class RefusedUpdateOfPausedUnpauses(Service):
    """An update that is refused leaves a paused deployment active."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except Exception:
            record = self.find(call)
            if record.status == "paused" and record.archived_at is None:
                self.save(call, self.apply_unpause(record))
            raise
