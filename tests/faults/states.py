"""Faults of pausing, unpausing and archiving."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, Request, Response, Service
from tests.faults.catalogue import fault

NEW = ("2026-07",)


@fault(
    breaks="pause.second-is-conflict",
    also=("idempotency.new-key-executes", "errors.request-id-echoes-header"),
)
class PauseTwiceIsFine(Service):
    """A second pause answers 200."""

    def check_not_paused(self, record: Deployment) -> None:
        """Whatever it is."""


@fault(
    breaks="pause.second-is-conflict",
    also=("errors.type-matches-status", "idempotency.new-key-executes"),
)
class PauseConflictHasAnotherType(Service):
    """A second pause is a 409 of type invalid_request_error."""

    def check_not_paused(self, record: Deployment) -> None:
        if record.status == "paused":
            raise ApiError(409, "invalid_request_error", "Already paused.")


@fault(breaks="pause.reason-is-manual")
class PauseWithoutReason(Service):
    """A paused deployment has no reason."""

    def apply_pause(self, record: Deployment) -> Deployment:
        return replace(super().apply_pause(record), paused_reason=None)


@fault(
    breaks="pause.is-stored",
    also=("idempotency.new-key-executes", "list.status-filter", "errors.request-id-echoes-header"),
    hides="side effect",
)
class PauseIsOnlyAnswered(Service):
    """The answer to a pause is right, but nothing is stored."""

    def save(self, call: Call, record: Deployment) -> None:
        if call.request.operation != "pause":
            super().save(call, record)


@fault(
    breaks="pause.makes-it-paused",
    also=("pause.reason-is-manual", "idempotency.pause-is-replayed"),
    hides="side effect",
)
class PauseAnswersTheOldState(Service):
    """A pause is stored, but its answer shows the state before."""

    def pause(self, call: Call) -> Document:
        before = self.find(call)
        super().pause(call)
        return self.render_deployment(before)


@fault(breaks="pause.refused-changes-nothing", hides="side effect")
class RefusedPauseTouches(Service):
    """A refused pause moves updated_at."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError as error:
            if error.status == 409:
                self.keep(self.touch(self.find(call)))
            raise


@fault(breaks="pause.keeps-upcoming-runs")
class NoUpcomingRunsWhilePaused(Service):
    """While paused no runs are listed."""

    def upcoming(self, record: Deployment) -> Any:  # noqa: ANN401 (as in the base)
        return () if record.status == "paused" else super().upcoming(record)


@fault(breaks="pause.changes-only-its-own-fields", hides="side effect")
class PauseClearsDescription(Service):
    """A pause forgets the description."""

    def apply_pause(self, record: Deployment) -> Deployment:
        return replace(super().apply_pause(record), description="")


@fault(breaks="pause.works-without-schedule", also=("list.status-filter",), hides="inputs")
class ManualOnlyCannotBePaused(Service):
    """A deployment without schedule cannot be paused."""

    def check_not_paused(self, record: Deployment) -> None:
        if record.schedule is None:
            raise ApiError(409, "conflict_error", "There is nothing to pause.")
        super().check_not_paused(record)


@fault(breaks="pause.takes-an-empty-object", hides="inputs")
class PauseRefusesBodies(Service):
    """A pause with a body is a 400."""

    def pause(self, call: Call) -> Document:
        if call.request.content:
            raise ApiError(400, "invalid_request_error", "No body is expected.")
        return super().pause(call)


@fault(
    breaks="pause.needs-no-body",
    also=(
        "pause.makes-it-paused",
        "idempotency.new-key-executes",
        "idempotency.pause-is-replayed",
        "list.status-filter",
    ),
)
class PauseNeedsABody(Service):
    """A pause without a body is a 400."""

    def pause(self, call: Call) -> Document:
        self.find(call)
        if not call.request.content:
            raise ApiError(400, "invalid_request_error", "A body is needed.")
        return super().pause(call)


@fault(breaks="pause.leaves-others-alone", also=("list.status-filter",), hides="side effect")
class PausePausesAnother(Service):
    """A pause pauses the tenant's oldest other active deployment as well."""

    def pause(self, call: Call) -> Document:
        document = super().pause(call)
        for record in call.tenant.deployments.values():
            if record.status == "active" and record.archived_at is None and record.id != call.deployment_id:
                self.keep(self.apply_pause(record))
                break
        return document


