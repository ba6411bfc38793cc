"""Faults of archiving."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, Service
from tests.faults.catalogue import fault


@fault(breaks="archive.sets-archived-at", also=("archive.is-stored",))
class ArchiveHasNoTime(Service):
    """The answer to an archive has no archived_at."""

    def archive(self, call: Call) -> Document:
        return super().archive(call) | {"archived_at": None}


@fault(breaks="archive.sets-archived-at")
class ArchivedInLocalTime(Service):
    """The time of the archive is that of China, said to be UTC."""

    def apply_archive(self, record: Deployment) -> Deployment:
        archived = super().apply_archive(record)
        at = self.instant() + timedelta(hours=8)
        return replace(archived, archived_at=at, name=self.archived_name(record, at))


@fault(breaks="archive.is-stored", also=("object.updated-at-never-goes-back",), hides="side effect")
class ArchiveIsOnlyAnswered(Service):
    """The answer to an archive is right, but nothing is stored."""

    def save(self, call: Call, record: Deployment) -> None:
        if call.request.operation != "archive":
            super().save(call, record)


@fault(breaks="archive.clears-upcoming-runs")
class ArchivedStillHasRuns(Service):
    """An archived schedule still lists runs."""

    def upcoming(self, record: Deployment) -> Any:  # noqa: ANN401 (as in the base)
        return super().upcoming(replace(record, archived_at=None))


@fault(breaks="archive.renames", also=("archive.frees-the-name",))
class ArchiveKeepsItsName(Service):
    """Archiving keeps the name."""

    def archived_name(self, record: Deployment, at: datetime) -> str:
        return record.name


@fault(breaks="archive.frees-the-name", hides="sequence")
class ArchivedNamesStayTaken(Service):
    """The name of an archived deployment cannot be used again."""

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        super().check_name_free(call, name, besides)
        if any(record.name.startswith(f"{name}_archived_") for record in call.tenant.deployments.values()):
            raise ApiError(409, "conflict_error", "The name is taken.")


@fault(breaks="archive.hides-from-list")
class ArchivedAreListed(Service):
    """Archived deployments are always listed."""

    def matches_archived(self, record: Any, *, include: bool) -> bool:  # noqa: ANN401 (as in the base)
        return True


@fault(breaks="archive.is-listed-on-request")
class ArchivedAreNeverListed(Service):
    """Archived deployments are never listed."""

    def matches_archived(self, record: Any, *, include: bool) -> bool:  # noqa: ANN401 (as in the base)
        return super().matches_archived(record, include=include and not hasattr(record, "status"))


@fault(breaks="archive.keeps-status-active")
class ArchivedArePaused(Service):
    """An archived deployment shows paused."""

    def archived_state(self, record: Deployment) -> dict[str, Any]:
        return {"status": "paused", "paused_reason": {"type": "manual"}}


@fault(breaks="archive.second-is-conflict", also=("archive.refused-changes-nothing", "archive.renames"))
class ArchiveTwiceIsFine(Service):
    """A second archive answers 200."""

    def check_not_already_archived(self, record: Deployment) -> None:
        """Whatever it is."""


@fault(breaks="archive.refused-changes-nothing", hides="side effect")
class RefusedArchiveRenamesAgain(Service):
    """A refused second archive changes the name once more."""

    def archive(self, call: Call) -> Document:
        try:
            return super().archive(call)
        except ApiError as error:
            if error.status == 409:
                record = self.find(call)
                self.keep(replace(record, name=self.archived_name(record, self.now())))
            raise


@fault(breaks="archive.can-be-read", also=("archive.runs-stay-readable",), hides="sequence")
class ArchivedCannotBeRead(Service):
    """An archived deployment is a 404."""

    def get(self, call: Call) -> Document:
        if self.find(call).archived_at is not None:
            raise ApiError(404, "not_found_error", "The deployment was not found.")
        return super().get(call)


@fault(breaks="archive.runs-stay-readable", hides="sequence")
class RunsOfArchivedAreGone(Service):
    """The runs of an archived deployment are a 404."""

    def list_runs(self, call: Call) -> Document:
        if self.find(call).archived_at is not None:
            raise ApiError(404, "not_found_error", "The deployment was not found.")
        return super().list_runs(call)


@fault(breaks="archive.hides-from-list", hides="sequence")
class ArchivedWhilePausedIsListedAsPaused(Service):
    """An archived deployment that was paused stays in lists of paused ones."""

    def archived_state(self, record: Deployment) -> dict[str, Any]:
        return {"status": record.status, "paused_reason": record.paused_reason}

    def matches_archived(self, record: Any, *, include: bool) -> bool:  # noqa: ANN401 (as in the base)
        paused = isinstance(record, Deployment) and record.status == "paused"
        return paused or super().matches_archived(record, include=include)
