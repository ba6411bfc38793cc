"""What the server remembers: immutable records, kept by tenant.

A change replaces a record; none is altered in place. A request that is refused halfway has changed nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.reference.messages import Response


@dataclass(frozen=True, slots=True)
class AgentPin:
    """An agent at one of its versions."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """A 5-field cron expression and the IANA zone it is read in, both as they were sent."""

    expression: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent that deployments may name; its versions are 1 to `version`."""

    id: str
    name: str
    version: int
    created_at: datetime
    sequence: int
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment that deployments may name."""

    id: str
    name: str
    created_at: datetime
    sequence: int
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault(Environment):
    """A vault that deployments may name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment; `sequence` orders those of one second, `runs` counts what was started."""

    id: str
    tenant: str
    sequence: int
    name: str
    agent: AgentPin
    environment_id: str
    initial_events: Sequence[object]
    created_at: datetime
    updated_at: datetime
    description: str = ""
    environment_variables: str = ""
    resources: Sequence[object] = ()
    vault_ids: Sequence[str] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    schedule: Schedule | None = None
    status: str = "active"
    paused_reason: Mapping[str, object] | None = None
    archived_at: datetime | None = None
    last_run_at: datetime | None = None
    runs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One start of a deployment, by hand or by its schedule; `agent` is as it was at that moment."""

    id: str
    tenant: str
    sequence: int
    deployment_id: str
    agent: AgentPin
    trigger: Mapping[str, str]
    created_at: datetime
    session_id: str | None
    error: Mapping[str, object] | None = None
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The first answer under an idempotency key, with the fingerprint of the body that earned it."""

    fingerprint: str
    response: Response
    given_at: datetime


@dataclass(slots=True)
class Tenant:
    """Everything of one account."""

    name: str
    token: str
    agents: dict[str, Agent] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    vaults: dict[str, Vault] = field(default_factory=dict)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    answers: dict[tuple[str, ...], StoredAnswer] = field(default_factory=dict)


class Store:
    """All tenants, and the numbers that order their records."""

    def __init__(self, tenants: Iterable[Tenant]) -> None:
        self.tenants = {tenant.name: tenant for tenant in tenants}
        self._sequence = count(1)

    def next_sequence(self) -> int:
        """Return a number greater than every one before."""
        return next(self._sequence)


def make_id(prefix: str, created_at: datetime, sequence: int) -> str:
    """Return an id like a UUIDv7 without hyphens: later ones sort after earlier ones."""
    milliseconds = int(created_at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    variant = 0x8000 | secrets.randbits(14)
    return f"{prefix}_{milliseconds:012x}7{sequence & 0xFFF:03x}{variant:04x}{secrets.token_hex(6)}"
