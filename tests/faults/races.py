"""Faults that only simultaneous requests show: what is checked and what is done lie apart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.reference import Call, Deployment, Document, ReferenceSettings, Request, Response, Service
from conformance.reference.errors import ApiError, crashed
from tests.faults.catalogue import fault

WINDOW = 0.002
"""Seconds between check and act."""
WIDE = 10 * WINDOW
"""The same where one of few requests must come in between."""


class Unlocked(Service):
    """Answers requests on threads of their own, and some operations without the lock."""

    unlocked: tuple[str, ...] = ()

    async def respond(self, request: Request) -> Response:
        return await asyncio.to_thread(self.handle, request)

    def handle(self, request: Request) -> Response:
        if request.operation not in self.unlocked:
            return super().handle(request)
        try:
            return self.answer(request)
        except ApiError as error:
            return self.render_error(error, request)


@fault(breaks="pause.one-of-many-wins", also=("pause.races-have-an-order",), hides="race", tiers=("race",))
class ConcurrentPausesAllWin(Unlocked):
    """Between the check whether a deployment is paused and the pause, others get through."""

    unlocked = ("pause",)

    def check_not_paused(self, record: Deployment) -> None:
        super().check_not_paused(record)
        time.sleep(WINDOW)


@fault(breaks="pause.races-have-an-order", also=("pause.one-of-many-wins",), hides="race", tiers=("race",))
class PauseAndUpdateLoseOne(Unlocked):
    """An update writes back the deployment as it was read, over a pause that came between."""

    unlocked = ("pause", "update")

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        time.sleep(WINDOW)
        return changed

    def apply_pause(self, record: Deployment) -> Deployment:
        changed = super().apply_pause(record)
        time.sleep(WINDOW / 2)
        return changed


@fault(breaks="pause.races-have-an-order", hides="race", tiers=("race",), found_by="race.unpauses")
class ConcurrentUnpausesAllWin(Unlocked):
    """Between the check whether a deployment is paused and the unpause, others get through."""

    unlocked = ("unpause",)

    def check_paused(self, record: Deployment) -> None:
        super().check_paused(record)
        time.sleep(WIDE)


@fault(breaks="pause.races-have-an-order", hides="race", tiers=("race",), found_by="race.archives")
class ConcurrentArchivesAllWin(Unlocked):
    """Between the check whether a deployment is archived and the archive, others get through."""

    unlocked = ("archive",)

    def check_not_already_archived(self, record: Deployment) -> None:
        super().check_not_already_archived(record)
        time.sleep(WIDE)


@fault(breaks="pause.races-have-an-order", hides="race", tiers=("race",), found_by="race.archives")
class RenamingUndoesTheArchive(Unlocked):
    """An update of the name writes back the deployment as it was read, over an archive that came between."""

    unlocked = ("update",)

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "name" in fields:
            time.sleep(WIDE)
        return super().apply_update(record, fields)


@fault(
    breaks="idempotency.create-is-replayed",
    also=("create.duplicate-name",),
    hides="race",
    tiers=("race",),
    found_by="race.creations",
)
class OneKeyMakesTwo(Unlocked):
    """Two creations with one key that arrive together are both executed."""

    unlocked = ("create",)

    def create(self, call: Call) -> Document:
        time.sleep(WINDOW)
        return super().create(call)

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        if "idempotency-key" not in call.request.headers:
            super().check_name_free(call, name, besides)


@fault(breaks="pause.races-have-an-order", hides="race", tiers=("race",), found_by="race.updates")
class UpdatesLoseOne(Unlocked):
    """An update writes back the deployment as it was read, over another update that came between."""

    unlocked = ("update",)

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        time.sleep(WINDOW)
        return super().apply_update(record, fields)


@fault(breaks="pause.races-have-an-order", hides="race", tiers=("race",), found_by="race.updates")
class MetadataPatchesLoseOne(Unlocked):
    """An update writes the fields sent alone, but metadata as they were read and merged, over another patch."""

    unlocked = ("update",)

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        time.sleep(WINDOW)
        newest = self.store.tenants[record.tenant].deployments[record.id]
        return super().apply_update(newest, fields)


@fault(breaks="pause.races-have-an-order", hides="race", tiers=("race",), found_by="race.archives")
class EachArchiveAppendsItsSuffix(Unlocked):
    """Of archives that meet one wins, and each of them appends a suffix to the name."""

    unlocked = ("archive",)

    def archive(self, call: Call) -> Document:
        early = self.find(call)
        time.sleep(WIDE)
        with self.lock:
            late = self.find(call)
            if early.archived_at is None and late.archived_at is not None:
                self.keep(replace(late, name=self.archived_name(late, self.instant())))
            return super().archive(call)


@fault(breaks="errors.no-server-error", hides="race", tiers=("race",), found_by="race.creations")
class AKeyInUseIsACrash(Unlocked):
    """A creation whose key is in use by another at the moment is a 500: the key is a unique column."""

    unlocked = ("create",)

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.used: set[str] = set()

    def replay_or_execute(self, call: Call) -> Response:
        key = call.request.headers.get("idempotency-key")
        if key is None or call.request.operation != "create":
            with self.lock:
                return super().replay_or_execute(call)
        if key in self.used:
            raise crashed()
        self.used.add(key)
        try:
            time.sleep(WIDE)
            with self.lock:
                return super().replay_or_execute(call)
        finally:
            self.used.discard(key)
