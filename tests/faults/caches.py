"""Faults of caches, indexes and copies: what is kept beside the deployments and not kept up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, ReferenceSettings, Service
from conformance.reference.errors import not_found
from tests.faults.catalogue import fault
from tests.faults.histories import Remembering

CURRENT = "list.items-are-current"


@fault(breaks="pause.is-listed", also=("list.status-filter",), hides="sequence")
class AListOfPausedOnesIsKept(Service):
    """The answer to a list of paused deployments is kept for half a minute, for every query its own."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._answers: dict[tuple[object, ...], tuple[datetime, Document]] = {}

    def list_deployments(self, call: Call) -> Document:
        query = call.request.query
        key = (call.tenant.name, *sorted(query.items()))
        kept = self._answers.get(key)
        if kept and self.now() - kept[0] < timedelta(seconds=30):
            return kept[1]
        document = super().list_deployments(call)
        if query.get("status") == "paused":
            self._answers[key] = (self.now(), document)
        return document


@fault(breaks="tenancy.other-tenant-is-refused", hides="sequence")
class TheOwnersReadOpensIt(Service):
    """Once its owner has read a deployment, every tenant may until it changes: the cache knows no tenants."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._shown: dict[str, Document] = {}

    def get(self, call: Call) -> Document:
        if call.deployment_id not in call.tenant.deployments and call.deployment_id in self._shown:
            return self._shown[call.deployment_id]
        self._shown[call.deployment_id] = super().get(call)
        return self._shown[call.deployment_id]

    def keep(self, record: Deployment) -> None:
        self._shown.pop(record.id, None)
        super().keep(record)


@fault(breaks="tenancy.other-tenant-is-refused", hides="sequence")
class AStrangersReadHidesIt(Service):
    """Once another tenant has asked for a deployment, its owner does not find it either, until it changes."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._missing: set[str] = set()

    def get(self, call: Call) -> Document:
        if call.deployment_id in self._missing:
            raise not_found("The deployment")
        try:
            return super().get(call)
        except ApiError:
            self._missing.add(call.deployment_id)
            raise

    def keep(self, record: Deployment) -> None:
        self._missing.discard(record.id)
        super().keep(record)


class _Read(Service):
    """Knows which deployments were read or changed since their creation."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.unknown: set[str] = set()

    def create(self, call: Call) -> Document:
        document = super().create(call)
        self.unknown.add(str(document["id"]))
        return document

    def keep(self, record: Deployment) -> None:
        self.unknown.discard(record.id)
        super().keep(record)

    def get(self, call: Call) -> Document:
        self.unknown.discard(call.deployment_id)
        return super().get(call)


@fault(
    breaks="list.status-filter",
    also=("list.after-id-walk", "list.page-walk", "list.agent-filter", "list.created-at-range"),
    hides="sequence",
)
class ListedOnceItWasRead(_Read):
    """A deployment is in no list until it has been read or changed for the first time."""

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        return [record for record in super().deployment_rows(call) if record.id not in self.unknown]


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence")
class UpdatesStartFromTheLastRead(Service):
    """An update starts from the deployment as it was last read or updated: a pause since then is undone."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._read: dict[str, Deployment] = {}

    def get(self, call: Call) -> Document:
        document = super().get(call)
        self._read[call.deployment_id] = self.find(call)
        return document

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(self._read.get(record.id, record), fields)
        self._read[record.id] = changed
        return changed


@fault(breaks="pause.is-listed", also=(CURRENT,), hides="sequence")
class TheIndexDropsRepeatedEvents(Service):
    """Lists miss the second pause and the second unpause: the index takes them for the first, told again."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._events: set[tuple[str, str]] = set()
        self._indexed: dict[str, Deployment] = {}

    def save(self, call: Call, record: Deployment) -> None:
        super().save(call, record)
        event = (record.id, call.request.operation)
        if event not in self._events or call.request.operation not in {"pause", "unpause"}:
            self._indexed[record.id] = record
        self._events.add(event)

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        return [self._indexed.get(record.id, record) for record in super().deployment_rows(call)]


@fault(breaks="list.agent-filter", hides="sequence")
class ListsFindTheFirstAgent(Remembering):
    """agent_id finds a deployment by the agent of its creation, whatever an update has named since."""

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        return agent_id is None or self.states(record)[0].agent.id == agent_id


@fault(breaks="runs.is-found", hides="sequence", tiers=("billable",))
class ListsOfRunsAreKept(Service):
    """The answer to a list of the runs of a deployment is kept until the deployment changes, once it has any."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._answers: dict[tuple[object, ...], Document] = {}

    def list_runs(self, call: Call) -> Document:
        key = (call.deployment_id, *sorted(call.request.query.items()))
        if key in self._answers:
            return self._answers[key]
        document = super().list_runs(call)
        if document["data"]:
            self._answers[key] = document
        return document

    def save(self, call: Call, record: Deployment) -> None:
        self._answers = {key: kept for key, kept in self._answers.items() if key[0] != record.id}
        super().save(call, record)
