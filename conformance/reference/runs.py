"""Runs: how one is recorded, how it shows, and which ones a listing chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from conformance.reference.errors import not_found
from conformance.reference.lifecycle import DeploymentLifecycle
from conformance.reference.listing import Listing, Query
from conformance.reference.messages import Call, Document
from conformance.reference.metadata import cas_settings
from conformance.reference.rendering import Rendering
from conformance.reference.store import Deployment, Run

MANUAL = {"type": "manual"}
OLD_STATES = ("pending", "running", "completed", "failed", "skipped")


class Runs(DeploymentLifecycle, Rendering, Listing):
    """Sessions are not simulated: a run starts at once and completes `run_seconds` later."""

    run_seconds = 2.0

    # --- recording -----------------------------------------------------------------------------------------

    def record_run(self, record: Deployment, trigger: Mapping[str, str], at: datetime) -> Run:
        """Start a deployment, by hand or by its schedule: keep the run, and its trace on the deployment."""
        run = self.new_run(record, trigger, at)
        self.keep_run(run)
        self.keep(self.apply_run(record, run))
        return run

    def new_run(self, record: Deployment, trigger: Mapping[str, str], at: datetime) -> Run:
        """Return a run; in the revision 2026-06 one above `max_concurrent` is skipped."""
        skipped = self.is_busy(record, at)
        session_id, error = (None, None) if skipped else self.start_session(record)
        return Run(
            id=self.new_id("drun"),
            tenant=record.tenant,
            sequence=self.store.next_sequence(),
            deployment_id=record.id,
            agent=record.agent,
            trigger=trigger,
            created_at=at if self.old else at.replace(microsecond=0),
            session_id=session_id,
            error=error,
            skipped=skipped,
        )

    def start_session(self, record: Deployment) -> tuple[str | None, Mapping[str, object] | None]:  # noqa: ARG002 (overriders look at it)
        """Return the id of a new session, or None and the error that kept it from starting."""
        return self.new_id("sess"), None

    def is_busy(self, record: Deployment, at: datetime) -> bool:
        """Return whether as many runs as may be are under way at an instant."""
        if not self.old:
            return False
        limit: int = cas_settings(record.metadata)["config"]["max_concurrent"]
        return sum(self.run_status(run, at) == "running" for run in self.runs_of(record)) >= limit

    def apply_run(self, record: Deployment, run: Run) -> Deployment:
        """Return the deployment after a run was started; `updated_at` stays (the documents are silent)."""
        return replace(record, runs=record.runs + 1, last_run_at=run.created_at)

    def runs_of(self, record: Deployment) -> list[Run]:
        """Return the runs of one deployment, oldest first."""
        runs = self.store.tenants[record.tenant].runs.values()
        return [run for run in runs if run.deployment_id == record.id]

    def run_status(self, run: Run, at: datetime) -> str:
        """Return which of the five states of the revision 2026-06 a run has at an instant."""
        if run.skipped:
            return "skipped"
        if run.error is not None:
            return "failed"
        return "running" if at < self.completion(run) else "completed"

    def completion(self, run: Run) -> datetime:
        """Return when a run is over."""
        return run.created_at + timedelta(seconds=self.run_seconds)

    # --- rendering -----------------------------------------------------------------------------------------

    def render_run(self, run: Run) -> Document:
        """Return the run object."""
        document: Document = {
            "id": run.id,
            "type": "deployment_run",
            "deployment_id": run.deployment_id,
            "agent": self.render_agent_pin(run.agent),
            "session_id": run.session_id,
            "error": run.error,
            "trigger_context": run.trigger,
            "created_at": self.render_run_time(run.created_at),
        }
        return self.add_progress(document, run) if self.old else document

    def add_progress(self, document: Document, run: Run) -> Document:
        """Return the run object with what only the revision 2026-06 tells."""
        started, status = document["created_at"], self.run_status(run, self.now())
        document |= {"status": status, "triggered_at": started}
        if status == "completed":
            document["completed_at"] = self.render_run_time(self.completion(run))
            document["duration_ms"] = round(self.run_seconds * 1000)
        if run.session_id is None:
            del document["session_id"]
        else:
            turn = run.session_id.replace("sess_", "turn_")
            document["cas_run_extras"] = {"attempt": 1, "turn_id": turn, "started_at": started}
        return document

    def render_run_time(self, at: datetime) -> str:
        """Return an instant of a run; the revision 2026-06 shows microseconds."""
        return (
            self.render_time(at).replace("Z", f".{at.microsecond:06}Z") if self.old else self.render_time(at)
        )

    # --- finding and listing -------------------------------------------------------------------------------

    def find_run(self, call: Call) -> Run:
        """Return the run that the path names."""
        try:
            return call.tenant.runs[call.run_id]
        except KeyError:
            raise not_found("The deployment run") from None

    def check_run_belongs(self, run: Run, record: Deployment) -> None:
        """Refuse a run under the path of a deployment that is not its own."""
        if run.deployment_id != record.id:
            raise not_found("The deployment run")

    def run_rows(self, call: Call) -> Iterable[Run]:
        """Return the runs that a listing chooses from."""
        return call.tenant.runs.values()

    def scoped_run_filter(self, query: Query, record: Deployment) -> Callable[[Run], bool]:
        """Return what decides whether a run is in the list of one deployment."""
        conditions = self._old_scoped_conditions(query) if self.old else [self._span_condition(query)]
        return lambda run: run.deployment_id == record.id and all(holds(run) for holds in conditions)

    def global_run_filter(self, query: Query) -> Callable[[Run], bool]:
        """Return what decides whether a run is in the list of all runs."""
        types = ("manual", "schedule", "retry") if self.old else ("manual", "schedule")
        trigger = self.read_choice(query, "trigger_type", types)
        has_error = self.read_flag(query, "has_error")
        more = self._status_condition(query) if self.old else self._span_condition(query)
        return lambda run: (
            self.matches_deployment(run, query.get("deployment_id"))
            and self.matches_trigger(run, trigger)
            and self.matches_error(run, has_error=has_error)
            and more(run)
        )

    def matches_deployment(self, run: Run, deployment_id: str | None) -> bool:
        """Return whether a run is of the deployment asked for; an unknown one has no runs."""
        return deployment_id is None or run.deployment_id == deployment_id

    def matches_trigger(self, run: Run, trigger: str | None) -> bool:
        """Return whether a run was started in the way asked for."""
        return trigger is None or run.trigger["type"] == trigger

    def matches_error(self, run: Run, *, has_error: bool | None) -> bool:
        """Return whether a run has an error, as asked for."""
        return has_error is None or (run.error is not None) is has_error

    def _old_scoped_conditions(self, query: Query) -> list[Callable[[Run], bool]]:
        after, before = (self.read_instant(query, f"triggered_{word}") for word in ("after", "before"))
        span = {name: at for name, at in (("gt", after), ("lt", before)) if at is not None}
        return [self._status_condition(query), lambda run: self.matches_span(run.created_at, span)]

    def _status_condition(self, query: Query) -> Callable[[Run], bool]:
        status = self.read_choice(query, "status", OLD_STATES)
        return lambda run: status is None or self.run_status(run, self.now()) == status

    def _span_condition(self, query: Query) -> Callable[[Run], bool]:
        span = self.read_span(query, ("gt", "gte", "lt", "lte"))
        return lambda run: self.matches_span(run.created_at, span)
