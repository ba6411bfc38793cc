"""The operations of the clone, in memory; a fault overrides one of its small methods."""

from __future__ import annotations

import base64
import re
import secrets
import string
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from tests.vendors.clone.checks import KINDS, Body, Checks, RefusalError, need, parsed
from tests.vendors.clone.cron import Timetable
from tests.vendors.clone.oddities import Oddities

AGENT, OLD_AGENT = "agent_01Agent", "agent_02Archived"
ENVIRONMENT, OLD_ENVIRONMENT = "env_01Environment", "env_02Archived"
TOKENS: Final = {"sk-ant-first-4hGz": "one", "sk-ant-second-8Qp": "two"}
BASE62: Final = string.digits + string.ascii_letters
BETA: Final = "managed-agents-2026-04-01"
ROUTES: Final = (
    ("POST", r"/deployments", "create"),
    ("GET", r"/deployments", "listed"),
    ("GET", r"/deployments/([^/]+)", "read"),
    ("POST", r"/deployments/([^/]+)", "update"),
    ("POST", r"/deployments/([^/]+)/(pause|unpause|archive|run)", "act"),
    ("GET", r"/deployment_runs", "runs"),
    ("GET", r"/deployment_runs/([^/]+)", "read_run"),
    ("GET", r"/agents", "agents"),
    ("GET", r"/environments", "environments"),
)
BOUNDS: Final[Mapping[str, Callable[[datetime, datetime], bool]]] = {
    "created_at[gt]": lambda at, bound: at > bound,
    "created_at[gte]": lambda at, bound: at >= bound,
    "created_at[lt]": lambda at, bound: at < bound,
    "created_at[lte]": lambda at, bound: at <= bound,
}
UNITS: Final = {"seconds": 1_000_000, "ms": 1_000}


class Call(NamedTuple):
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes


class Answer(NamedTuple):
    """What it is answered."""

    status: int
    body: Any
    headers: Mapping[str, str] = {}


