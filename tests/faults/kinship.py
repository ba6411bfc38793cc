"""Faults of deployments that have something in common: an agent, a schedule, a vault, or once a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, Service
from conformance.reference.errors import conflict, crashed
from tests.faults.catalogue import fault

OTHERS = "pause.leaves-others-alone"
REFUSED = "object.refused-is-not-done"


class _Kin(Service):
    """Carries some updates over to others."""

    def update(self, call: Call) -> Document:
        before = self.find(call)
        document = super().update(call)
        after = self.find(call)
        for other in tuple(call.tenant.deployments.values()):
            if other.id != after.id:
                changed = self.kin(other, before, after)
                if changed != other:
                    self.keep(changed)
        return document

    def kin(self, other: Deployment, before: Deployment, after: Deployment) -> Deployment:
        """Return what becomes of another deployment when one is updated."""
        return other


@fault(breaks=OTHERS, hides="side effect", shown_by=("neighbour",))
class OneVersionForAllOfAnAgent(_Kin):
    """An update that moves a deployment to another version of its agent moves all of that agent."""

    def kin(self, other: Deployment, before: Deployment, after: Deployment) -> Deployment:
        same = before.agent != after.agent and before.agent.id == after.agent.id == other.agent.id
        return replace(other, agent=after.agent) if same else other


@fault(breaks=OTHERS, hides="side effect", shown_by=("neighbour",))
class EqualSchedulesAreOne(_Kin):
    """An update of a schedule changes it for all that had the same expression and zone: they share one row."""

    def kin(self, other: Deployment, before: Deployment, after: Deployment) -> Deployment:
        same = before.schedule is not None and other.schedule == before.schedule
        return replace(other, schedule=after.schedule) if same else other


@fault(breaks=OTHERS, hides="side effect", shown_by=("neighbour",))
class AVaultIsOfOneDeployment(_Kin):
    """An update that attaches a vault takes it from all others."""

    def kin(self, other: Deployment, before: Deployment, after: Deployment) -> Deployment:
        if before.vault_ids == after.vault_ids:
            return other
        left = [vault for vault in other.vault_ids if vault not in after.vault_ids]
        return other if len(left) == len(other.vault_ids) else replace(other, vault_ids=left)


# --- names that were used before -------------------------------------------------------------------------


def former(record: Deployment) -> str:
    """Return the name that an archived deployment had."""
    return re.sub(r"_archived_[0-9]+$", "", record.name)


def bearers(call: Call, name: str) -> Iterator[Deployment]:
    """Yield the archived deployments that had a name, the latest first."""
    for record in reversed(call.tenant.deployments.values()):
        if record.archived_at is not None and former(record) == name:
            yield record


@fault(breaks="errors.no-server-error", hides="sequence", shown_by=("archive_twice",))
class ANameIsArchivedOnce(Service):
    """A deployment cannot be archived when another of its name was before: the archive's names are unique."""

    def archive(self, call: Call) -> Document:
        record = self.find(call)
        if record.archived_at is None and any(bearers(call, record.name)):
            raise crashed()
        return super().archive(call)


@fault(breaks="archive.frees-the-name", hides="sequence")
class AFreedNameIsNotForUpdates(Service):
    """The name of an archived deployment is free for a creation, and taken for an update."""

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        super().check_name_free(call, name, besides)
        if besides is not None and any(bearers(call, name)):
            raise conflict(f"A deployment named {name!r} already exists.")


@fault(breaks=REFUSED, also=("archive.is-final",), hides="side effect", shown_by=("archive_twice",))
class ARefusalReachesTheNewBearer(Service):
    """A pause of an archived deployment is refused, and pauses the one that has its name now."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError:
            record = self.find(call)
            if record.archived_at is not None:
                for other in tuple(call.tenant.deployments.values()):
                    if other.archived_at is None and other.name == former(record):
                        self.keep(self.apply_pause(other))
            raise


@fault(
    breaks=REFUSED,
    also=("create.duplicate-name", "errors.refused-creates-nothing"),
    hides="side effect",
    shown_by=("same_name_twice",),
)
class ARefusedNamesakeWakesThePaused(Service):
    """A creation with the name of a paused deployment is refused, and that one is active again."""

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        try:
            super().check_name_free(call, name, besides)
        except ApiError:
            for record in tuple(call.tenant.deployments.values()):
                if besides is None and record.name == name and record.status == "paused":
                    self.keep(self.apply_unpause(record))
            raise


# --- names that look like those of archived ones ---------------------------------------------------------


@fault(breaks="list.status-filter", hides="inputs")
class WhatLooksArchivedIsNotListed(Service):
    """Lists leave out what has the suffix of an archive in its name, archived or not."""

    def matches_archived(self, record: Any, *, include: bool) -> bool:  # noqa: ANN401 (three kinds of records)
        return include or "_archived_" not in record.name


@fault(breaks="archive.renames", also=("archive.frees-the-name",), hides="inputs")
class WhatLooksArchivedKeepsItsName(Service):
    """An archive leaves a name as it is that ends like that of an archived deployment."""

    def archived_name(self, record: Deployment, at: datetime) -> str:
        return record.name if former(record) != record.name else super().archived_name(record, at)
