"""What a tenant owns before its first request: the agents, environments and vaults that deployments name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from conformance.reference.config import Account
from conformance.reference.store import Agent, Environment, Tenant, Vault

FOUNDED: Final = datetime(2026, 6, 1, 8, tzinfo=UTC)
ARCHIVED: Final = FOUNDED + timedelta(hours=1)


def open_account(account: Account) -> Tenant:
    """Return a tenant with two live agents and an archived one, and as many environments and vaults.

    The first live agent has two versions and is the first of a listing. Ids depend on the tenant's name
    alone, so that two servers with the same settings know the same ones.
    """
    agents = [
        _agent(account, "retired", 3, archived_at=ARCHIVED),
        _agent(account, "second", 1),
        _agent(account, "first", 2),
    ]
    environments = [
        _environment(account, "retired", archived_at=ARCHIVED),
        _environment(account, "second"),
        _environment(account, "first"),
    ]
    vaults = [
        _vault(account, "retired", archived_at=ARCHIVED),
        _vault(account, "second"),
        _vault(account, "first"),
    ]
    return Tenant(
        name=account.name,
        token=account.token,
        agents={agent.id: agent for agent in agents},
        environments={environment.id: environment for environment in environments},
        vaults={vault.id: vault for vault in vaults},
    )


def agent_id(account: str, name: str) -> str:
    """Return the id of the agent `first`, `second` or `retired` of a tenant."""
    return "agent_" + _digest(account, "agent", name)


def environment_id(account: str, name: str) -> str:
    """Return the id of the environment `first`, `second` or `retired` of a tenant."""
    return "env_" + _digest(account, "environment", name)


def _digest(*words: str) -> str:
    return sha256("/".join(words).encode()).hexdigest()[:32]


def _sequence(name: str) -> int:
    return ("retired", "second", "first").index(name)


def _agent(account: Account, name: str, version: int, archived_at: datetime | None = None) -> Agent:
    return Agent(
        id=agent_id(account.name, name),
        name=f"{name} agent",
        version=version,
        created_at=FOUNDED,
        sequence=_sequence(name),
        archived_at=archived_at,
    )


def _environment(account: Account, name: str, archived_at: datetime | None = None) -> Environment:
    return Environment(
        id=environment_id(account.name, name),
        name=f"{name} environment",
        created_at=FOUNDED,
        sequence=_sequence(name),
        archived_at=archived_at,
    )


def _vault(account: Account, name: str, archived_at: datetime | None = None) -> Vault:
    return Vault(
        id="vault_" + _digest(account.name, "vault", name),
        name=f"{name} vault",
        created_at=FOUNDED,
        sequence=_sequence(name),
        archived_at=archived_at,
    )
