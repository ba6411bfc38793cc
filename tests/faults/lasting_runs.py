"""Faults of runs by hand: what a state, a change or a repetition does to them, and they to the deployment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, ReferenceSettings, Run, Service
from conformance.reference.errors import conflict, not_found
from conformance.reference.runs import MANUAL
from tests.faults.catalogue import fault
from tests.faults.histories import Counting, Remembering

BILLABLE = ("core", "billable")


@fault(breaks="runs.refused-records-nothing", hides="side effect", tiers=BILLABLE)
class ARefusedRunIsStartedAtTheUnpause(Service):
    """A run that was refused while paused waits, and is started by the unpause."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._waiting: set[str] = set()

    def run(self, call: Call) -> Document:
        try:
            return super().run(call)
        except ApiError as error:
            if error.status == 409:
                self._waiting.add(call.deployment_id)
            raise

    def unpause(self, call: Call) -> Document:
        document = super().unpause(call)
        if call.deployment_id in self._waiting:
            self._waiting.discard(call.deployment_id)
            self.record_run(self.find(call), MANUAL, self.now())
        return document


@fault(breaks="runs.refused-records-nothing", hides="side effect", tiers=BILLABLE)
class ARefusedRunIsInTheListOfAll(Service):
    """A run of a paused deployment is refused, and the list of all runs has it; that of the deployment has not."""

    ghosts: tuple[str, ...] = ()

    def run(self, call: Call) -> Document:
        try:
            return super().run(call)
        except ApiError as error:
            if error.status == 409 and self.find(call).archived_at is None:
                run = self.new_run(self.find(call), MANUAL, self.now())
                self.keep_run(run)
                self.ghosts += (run.id,)
            raise

    def list_runs(self, call: Call) -> Document:
        document = super().list_runs(call)
        rows: Any = document["data"]
        return {**document, "data": [row for row in rows if row["id"] not in self.ghosts]}


@fault(breaks="runs.starts", hides="sequence", tiers=BILLABLE)
class TheFirstRunAfterAnUnpauseIsRefused(Counting):
    """The first run after an unpause is a conflict."""

    def unpause(self, call: Call) -> Document:
        document = super().unpause(call)
        self._asked[("fresh", call.deployment_id)] = 0
        return document

    def check_runnable(self, record: Deployment) -> None:
        super().check_runnable(record)
        key = ("fresh", record.id)
        if key in self._asked:
            del self._asked[key]
            raise conflict("The deployment is being resumed.")


@fault(breaks="runs.starts", hides="sequence", tiers=BILLABLE)
class ARunAfterAnUpdateIsRefused(Remembering):
    """A run of a deployment whose last change was an update is a conflict."""

    def check_runnable(self, record: Deployment) -> None:
        super().check_runnable(record)
        states = self.states(record)
        if len(states) > 1 and (states[-2].description, states[-2].metadata, states[-2].name) != (
            record.description,
            record.metadata,
            record.name,
        ):
            raise conflict("The deployment is being updated.")


@fault(breaks="runs.moves-last-run", hides="side effect", tiers=BILLABLE)
class ARunEmptiesWhatIsUpcoming(Service):
    """Once it was run by hand a deployment lists no upcoming runs."""

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        return () if record.runs else super().upcoming(record)


@fault(breaks="runs.moves-last-run", hides="side effect", tiers=BILLABLE)
class ARunTakesTheNextOccurrence(Service):
    """A run by hand takes the place of the next occurrence."""

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        times = super().upcoming(record)
        return times[1:] if record.runs else times


@fault(breaks="runs.moves-last-run", hides="side effect", tiers=BILLABLE)
class ARunUsesUpTheEvents(Service):
    """A run uses up the events: the first alone stays."""

    def apply_run(self, record: Deployment, run: Run) -> Deployment:
        return replace(super().apply_run(record, run), initial_events=record.initial_events[:1])


@fault(breaks="runs.moves-last-run", hides="side effect", tiers=BILLABLE)
class ARunCountsInTheMetadata(Service):
    """A run writes its counter into the metadata."""

    def apply_run(self, record: Deployment, run: Run) -> Deployment:
        return replace(
            super().apply_run(record, run), metadata={**record.metadata, "runs": str(record.runs + 1)}
        )


