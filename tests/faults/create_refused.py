"""Faults of refusing creations: what must be refused is taken, or leaves something behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.reference import NEW, ApiError, Call, Document, Request, Service
from conformance.reference.errors import crashed, invalid
from conformance.reference.store import Agent, Environment
from tests.faults.catalogue import fault


def changed(call: Call, **fields: object) -> Call:
    """Return a call whose body has other fields."""
    return replace(call, body={**call.body, **fields})


@fault(breaks="create.missing-field-is-400", hides="inputs")
class EnvironmentByDefault(Service):
    """A creation without an environment takes the first one."""

    def read_creation(self, call: Call) -> dict[str, Any]:
        live = (e.id for e in call.tenant.environments.values() if not e.archived_at)
        return super().read_creation(changed(call, **{"environment_id": next(live), **call.body}))


@fault(breaks="create.missing-field-is-400", hides="inputs")
class MissingNameIs422(Service):
    """A missing name is refused with a status of its own."""

    def check_required_fields(self, body: Document) -> None:
        if "name" not in body:
            raise ApiError(422, "invalid_request_error", "Missing required field: name", "name")
        super().check_required_fields(body)


@fault(breaks="create.name-of-257-is-400", hides="inputs")
class LongNamesAreCut(Service):
    """A name that is too long is cut."""

    def read_creation(self, call: Call) -> dict[str, Any]:
        name = call.body.get("name")
        return super().read_creation(changed(call, name=name[:256]) if isinstance(name, str) else call)


@fault(breaks="create.empty-name-is-400", hides="inputs")
class UntitledByDefault(Service):
    """A creation with an empty name gets a name."""

    def read_creation(self, call: Call) -> dict[str, Any]:
        untitled = f"Untitled {self.store.next_sequence()}"
        return super().read_creation(changed(call, name=untitled) if call.body.get("name") == "" else call)


@fault(breaks="create.agent-object-needs-type", revisions=(NEW,), hides="inputs")
class AgentTypeIsAssumed(Service):
    """An agent object without type is taken."""

    def check_agent_type(self, reference: Document) -> None:
        super().check_agent_type({"type": "agent", **reference})


@fault(breaks="create.archived-agent-is-400", also=("update.archived-agent-is-400",), hides="inputs")
class ArchivedAgentsAreTaken(Service):
    """Whether an agent is archived is not looked at."""

    def check_live(self, resource: Agent | Environment, field: str) -> None:
        if isinstance(resource, Environment):
            super().check_live(resource, field)


@fault(
    breaks="create.archived-environment-is-400", also=("update.archived-environment-is-400",), hides="inputs"
)
class ArchivedEnvironmentsAreTaken(Service):
    """Whether an environment is archived is not looked at."""

    def check_live(self, resource: Agent | Environment, field: str) -> None:
        if isinstance(resource, Agent):
            super().check_live(resource, field)


@fault(breaks="create.no-events-is-400", also=("update.events-outside-1-to-50-are-400",), hides="inputs")
class NoEventsAreTaken(Service):
    """No events at all are accepted."""

    def read_events(self, value: object) -> Sequence[object]:
        return [] if value == [] else super().read_events(value)


@fault(breaks="create.51-events-is-400", also=("update.events-outside-1-to-50-are-400",), hides="inputs")
class OneEventMore(Service):
    """51 events are accepted."""

    event_limit = 51


@fault(
    breaks="create.unknown-event-type-is-400",
    also=(
        "create.event-without-type-is-400",
        "object.matches-schema",
        "update.unknown-event-type-is-400",
    ),
    hides="inputs",
)
class OnlyTheFirstEventIsChecked(Service):
    """Events after the first are taken as they are."""

    def read_events(self, value: object) -> Sequence[object]:
        super().read_events(value[:1] if isinstance(value, list) and len(value) <= 50 else value)
        return value if isinstance(value, list) else []


@fault(breaks="create.event-without-type-is-400", also=("update.unknown-event-type-is-400",), hides="inputs")
class EventsAreMessagesByDefault(Service):
    """An event without type is a message of the user."""

    def read_event(self, value: object) -> object:
        return super().read_event({"type": "user.message", **value} if isinstance(value, dict) else value)


@fault(breaks="create.51-vaults-are-refused", also=("update.51-vaults-are-refused",), hides="inputs")
class AnyNumberOfVaults(Service):
    """Vaults are not counted."""

    vault_limit = 1000


@fault(breaks="create.17-metadata-keys-are-400", also=("update.17th-metadata-key-is-400",), hides="inputs")
class OneMetadataKeyMore(Service):
    """17 metadata keys are accepted."""

    metadata_limit = 17


@fault(
    breaks="create.metadata-key-of-65-is-400",
    also=("update.metadata-beyond-limits-is-400",),
    hides="inputs",
)
class LongerMetadataKeys(Service):
    """A metadata key of 65 characters is accepted."""

    metadata_key_limit = 65


@fault(
    breaks="create.metadata-value-of-513-is-400",
    also=("update.metadata-beyond-limits-is-400",),
    hides="inputs",
)
class LongerMetadataValues(Service):
    """A metadata value of 513 characters is accepted."""

    metadata_value_limit = 513


@fault(
    breaks="create.metadata-values-are-text",
    also=("update.metadata-beyond-limits-is-400",),
    hides="inputs",
)
class NumbersBecomeText(Service):
    """A number as a metadata value is turned into text."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        return super().read_metadata_entry(key, str(entry) if isinstance(entry, int) else entry, bag)


@fault(breaks="create.duplicate-name", also=("errors.type-matches-status",), hides="sequence")
class TakenNamesAreBadRequests(Service):
    """A taken name is a 400."""

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        try:
            super().check_name_free(call, name, besides)
        except ApiError as error:
            raise invalid(error.message, "name") from error


@fault(breaks="errors.refused-creates-nothing", hides="side effect")
class RefusesAfterStoring(Service):
    """A creation with too many events is refused, but stored with as many as are allowed."""

    def create(self, call: Call) -> Document:
        try:
            return super().create(call)
        except ApiError:
            events = call.body.get("initial_events")
            if isinstance(events, list) and len(events) > self.event_limit:
                super().create(changed(call, initial_events=events[: self.event_limit]))
            raise


@fault(breaks="errors.refused-creates-nothing", hides="side effect")
class StoresWithoutItsBadSchedule(Service):
    """A creation with an invalid schedule is refused, but stored without it."""

    def create(self, call: Call) -> Document:
        try:
            return super().create(call)
        except ApiError as error:
            if error.param == "schedule.expression":
                super().create(changed(call, schedule=None))
            raise


@fault(breaks="errors.malformed-json-is-400", hides="inputs")
class BodiesAreRepaired(Service):
    """A missing last brace is put in its place."""

    def read_body(self, request: Request) -> Document:
        try:
            return super().read_body(request)
        except ApiError:
            return super().read_body(replace(request, content=request.content + b"}"))


@fault(breaks="errors.malformed-json-is-400")
class MalformedJsonIsACrash(Service):
    """A body that is no JSON brings the server down."""

    def read_body(self, request: Request) -> Document:
        try:
            return super().read_body(request)
        except ApiError as error:
            raise crashed() from error
