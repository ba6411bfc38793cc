"""Faults of pausing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, Service
from tests.faults.catalogue import fault


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
    also=(
        "idempotency.new-key-executes",
        "list.status-filter",
        "errors.request-id-echoes-header",
        "object.updated-at-never-goes-back",
    ),
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


@fault(breaks="pause.refused-changes-nothing", also=("object.refused-is-not-done",), hides="side effect")
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


@fault(
    breaks="pause.leaves-others-alone",
    also=("list.status-filter",),
    hides="side effect",
    shown_by=("neighbour",),
)
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


@fault(breaks="pause.is-listed", also=("list.status-filter",), hides="side effect")
class PausedAreListedAsActive(Service):
    """Lists filter by the status at creation."""

    def matches_status(self, record: Deployment, status: str | None) -> bool:
        return status in (None, "active")


# --- what else it reaches --------------------------------------------------------------------------------


class _Reaches(Service):
    """Finds the deployments that a request does not name."""

    def others(self, call: Call) -> Iterable[Deployment]:
        """Return the tenant's other live deployments, oldest first."""
        live = [record for record in call.tenant.deployments.values() if record.archived_at is None]
        return [record for record in live if record.id != call.deployment_id]


@fault(breaks="pause.leaves-others-alone", hides="side effect", shown_by=("neighbour",))
class PauseTouchesThePaused(_Reaches):
    """A pause moves updated_at of every paused deployment of the tenant."""

    def pause(self, call: Call) -> Document:
        document = super().pause(call)
        for record in self.others(call):
            if record.status == "paused":
                self.keep(self.touch(record))
        return document


@fault(breaks="pause.leaves-others-alone", hides="side effect", shown_by=("neighbour",))
class UnpauseWakesAll(_Reaches):
    """An unpause unpauses every deployment of the tenant."""

    def unpause(self, call: Call) -> Document:
        document = super().unpause(call)
        for record in self.others(call):
            if record.status == "paused":
                self.keep(self.apply_unpause(record))
        return document


@fault(breaks="pause.leaves-others-alone", hides="side effect", shown_by=("neighbour",))
class UpdateDescribesAll(_Reaches):
    """An update of the description changes that of every deployment of the tenant."""

    def update(self, call: Call) -> Document:
        document = super().update(call)
        if "description" in call.body:
            for record in self.others(call):
                self.keep(replace(record, description=self.find(call).description))
        return document


@fault(breaks="pause.leaves-others-alone", hides="side effect", shown_by=("neighbour",))
class ArchiveTakesAllScheduled(_Reaches):
    """An archive archives every scheduled deployment of the tenant."""

    def archive(self, call: Call) -> Document:
        document = super().archive(call)
        for record in self.others(call):
            if record.schedule is not None:
                self.keep(self.apply_archive(record))
        return document
