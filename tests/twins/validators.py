"""Twins that look at a request in another order, or are stricter or more lenient where the documents are silent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from conformance.reference import ApiError, Call, Deployment, Document, Request, Response, Service
from conformance.reference.errors import conflict, invalid, not_found
from conformance.reference.listing import Query, R
from conformance.reference.rendering import Page
from conformance.reference.store import Agent, AgentPin, Schedule, Tenant
from tests.twins.catalogue import twin

VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,63}=[^\n;]*")


# --- order ---------------------------------------------------------------------------------------------------


class ReadsBeforeItAsks(Service):
    """A body that is no JSON, or lacks what is required, is a 400 before anyone asks for a token (N6)."""

    def answer(self, request: Request) -> Response:
        if request.operation in {"create", "update"}:
            body = self.read_body(request)
            if request.operation == "create":
                self.check_required_fields(body)
        if request.operation.startswith("list"):
            self.read_limit(request.query)
        return super().answer(request)


class LooksBeforeItReads(Service):
    """Whether a deployment exists and may be changed is decided before the body is looked at."""

    def read_body(self, request: Request) -> Document:
        if request.operation in {"update", "pause", "unpause", "archive"}:
            tenant = self.authenticate(request)
            record = self.find(Call(request, tenant, {}))
            decide: Mapping[str, tuple[Callable[[Deployment], None], ...]] = {
                "update": (self.check_not_archived,),
                "pause": (self.check_not_archived, self.check_not_paused),
                "unpause": (self.check_not_archived, self.check_paused),
                "archive": (self.check_not_already_archived,),
            }
            if "idempotency-key" not in request.headers:
                for check in decide[request.operation]:
                    check(record)
        return super().read_body(request)


class ReadsBeforeItLooks(Service):
    """The fields of an update are judged before anyone looks for the deployment."""

    def update(self, call: Call) -> Document:
        self.read_patch(call, {})
        return super().update(call)


class ConflictsFirst(Service):
    """A taken name is a 409 before the rest of the body is looked at."""

    def read_creation(self, call: Call) -> dict[str, Any]:
        if isinstance(name := call.body.get("name"), str):
            self.check_name_free(call, name)
        return super().read_creation(call)


class ReferencesFirst(Service):
    """Agent and environment are looked up before the other fields are judged, also unknown ones."""

    def check_known_fields(self, body: Document) -> None:
        """Later."""

    def read_fields(self, call: Call, metadata: Mapping[str, object] | None) -> dict[str, Any]:
        if "agent" in call.body:
            self.read_agent(call.body["agent"], call.tenant)
        if "environment_id" in call.body:
            self.read_environment_id(call.body["environment_id"], call.tenant)
        super().check_known_fields(call.body)
        return super().read_fields(call, metadata)


# --- strict --------------------------------------------------------------------------------------------------


def _only(part: object, known: set[str]) -> None:
    """Refuse an object with other fields than those known."""
    if isinstance(part, dict) and not part.keys() <= known:
        raise invalid("There are unknown fields.")


@twin()
class RefusesWhatItMay(Service):
    """Null, blanks around texts, unknown parts of objects, odd variables and the like are a 400 each."""

    def read_field(self, field: str, value: object, reader: Callable[[Any], Any]) -> object:
        if value is None:  # N30, N58, N90, N93
            raise invalid(f"{field} must not be null", field)
        return super().read_field(field, value, reader)

    def read_name(self, value: object) -> str:
        name = super().read_name(value)
        if name != name.strip() or not name.isprintable():  # N34
            raise invalid("name must be a printable text without blanks around it", "name")
        return name

    def read_description(self, value: object) -> str:
        description = super().read_description(value)
        if len(description) > 2048:
            raise invalid("description must be at most 2048 characters", "description")
        return description

    def read_schedule(self, value: object) -> Schedule:
        _only(value, {"type", "expression", "timezone"})
        return super().read_schedule(value)

    def read_environment_variables(self, value: object) -> str:  # N56
        text = super().read_environment_variables(value)
        if text and not all(VARIABLE.fullmatch(line) for line in text.split("\n")):
            raise invalid("environment_variables must be lines of KEY=VALUE", "environment_variables")
        return text

    def read_events(self, value: object) -> Sequence[object]:
        events = super().read_events(value)
        if all(isinstance(event, dict) and event["type"] == "system.message" for event in events):  # N46
            raise invalid("There must be a message of a user.", "initial_events")
        return events

    def read_event(self, value: object) -> object:
        event = super().read_event(value)
        if isinstance(event, dict) and event["type"] != "user.define_outcome":
            _only(event, {"type", "content"})
            if not event.get("content"):
                raise invalid("An event must have content.", "initial_events")
        return event

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if not key.strip() or not key.isprintable():
            raise invalid("A metadata key must be a printable text.", "metadata")
        return super().read_metadata_entry(key, entry, bag)

    def read_resources(self, value: object) -> Sequence[object]:
        resources = super().read_resources(value)
        for resource in resources:
            known = {"github_repository": "url", "file": "file_id", "memory_store": "memory_store_id"}
            if isinstance(resource, dict) and known.get(resource["type"], "type") not in resource:
                raise invalid("The resource is not complete.", "resources")
        return resources

    def read_agent(self, value: object, tenant: Tenant) -> AgentPin:
        _only(value, {"id", "type", "version"})
        if isinstance(value, dict) and "version" not in value:  # N38
            raise invalid("agent must have a version", "agent.version")
        return super().read_agent(value, tenant)


@twin()
class ContentOfItsEditionAlone(Service):
    """Event content is text in the older edition and blocks in the newer one; the other form is a 400 (N47)."""

    def check_content(self, event: Document) -> None:
        if isinstance(event.get("content", "" if self.old else []), str) is not self.old:
            raise invalid("The content of an event has another form.", "initial_events")
        super().check_content(event)


class ContentTypeIsRequired(Service):
    """A POST that does not say application/json is a 415, with a body or without: each page requires it (N17)."""

    def check_route(self, request: Request) -> None:
        super().check_route(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.method == "POST" and kind != "application/json":
            raise ApiError(415, "invalid_request_error", "Content-Type must be application/json.")


class ActionsTakeNothing(Service):
    """A pause, an unpause or an archive with anything but an empty object as body is a 400 (N104)."""

    def execute(self, call: Call) -> Response:
        if call.request.operation in {"pause", "unpause", "archive", "run"} and call.body:
            raise invalid("The body must be empty.")
        return super().execute(call)


LISTS: Final = {
    "limit", "after_id", "before_id", "page", "status", "include_archived", "agent_id", "deployment_id",
    "has_error", "trigger_type", "triggered_after", "triggered_before",
    "created_at[gt]", "created_at[gte]", "created_at[lt]", "created_at[lte]",
}  # fmt: skip


class StrictQueries(Service):
    """Unknown parameters, empty ones, odd numbers, an unknown agent, and status beside include_archived are a 400."""

    def answer(self, request: Request) -> Response:
        self.authenticate(request)
        query = request.query
        known = LISTS - {"page"} if self.old else LISTS - {"triggered_after", "triggered_before"}
        if request.operation == "list_deployments":
            known = known - {"deployment_id", "has_error", "trigger_type", "created_at[gt]", "created_at[lt]"}
            if self.old:
                known = known - {"created_at[gte]", "created_at[lte]"}
            if {"status", "include_archived"} <= query.keys():  # N171
                raise invalid("status and include_archived exclude each other", "status")
        if request.operation.startswith("list") and not query.keys() <= known:
            raise invalid("There is an unknown parameter.")
        if not request.operation.startswith("list") and request.method == "GET" and query:
            raise invalid("No parameters are known here.")
        if any(not value for value in query.values()) or not re.fullmatch(
            "[1-9][0-9]*", query.get("limit", "1")
        ):
            raise invalid("A parameter has an odd value.")
        return super().answer(request)

    def list_deployments(self, call: Call) -> Document:
        agent = call.request.query.get("agent_id")  # N172: empty or refused is open
        if agent is not None and agent not in call.tenant.agents:
            raise not_found("The agent")
        return super().list_deployments(call)


# --- lenient -------------------------------------------------------------------------------------------------


class TakesWhatItCan(Service):
    """Blank names, nulls, unknown fields, odd bodies of actions, versions to come and unknown agents are all taken."""

    def check_known_fields(self, body: Document) -> None:  # N22
        """Whatever is there."""

    def read_body(self, request: Request) -> Document:  # N104
        try:
            return super().read_body(request)
        except ApiError:
            if request.operation in {"pause", "unpause", "archive", "run"}:
                return {}
            raise

    def read_fields(self, call: Call, metadata: Mapping[str, object] | None) -> dict[str, Any]:
        if metadata is None:
            return super().read_fields(call, metadata)
        nulls = {"schedule", "metadata", "description", "resources", "vault_ids"}  # N90, N93
        body = {name: value for name, value in call.body.items() if value is not None or name not in nulls}
        return super().read_fields(replace(call, body=body), metadata)

    def read_version(self, reference: Document, agent: Agent) -> int:  # N39
        version = reference.get("version")
        if isinstance(version, int) and version > agent.version:
            return agent.version
        return super().read_version(reference, agent)

    def find_agent(self, agent_id: str, tenant: Tenant) -> Agent:  # N40
        try:
            return super().find_agent(agent_id, tenant)
        except ApiError:
            known = next(iter(tenant.agents.values()))
            return replace(known, id=agent_id, version=1, archived_at=None)

    def read_environment_id(self, value: object, tenant: Tenant) -> str:  # N41
        if isinstance(value, str) and value not in tenant.environments:
            return value
        return super().read_environment_id(value, tenant)

    def read_timezone(self, value: object) -> str:  # N67
        if isinstance(value, str) and value.lower() == "utc":
            return value
        return super().read_timezone(value)

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        return super().occurrences(_in_capitals(schedule), after)

    def between(self, record: Deployment, since: datetime, until: datetime) -> Iterator[datetime]:
        schedule = record.schedule and _in_capitals(record.schedule)
        return super().between(replace(record, schedule=schedule), since, until)


def _in_capitals(schedule: Schedule) -> Schedule:
    """Return a schedule whose zone, if it is UTC, is written as the database has it."""
    return replace(schedule, timezone="UTC") if schedule.timezone.lower() == "utc" else schedule


class LenientQueries(Service):
    """Filters that make no sense are left out, flags may be written in any way, a limit that is no number is 20."""

    def read_limit(self, query: Query) -> int:  # N158
        limit = query.get("limit", "20")
        return super().read_limit(query) if re.fullmatch(r"-?\d+", limit, re.ASCII) else 20

    def read_flag(self, query: Query, name: str) -> bool | None:  # N174
        value = query.get(name)
        return None if value is None else value.lower() not in {"false", "0", "no", ""}

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:  # N170
        status = query.get("status")
        kept = query if status in {"active", "paused"} else {k: v for k, v in query.items() if k != "status"}
        return super().deployment_filter(kept)

    def beyond(self, rows: Sequence[R], direction: str, cursor: str | None) -> Iterable[R]:  # N168
        known = any(row.id == cursor for row in rows)
        return super().beyond(rows, direction, cursor if known else None)


class NamesByOldCollation(Service):
    """Two names are one when they differ in case, accents, blanks at the end or in letters beyond the first plane."""

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        key = self.collated(name)
        for record in call.tenant.deployments.values():
            if record.archived_at is None and record.id != besides and self.collated(record.name) == key:
                raise conflict("This name is taken.")

    def collated(self, name: str) -> str:
        """Return what names share that an old database holds for one."""
        letters = unicodedata.normalize("NFKD", name.rstrip()).casefold()
        plain = (letter for letter in letters if not unicodedata.combining(letter))
        return "".join(letter if ord(letter) < 0x10000 else "\ufffd" for letter in plain)


class CursorsMustBeListed(Service):
    """A cursor that the filters of its list do not choose is a 400 (N168)."""

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        chosen = [row for row in rows if wanted(row)]
        return super().page(chosen, lambda _: True, render, query)
