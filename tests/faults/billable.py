"""Faults of runs by hand: they show only when something is run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from conformance.reference import (
    NEW,
    OLD,
    ApiError,
    Call,
    Deployment,
    Document,
    ReferenceSettings,
    Request,
    Response,
    Run,
    Service,
    Tenant,
)
from conformance.reference.errors import conflict, invalid, not_found
from conformance.reference.store import AgentPin
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


@billed(breaks="runs.starts", hides="sequence")
class WhatWasPausedNeverRuns(Service):
    """A deployment that was paused once is not run by hand any more."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.paused: set[str] = set()

    def apply_pause(self, record: Deployment) -> Deployment:
        self.paused.add(record.id)
        return super().apply_pause(record)

    def check_runnable(self, record: Deployment) -> None:
        if record.id in self.paused:
            raise conflict("The deployment is paused.")
        super().check_runnable(record)


@billed(breaks="runs.refused-records-nothing", hides="side effect")
class ARefusedRunOfTheArchivedIsRecorded(Service):
    """A run of an archived deployment is refused and recorded all the same."""

    def check_runnable(self, record: Deployment) -> None:
        if record.archived_at is not None:
            self.record_run(record, {"type": "manual"}, self.now())
        super().check_runnable(record)


@billed(breaks="runs.agent-is-the-deployments", hides="sequence")
class ARunUsesTheFirstAgent(Service):
    """Runs go on with the agent of the creation when an update has named another."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.first: dict[str, AgentPin] = {}

    def save(self, call: Call, record: Deployment) -> None:
        self.first.setdefault(record.id, record.agent)
        super().save(call, record)

    def new_run(self, record: Deployment, trigger: Mapping[str, str], at: datetime) -> Run:
        return replace(super().new_run(record, trigger, at), agent=self.first[record.id])


@billed(breaks="runs.other-tenant-is-refused")
class OthersMayReadRuns(Service):
    """A run is read by whoever knows its id."""

    def get_run_globally(self, call: Call) -> Document:
        for tenant in self.store.tenants.values():
            with suppress(ApiError):
                return super().get_run_globally(replace(call, tenant=tenant))
        raise not_found("The deployment run")


@billed(breaks="runs.other-tenant-is-refused", hides="inputs")
class OthersMayReadRunsOfADeployment(Service):
    """A run is read by whoever knows its id and that of its deployment."""

    def get_run(self, call: Call) -> Document:
        for tenant in self.store.tenants.values():
            with suppress(ApiError):
                return super().get_run(replace(call, tenant=tenant))
        raise not_found("The deployment run")


@billed(breaks="runs.other-tenant-is-refused", hides="inputs")
class RunsOfADeploymentAreListedForOthers(Service):
    """The list of all runs shows those of a deployment to whoever knows its id."""

    def run_rows(self, call: Call) -> Iterable[Run]:
        if "deployment_id" not in call.request.query:
            return super().run_rows(call)
        return [run for tenant in self.store.tenants.values() for run in tenant.runs.values()]


@billed(breaks="idempotency.run-is-replayed", hides="sequence")
class KeysOfRunsAreIgnored(Service):
    """A run repeated with its key is another run."""

    def idempotency_key(self, call: Call) -> tuple[str, ...] | None:
        return None if call.request.operation == "run" else super().idempotency_key(call)


@billed(breaks="idempotency.run-is-replayed", hides="side effect")
class ARepeatedRunIsStartedAgain(Service):
    """A run repeated with its key gets the first answer, and another run is started."""

    def replay_or_execute(self, call: Call) -> Response:
        key = self.idempotency_key(call)
        if key is not None and call.request.operation == "run" and self.recall(call, key):
            self.execute(call)
        return super().replay_or_execute(call)
