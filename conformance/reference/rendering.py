"""How records look in answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from conformance.reference import cron
from conformance.reference.core import Core
from conformance.reference.errors import ApiError
from conformance.reference.messages import Document, Request, Response
from conformance.reference.metadata import CAS_CONFIG, cas_settings
from conformance.reference.store import Agent, AgentPin, Deployment, Environment, Schedule, Vault


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing: rendered items, whether more follow, and the token that leads to them."""

    items: Sequence[Document]
    more: bool
    token: str


class Rendering(Core):
    """Turns records into JSON documents; nothing here changes a record."""

    # --- deployments ---------------------------------------------------------------------------------------

    def render_deployment(self, record: Deployment) -> Document:
        """Return the deployment object, the same for every operation that answers with one."""
        document: Document = {
            "id": record.id,
            "type": "deployment",
            "name": record.name,
            "description": record.description,
            "agent": self.render_agent_pin(record.agent),
            "environment_id": record.environment_id,
            "initial_events": record.initial_events,
            "resources": record.resources,
            "vault_ids": record.vault_ids,
            "metadata": self.render_metadata(record),
            "schedule": self.render_schedule(record),
            "status": record.status,
            "paused_reason": record.paused_reason,
            "created_at": self.render_time(record.created_at),
            "updated_at": self.render_time(record.updated_at),
            "archived_at": record.archived_at and self.render_time(record.archived_at),
        }
        if not self.old:
            document["environment_variables"] = record.environment_variables
        return document

    def render_agent_pin(self, agent: AgentPin) -> Document:
        """Return an agent at one version."""
        return {"id": agent.id, "type": "agent", "version": agent.version}

    def render_schedule(self, record: Deployment) -> Document | None:
        """Return the schedule, None for a manual-only one; `last_run_at` appears with the first run."""
        if record.schedule is None:
            return None
        document: Document = {
            "type": "cron",
            "expression": record.schedule.expression,
            "timezone": record.schedule.timezone,
            "upcoming_runs_at": [self.render_time(at) for at in self.upcoming(record)],
        }
        if record.last_run_at is not None:
            document["last_run_at"] = self.render_time(record.last_run_at)
        return document

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        """Return the next five occurrences; a paused deployment keeps them, an archived one has none."""
        if record.schedule is None or record.archived_at is not None:
            return ()
        return self.occurrences(record.schedule, self.now())

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        """Return the next five occurrences of a schedule after an instant."""
        return cron.upcoming(schedule.expression, schedule.timezone, after.replace(second=0, microsecond=0))

    def render_metadata(self, record: Deployment) -> Document:
        """Return the metadata; in the revision 2026-06 the server adds its counters to `cas_config`."""
        if not self.old:
            return dict(record.metadata)
        settings = cas_settings(record.metadata)
        return {**record.metadata, CAS_CONFIG: {**settings, "stats": self.render_stats(record)}}

    def render_stats(self, record: Deployment) -> Document:
        """Return the counters of `cas_config`; an instant that does not exist is left out."""
        stats: Document = {"consecutive_failures": 0, "total_failures": 0, "total_runs": record.runs}
        if record.schedule is not None:
            following = self.occurrences(record.schedule, record.archived_at or self.now())
            if following:
                stats["next_trigger_at"] = self.render_time(following[0])
        if record.last_run_at is not None:
            stats["last_triggered_at"] = self.render_time(record.last_run_at)
        return stats

    # --- other objects -------------------------------------------------------------------------------------

    def render_agent(self, agent: Agent) -> Document:
        """Return an agent as a listing shows it."""
        return self._render_resource("agent", agent) | {"version": agent.version}

    def render_environment(self, environment: Environment) -> Document:
        """Return an environment as a listing shows it."""
        return self._render_resource("environment", environment)

    def render_vault(self, vault: Vault) -> Document:
        """Return a vault as a listing shows it."""
        return self._render_resource("vault", vault)

    def _render_resource(self, kind: str, resource: Agent | Environment) -> Document:
        return {
            "id": resource.id,
            "type": kind,
            "name": resource.name,
            "created_at": self.render_time(resource.created_at),
            "updated_at": self.render_time(resource.archived_at or resource.created_at),
            "archived_at": resource.archived_at and self.render_time(resource.archived_at),
        }

    def render_time(self, at: datetime) -> str:
        """Return an instant in RFC 3339: UTC, whole seconds, `Z`."""
        return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"

    def render_page(self, page: Page) -> Document:
        """Return one page of a listing."""
        ids = [item["id"] for item in page.items]
        first, last = (ids[0], ids[-1]) if ids else (None, None)
        return {
            "data": page.items,
            "first_id": first,
            "last_id": last,
            "has_more": page.more,
            "next_page": self.next_page(page, last) if page.more else None,
        }

    def next_page(self, page: Page, last_id: object) -> object:
        """Return what leads to the page after this one: the last id, or an opaque token since 2026-07."""
        return last_id if self.old else page.token

    # --- refusals ------------------------------------------------------------------------------------------

    def render_error(self, error: ApiError, request: Request) -> Response:
        """Return the answer to a refused request."""
        return Response(error.status, self.error_document(error, request), error.headers)

    def error_document(self, error: ApiError, request: Request) -> Document:
        """Return the error envelope; since 2026-07 it names the request."""
        inner: Document = {"type": error.kind, "message": error.message}
        if error.param is not None:
            inner["param"] = error.param
        envelope: Document = {"type": "error", "error": inner}
        return envelope if self.old else envelope | {"request_id": request.request_id}
