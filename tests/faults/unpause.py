"""Faults of unpausing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from conformance.reference import ApiError, Call, Deployment, Document, Service
from tests.faults.catalogue import fault

NEW = ("2026-07",)


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
    also=("unpause.active-is-conflict", "pause.cycle-repeats", "object.updated-at-never-goes-back"),
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


@fault(breaks="unpause.refused-changes-nothing", also=("object.refused-is-not-done",), hides="side effect")
class RefusedUnpauseTouches(Service):
    """A refused unpause moves updated_at."""

    def unpause(self, call: Call) -> Document:
        try:
            return super().unpause(call)
        except ApiError as error:
            if error.status == 409:
                self.keep(self.touch(self.find(call)))
            raise


@fault(
    breaks="unpause.next-run-is-in-the-future",
    also=("update.new-schedule-lists-new-runs",),  # after an unpause as well
    hides="side effect",
)
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
