"""Faults that bring back what was archived, or change it although they refuse to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference import ApiError, Call, Document, Service
from tests.faults.catalogue import fault

FINAL = "archive.is-final"


class _Revives(Service):
    def revive(self, call: Call, **changes: Any) -> Document:  # noqa: ANN401 (fields of a deployment)
        """Bring an archived deployment back."""
        self.keep(replace(self.find(call), archived_at=None, **changes))
        return self.get(call)


@fault(breaks=FINAL, hides="sequence")
class APauseRevives(_Revives):
    """A pause of an archived deployment answers 200, and it is no longer archived."""

    def pause(self, call: Call) -> Document:
        if self.find(call).archived_at is None:
            return super().pause(call)
        return self.revive(call, status="paused", paused_reason={"type": "manual"})


@fault(breaks=FINAL, hides="sequence")
class AnUnpauseRevives(_Revives):
    """An unpause of an archived deployment answers 200, and it is no longer archived."""

    def unpause(self, call: Call) -> Document:
        if self.find(call).archived_at is None:
            return super().unpause(call)
        return self.revive(call)


@fault(breaks=FINAL, hides="sequence")
class AnUpdateRevives(_Revives):
    """An update of an archived deployment answers 200, and it is no longer archived."""

    def update(self, call: Call) -> Document:
        if self.find(call).archived_at is not None:
            self.revive(call)
        return super().update(call)


@fault(breaks=FINAL, also=("object.refused-is-not-done",), hides="side effect")
class ARefusedPauseRevives(_Revives):
    """A pause of an archived deployment is refused, and it is no longer archived."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError:
            if self.find(call).archived_at is not None:
                self.revive(call)
            raise


@fault(breaks="archive.hides-from-list", hides="sequence")
class AnUpdateListsTheArchivedAgain(Service):
    """An archived deployment is listed again once an update of it was tried."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError:
            if self.find(call).archived_at is not None:
                self.tried.add(call.deployment_id)
            raise

    def matches_archived(self, record: Any, *, include: bool) -> bool:  # noqa: ANN401 (as in the base)
        return record.id in self.tried or super().matches_archived(record, include=include)

    @property
    def tried(self) -> set[str]:
        ids: set[str] = self.__dict__.setdefault("_tried", set())
        return ids


@fault(breaks="object.refused-is-not-done", hides="side effect", shown_by=("archive_twice",))
class ARefusedUpdateOfTheArchivedIsStored(Service):
    """An update of an archived deployment is refused and stored."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError:
            record = self.find(call)
            if record.archived_at is not None and "description" in call.body:
                self.keep(replace(record, description=str(call.body["description"])))
            raise


@fault(breaks="object.refused-is-not-done", hides="side effect", shown_by=("archive_twice",))
class ARefusedUnpauseOfTheArchivedTouches(Service):
    """An unpause of an archived deployment is refused and moves updated_at."""

    def unpause(self, call: Call) -> Document:
        try:
            return super().unpause(call)
        except ApiError:
            record = self.find(call)
            if record.archived_at is not None:
                self.keep(self.touch(record))
            raise
