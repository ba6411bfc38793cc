"""Faults of runs by hand: they show only when something is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from conformance.reference import NEW, OLD, Call, Deployment, Document, Request, Run, Service, Tenant
from conformance.reference.errors import invalid, not_found
from tests.faults.catalogue import fault

billed = partial(fault, tiers=("billable",))


def oldest_first(page: Document) -> Document:
    data = page["data"]
    return page | {"data": data[::-1] if isinstance(data, list) else data}


@billed(breaks="runs.starts")
class ARunAnswers202(Service):
    """A run is accepted, not answered with."""

    def success_status(self, operation: str) -> int:
        return 202 if operation == "run" else super().success_status(operation)


@billed(breaks="runs.starts", also=("runs.filters",))
class ARunNamesAnotherDeployment(Service):
    """The deployment_id of a run is its own id."""

    def render_run(self, run: Run) -> Document:
        return super().render_run(run) | {"deployment_id": run.id}


@billed(breaks="runs.starts")
class ARunHasAnotherType(Service):
    """A run is called run."""

    def render_run(self, run: Run) -> Document:
        return super().render_run(run) | {"type": "run"}


@billed(breaks="runs.body-is-optional")
class ARunWithABodyIsRefused(Service):
    """An empty object as body is taken for a mistake."""

    def run(self, call: Call) -> Document:
        if call.request.content:
            raise invalid("a run takes no body")
        return super().run(call)


@billed(breaks="runs.trigger-is-manual", also=("runs.filters",))
class ManualRunsSaySchedule(Service):
    """Runs by hand are recorded as scheduled."""

    def new_run(self, record: Deployment, trigger: Mapping[str, str], at: datetime) -> Run:
        return super().new_run(record, {"type": "schedule"}, at)


@billed(breaks="runs.paused-is-conflict", also=("runs.refused-records-nothing",), hides="sequence")
class APausedDeploymentRuns(Service):
    """A pause stops the schedule alone."""

    def check_runnable(self, record: Deployment) -> None:
        super().check_runnable(replace(record, status="active"))


@billed(breaks="runs.refused-records-nothing", hides="side effect")
class ARefusedRunIsRecorded(Service):
    """A run while paused is refused and recorded all the same."""

    def check_runnable(self, record: Deployment) -> None:
        if record.status == "paused":
            self.record_run(record, {"type": "manual"}, self.now())
        super().check_runnable(record)


@billed(breaks="archive.run-is-conflict", hides="sequence")
class AnArchivedDeploymentRuns(Service):
    """An archive stops the schedule alone."""

    def check_runnable(self, record: Deployment) -> None:
        super().check_runnable(replace(record, archived_at=None))


@billed(breaks="runs.agent-is-the-deployments")
class ARunForgetsTheAgentsVersion(Service):
    """A run names the first version of the agent, whichever was deployed."""

    def new_run(self, record: Deployment, trigger: Mapping[str, str], at: datetime) -> Run:
        run = super().new_run(record, trigger, at)
        return replace(run, agent=replace(run.agent, version=run.agent.version - 1))


@billed(breaks="runs.session-or-error", revisions=(NEW,))
class ARunHasNeitherSessionNorError(Service):
    """No session is named, and no reason."""

    def start_session(self, record: Deployment) -> tuple[str | None, Mapping[str, object] | None]:
        return None, None


@billed(breaks="runs.status-is-documented", revisions=(OLD,))
class ARunIsQueued(Service):
    """A state that no page names."""

    def run_status(self, run: Run, at: datetime) -> str:
        return "queued"


@billed(breaks="runs.skipped-above-limit", hides="sequence", revisions=(OLD,))
class NoRunIsEverSkipped(Service):
    """max_concurrent is not looked at."""

    def is_busy(self, record: Deployment, at: datetime) -> bool:
        return False


@billed(breaks="runs.moves-last-run", hides="side effect")
class ARunLeavesLastRunAlone(Service):
    """Only the schedule moves last_run_at."""

    def apply_run(self, record: Deployment, run: Run) -> Deployment:
        return replace(super().apply_run(record, run), last_run_at=record.last_run_at)


@billed(breaks="archive.keeps-last-run", hides="side effect")
class AnArchiveForgetsTheLastRun(Service):
    """An archive clears last_run_at."""

    def apply_archive(self, record: Deployment) -> Deployment:
        return replace(super().apply_archive(record), last_run_at=None)


@billed(breaks="runs.is-found", also=("runs.newest-first",), hides="side effect")
class ManualRunsAreNotListed(Service):
    """The list of a deployment has no run that was started by hand."""

    def list_runs(self, call: Call) -> Document:
        return super().list_runs(call) | {"data": []}


@billed(breaks="runs.is-found", hides="inputs")
class ARunIsReadUnderItsDeploymentAlone(Service):
    """The id alone finds no run."""

    def get_run_globally(self, call: Call) -> Document:
        raise not_found(f"The run {call.run_id}")


@billed(breaks="runs.is-found", hides="inputs")
class ARunReadsAsTheNewest(Service):
    """Whichever run is read, the newest of its deployment is shown."""

    def find_run(self, call: Call) -> Run:
        run = super().find_run(call)
        tenant = self.store.tenants[run.tenant]
        return self.runs_of(tenant.deployments[run.deployment_id])[-1]


@billed(breaks="runs.newest-first", hides="sequence")
class RunsAreListedOldestFirst(Service):
    """Lists of runs begin at the oldest."""

    def list_runs(self, call: Call) -> Document:
        return oldest_first(super().list_runs(call))


@billed(breaks="runs.newest-first", hides="sequence")
class AllRunsAreListedOldestFirst(Service):
    """The list of all runs begins at the oldest."""

    def list_all_runs(self, call: Call) -> Document:
        return oldest_first(super().list_all_runs(call))


@billed(breaks="runs.filters", hides="inputs")
class TheDeploymentFilterIsIgnored(Service):
    """deployment_id chooses nothing."""

    def matches_deployment(self, run: Run, deployment_id: str | None) -> bool:
        return True


@billed(breaks="runs.filters", hides="inputs")
class TheManualFilterIsIgnored(Service):
    """trigger_type chooses nothing."""

    def matches_trigger(self, run: Run, trigger: str | None) -> bool:
        return True


@billed(breaks="runs.error-filter", hides="inputs")
class TheErrorFilterIsIgnored(Service):
    """has_error chooses nothing."""

    def matches_error(self, run: Run, *, has_error: bool | None) -> bool:
        return True


@billed(breaks="runs.error-filter", hides="inputs")
class TheErrorFilterIsTurned(Service):
    """has_error chooses the opposite."""

    def matches_error(self, run: Run, *, has_error: bool | None) -> bool:
        return super().matches_error(run, has_error=None if has_error is None else not has_error)


@billed(breaks="runs.created-range", hides="inputs", revisions=(NEW,))
class BoundsOfRunsAreIgnored(Service):
    """created_at[...] chooses nothing among runs."""

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        return True


@billed(breaks="runs.created-range", hides="inputs", revisions=(NEW,))
class GteLeavesOutItsBound(Service):
    """created_at[gte] works like gt."""

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        return super().matches_span(at, span) and at != span.get("gte")


@billed(breaks="runs.need-credentials")
class RunsAreReadByAnybody(Service):
    """One run is read without credentials by its id alone."""

    def authenticate(self, request: Request) -> Tenant:
        if request.operation == "get_run_globally" and "authorization" not in request.headers:
            return next(iter(self.store.tenants.values()))
        return super().authenticate(request)
