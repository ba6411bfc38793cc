"""The operations: who may do what to which deployment, and what the answers say."""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
import secrets
import string
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from tests.independent.bodies import CHINESE, Body, ProblemError, Rules, need
from tests.independent.cron import Timetable
from tests.independent.journal import Journal, State
from tests.independent.listing import Lists
from tests.independent.ways import Ways

ROUTES: tuple[tuple[str, str, str], ...] = (
    ("POST", r"/deployments", "create"),
    ("GET", r"/deployments", "listed"),
    ("GET", r"/deployments/([^/]+)", "get"),
    ("POST", r"/deployments/([^/]+)", "update"),
    ("POST", r"/deployments/([^/]+)/(pause|unpause|archive|run)", "act"),
    ("GET", r"/deployments/([^/]+)/runs", "runs_of"),
    ("GET", r"/deployments/([^/]+)/runs/([^/]+)", "run_of"),
    ("GET", r"/deployment_runs", "all_runs"),
    ("GET", r"/deployment_runs/([^/]+)", "any_run"),
    ("GET", r"/agents", "agents"),
    ("GET", r"/environments", "environments"),
)
TOKENS = {"pt-First-0aB9": "one", "pt-Second-7xY": "two"}
AGENT, OLD_AGENT = "agent_7KqLwn", "agent_0LdOne"
ENVIRONMENT, OLD_ENVIRONMENT = "env_3Vjw0p", "env_0LdOne"
BASE62 = string.digits + string.ascii_letters
CONFIG = {"max_concurrent": 1, "max_retries": 0, "timeout_ms": 300000}


