"""Faults of actions that start runs, lose them, or cannot stand them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from conformance.reference import Call, Deployment, Document, Run, Service
from conformance.reference.errors import conflict
from conformance.reference.listing import Query
from conformance.reference.runs import MANUAL
from tests.faults.catalogue import fault

UNASKED, OUTLIVE = "runs.only-when-asked", "runs.outlive-actions"
billed = partial(fault, tiers=("billable",), hides="side effect")


# --- runs that nobody asked for --------------------------------------------------------------------------


class _Starts(Service):
    """Records a run after an action."""

    def start(self, call: Call) -> Document:
        """Record a run of the deployment that a call names, and show it as it then is."""
        self.record_run(self.find(call), MANUAL, self.now())
        return self.get(call)


@fault(breaks=UNASKED, hides="side effect")
class APauseStartsARun(_Starts):
    """A pause records a run."""

    def pause(self, call: Call) -> Document:
        super().pause(call)
        return self.start(call)


@fault(breaks=UNASKED, hides="side effect")
class AnUnpauseStartsARun(_Starts):
    """An unpause makes up for what was missed with a run."""

    def unpause(self, call: Call) -> Document:
        super().unpause(call)
        return self.start(call)


@fault(breaks=UNASKED, hides="side effect")
class AnUpdateStartsARun(_Starts):
    """An update of the description records a run."""

    def update(self, call: Call) -> Document:
        document = super().update(call)
        return self.start(call) if "description" in call.body else document


@fault(breaks=UNASKED, hides="side effect")
class AnArchiveStartsARun(_Starts):
    """An archive records a last run."""

    def archive(self, call: Call) -> Document:
        super().archive(call)
        return self.start(call)


@fault(breaks=UNASKED, hides="side effect")
class ARefusedPauseStartsARun(_Starts):
    """A refused pause records a run that the deployment itself does not show."""

    def check_not_paused(self, record: Deployment) -> None:
        if record.status == "paused":
            self.keep_run(self.new_run(record, MANUAL, self.now()))
        super().check_not_paused(record)


# --- runs that are lost ----------------------------------------------------------------------------------


class _Forgets(Service):
    """Forgets the runs of a deployment."""

    def forget(self, record: Deployment) -> None:
        """Drop every run of a deployment."""
        for run in self.runs_of(record):
            del self.store.tenants[record.tenant].runs[run.id]


@billed(breaks=OUTLIVE)
class APauseLosesTheRuns(_Forgets):
    """A pause empties the history of runs."""

    def apply_pause(self, record: Deployment) -> Deployment:
        self.forget(record)
        return super().apply_pause(record)


@billed(breaks=OUTLIVE)
class AnUnpauseLosesTheRuns(_Forgets):
    """An unpause empties the history of runs."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        self.forget(record)
        return super().apply_unpause(record)


@billed(breaks=OUTLIVE)
class AnArchiveLosesTheRuns(_Forgets):
    """An archive empties the history of runs."""

    def apply_archive(self, record: Deployment) -> Deployment:
        self.forget(record)
        return super().apply_archive(record)


@billed(breaks=OUTLIVE)
class APauseForgetsTheLastRun(Service):
    """A pause clears last_run_at."""

    def apply_pause(self, record: Deployment) -> Deployment:
        return replace(super().apply_pause(record), last_run_at=None)


@billed(breaks=OUTLIVE)
class AnUnpauseForgetsTheLastRun(Service):
    """An unpause clears last_run_at."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        return replace(super().apply_unpause(record), last_run_at=None)


@billed(breaks=OUTLIVE)
class AnUpdateForgetsTheLastRun(Service):
    """An update of the description clears last_run_at."""

    def update(self, call: Call) -> Document:
        document = super().update(call)
        if "description" not in call.body:
            return document
        self.keep(replace(self.find(call), last_run_at=None))
        return self.get(call)


# --- what cannot be done with runs -----------------------------------------------------------------------


@billed(breaks="pause.works-after-runs")
class WhatRunsCannotBePaused(Service):
    """A pause while a run is in progress is a conflict."""

    def check_not_paused(self, record: Deployment) -> None:
        super().check_not_paused(record)
        if any(self.now() < self.completion(run) for run in self.runs_of(record)):
            raise conflict("A run is in progress.")


@billed(breaks="pause.works-after-runs")
class WhatHasRunCannotBePaused(Service):
    """A deployment that has ever run cannot be paused."""

    def check_not_paused(self, record: Deployment) -> None:
        super().check_not_paused(record)
        if record.runs:
            raise conflict("The deployment has runs.")


@billed(breaks="pause.works-after-runs")
class APauseOfWhatHasRunIsNotStored(Service):
    """A pause of a deployment that has run is answered and not stored."""

    def save(self, call: Call, record: Deployment) -> None:
        if not (call.request.operation == "pause" and record.runs):
            super().save(call, record)


@billed(breaks="pause.works-after-runs")
class WhatHasRunCannotBeUnpaused(Service):
    """A deployment that has ever run stays paused."""

    def check_paused(self, record: Deployment) -> None:
        super().check_paused(record)
        if record.runs:
            raise conflict("The deployment has runs.")


@billed(breaks=OUTLIVE)  # N144, N190
class ANewNameLosesTheRuns(Service):
    """The runs of a deployment are kept by its name: after a new one it has none."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if fields.get("name", record.name) != record.name:
            lost: dict[str, int] = self.__dict__.setdefault("lost", {})
            lost[record.id] = len(self.runs_of(record))
        return super().apply_update(record, fields)

    def scoped_run_filter(self, query: Query, record: Deployment) -> Callable[[Run], bool]:
        wanted = super().scoped_run_filter(query, record)
        lost = {run.id for run in self.runs_of(record)[: self.__dict__.get("lost", {}).get(record.id, 0)]}
        return lambda run: run.id not in lost and wanted(run)


@billed(breaks=OUTLIVE)  # N134, N144
class RunsOfArchivedAreInNoList(Service):
    """The list of all runs leaves out those of deployments that are archived."""

    def list_all_runs(self, call: Call) -> Document:
        query, known = call.request.query, call.tenant.deployments
        rows = [run for run in self.run_rows(call) if known[run.deployment_id].archived_at is None]
        return self.render_page(self.page(rows, self.global_run_filter(query), self.render_run, query))