@fault(breaks="pause.cycle-repeats", hides="sequence")
class ThirdCycleLosesTheSchedule(Service):
    """The third unpause forgets the schedule."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        counts = self.__dict__.setdefault("unpaused", {})
        counts[record.id] = counts.get(record.id, 0) + 1
        changed = super().apply_unpause(record)
        return replace(changed, schedule=None) if counts[record.id] >= 3 else changed


@fault(breaks="unpause.active-is-conflict")
class UnpauseOfActiveIsFine(Service):
    """Unpausing an active deployment answers 200."""

    def check_paused(self, record: Deployment) -> None:
        """Whatever it is."""


@fault(breaks="unpause.clears-reason", also=("object.matches-schema",))
class UnpauseKeepsReason(Service):
    """After an unpause the reason is still there."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        return replace(super().apply_unpause(record), paused_reason=record.paused_reason)


@fault(
    breaks="unpause.is-stored",
    also=("unpause.active-is-conflict", "pause.cycle-repeats"),
    hides="side effect",
)
class UnpauseIsOnlyAnswered(Service):
    """The answer to an unpause is right, but nothing is stored."""

    def save(self, call: Call, record: Deployment) -> None:
        if call.request.operation != "unpause":
            super().save(call, record)


@fault(breaks="unpause.makes-it-active", also=("unpause.clears-reason",), hides="side effect")
class UnpauseAnswersTheOldState(Service):
    """An unpause is stored, but its answer shows the state before."""

    def unpause(self, call: Call) -> Document:
        before = self.find(call)
        super().unpause(call)
        return self.render_deployment(before)


@fault(breaks="unpause.refused-changes-nothing", hides="side effect")
class RefusedUnpauseTouches(Service):
    """A refused unpause moves updated_at."""

    def unpause(self, call: Call) -> Document:
        try:
            return super().unpause(call)
        except ApiError as error:
            if error.status == 409:
                self.keep(self.touch(self.find(call)))
            raise


@fault(breaks="unpause.next-run-is-in-the-future", hides="side effect")
class UnpauseListsMissedRuns(Service):
    """The answer to an unpause lists runs of the past."""

    def unpause(self, call: Call) -> Document:
        document = super().unpause(call)
        schedule = document["schedule"]
        if isinstance(schedule, dict):
            past = self.render_time(self.now() - timedelta(days=1))
            document["schedule"] = schedule | {"upcoming_runs_at": [past, *schedule["upcoming_runs_at"]]}
        return document


@fault(breaks="unpause.manual-only-has-null-schedule", also=("object.matches-schema",), revisions=NEW)
class UnpauseOmitsTheSchedule(Service):
    """An unpaused manual-only deployment has an empty schedule object."""

    def unpause(self, call: Call) -> Document:
        document = super().unpause(call)
        return document if document["schedule"] else document | {"schedule": {}}


@fault(breaks="archive.sets-archived-at", also=("archive.is-stored",))
class ArchiveHasNoTime(Service):
    """The answer to an archive has no archived_at."""

    def archive(self, call: Call) -> Document:
        return super().archive(call) | {"archived_at": None}


@fault(breaks="archive.is-stored", hides="side effect")
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


@fault(breaks="pause.is-listed", also=("list.status-filter",), hides="side effect")
class PausedAreListedAsActive(Service):
    """Lists filter by the status at creation."""

    def matches_status(self, record: Deployment, status: str | None) -> bool:
        return status in (None, "active")


class _Quietly(Service):
    """Carries out what it refuses with 400, as far as it can."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.status == 400 and request.operation == "update":
            tenant = next(iter(self.store.tenants.values()))
            with self.lock, suppress(ApiError):
                call = Call(request, tenant, self.read_body(request))
                self.keep(self.touch(replace(self.find(call), description="half of a refused update")))
        return response


@fault(
    breaks="errors.refused-changes-nothing",
    also=("update.archived-agent-is-400", "update.archived-environment-is-400"),
    hides="side effect",
)
class RefusedUpdateIsHalfStored(_Quietly):
    """A refused update stores its valid half."""


@fault(breaks="object.identity-never-moves", hides="sequence")
class UpdateMovesCreatedAt(Service):
    """An update moves created_at."""

    def apply_update(self, record: Deployment, fields: Any) -> Deployment:  # noqa: ANN401 (as in the base)
        changed = super().apply_update(record, fields)
        return replace(changed, created_at=changed.created_at - timedelta(seconds=30))


@fault(breaks="object.updated-at-never-goes-back", hides="sequence")
class PauseSetsUpdatedAtBack(Service):
    """A pause sets updated_at back."""

    def apply_pause(self, record: Deployment) -> Deployment:
        return replace(super().apply_pause(record), updated_at=record.updated_at - timedelta(seconds=30))
