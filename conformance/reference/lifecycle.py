"""What may happen to a deployment and what it then becomes: one method for each decision and each effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from conformance.reference.core import Core
from conformance.reference.errors import conflict, not_found
from conformance.reference.messages import Call
from conformance.reference.store import Deployment, make_id


class DeploymentLifecycle(Core):
    """Decisions raise ApiError; effects take a record and return the one that takes its place."""

    # --- decisions -----------------------------------------------------------------------------------------

    def find(self, call: Call) -> Deployment:
        """Return the deployment that the path names; another tenant's, or a malformed id, is not found."""
        try:
            return call.tenant.deployments[call.deployment_id]
        except KeyError:
            raise not_found("The deployment") from None

    def check_not_archived(self, record: Deployment) -> None:
        """Refuse to change an archived deployment (the documents are silent on it)."""
        if record.archived_at is not None:
            raise conflict("The deployment is archived.")

    def check_not_already_archived(self, record: Deployment) -> None:
        """Refuse a second archive."""
        if record.archived_at is not None:
            raise conflict("The deployment is already archived.")

    def check_not_paused(self, record: Deployment) -> None:
        """Refuse a second pause."""
        if record.status == "paused":
            raise conflict("The deployment is already paused.")

    def check_paused(self, record: Deployment) -> None:
        """Refuse to unpause what is not paused."""
        if record.status != "paused":
            raise conflict("The deployment is not paused.")

    def check_runnable(self, record: Deployment) -> None:
        """Refuse to run what is paused or archived."""
        if record.archived_at is not None or record.status != "active":
            raise conflict("The deployment is not active.")

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        """Refuse a name that another deployment of the tenant has, unless that one is archived."""
        for record in call.tenant.deployments.values():
            if record.name == name and record.archived_at is None and record.id != besides:
                raise conflict(f"A deployment named {name!r} already exists.")

    # --- effects -------------------------------------------------------------------------------------------

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        """Return a new, active deployment."""
        now = self.instant()
        return Deployment(
            id=self.new_id("dep"),
            tenant=call.tenant.name,
            sequence=self.store.next_sequence(),
            created_at=now,
            updated_at=now,
            **fields,
        )

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        """Return the deployment with some fields set; `updated_at` moves only when something changed."""
        changed = replace(record, **fields)
        return changed if changed == record else self.touch(changed)

    def apply_pause(self, record: Deployment) -> Deployment:
        """Return the deployment, paused by hand."""
        return self.touch(replace(record, status="paused", paused_reason={"type": "manual"}))

    def apply_unpause(self, record: Deployment) -> Deployment:
        """Return the deployment, active again; what it missed is not made up for."""
        return self.touch(replace(record, status="active", paused_reason=None))

    def apply_archive(self, record: Deployment) -> Deployment:
        """Return the deployment, archived under another name."""
        now = self.instant()
        state = self.archived_state(record)
        return self.touch(replace(record, archived_at=now, name=self.archived_name(record, now), **state))

    def archived_state(self, record: Deployment) -> dict[str, Any]:  # noqa: ARG002 (overriders look at it)
        """Return status and reason of an archived deployment (open for one that was paused)."""
        return {"status": "active", "paused_reason": None}

    def archived_name(self, record: Deployment, at: datetime) -> str:
        """Return the name that frees the old one."""
        return f"{record.name}_archived_{int(at.timestamp())}"

    def touch(self, record: Deployment) -> Deployment:
        """Return the record, changed now; time never runs back for it."""
        return replace(record, updated_at=max(self.instant(), record.updated_at))

    def new_id(self, prefix: str) -> str:
        """Return a fresh id: the prefix, then 32 hexadecimal digits that show the order of creation."""
        return make_id(prefix, self.now(), self.store.next_sequence())

    def id_prefix(self, prefix: str) -> str:
        """Return how the ids of a kind begin; overriders of `new_id` ask for it."""
        return f"{prefix}_"
