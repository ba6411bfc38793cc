"""A server of the Anthropic shape, as clones of it are; it shares nothing with the reference.

A second pause, unpause or archive does nothing and is answered 200; what is archived is refused with a 400.
"""

from __future__ import annotations

import json
import re
import secrets
import string
from collections.abc import Mapping
from typing import Any, Final

from tests.independent import Ways
from tests.independent.bodies import FIELDS, Body, ProblemError, Rules, need
from tests.independent.journal import State
from tests.independent.listing import Lists, Page, Query
from tests.independent.service import ROUTES, TOKENS, Answer, Call, Deployments

BASE62: Final = string.digits + string.ascii_letters
BETA: Final = "managed-agents-2026-04-01"
LONGEST: Final = 2048
"""Characters of a description."""
LARGEST: Final = {"deployments": 100, "runs": 1000}


class _Page(Page):
    def document(self, data: list[dict[str, Any]]) -> dict[str, Any]:
        return {"data": data, "next_page": self.next_page}


class _Lists(Lists):
    """A page token is the only cursor; one that is none is a 400."""

    def deployments(self, states: list[State], query: Query) -> Page:
        both = "status" in query and query.get("include_archived") == "true"
        need(not both, "status and include_archived cannot be combined", "status")
        return super().deployments(states, query)

    def page(self, rows: list[State], query: Query) -> Page:
        runs = bool(rows) and "trigger_context" in rows[0]
        text, most = query.get("limit", "20"), LARGEST["runs" if runs else "deployments"]
        need(re.fullmatch("[0-9]{1,9}", text) and 0 < int(text) <= most, f"limit is 1 to {most}", "limit")
        start, token = 0, query.get("page")
        if token is not None:
            place = self.position([row["id"] for row in rows], token, token=True)
            need(place is not None, "Invalid page.", "page")
            start = (place or 0) + 1
        cut = self._cut(rows, start, int(text))
        return _Page(cut.rows, cut.has_more, cut.next_page)


class _Rules(Rules):
    """`environment_variables` does not exist; null clears what can be cleared."""

    def check(self, body: object, *, creating: bool) -> Body:
        need(isinstance(body, dict), "the body must be an object")
        assert isinstance(body, dict)
        for name in body:
            need(name in FIELDS, f"{name}: Extra inputs are not permitted")
        need(
            len(str(body.get("description") or "")) <= LONGEST, f"at most {LONGEST} characters", "description"
        )
        need('"text": ""' not in json.dumps(body.get("initial_events")), "text must not be empty")
        cleared: Body = {
            name: [] for name in ("vault_ids", "resources") if name in body and body[name] is None
        }
        return super().check(body | cleared, creating=creating)

    def _schedule(self, value: object) -> None:
        expression = value.get("expression") if isinstance(value, dict) else None
        if isinstance(expression, str):
            need(len(expression) <= 256, "the expression is too long", "schedule")
            need(
                not re.search(r"[LW#?@]", expression.upper().replace("JUL", "")), "extended cron", "schedule"
            )
        super()._schedule(value)


class AnthropicShaped(Deployments):
    """The API in the shape of Claude Managed Agents."""

    routes = tuple(route for route in ROUTES if "/runs" not in route[1])
    known_id = re.compile("depl_[0-9A-Za-z]{24}")

    def __init__(self, ways: Ways) -> None:
        super().__init__(ways)
        self.rules, self.lists = _Rules(ways), _Lists(ways)

    def answer(self, call: Call) -> Answer:
        request_id = "req_" + self._suffix()
        try:
            answer = self._routed(call)
        except ProblemError as problem:
            error = {"type": problem.kind, "message": problem.text}
            answer = Answer(problem.status, {"type": "error", "error": error, "request_id": request_id})
        return answer._replace(headers={"request-id": request_id})

    def tenant(self, call: Call) -> str:
        if call.headers.get("x-api-key") not in TOKENS:
            raise ProblemError(401, "invalid x-api-key")
        need("anthropic-version" in call.headers, "anthropic-version: header is required")
        need(BETA in call.headers.get("anthropic-beta", "").split(","), f"anthropic-beta: {BETA} is required")
        return TOKENS[call.headers["x-api-key"]]

    def _suffix(self) -> str:
        return "".join(secrets.choice(BASE62) for _ in range(24))

    def new_id(self, prefix: str) -> str:
        return {"dep_": "depl_"}.get(prefix, prefix) + self._suffix()

    def render(self, state: State) -> Body:
        shown = {key: value for key, value in super().render(state).items() if key != "environment_variables"}
        return shown | {"description": state["description"] or None}

    def check_live(self, state: State) -> None:
        need(not state["archived"], "Deployment is archived and read-only.")

    def _pause(self, call: Call, state: State) -> Answer:
        self.check_live(state)
        return self._unless(state["paused"], call, state, {"paused": True})

    def _unpause(self, call: Call, state: State) -> Answer:
        self.check_live(state)
        return self._unless(not state["paused"], call, state, {"paused": False})

    def _archive(self, call: Call, state: State) -> Answer:
        return self._unless(bool(state["archived"]), call, state, {"archived": self.stamp(), "paused": False})

    def _unless(self, done: bool, call: Call, state: State, change: Mapping[str, Any]) -> Answer:
        return Answer(200, self.render(state)) if done else self.committed(call, state, state | dict(change))

    def _run(self, call: Call, state: State) -> Answer:
        self.check_live(state)
        run = self.new_run(state, {"type": "manual"})
        self.journal.add_run(call.tenant, run)
        return Answer(200, self.render_run(run))


WAYS: Final = Ways(
    idempotency="ignored", unknown_fields="refused", strict_events=True, one_event_form=True,
    odd_filters="refused", unversioned_agents=True, last_run_null=True, page_tokens="opaque",
)  # fmt: skip