class Call(NamedTuple):
    """One request as the operations see it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes
    tenant: str = ""


class Answer(NamedTuple):
    status: int
    body: Any
    operation: str = ""
    headers: Mapping[str, str] = {}


class Deployments:
    """The API of one server; thread-safe."""

    routes = ROUTES
    known_id = re.compile(r"dep_[0-9A-Za-z-]{8,64}")

    def __init__(self, ways: Ways) -> None:
        self.ways, self.rules, self.journal = ways, Rules(ways), Journal()
        self.lists = Lists(ways)
        self.new = ways.revision == "2026-07"
        self.busy: set[tuple[str, str]] = set()

    # Requests.

    def answer(self, call: Call) -> Answer:
        """Return the answer to any request; refusals become errors."""
        try:
            return self._routed(call)
        except ProblemError as problem:
            return Answer(problem.status, self.error(problem, call))

    def _routed(self, call: Call) -> Answer:
        tenant = None if self.ways.auth_after_routing else self.tenant(call)
        allowed = [m for m, pattern, _ in self.routes if re.fullmatch(pattern, call.path)]
        if call.method not in allowed:
            raise ProblemError(
                405 if allowed else 404, "no such route", kind="" if allowed else "not_found_error"
            )
        call = call._replace(tenant=tenant or self.tenant(call))
        found = ((re.fullmatch(pattern, call.path), method, name) for method, pattern, name in self.routes)
        match, operation = next((m, name) for m, method, name in found if m and method == call.method)
        run = partial(getattr(self, operation), call, *match.groups())
        return self._once(call, run)._replace(operation=operation)

    def tenant(self, call: Call) -> str:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        known = scheme == "Bearer" or (self.ways.any_scheme_case and scheme.lower() == "bearer")
        if not known or token not in TOKENS:
            raise ProblemError(401, "Invalid API key or token.")
        return TOKENS[token]

    def error(self, problem: ProblemError, call: Call) -> Body:
        text = CHINESE.get(problem.status, "错误") if self.ways.chinese else problem.text
        error: Body = {"type": problem.kind, "message": text}
        if problem.param or self.ways.null_param:
            error["param"] = problem.param
        document: Body = {"error": error, "type": "error"}
        if self.new or self.ways.old_request_ids:
            document["request_id"] = call.headers.get("x-request-id") or str(uuid.uuid4())
        return document | self.extras()

    def extras(self) -> Body:
        return {"_links": None, "served": {"by": secrets.token_hex(3)}} if self.ways.extras else {}

    def _once(self, call: Call, run: Callable[[], Answer]) -> Answer:
        """Carry a request out, or say again what was said to it before."""
        key = call.headers.get("idempotency-key", "")
        creation = call.path == "/deployments"
        if not key or call.method == "GET" or self.ways.idempotency == "ignored":
            return run()
        if self.ways.idempotency == "creations" and not creation:
            return run()
        print_ = hashlib.sha256(call.path.encode() + b" " + call.content).hexdigest()
        with self.journal.lock:
            if (call.tenant, key) in self.busy:
                raise ProblemError(409, "A request with this key is being processed.")
            stored = self.stored_reply(call, key)
            if stored:
                if stored[0] != print_:
                    raise ProblemError(409, "Idempotency key reused with a different request body.")
                return Answer(stored[1], json.loads(stored[2]))
            if self.ways.busy_key_conflicts:
                self.busy.add((call.tenant, key))
            else:
                return self._kept(call, key, print_, run)
        try:
            time.sleep(self.ways.work)
            return self._kept(call, key, print_, run)
        finally:
            self.busy.discard((call.tenant, key))

    def stored_reply(self, call: Call, key: str) -> tuple[Any, ...] | None:
        found = self.journal.rows(
            "select print, status, body from reply where tenant = ? and key = ?", call.tenant, key
        )
        return found[0] if found else None

    def _kept(self, call: Call, key: str, print_: str, run: Callable[[], Answer]) -> Answer:
        with self.journal.lock:
            answer = run()
            self.journal.rows(
                "insert into reply values (?, ?, ?, ?, ?)",
                call.tenant, key, print_, answer.status, json.dumps(answer.body),
            )  # fmt: skip
        return answer

    def body(self, call: Call) -> object:
        wanted = self.ways.content_type
        if wanted != "any" and call.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise ProblemError(wanted, "Content-Type must be application/json", kind="invalid_request_error")
        try:
            return json.loads(call.content, parse_constant=lambda word: need(False, f"{word} is no JSON"))
        except (ValueError, RecursionError) as error:
            raise ProblemError(400, "Request body must be valid JSON.") from error

    # Time.

    def now(self) -> float:
        return time.time() + self.ways.skew

    def stamp(self) -> float:
        now = self.now()
        return float(math.floor(now)) if self.ways.whole_seconds else round(now, 6)

    def shown(self, at: float | None) -> str | None:
        if at is None:
            return None
        moment = datetime.fromtimestamp(at, UTC)
        if self.ways.times == "seconds":
            return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        fraction = f"{moment:%f}"
        if self.ways.times == "offset":
            return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction}+00:00"
        text = {"ms": fraction[:3], "us": fraction, "ns": fraction + "000", "trimmed": fraction.rstrip("0")}
        digits = text[self.ways.times]
        return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if digits else ''}{digits}Z"

    def horizon(self, *, listing: bool = False) -> float:
        """Return up to when reads see what was written."""
        behind = self.ways.lag and (listing or not self.ways.lag_only_lists)
        if behind and self.ways.flapping:
            behind = random.random() < 0.5  # noqa: S311 (one of two replicas)
        return self.now() - self.ways.lag if behind else float("inf")

    # Deployments.

    def find(self, call: Call, name: str, *, reading: bool = False) -> State:
        if not self.known_id.fullmatch(name):
            raise ProblemError(
                self.ways.malformed_id,
                "This is no id.",
                kind="not_found_error" if self.ways.malformed_id == 404 else "invalid_request_error",
            )
        state = self.journal.state(call.tenant, name, self.horizon() if reading else float("inf"))
        if state is None:
            foreign = self.journal.owner(name) not in (None, call.tenant)
            raise ProblemError(self.ways.foreign if foreign else 404, "The deployment does not exist.")
        return state

    def create(self, call: Call) -> Answer:
        body = self.rules.check(self.body(call), creating=True)
        with self.journal.lock:
            self.check_name(call, body["name"])
            state: State = {
                "id": self.new_id("dep_"), "description": None if self.ways.null_description else "",
                "environment_variables": "", "resources": [], "vault_ids": [], "metadata": {},
                "schedule": None, "paused": False, "archived": None, "last_run": None,
            } | self.resolved(body)  # fmt: skip
            self.rules.metadata(state["metadata"])
            state["created"] = state["updated"] = self.stamp()
            self.journal.write(call.tenant, state, self.now())
        return Answer(
            self.ways.create_status, self.render(self.journal.state(call.tenant, state["id"]) or {})
        )

    def new_id(self, prefix: str) -> str:
        number = secrets.randbits(128)
        return (
            prefix
            + {
                "hex": f"{number:032x}",
                "base62": "".join(secrets.choice(BASE62) for _ in range(22)),
                "ulid": "01" + "".join(secrets.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(24)),
                "long": "".join(secrets.choice(BASE62) for _ in range(64)),
                "dashed": str(uuid.UUID(int=number)),
            }[self.ways.ids]
        )

    def check_name(self, call: Call, name: str, besides: str = "") -> None:
        if self.ways.names_are_unique:
            for state in self.journal.states(call.tenant, float("inf")):
                if state["name"] == name and state["id"] != besides and not state["archived"]:
                    raise ProblemError(409, "The name is taken.", "name")

    def resolved(self, body: Body) -> Body:
        """Return the fields with the agent resolved to a version; raises ProblemError for what is not there."""
        changed = dict(body)
        if "agent" in body:
            given = body["agent"] if isinstance(body["agent"], dict) else {"id": body["agent"]}
            self.check_reference(given["id"], AGENT, OLD_AGENT, "agent")
            newest = self.ways.agent_versions if given["id"] == AGENT else 1
            version = given.get("version") or newest
            if version > newest and not self.ways.lazy_references:
                raise ProblemError(self.ways.missing_reference, "the agent has no such version", "agent")
            changed["agent"] = {"id": given["id"], "type": "agent", "version": version}
        if "environment_id" in body:
            self.check_reference(body["environment_id"], ENVIRONMENT, OLD_ENVIRONMENT, "environment_id")
        return changed

    def check_reference(self, given: str, known: str, archived: str, param: str) -> None:
        if given == archived:
            raise ProblemError(400, f"{param} is archived", param)
        if given != known and not self.ways.lazy_references:
            raise ProblemError(self.ways.missing_reference, f"{param} does not exist", param)

    def listed(self, call: Call) -> Answer:
        states = self.journal.states(call.tenant, self.horizon(listing=True))
        page = self.lists.deployments(states, call.query)
        return Answer(200, page.document([self.render(state) for state in page.rows]) | self.extras())

    def get(self, call: Call, name: str) -> Answer:
        return Answer(200, self.render(self.find(call, name, reading=True)))

    def update(self, call: Call, name: str) -> Answer:
        state = self.find(call, name)
        body = self.rules.check(self.body(call), creating=False)
        self.check_live(state)
        changed = state | self.resolved({k: v for k, v in body.items() if k != "metadata"})
        changed["metadata"] = self.merged(state["metadata"], body.get("metadata", {}))
        self.rules.metadata(changed["metadata"])
        return self.committed(call, state, changed, touch=self.ways.idle_update_touches or changed != state)

    def merged(self, old: Body, patch: Body) -> Body:
        if patch == {"": None}:
            return {}
        return {key: value for key, value in (old | patch).items() if value is not None}

    def committed(self, call: Call, old: State, new: State, *, touch: bool = True) -> Answer:
        """Store a change of `old`; when another came between, the loser is told or starts anew."""
        if self.ways.optimistic:
            time.sleep(0.02)
        with self.journal.lock:
            current = self.journal.state(call.tenant, old["id"]) or {}
            if current["n"] != old["n"]:
                if self.ways.optimistic:
                    raise ProblemError(409, "The deployment was changed meanwhile.")
                return self.answer(call)
            if new["name"] != old["name"] and not new["archived"]:
                self.check_name(call, new["name"], old["id"])
            if touch:
                new["updated"] = self.stamp()
            self.journal.write(call.tenant, new, self.now())
        return Answer(200, self.render(new))

    def check_live(self, state: State) -> None:
        if state["archived"]:
            status, kind = self.ways.archived_change
            raise ProblemError(status, "The deployment is archived.", kind=kind)

    def act(self, call: Call, name: str, action: str) -> Answer:
        state = self.find(call, name)
        parsed = self.ways.content_type != "any" or self.ways.action_body == "parsed"
        if parsed and call.content:
            need(isinstance(self.body(call), dict), "the body must be an object")
        if self.ways.action_body == "refused" and call.content.strip() not in (b"", b"{}"):
            raise ProblemError(400, "no body is taken")
        act: Callable[..., Answer] = getattr(self, f"_{action}")
        return act(call, state)

    def _pause(self, call: Call, state: State) -> Answer:
        self.check_live(state)
        if state["paused"]:
            raise ProblemError(409, "The deployment is already paused.")
        return self.committed(call, state, state | {"paused": True})

    def _unpause(self, call: Call, state: State) -> Answer:
        self.check_live(state)
        if not state["paused"]:
            raise ProblemError(409, "The deployment is not paused.")
        return self.committed(call, state, state | {"paused": False})

    def _archive(self, call: Call, state: State) -> Answer:
        if state["archived"]:
            raise ProblemError(409, "The deployment is already archived.")
        at = self.stamp()
        name = f"{state['name']}_archived_{int(at)}"
        paused = state["paused"] and self.ways.archived_keeps_paused
        return self.committed(call, state, state | {"archived": at, "name": name, "paused": paused})

    # What a deployment looks like.

    def render(self, state: State) -> Body:
        names = ("id", "name", "description", "agent", "environment_id", "resources", "vault_ids")
        return {name: state[name] for name in names} | {
            "type": "deployment",
            **({"environment_variables": state["environment_variables"]} if self.new else {}),
            "initial_events": [self.event(event) for event in state["initial_events"]],
            "metadata": state["metadata"] if self.new else self.old_metadata(state),
            "schedule": self.schedule(state),
            "status": "paused" if state["paused"] else "active",
            "paused_reason": self.reason() if state["paused"] else None,
            "archived_at": self.shown(state["archived"]),
            "created_at": self.shown(state["created"]),
            "updated_at": self.shown(state["updated"]),
            **self.extras(),
        }

    def reason(self) -> Body:
        return {"type": "manual"} | ({"by": "user"} if self.ways.reason_extras else {})

    def event(self, event: Body) -> Body:
        content = event.get("content")
        if self.ways.content == "blocks" and isinstance(content, str):
            return event | {"content": [{"type": "text", "text": content}]}
        if self.ways.content == "text" and isinstance(content, list):
            return event | {"content": "".join(str(block.get("text", "")) for block in content)}
        return event

    def old_metadata(self, state: State) -> Body:
        metadata = dict(state["metadata"])
        given = metadata.pop("cas_config", None)
        if self.ways.cas == "never" or (self.ways.cas == "when sent" and given is None):
            return metadata
        given = given if isinstance(given, dict) else {}
        chosen = given.get("config")
        stats = {"consecutive_failures": 0, "total_failures": 0, "total_runs": 0, "warm": True}
        config = CONFIG | (chosen if isinstance(chosen, dict) else {})
        return metadata | {
            "cas_config": {"session_strategy": "new_session", **given, "config": config, "stats": stats}
        }

    def schedule(self, state: State) -> Body | None:
        if not state["schedule"]:
            return None
        shown = {field: state["schedule"][field] for field in ("type", "expression", "timezone")}
        runs = []
        if not state["archived"] and (self.ways.paused_has_upcoming or not state["paused"]):
            runs = self.upcoming(state)
        last = state["last_run"]
        has_last = {"last_run_at": self.shown(last)} if last or self.ways.last_run_null else {}
        return shown | {"upcoming_runs_at": [self.shown(run.timestamp()) for run in runs]} | has_last

    def upcoming(self, state: State) -> list[datetime]:
        table = Timetable(state["schedule"]["expression"], state["schedule"]["timezone"], self.ways)
        return table.next(datetime.fromtimestamp(self.now(), UTC), 5)

    # Runs.

    def _run(self, call: Call, state: State) -> Answer:
        if state["archived"] or state["paused"]:
            raise ProblemError(409, "The deployment is not active.")
        run = self.new_run(state, {"type": "manual"})
        self.journal.add_run(call.tenant, run)
        self.journal.write(call.tenant, state | {"last_run": run["at"]}, self.now())
        return Answer(200, self.render_run(run))

    def new_run(self, state: State, trigger: Body) -> State:
        return {
            "id": self.new_id("drun_"), "deployment_id": state["id"], "agent": state["agent"],
            "trigger_context": trigger, "session_id": self.new_id("sess_"), "at": self.stamp(),
        }  # fmt: skip

    def render_run(self, run: State) -> Body:
        at = self.shown(run["at"])
        body = {k: v for k, v in run.items() if k != "at"} | {
            "type": "deployment_run",
            "error": None,
            "created_at": at,
        }
        return body if self.new else body | {"status": "running", "triggered_at": at}

    def runs_of(self, call: Call, name: str) -> Answer:
        self.find(call, name)
        return self._runs(call, self.journal.runs(call.tenant, name))

    def all_runs(self, call: Call) -> Answer:
        return self._runs(call, self.journal.runs(call.tenant, call.query.get("deployment_id")))

    def _runs(self, call: Call, runs: list[State]) -> Answer:
        page = self.lists.runs(runs, call.query)
        return Answer(200, page.document([self.render_run(run) for run in page.rows]) | self.extras())

    def run_of(self, call: Call, name: str, run: str) -> Answer:
        self.find(call, name)
        return self._one_run(self.journal.runs(call.tenant, name), run)

    def any_run(self, call: Call, run: str) -> Answer:
        return self._one_run(self.journal.runs(call.tenant), run)

    def _one_run(self, runs: list[State], name: str) -> Answer:
        for run in runs:
            if run["id"] == name:
                return Answer(200, self.render_run(run))
        raise ProblemError(404, "The run does not exist.")

    # What deployments refer to.

    def agents(self, call: Call) -> Answer:
        rows = [
            {"id": OLD_AGENT, "type": "agent", "version": 1, "archived_at": "2026-01-01T00:00:00Z"},
            {"id": AGENT, "type": "agent", "version": self.ways.agent_versions, "archived_at": None},
        ]
        return Answer(
            200,
            {"data": {"data": rows, "has_more": False}, "items": {"items": rows}, "bare": rows}[
                self.ways.agents_envelope
            ],
        )

    def environments(self, call: Call) -> Answer:
        if not self.ways.has_environments:
            raise ProblemError(404, "no such route")
        rows = [
            {"id": ENVIRONMENT, "archived_at": None},
            {"id": OLD_ENVIRONMENT, "archived_at": "2026-01-01T00:00:00Z"},
        ]
        return Answer(200, {"data": rows, "has_more": False, "next_page": None})
