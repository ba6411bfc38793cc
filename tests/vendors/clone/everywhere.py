"""Clones that do one thing otherwise wherever it is asked for, and what each is accused of."""

from __future__ import annotations

from collections.abc import Mapping

from tests.vendors.clone.checks import Body, RefusalError
from tests.vendors.clone.service import Answer, Call, Clone


class RunRoutesAreNotImplemented(Clone):
    """No route of runs is there: each is a 501."""

    status = 501

    def routed(self, call: Call) -> Answer:
        self.tenant(call)
        if call.path.startswith("/deployment_runs") or call.path.endswith("/run"):
            error = {"type": "api_error", "message": "no such route"}
            return Answer(self.status, {"type": "error", "error": error, "request_id": "req_1"})
        return super().routed(call)


class RunRoutesAreNotAllowed(RunRoutesAreNotImplemented):
    """No route of runs is there: each is a 405."""

    status = 405


class OtherErrorTypes(Clone):
    """Error types are words of its own."""

    words: Mapping[int, str] = {400: "bad_request", 401: "unauthorized", 404: "not_found"}

    def error(self, refusal: RefusalError, request_id: str) -> Body:
        document = super().error(refusal, request_id)
        document["error"]["type"] = self.words.get(refusal.status, "error")
        return document


class UnknownKeysAreForbidden(Clone):
    """An unknown key is a 403."""

    def tenant(self, call: Call) -> str:
        try:
            return super().tenant(call)
        except RefusalError as refusal:
            raise RefusalError(403, str(refusal)) if refusal.status == 401 else refusal from None


class ValidationIs422(Clone):
    """Every 400 is a 422 with `detail`, as FastAPI has it."""

    def answer(self, call: Call) -> Answer:
        answer = super().answer(call)
        if answer.status != 400:
            return answer
        detail = {"loc": ["body"], "msg": "invalid", "type": "value_error"}
        return answer._replace(status=422, body={"detail": [detail]})


class FiltersAreIgnored(Clone):
    """Filters of lists are ignored, whatever they are."""

    def listed(self, call: Call, tenant: str) -> Answer:
        kept = {"limit", "page", "include_archived"}
        query = {name: value for name, value in call.query.items() if name in kept}
        return super().listed(call._replace(query=query), tenant)


class ActionsAre202(Clone):
    """Actions are answered 202."""

    def act(self, call: Call, tenant: str, name: str, action: str) -> Answer:
        answer = super().act(call, tenant, name, action)
        return answer._replace(status=202) if answer.status == 200 else answer


ACCUSED: Mapping[type[Clone], frozenset[str]] = {
    RunRoutesAreNotImplemented: frozenset({"transport.routes-under-base"}),
    RunRoutesAreNotAllowed: frozenset({"transport.routes-under-base"}),
    OtherErrorTypes: frozenset({"errors.type-matches-status"}),
    UnknownKeysAreForbidden: frozenset({"auth.missing-is-401"}),
    ValidationIs422: frozenset({"create.missing-field-is-400"}),
    ActionsAre202: frozenset({"pause.makes-it-paused", "unpause.makes-it-active", "archive.sets-archived-at"}),
    FiltersAreIgnored: frozenset({
        "list.agent-filter", "list.created-at-range", "list.status-filter", "list.status-with-archived-is-400",
        "list.unknown-status-is-400",
    }),
}  # fmt: skip
"""One requirement for each thing that is done otherwise."""
