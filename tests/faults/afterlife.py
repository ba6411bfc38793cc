"""Faults of archived deployments: what came before the archive, what is asked of them, whose name they had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, Run, Service
from conformance.reference.errors import not_found
from tests.faults.catalogue import fault
from tests.faults.histories import Counting, Remembering


class _Paused(Remembering):
    """Knows which archived deployments were paused at their end."""

    def was_paused(self, record: Deployment) -> bool:
        return any(one.status == "paused" for one in self.states(record)[-2:-1])


@fault(breaks="archive.clears-upcoming-runs", hides="sequence")
class AnArchiveOfAPausedOneKeepsWhatIsUpcoming(_Paused):
    """A deployment that was paused when it was archived still lists upcoming runs."""

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        if record.archived_at and self.was_paused(record):
            return super().upcoming(replace(record, archived_at=None))
        return super().upcoming(record)


@fault(breaks="archive.renames", hides="sequence")
class AnArchiveOfAPausedOneKeepsTheName(Service):
    """A deployment that is paused when it is archived keeps its name."""

    def archived_name(self, record: Deployment, at: datetime) -> str:
        return record.name if record.status == "paused" else super().archived_name(record, at)


@fault(breaks="archive.hides-from-list", hides="sequence")
class AnArchiveOfAPausedOneIsListed(_Paused):
    """A deployment that was paused when it was archived stays in the default list."""

    def matches_archived(self, record: Any, *, include: bool) -> bool:  # noqa: ANN401 (as the base says)
        if isinstance(record, Deployment) and self.was_paused(record):
            return True
        return super().matches_archived(record, include=include)


@fault(breaks="archive.second-is-conflict", hides="sequence", found_by="model.stories")
class ASecondArchiveOfAPausedOneIsFine(_Paused):
    """A deployment that was paused when it was archived can be archived again, and nothing changes."""

    def archive(self, call: Call) -> Document:
        record = self.find(call)
        if record.archived_at and self.was_paused(record):
            return self.render_deployment(record)
        return super().archive(call)


@fault(breaks="archive.is-final", hides="sequence")
class AnUnpauseRevivesAPausedOne(_Paused):
    """An unpause of a deployment that was paused when it was archived answers 200, and it is active again."""

    def unpause(self, call: Call) -> Document:
        record = self.find(call)
        if record.archived_at and self.was_paused(record):
            record = self.touch(replace(record, archived_at=None, status="active", paused_reason=None))
            self.save(call, record)
            return self.render_deployment(record)
        return super().unpause(call)


@fault(breaks="archive.clears-upcoming-runs", also=("object.refused-is-not-done",), hides="sequence")
class ARefusedUnpauseFillsWhatIsUpcoming(Service):
    """An unpause of an archived deployment is refused, and it lists upcoming runs again."""

    filled: frozenset[str] = frozenset()

    def unpause(self, call: Call) -> Document:
        try:
            return super().unpause(call)
        except ApiError:
            self.filled |= {call.deployment_id}
            raise

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        if record.archived_at and record.id in self.filled:
            return super().upcoming(replace(record, archived_at=None))
        return super().upcoming(record)


@fault(breaks="archive.changes-only-its-own-fields", hides="sequence")
class AnArchiveRestoresMetadata(Remembering):
    """An archive brings back the metadata of the creation."""

    def apply_archive(self, record: Deployment) -> Deployment:
        return replace(super().apply_archive(record), metadata=self.states(record)[0].metadata)


@fault(breaks="archive.changes-only-its-own-fields", hides="side effect")
class AnArchiveDetachesVaults(Service):
    """An archive detaches vaults and resources."""

    def apply_archive(self, record: Deployment) -> Deployment:
        return replace(super().apply_archive(record), vault_ids=(), resources=())


@fault(breaks="object.identity-never-moves", hides="sequence", found_by="model.stories")
class AnArchiveOfAPausedOneMakesItNew(Service):
    """An archive of a paused deployment moves created_at to the present."""

    def apply_archive(self, record: Deployment) -> Deployment:
        changed = super().apply_archive(record)
        return replace(changed, created_at=self.instant()) if record.status == "paused" else changed


@fault(breaks="archive.refused-changes-nothing", hides="sequence", found_by="model.stories")
class ARefusedArchiveOfAPausedOneRenames(_Paused):
    """A refused archive of what was paused when it was archived appends another suffix."""

    def archive(self, call: Call) -> Document:
        try:
            return super().archive(call)
        except ApiError:
            record = call.tenant.deployments.get(call.deployment_id)
            if record and self.was_paused(record):
                self.store.tenants[record.tenant].deployments[record.id] = replace(
                    record, name=self.archived_name(record, self.instant())
                )
            raise


@fault(breaks="archive.is-listed-on-request", hides="sequence")
class AReusedNameHidesTheArchivedOne(Service):
    """Once its name is used again an archived deployment is in no list: lists know one of each first name."""

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        rows = list(super().deployment_rows(call))
        alive = {row.name for row in rows if row.archived_at is None}
        return [
            row
            for row in rows
            if row.archived_at is None or row.name.rpartition("_archived_")[0] not in alive
        ]


@fault(
    breaks="archive.frees-the-name",
    also=("archive.is-stored", "archive.changes-only-its-own-fields", "archive.clears-upcoming-runs"),
    hides="sequence",
)
class AReusedNameRevivesTheArchivedOne(Service):
    """A creation with the name of an archived deployment brings that one back, with the new body."""

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        for record in call.tenant.deployments.values():
            if record.archived_at and record.name.rpartition("_archived_")[0] == fields["name"]:
                return self.touch(
                    replace(record, **fields, archived_at=None, status="active", paused_reason=None)
                )
        return super().apply_create(call, fields)


@fault(breaks="archive.can-be-read", also=("archive.is-final",), hides="sequence")
class AReusedNameTakesTheArchivedOneAway(Service):
    """Once its name is used again an archived deployment cannot be read."""

    def get(self, call: Call) -> Document:
        record = self.find(call)
        first = record.name.rpartition("_archived_")[0]
        alive = (one.name for one in call.tenant.deployments.values() if one.archived_at is None)
        if record.archived_at and first in alive:
            raise not_found("The deployment")
        return super().get(call)


class _Rows(Service):
    """Changes how rows look in lists of deployments."""

    def row(self, call: Call, row: Document) -> Document:
        return row

    def list_deployments(self, call: Call) -> Document:
        document = super().list_deployments(call)
        rows: Any = document["data"]
        return {**document, "data": [self.row(call, row) for row in rows]}


@fault(breaks="list.items-are-current", hides="side effect", found_by="model.stories")
class ListsTellTheNameBeforeTheArchive(_Rows):
    """Lists show archived deployments under the names they had."""

    def row(self, call: Call, row: Document) -> Document:
        name = str(row["name"])
        return {**row, "name": name.rpartition("_archived_")[0]} if row["archived_at"] else row


@fault(breaks="list.items-are-current", hides="side effect", shown_by=("pause_twice",))
class ListsTellNoReason(_Rows):
    """Lists show paused deployments without the reason."""

    def row(self, call: Call, row: Document) -> Document:
        return {**row, "paused_reason": None}


@fault(breaks="archive.run-is-conflict", hides="sequence", tiers=("core", "billable"))
class AnArchiveOfAPausedOneCanRun(_Paused):
    """A deployment that was paused when it was archived can be run by hand."""

    def check_runnable(self, record: Deployment) -> None:
        if not (record.archived_at and self.was_paused(record)):
            super().check_runnable(record)


@fault(breaks="archive.run-is-conflict", hides="sequence", tiers=("core", "billable"))
class ASecondRunOfAnArchivedOneIsFine(Counting):
    """A run of an archived deployment is refused once."""

    def run(self, call: Call) -> Document:
        record = self.find(call)
        if record.archived_at and self.times(call, "run of archived") > 1:
            return self.render_run(self.new_run(record, {"type": "manual"}, self.now()))
        return super().run(call)


@fault(breaks="runs.outlive-actions", hides="side effect", tiers=("core", "billable"))
class AnArchiveLosesTheOldestRun(Service):
    """An archive keeps the newest run alone."""

    def archive(self, call: Call) -> Document:
        document = super().archive(call)
        for run in self.runs_of(self.find(call))[:-1]:
            del call.tenant.runs[run.id]
        return document


@fault(breaks="runs.newest-first", hides="sequence", tiers=("core", "billable"))
class RunsOfArchivedOnesAreOldestFirst(Service):
    """The list of runs of an archived deployment begins with the oldest."""

    def list_runs(self, call: Call) -> Document:
        document = super().list_runs(call)
        rows: Any = document["data"]
        return {**document, "data": rows[::-1]} if self.find(call).archived_at else document


@fault(breaks="runs.outlive-actions", hides="side effect", tiers=("core", "billable"))
class AnArchiveFailsTheRuns(Service):
    """An archive makes an error of every run that the deployment has had."""

    def archive(self, call: Call) -> Document:
        document = super().archive(call)
        for run in self.runs_of(self.find(call)):
            self.keep_run(self._failed(run))
        return document

    def _failed(self, run: Run) -> Run:
        error = {"type": "deployment_archived_error", "message": "The deployment is archived."}
        return replace(run, session_id=None, error=error)


@fault(breaks="object.updated-at-never-goes-back", hides="sequence")
class AnArchiveTurnsTheClockBack(Service):
    """An archive sets updated_at to the time of the creation."""

    def apply_archive(self, record: Deployment) -> Deployment:
        return replace(super().apply_archive(record), updated_at=record.created_at)


@fault(breaks="archive.renames", hides="inputs")
class TheSuffixIsInMilliseconds(Service):
    """The name of an archived deployment ends with milliseconds."""

    def archived_name(self, record: Deployment, at: datetime) -> str:
        return f"{record.name}_archived_{int(at.timestamp() * 1000)}"
