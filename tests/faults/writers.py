"""Faults of two writers at once: of one row each writes what it read, or a part of what it means."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.reference import Deployment
from tests.faults.catalogue import fault
from tests.faults.races import WIDE, Unlocked

ORDERED = "pause.races-have-an-order"


class _Newest(Unlocked):
    """Knows what is stored by now, whatever an operation has read before."""

    def stored(self, record: Deployment) -> Deployment:
        return self.store.tenants[record.tenant].deployments[record.id]


@fault(
    breaks=ORDERED,
    also=("pause.one-of-many-wins",),
    hides="race",
    tiers=("race",),
    found_by="race.pause-and-archive",
)
class APauseUndoesTheArchive(Unlocked):
    """A pause writes back the deployment as it was read, over an archive that came between."""

    unlocked = ("pause",)

    def apply_pause(self, record: Deployment) -> Deployment:
        time.sleep(WIDE)
        return super().apply_pause(record)


@fault(breaks=ORDERED, hides="race", tiers=("race",), found_by="race.pause-and-update")
class AnUpdateTakesTheReason(_Newest):
    """An update beside a pause leaves the status and takes its reason: it writes all columns but one."""

    unlocked = ("update",)

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        time.sleep(WIDE)
        return replace(changed, status=self.stored(record).status)


@fault(
    breaks=ORDERED,
    also=("pause.one-of-many-wins",),
    hides="race",
    tiers=("race",),
    found_by="race.pause-and-update",
)
class APauseLosesTheNewSchedule(_Newest):
    """A pause beside an update keeps what that sent, but for the schedule."""

    unlocked = ("pause",)

    def apply_pause(self, record: Deployment) -> Deployment:
        time.sleep(WIDE)
        return replace(super().apply_pause(self.stored(record)), schedule=record.schedule)


@fault(
    breaks=ORDERED,
    also=("pause.one-of-many-wins",),
    hides="race",
    tiers=("race",),
    found_by="race.pause-and-update",
)
class APauseLosesTheNewMetadata(_Newest):
    """A pause beside an update keeps what that sent, but for the metadata."""

    unlocked = ("pause",)

    def apply_pause(self, record: Deployment) -> Deployment:
        time.sleep(WIDE)
        return replace(super().apply_pause(self.stored(record)), metadata=record.metadata)


@fault(breaks=ORDERED, hides="race", tiers=("race",), found_by="race.unpauses")
class AnUnpauseLosesTheNewSchedule(_Newest):
    """An unpause beside an update keeps what that sent, but for its schedule."""

    unlocked = ("unpause",)

    def apply_unpause(self, record: Deployment) -> Deployment:
        time.sleep(WIDE)
        return replace(super().apply_unpause(self.stored(record)), schedule=record.schedule)


@fault(breaks=ORDERED, hides="race", tiers=("race",), found_by="race.updates")
class ADeletedKeyComesBack(_Newest):
    """An update of metadata beside one of the description is kept, but for the keys that it deletes."""

    unlocked = ("update",)

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        time.sleep(WIDE)
        newest = self.stored(record)
        if "metadata" in fields:
            return super().apply_update(
                newest, {**fields, "metadata": {**newest.metadata, **fields["metadata"]}}
            )
        return super().apply_update(newest, fields)
