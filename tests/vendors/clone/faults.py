"""Clones that break one promise of the Anthropic shape each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from tests.vendors.clone.checks import OUTCOME, Body, Checks, RefusalError, need
from tests.vendors.clone.oddities import Oddities
from tests.vendors.clone.service import BASE62, Answer, Call, Clone

F = TypeVar("F", bound=type[Clone])


@dataclass(frozen=True)
class Fault:
    """A clone, the requirement that it breaks, and what else it really breaks; `tier` is where it shows."""

    service: type[Clone]
    breaks: str
    also: tuple[str, ...] = ()
    tier: str = "core"


FAULTS: Final[list[Fault]] = []


def fault(breaks: str, *also: str, tier: str = "core") -> Callable[[F], F]:
    """Register the decorated clone as one that breaks a requirement."""

    def register(service: F) -> F:
        FAULTS.append(Fault(service, breaks, also, tier))
        return service

    return register


class _Checked(Clone):
    """A clone with checks of its own."""

    checks_by: type[Checks] = Checks

    def __init__(self, odd: Oddities | None = None) -> None:
        super().__init__(odd)
        self.checks = self.checks_by(self.odd)


# --- archive -------------------------------------------------------------------------------------------------


@fault("archive.second-keeps-the-time")
class SecondArchiveMovesTheTime(Clone):
    def archive(self, state: Body) -> Answer:
        return self.changed(state, state | {"archived": self.now(), "paused": False})


@fault("archive.refuses-changes")
class ArchivedOnesCanBeRenamed(Clone):
    def update(self, call: Call, tenant: str, name: str) -> Answer:
        archived = self.find(tenant, name)["archived"]
        self.store(self.deployments[name] | {"archived": None})
        try:
            answer = super().update(call, tenant, name)
        finally:
            self.store(self.deployments[name] | {"archived": archived})
        return answer._replace(body=self.render(self.deployments[name]))


@fault("archive.keeps-status-active")
class ArchivedOnesStayPaused(Clone):
    def archive(self, state: Body) -> Answer:
        return (
            self.repeated(state)
            if state["archived"]
            else self.changed(state, state | {"archived": self.now()})
        )


@fault("archive.clears-upcoming-runs")
class ArchivedOnesHaveRunsToCome(Clone):
    def upcoming(self, state: Body) -> list[datetime]:
        return super().upcoming(state | {"archived": None})


@fault("archive.hides-from-list")
class ArchivedOnesAreListed(Clone):
    def listed(self, call: Call, tenant: str) -> Answer:
        plain = "status" not in call.query and "include_archived" not in call.query
        query = {**call.query, "include_archived": "true"} if plain else call.query
        return super().listed(call._replace(query=query), tenant)


# --- pause and unpause ---------------------------------------------------------------------------------------


@fault("pause.keeps-upcoming-runs")
class PausedOnesHaveNothingToCome(Clone):
    def upcoming(self, state: Body) -> list[datetime]:
        return [] if state["paused"] else super().upcoming(state)


@fault("pause.reason-is-manual")
class ReasonIsTheOperator(Clone):
    def render(self, state: Body) -> Body:
        shown = super().render(state)
        return shown | {"paused_reason": {"type": "operator"} if state["paused"] else None}


@fault("unpause.clears-reason")
class UnpauseKeepsTheReason(Clone):
    def unpause(self, state: Body) -> Answer:
        return super().unpause(state | {"reason": {"type": "manual"}})

    def archive(self, state: Body) -> Answer:
        return super().archive(state | {"reason": None})

    def render(self, state: Body) -> Body:
        shown = super().render(state)
        return shown | {"paused_reason": shown["paused_reason"] or state.get("reason")}


# --- update --------------------------------------------------------------------------------------------------


@fault("update.description-can-be-cleared")
class NullKeepsTheDescription(Clone):
    def resolved(self, body: Body) -> Body:
        return super().resolved(
            {key: value for key, value in body.items() if (key, value) != ("description", None)}
        )


class _NoScheduleIsRefused(Checks):
    def update(self, body: object) -> Body:
        need(not (isinstance(body, dict) and body.get("schedule", "") is None), "schedule: an object")
        return super().update(body)


@fault("update.schedule-can-be-cleared")
class NoScheduleIsRefused(_Checked):
    checks_by = _NoScheduleIsRefused


class _NullIsAsGoodAsNothing(Checks):
    def update(self, body: object) -> Body:
        if isinstance(body, dict):
            body = {key: value for key, value in body.items() if key == "schedule" or value is not None}
        return super().update(body)


@fault("update.required-fields-cannot-be-cleared")
class NullIsAsGoodAsNothing(_Checked):
    checks_by = _NullIsAsGoodAsNothing


@fault("update.keeps-what-was-not-sent")
class UpdatesForgetTheDescription(Clone):
    def update(self, call: Call, tenant: str, name: str) -> Answer:
        super().update(call, tenant, name)
        state = self.deployments[name]
        forgets = b'"name"' in call.content and b'"description"' not in call.content
        return self.changed(state, state | {"description": None} if forgets else state)


@fault("update.metadata-is-merged")
class MetadataAreReplaced(Clone):
    def patched(self, bag: Body, patch: Body | None) -> Body:
        return super().patched({} if patch else bag, patch)


# --- create --------------------------------------------------------------------------------------------------


class _SystemMessagesMayComeFirst(Checks):
    def events(self, value: object) -> None:
        if isinstance(value, list) and any(_kind(one) != "system.message" for one in value):
            value = [one for one in value if _kind(one) != "system.message"]
        super().events(value)


@fault("create.system-message-must-be-last")
class SystemMessagesMayComeFirst(_Checked):
    checks_by = _SystemMessagesMayComeFirst


class _OutcomesGoOnForEver(Checks):
    def event(self, event: Body) -> None:
        many = event.get("type") == OUTCOME and event.get("max_iterations", 0) > 0
        super().event(event | {"max_iterations": 1} if many else event)


@fault("create.outcome-iterations")
class OutcomesGoOnForEver(_Checked):
    checks_by = _OutcomesGoOnForEver


class _EventsOfCreationsAreUnlimited(Checks):
    def creation(self, body: object) -> Body:
        events = body.get("initial_events") if isinstance(body, dict) else None
        if isinstance(events, list) and isinstance(body, dict):
            super().creation(body | {"initial_events": events[:50]})
            return body
        return super().creation(body)


@fault("create.51-events-is-400")
class EventsOfCreationsAreUnlimited(_Checked):
    checks_by = _EventsOfCreationsAreUnlimited


# --- schedule ------------------------------------------------------------------------------------------------


class _Cron(_Checked):
    """A clone that reads some signs in its own way."""

    signs: tuple[tuple[str, str], ...] = ()

    def update(self, call: Call, tenant: str, name: str) -> Answer:
        return super().update(self._read(call), tenant, name)

    def create(self, call: Call, tenant: str) -> Answer:
        return super().create(self._read(call), tenant)

    def _read(self, call: Call) -> Call:
        content = call.content
        for sign, meaning in self.signs:
            content = content.replace(sign.encode(), meaning.encode())
        return call._replace(content=content)


@fault("schedule.shortcuts-are-400")
class ShortcutsAreTaken(_Cron):
    signs = (('"@yearly"', '"0 0 1 1 *"'), ('"@monthly"', '"0 0 1 * *"'))


@fault("schedule.extended-cron-is-400")
class AQuestionMarkIsAStar(_Cron):
    signs = ((' ?"', ' *"'),)


# --- lists ---------------------------------------------------------------------------------------------------


@fault("list.status-with-archived-is-400")
class StatusWithArchivedOnesIsTaken(Clone):
    def listed(self, call: Call, tenant: str) -> Answer:
        both = "status" in call.query and call.query.get("include_archived") == "true"
        query = {key: value for key, value in call.query.items() if key != "status"} if both else call.query
        return super().listed(call._replace(query=query), tenant)


@fault("list.page-walk")
class EachPageSkipsOne(Clone):
    def place(self, token: str) -> int:
        return super().place(token) + 1


@fault("list.unknown-page-is-400", "runs.unknown-page-is-400")
class AnUnknownPageIsTheFirst(Clone):
    def place(self, token: str) -> int:
        try:
            return super().place(token)
        except RefusalError:
            return 0


@fault("list.status-filter")
class TheStatusIsIgnored(Clone):
    def listed(self, call: Call, tenant: str) -> Answer:
        answer = super().listed(call, tenant)
        query = {key: value for key, value in call.query.items() if key != "status"}
        return super().listed(call._replace(query=query), tenant) if "status" in call.query else answer


@fault("list.created-at-range")
class BoundsAreExclusive(Clone):
    def within(self, rows: list[Body], query: Mapping[str, str], field: str) -> list[Body]:
        exclusive = {key.replace("e]", "]"): value for key, value in query.items()}
        return super().within(rows, exclusive, field)


# --- errors and the door -------------------------------------------------------------------------------------


@fault("errors.request-id-is-the-header")
class TheHeaderNamesAnotherRequest(Clone):
    def answer(self, call: Call) -> Answer:
        return super().answer(call)._replace(headers={"request-id": f"req_{self.letters()}"})


@fault("errors.unknown-deployment-is-404")
class UnknownOnesAreForbidden(Clone):
    def find(self, tenant: str, name: str) -> Body:
        if name not in self.deployments and set(name.removeprefix("depl_")) <= set(BASE62):
            raise RefusalError(403, "Not yours.")
        return super().find(tenant, name)


@fault("auth.missing-is-401")
class ReadsNeedNoKey(Clone):
    def tenant(self, call: Call) -> str:
        open_to_all = call.method == "GET" and "x-api-key" not in call.headers
        return "one" if open_to_all else super().tenant(call)


# --- runs ----------------------------------------------------------------------------------------------------


@fault("runs.leaves-last-run", tier="core,billable")
class ManualRunsMoveTheLastRun(Clone):
    def run(self, state: Body) -> Answer:
        answer = super().run(state)
        self.store(state | {"last_run": self.now()})
        return answer


@fault("runs.paused-is-conflict", tier="core,billable")
class PausedOnesDoNotRun(Clone):
    def run(self, state: Body) -> Answer:
        if state["paused"]:
            raise RefusalError(409, "It is paused.")
        return super().run(state)


def _kind(event: object) -> object:
    return event.get("type") if isinstance(event, dict) else None
