"""Other people's deployments: what an account holds before a run begins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from typing import Final

from conformance.reference.accounts import agent_id, environment_id
from conformance.reference.service import Service
from conformance.reference.store import AgentPin, Deployment, Schedule, make_id

SCHEDULES: Final = (
    None,
    Schedule("30 9 * * 1-5", "Asia/Shanghai"),
    Schedule("0 3 1 1 *", "Europe/Berlin"),
    Schedule("*/20 * * * *", "UTC"),
)
STATES: Final = ("active", "paused", "archived")


def seed(service: Service, tenant: str, count: int) -> list[str]:
    """Give a tenant `count` deployments, active, paused and archived in turn; return their ids, newest first.

    They were created one a minute up to a minute ago. Raises KeyError for an unknown tenant.
    """
    with service.lock:
        records = list(_records(service, service.store.tenants[tenant].name, count))
        for record in records:
            service.keep(record)
    return [record.id for record in reversed(records)]


def _records(service: Service, tenant: str, count: int) -> Iterator[Deployment]:
    schedules, states = cycle(SCHEDULES), cycle(STATES)
    for number in range(count):
        created_at = service.instant() - timedelta(minutes=count - number)
        sequence = service.store.next_sequence()
        record = Deployment(
            id=make_id("dep", created_at, sequence),
            tenant=tenant,
            sequence=sequence,
            name=f"foreign {sequence}",
            agent=AgentPin(agent_id(tenant, "second"), 1),
            environment_id=environment_id(tenant, "second"),
            initial_events=[{"type": "user.message", "content": [{"type": "text", "text": "Foreign work."}]}],
            metadata=service.default_metadata(),
            schedule=next(schedules),
            created_at=created_at,
            updated_at=created_at,
        )
        yield _in_state(service, record, next(states))


def _in_state(service: Service, record: Deployment, state: str) -> Deployment:
    if state == "paused":
        return service.apply_pause(record)
    return service.apply_archive(record) if state == "archived" else record
