"""Faults that only requests at the same time show, on the same deployment or on different ones."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from conformance.reference import NEW, Deployment, Request, Response, Service
from conformance.reference.errors import ApiError
from tests.faults.catalogue import fault
from tests.faults.races import Unlocked

ORDER = "pause.races-have-an-order"
WINDOW = 0.02
"""Seconds in which others get through."""


@fault(breaks=ORDER, hides="race", tiers=("race",))
class AnUnpauseUndoesAnUpdate(Unlocked):
    """An unpause writes back the deployment as it was read, over an update that came between."""

    unlocked = ("unpause",)

    def apply_unpause(self, record: Deployment) -> Deployment:
        time.sleep(WINDOW)
        self.check_paused(self.store.tenants[record.tenant].deployments[record.id])
        return super().apply_unpause(record)


@fault(breaks=ORDER, hides="race", tiers=("race",))
class AnUnpauseUndoesAnArchive(Unlocked):
    """An unpause writes back the deployment as it was read, over an archive that came between."""

    unlocked = ("unpause",)

    def apply_unpause(self, record: Deployment) -> Deployment:
        time.sleep(WINDOW)
        newest = self.store.tenants[record.tenant].deployments[record.id]
        if newest.archived_at is not None:
            return super().apply_unpause(record)
        self.check_paused(newest)
        return super().apply_unpause(newest)


@fault(breaks="errors.request-id-echoes-header", hides="race", revisions=(NEW,))
class TheLatestRequestNamesAllErrors(Service):
    """An error names the request that came last, which need not be the one that it answers."""

    async def respond(self, request: Request) -> Response:
        self.__dict__["latest"] = request.request_id
        await asyncio.sleep(WINDOW / 4)
        return await super().respond(request)

    def render_error(self, error: ApiError, request: Request) -> Response:
        return super().render_error(error, replace(request, request_id=self.__dict__["latest"]))
