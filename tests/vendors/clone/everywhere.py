"""Clones that do one thing otherwise wherever it is asked for, and what each is accused of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tests.vendors.clone.checks import Body, Checks, RefusalError
from tests.vendors.clone.oddities import Oddities
from tests.vendors.clone.service import Answer, Call, Clone

Shown = Callable[[Body], Body]


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


class ListsAreWithoutNextPage(Clone):
    """No page says what follows it."""

    def page(self, rows: list[Body], query: Mapping[str, str], most: int, shown: Shown) -> Answer:
        answer = super().page(rows, query, most, shown)
        return answer._replace(body={"data": answer.body["data"]})


class PagesAreSmall(Clone):
    """No page holds more than seven, whatever its limit."""

    def page(self, rows: list[Body], query: Mapping[str, str], most: int, shown: Shown) -> Answer:
        limit = query.get("limit", "")
        asked = int(limit) if limit.isdecimal() and int(limit) <= most else 0
        return super().page(rows, {**query, "limit": "7"} if asked > 7 or not limit else query, most, shown)


class IdsHaveNoPrefix(Clone):
    """Ids of deployments are without `depl_`."""

    def new_id(self, prefix: str) -> str:
        return super().new_id("" if prefix == "depl_" else prefix)

    def find(self, tenant: str, name: str) -> Body:
        state = self.deployments.get(name)
        if state is None or state["tenant"] != tenant:
            raise RefusalError(404, "Deployment not found.")
        return state


class TimesAreNumbers(Clone):
    """Each time is the seconds since 1970."""

    def shown(self, at: datetime | None) -> Any:  # noqa: ANN401 (a number where the schema has a text)
        return None if at is None else at.timestamp()


class ListsAreArrays(Clone):
    """A list is a bare array."""

    def page(self, rows: list[Body], query: Mapping[str, str], most: int, shown: Shown) -> Answer:
        answer = super().page(rows, query, most, shown)
        return answer._replace(body=answer.body["data"])


class ActionsAreEmpty(Clone):
    """Pause, unpause and archive are answered 204, without a body."""

    def act(self, call: Call, tenant: str, name: str, action: str) -> Answer:
        answer = super().act(call, tenant, name, action)
        return Answer(204, None) if answer.status == 200 and action != "run" else answer


class _Expressionless(Checks):
    def schedule(self, value: Any) -> None:  # noqa: ANN401 (JSON)
        expression = value.get("expression") if isinstance(value, dict) else None
        fits = isinstance(expression, str) and 1 <= len(expression) <= 256
        super().schedule({**value, "expression": "* * * * *"} if fits else value)


class ExpressionsAreUnchecked(Clone):
    """Any text is taken for a cron expression."""

    def __init__(self, odd: Oddities | None = None) -> None:
        super().__init__(odd)
        self.checks = _Expressionless(self.odd)

    def upcoming(self, state: Body) -> list[datetime]:
        try:
            return super().upcoming(state)
        except ValueError:
            return []


class NoScheduleIsAbsent(Clone):
    """What is null is left out."""

    def render(self, state: Body) -> Body:
        return {name: value for name, value in super().render(state).items() if value is not None}


class MetadataAreReplaced(Clone):
    """The metadata of an update replace what there is."""

    def patched(self, bag: Body, patch: Body | None) -> Body:
        return super().patched({} if patch else bag, patch)


class UnknownIdsAre400(Clone):
    """What is not found is malformed."""

    def find(self, tenant: str, name: str) -> Body:
        try:
            return super().find(tenant, name)
        except RefusalError as refusal:
            raise RefusalError(400, str(refusal)) from None


class TokensAreIgnored(Clone):
    """A page is always the first one."""

    def page(self, rows: list[Body], query: Mapping[str, str], most: int, shown: Shown) -> Answer:
        return super().page(rows, {name: text for name, text in query.items() if name != "page"}, most, shown)


class StatusIsIgnored(Clone):
    """The filter by status is ignored."""

    def listed(self, call: Call, tenant: str) -> Answer:
        query = {name: text for name, text in call.query.items() if name != "status"}
        return super().listed(call._replace(query=query), tenant)


class AgentsAreForbidden(Clone):
    """The key may not list agents."""

    def agents(self, _: Call, __: str) -> Answer:
        raise RefusalError(403, "Your key has no access to agents.")


ACCUSED: Mapping[type[Clone], frozenset[str]] = {
    RunRoutesAreNotImplemented: frozenset({"transport.routes-under-base"}),
    RunRoutesAreNotAllowed: frozenset({"transport.routes-under-base"}),
    OtherErrorTypes: frozenset({"errors.type-matches-status"}),
    UnknownKeysAreForbidden: frozenset({"auth.missing-is-401"}),
    ValidationIs422: frozenset({"create.missing-field-is-400"}),
    ListsAreWithoutNextPage: frozenset({"list.envelope"}),
    PagesAreSmall: frozenset({"list.pages-are-full"}),
    IdsHaveNoPrefix: frozenset({"create.returns-deployment"}),
    TimesAreNumbers: frozenset({"object.matches-schema"}),
    ListsAreArrays: frozenset({"list.envelope"}),
    ActionsAreEmpty: frozenset({"pause.makes-it-paused", "unpause.makes-it-active", "archive.sets-archived-at"}),
    ExpressionsAreUnchecked: frozenset({"schedule.invalid-cron-is-400"}),
    NoScheduleIsAbsent: frozenset({"create.manual-only-has-null-schedule", "object.has-sample-fields"}),
    MetadataAreReplaced: frozenset({"update.metadata-is-merged"}),
    UnknownIdsAre400: frozenset({"errors.unknown-deployment-is-404"}),
    TokensAreIgnored: frozenset({"list.page-walk"}),
    StatusIsIgnored: frozenset({"list.status-filter"}),
    ActionsAre202: frozenset({"pause.makes-it-paused", "unpause.makes-it-active", "archive.sets-archived-at"}),
    FiltersAreIgnored: frozenset({"list.agent-filter", "list.created-at-range", "list.status-filter"}),
}  # fmt: skip
"""One requirement for each thing that is done otherwise."""
