"""All states that deployments ever had, in sqlite: the present is the newest one, a lagging read an older one."""

from __future__ import annotations

import json
import sqlite3
import threading
from functools import lru_cache
from typing import Any

State = dict[str, Any]
TABLES = """
create table state (n integer primary key, tenant text, id text, at real, born integer, body text);
create index by_id on state (tenant, id);
create table run (n integer primary key, tenant text, id text, deployment text, body text);
create table reply (tenant text, key text, print text, status integer, body text, primary key (tenant, key));
"""


@lru_cache(4096)
def _read(body: str) -> State:
    """Return a stored state, which nobody may change in place."""
    state: State = json.loads(body)
    return state


class Journal:
    """Keeps states, runs and replies; every method may be called from any thread."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.executescript(TABLES)

    def close(self) -> None:
        with self.lock:
            self._db.close()

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self.lock:
            return self._db.execute(statement, values).fetchall()

    def write(self, tenant: str, state: State, at: float) -> None:
        """Append the state; its `n` becomes the number of this version."""
        with self.lock:
            born = state.get("born") or self.rows("select coalesce(max(n), 0) + 1 from state")[0][0]
            self.rows(
                "insert into state (tenant, id, at, born, body) values (?, ?, ?, ?, ?)",
                tenant, state["id"], at, born, json.dumps(state | {"born": born}),
            )  # fmt: skip

    def states(self, tenant: str, horizon: float) -> list[State]:
        """Return the newest states not younger than `horizon`, the deployment born last first."""
        found = self.rows(
            "select body from state where n in (select max(n) from state where tenant = ? and at <= ? "
            "group by id) order by born desc",
            tenant, horizon,
        )  # fmt: skip
        return [_read(body) for (body,) in found]

    def state(self, tenant: str, name: str, horizon: float = float("inf")) -> State | None:
        found = self.rows(
            "select n, body from state where tenant = ? and id = ? and at <= ? order by n desc limit 1",
            tenant, name, horizon,
        )  # fmt: skip
        return _read(found[0][1]) | {"n": found[0][0]} if found else None

    def owner(self, name: str) -> str | None:
        found = self.rows("select tenant from state where id = ? limit 1", name)
        return str(found[0][0]) if found else None

    def add_run(self, tenant: str, run: State) -> None:
        self.rows(
            "insert into run (tenant, id, deployment, body) values (?, ?, ?, ?)",
            tenant, run["id"], run["deployment_id"], json.dumps(run),
        )  # fmt: skip

    def runs(self, tenant: str, deployment: str | None = None) -> list[State]:
        """Return runs, the newest first."""
        found = self.rows("select deployment, body from run where tenant = ? order by n desc", tenant)
        return [_read(body) for owner, body in found if deployment in (None, owner)]
