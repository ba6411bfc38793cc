"""Other people at work in the account that is judged: they make, pause, unpause, update and archive."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from conformance.reference import Deployment, ReferenceServer
from conformance.reference.accounts import agent_id, environment_id
from conformance.reference.seeding import SCHEDULES
from conformance.reference.store import AgentPin, make_id

EVERYTHING = ("create", "create", "pause", "unpause", "update", "archive", "archive")
"""What is done, each as often as it is named."""
BUSY_WITH = 150
"""The newest deployments, which are those that others change."""


@contextmanager
def busy(server: ReferenceServer, rate: float, writes: Sequence[str] = EVERYTHING) -> Iterator[None]:
    """Let others write to the first account, `rate` times a second."""
    over = threading.Event()
    others = threading.Thread(target=_work, args=(server, rate, writes, over), daemon=True)
    others.start()
    try:
        yield
    finally:
        over.set()
        others.join()


def _work(server: ReferenceServer, rate: float, writes: Sequence[str], over: threading.Event) -> None:
    chance, due = random.Random(1), time.monotonic()  # noqa: S311 (no secret)
    while not over.wait(max(0.0, due - time.monotonic())):
        due += 1 / rate
        with server.service.lock:
            _write(server, chance, chance.choice(writes))


def _write(server: ReferenceServer, chance: random.Random, what: str) -> None:
    service, account = server.service, server.settings.accounts[0].name
    newest = [*service.store.tenants[account].deployments.values()][-BUSY_WITH:]
    theirs = [one for one in newest if one.archived_at is None and one.name.startswith("foreign")]
    record = chance.choice(theirs) if theirs else _made(server, account, chance)
    changed = {
        "pause": lambda: service.apply_pause(record) if record.status == "active" else record,
        "unpause": lambda: service.apply_unpause(record) if record.status == "paused" else record,
        "update": lambda: service.apply_update(record, {"description": f"changed {chance.random()}"}),
        "archive": lambda: service.apply_archive(record),
        "create": lambda: _made(server, account, chance),
    }
    service.keep(changed[what]())


def _made(server: ReferenceServer, account: str, chance: random.Random) -> Deployment:
    service = server.service
    at, sequence = service.instant(), service.store.next_sequence()
    return Deployment(
        id=make_id("dep", at, sequence),
        tenant=account,
        sequence=sequence,
        name=f"foreign {sequence}",
        agent=AgentPin(agent_id(account, chance.choice(("first", "second"))), 1),
        environment_id=environment_id(account, "second"),
        initial_events=[{"type": "user.message", "content": [{"type": "text", "text": "Foreign work."}]}],
        metadata=service.default_metadata(),
        schedule=chance.choice(SCHEDULES),
        created_at=at,
        updated_at=at,
    )