@fault(breaks="runs.is-found", hides="sequence", tiers=BILLABLE)
class TheFirstRunIsNotNested(Service):
    """The first run of a deployment is found by its id alone, and under its deployment it is not."""

    def get_run(self, call: Call) -> Document:
        record = self.find(call)
        if self.runs_of(record)[:1] and self.runs_of(record)[0].id == call.run_id:
            raise not_found("The deployment run")
        return super().get_run(call)


@fault(breaks="runs.is-found", hides="side effect", tiers=BILLABLE)
class EachReadHasItsSession(Service):
    """Each read of a run names another session."""

    def get_run_globally(self, call: Call) -> Document:
        return {**super().get_run_globally(call), "session_id": self.new_id("sess")}


@fault(breaks="runs.outlive-actions", also=("runs.filters",), hides="side effect", tiers=BILLABLE)
class APauseMakesRunsScheduled(Service):
    """A pause makes scheduled runs of all that were started by hand."""

    def apply_pause(self, record: Deployment) -> Deployment:
        for run in self.runs_of(record):
            self.keep_run(replace(run, trigger={"type": "schedule"}))
        return super().apply_pause(record)


@fault(breaks="runs.outlive-actions", hides="side effect", tiers=BILLABLE)
class APauseFailsTheRuns(Service):
    """A pause makes an error of every run that the deployment has had."""

    def apply_pause(self, record: Deployment) -> Deployment:
        for run in self.runs_of(record):
            error = {"type": "paused_error", "message": "The deployment was paused."}
            self.keep_run(replace(run, session_id=None, error=error))
        return super().apply_pause(record)


@fault(breaks="runs.outlive-actions", hides="side effect", tiers=BILLABLE)
class AnUnpauseDropsTheOldestRun(Service):
    """An unpause drops the oldest run."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        for run in self.runs_of(record)[:1]:
            del self.store.tenants[record.tenant].runs[run.id]
        return super().apply_unpause(record)


@fault(breaks="runs.outlive-actions", hides="side effect", tiers=BILLABLE)
class ANewAgentRewritesRuns(Service):
    """An update to another agent, or another version, changes the agent of every earlier run."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        for run in self.runs_of(record):
            self.keep_run(replace(run, agent=fields.get("agent", run.agent)))
        return super().apply_update(record, fields)


@fault(breaks="runs.outlive-actions", hides="sequence", tiers=BILLABLE)
class AnUnpauseRunsWhatHasRun(Service):
    """An unpause starts a run if the deployment has ever run."""

    def unpause(self, call: Call) -> Document:
        document = super().unpause(call)
        if self.find(call).runs:
            self.record_run(self.find(call), MANUAL, self.now())
        return document


@fault(breaks="runs.starts", hides="sequence", tiers=BILLABLE)
class ARunAfterAnUnpauseCountsTwice(Remembering):
    """A run after an unpause is recorded twice."""

    def run(self, call: Call) -> Document:
        record = self.find(call)
        document = super().run(call)
        if any(one.status == "paused" for one in self.states(record)):
            self.keep_run(self.new_run(self.find(call), MANUAL, self.now()))
        return document


@fault(breaks="runs.is-found", also=("runs.outlive-actions",), hides="side effect", tiers=BILLABLE)
class TheFilterFindsTheLatestRunAlone(Service):
    """deployment_id finds the latest run of a deployment alone."""

    def list_all_runs(self, call: Call) -> Document:
        document = super().list_all_runs(call)
        rows: Any = document["data"]
        return {**document, "data": rows[:1]} if "deployment_id" in call.request.query else document


@fault(breaks="runs.session-or-error", hides="sequence", tiers=BILLABLE, revisions=("2026-07",))
class TheSecondRunHasNoSession(Service):
    """The second run of a deployment names neither session nor error."""

    def start_session(self, record: Deployment) -> tuple[str | None, Mapping[str, object] | None]:
        return (None, None) if record.runs == 1 else super().start_session(record)