class Clone:
    """The API of one server; a lock makes each request whole."""

    def __init__(self, odd: Oddities | None = None) -> None:
        self.odd = odd or Oddities()
        self.checks = Checks(self.odd)
        self.deployments: dict[str, Body] = {}
        self.all_runs: list[Body] = []
        self._lock = threading.RLock()

    # --- requests ------------------------------------------------------------------------------------------

    def answer(self, call: Call) -> Answer:
        request_id = f"req_{self.letters()}"
        try:
            with self._lock:
                answer = self.routed(call)
        except RefusalError as refusal:
            answer = Answer(refusal.status, self.error(refusal, request_id) | self.extras())
        return answer._replace(headers={"request-id": request_id})

    def error(self, refusal: RefusalError, request_id: str) -> Body:
        error = {"type": KINDS[refusal.status], "message": str(refusal)} | self.extras()
        return {"type": "error", "error": error, "request_id": request_id}

    def routed(self, call: Call) -> Answer:
        tenant = self.tenant(call)
        fitting = [(re.fullmatch(path, call.path), method, name) for method, path, name in ROUTES]
        for match, method, name in fitting:
            if match and method == call.method:
                answer: Answer = getattr(self, name)(call, tenant, *match.groups())
                return answer
        raise RefusalError(405 if any(match for match, _, _ in fitting) else 404, "Not found")

    def tenant(self, call: Call) -> str:
        bearer = (
            call.headers.get("authorization", "").removeprefix("Bearer ") if self.odd.takes_bearer else ""
        )
        key = call.headers.get("x-api-key") or bearer
        if key not in TOKENS:
            raise RefusalError(401, "invalid x-api-key")
        for header in self.odd.needed:
            wanted = BETA if header == "anthropic-beta" else ""
            need(header in call.headers, f"{header}: header is required")
            need(wanted in call.headers[header].split(",") or not wanted, f"{header}: {wanted} is required")
        return TOKENS[key]

    def letters(self, count: int = 24) -> str:
        return "".join(secrets.choice(BASE62) for _ in range(count))

    def new_id(self, prefix: str) -> str:
        if self.odd.ids == "number":
            return f"{prefix}{len(self.deployments) + len(self.all_runs) + 1041}"
        if self.odd.ids == "uuid":
            return prefix + str(uuid.uuid4())
        return prefix + (f"01{self.letters().upper()}" if self.odd.ids == "ulid" else self.letters())

    def extras(self) -> Body:
        return {"x_clone": {"node": secrets.token_hex(2)}, "links": None} if self.odd.extras else {}

    def now(self) -> datetime:
        now = datetime.now(UTC)
        unit = UNITS.get(self.odd.times, 1)
        return now.replace(microsecond=now.microsecond - now.microsecond % unit)

    def shown(self, at: datetime | None) -> str | None:
        if at is None:
            return None
        if self.odd.times == "offset":
            return at.isoformat(timespec="microseconds")
        digits = {"us": 6, "seconds": 0, "ms": 3, "ns": 6}[self.odd.times]
        fraction = f".{at:%f}"[: digits + 1] if digits else ""
        return f"{at:%Y-%m-%dT%H:%M:%S}{fraction}{'000' * (self.odd.times == 'ns')}Z"

    # --- deployments ---------------------------------------------------------------------------------------

    def create(self, call: Call, tenant: str) -> Answer:
        body = self.checks.creation(parsed(call.content))
        state: Body = {
            "id": self.new_id("depl_"), "tenant": tenant, "description": None, "resources": [],
            "vault_ids": [], "metadata": {}, "schedule": None, "paused": False, "archived": None,
            "last_run": None, "created": self.now(),
        }  # fmt: skip
        state |= self.resolved(body)
        self.checks.bag(state["metadata"])
        self.check_name(state)
        state["updated"] = state["created"]
        self.store(state)
        return Answer(self.odd.created, self.render(state))

    def store(self, state: Body) -> None:
        self.deployments[state["id"]] = state

    def check_name(self, state: Body) -> None:
        for other in self.deployments.values():
            alike = all(other[key] == state[key] for key in ("tenant", "name"))
            if self.odd.names_are_unique and alike and other["id"] != state["id"] and not other["archived"]:
                raise RefusalError(409, "name: already exists")

    def resolved(self, body: Body) -> Body:
        """Return the fields as they are stored."""
        stored = {key: value for key, value in body.items() if key != "agent"}
        if "agent" in body:
            given = body["agent"] if isinstance(body["agent"], dict) else {"id": body["agent"]}
            self.refer(given["id"], AGENT, OLD_AGENT, "agent")
            version = given.get("version", 2)
            need(version in (1, 2), "agent: no such version")
            stored["agent"] = {"type": "agent", "id": given["id"], "version": version}
        if "environment_id" in body:
            self.refer(body["environment_id"], ENVIRONMENT, OLD_ENVIRONMENT, "environment_id")
        if "description" in body:
            stored["description"] = body["description"] or None
        return stored

    def refer(self, given: str, known: str, archived: str, field: str) -> None:
        need(given != archived, f"{field}: archived")
        if given != known:
            raise RefusalError(self.odd.missing, f"{field}: not found")

    def find(self, tenant: str, name: str) -> Body:
        if not re.fullmatch(r"depl_[0-9A-Za-z-]+", name):
            raise RefusalError(self.odd.malformed_id, "Invalid deployment ID.")
        state = self.deployments.get(name)
        if state is None or state["tenant"] != tenant:
            raise RefusalError(404 if state is None else self.odd.foreign, "Deployment not found.")
        return state

    def read(self, _: Call, tenant: str, name: str) -> Answer:
        return Answer(200, self.render(self.find(tenant, name)))

    def update(self, call: Call, tenant: str, name: str) -> Answer:
        state = self.find(tenant, name)
        body = self.checks.update(parsed(call.content))
        self.check_live(state)
        new = state | self.resolved({key: value for key, value in body.items() if key != "metadata"})
        new["metadata"] = self.patched(state["metadata"], body.get("metadata", {}))
        self.checks.bag(new["metadata"])
        self.check_name(new)
        return self.changed(state, new)

    def patched(self, bag: Body, patch: Body | None) -> Body:
        if patch is None:
            return {} if self.odd.null_metadata == "cleared" else bag
        return {key: value for key, value in (bag | patch).items() if value is not None}

    def changed(self, state: Body, new: Body) -> Answer:
        new = new | {"updated": self.now()}
        self.store(new)
        return Answer(200, self.render(new))

    def check_live(self, state: Body) -> None:
        if state["archived"]:
            raise RefusalError(self.odd.once_archived, "Deployment is archived and read-only.")

    # --- actions -------------------------------------------------------------------------------------------

    def act(self, call: Call, tenant: str, name: str, action: str) -> Answer:
        state = self.find(tenant, name)
        need(self.odd.action_bodies == "ignored" or not call.content, "no body is taken")
        act: Callable[[Body], Answer] = getattr(self, action)
        return act(state)

    def pause(self, state: Body) -> Answer:
        self.check_live(state)
        return self.repeated(state) if state["paused"] else self.changed(state, state | {"paused": True})

    def unpause(self, state: Body) -> Answer:
        self.check_live(state)
        return self.changed(state, state | {"paused": False}) if state["paused"] else self.repeated(state)

    def archive(self, state: Body) -> Answer:
        if state["archived"]:
            return self.repeated(state)
        paused = state["paused"] and self.odd.keeps_paused
        return self.changed(state, state | {"archived": self.now(), "paused": paused})

    def repeated(self, state: Body) -> Answer:
        if self.odd.repeated != 200:
            raise RefusalError(self.odd.repeated, "There is nothing to do.")
        return self.changed(state, state) if self.odd.repeated_moves else Answer(200, self.render(state))

    def run(self, state: Body) -> Answer:
        self.check_live(state)
        run = {
            "type": "deployment_run", "id": self.new_id("drun_"), "deployment_id": state["id"],
            "trigger_context": {"type": "manual"}, "session_id": f"sesn_{self.letters()}", "error": None,
            "agent": state["agent"], "created_at": self.now(), "tenant": state["tenant"],
        }  # fmt: skip
        self.all_runs.append(run)
        return Answer(200, self.render_run(run))

    # --- what they look like -------------------------------------------------------------------------------

    def render(self, state: Body) -> Body:
        kept = (
            "id", "name", "description", "agent", "environment_id", "initial_events", "metadata",
            "resources", "vault_ids",
        )  # fmt: skip
        return {key: state[key] for key in kept} | {
            "type": "deployment",
            "resources": [_without_secrets(one) for one in state["resources"]],
            "schedule": self.schedule(state),
            "status": "paused" if state["paused"] else "active",
            "paused_reason": {"type": "manual"} | self.extras() if state["paused"] else None,
            "archived_at": self.shown(state["archived"]),
            "created_at": self.shown(state["created"]),
            "updated_at": self.shown(state["updated"]),
        } | self.extras()  # fmt: skip

    def schedule(self, state: Body) -> Body | None:
        if state["schedule"] is None:
            return None
        last = {} if self.odd.last_run == "absent" else {"last_run_at": self.shown(state["last_run"])}
        upcoming = [self.shown(at) for at in self.upcoming(state)]
        return {**state["schedule"], "upcoming_runs_at": upcoming, **last, **self.extras()}

    def upcoming(self, state: Body) -> list[datetime]:
        schedule = state["schedule"]
        table = Timetable(schedule["expression"], schedule["timezone"])
        return [] if state["archived"] else table.upcoming(datetime.now(UTC), self.odd.upcoming)

    def render_run(self, run: Body) -> Body:
        shown = {key: value for key, value in run.items() if key != "tenant"}
        return shown | {"created_at": self.shown(run["created_at"])} | self.extras()

    # --- lists ---------------------------------------------------------------------------------------------

    def listed(self, call: Call, tenant: str) -> Answer:
        query = call.query
        status, archived = query.get("status"), query.get("include_archived", "false")
        need(status in (None, "active", "paused"), "status: active or paused")
        need(archived in ("true", "false"), "include_archived: a boolean")
        need(not (status and archived == "true"), "status: cannot be combined with include_archived")
        rows = [row for row in self.deployments.values() if row["tenant"] == tenant]
        rows = [row for row in rows if archived == "true" or not row["archived"]]
        rows = [row for row in rows if status in (None, "paused" if row["paused"] else "active")]
        rows = [row for row in rows if query.get("agent_id") in (None, row["agent"]["id"])]
        ordered = rows if self.odd.oldest_first else rows[::-1]
        return self.page(self.within(ordered, query, "created"), query, 100, self.render)

    def runs(self, call: Call, tenant: str) -> Answer:
        query = call.query
        trigger, failed = query.get("trigger_type"), query.get("has_error")
        need(trigger in (None, "manual", "schedule"), "trigger_type: manual or schedule")
        rows = [row for row in self.all_runs[::-1] if row["tenant"] == tenant]
        rows = [row for row in rows if query.get("deployment_id") in (None, row["deployment_id"])]
        rows = [row for row in rows if trigger in (None, row["trigger_context"]["type"])]
        rows = [row for row in rows if failed in (None, str(row["error"] is not None).lower())]
        return self.page(self.within(rows, query, "created_at"), query, 1000, self.render_run)

    def within(self, rows: list[Body], query: Mapping[str, str], field: str) -> list[Body]:
        for name, keeps in BOUNDS.items():
            if name in query:
                try:
                    bound = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", query[name]))
                except ValueError:
                    raise RefusalError(400, f"{name}: a time") from None
                rows = [row for row in rows if keeps(row[field], bound.replace(tzinfo=bound.tzinfo or UTC))]
        return rows

    def page(
        self, rows: list[Body], query: Mapping[str, str], most: int, shown: Callable[[Body], Body]
    ) -> Answer:
        need(
            self.odd.cursors == "ignored" or not {"after_id", "before_id"} & query.keys(), "unknown parameter"
        )
        text = query.get("limit", "20")
        need(re.fullmatch("[0-9]{1,9}", text) and int(text) > 0, "limit: at least 1")
        need(int(text) <= most or self.odd.large_limits == "capped", f"limit: at most {most}")
        start = self.place(query["page"]) if "page" in query else 0
        end = start + min(int(text), most)
        last: Body = {} if self.odd.last_page == "absent" else {"next_page": None}
        more = {"next_page": self.token(end)} if end < len(rows) else last
        return Answer(200, {"data": [shown(row) for row in rows[start:end]]} | more | self.extras())

    def token(self, place: int) -> str:
        text = f"page {place}"
        return str(place) if self.odd.tokens == "offset" else base64.urlsafe_b64encode(text.encode()).decode()

    def place(self, token: str) -> int:
        try:
            text = token if self.odd.tokens == "offset" else base64.urlsafe_b64decode(token).decode()[5:]
            place = int(text)
        except ValueError:
            place = -1
        need(place > 0 and self.token(place) == token, "Invalid page.")
        return place

    def read_run(self, _: Call, tenant: str, name: str) -> Answer:
        for run in self.all_runs:
            if (run["id"], run["tenant"]) == (name, tenant):
                return Answer(200, self.render_run(run))
        raise RefusalError(404, "Run not found.")

    # --- what deployments refer to -------------------------------------------------------------------------

    def agents(self, _: Call, __: str) -> Answer:
        return _two(AGENT, OLD_AGENT, {"type": "agent", "version": 2})

    def environments(self, _: Call, __: str) -> Answer:
        return _two(ENVIRONMENT, OLD_ENVIRONMENT, {"type": "environment"})


def _two(live: str, archived: str, fields: Body) -> Answer:
    rows = [
        {"id": live, **fields, "archived_at": None},
        {"id": archived, **fields, "archived_at": "2026-01-01T00:00:00Z"},
    ]
    return Answer(200, {"data": rows, "next_page": None})


def _without_secrets(resource: Body) -> Body:
    return {key: value for key, value in resource.items() if key != "authorization_token"}
