"""Faults of what is stored or refused: values that are read as another notation, or not looked at closely."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from conformance.reference import (
    NEW,
    ApiError,
    Call,
    Deployment,
    Document,
    Request,
    Response,
    Service,
    Tenant,
)
from conformance.reference.errors import crashed
from conformance.reference.listing import Query
from conformance.reference.store import AgentPin, Schedule
from tests.faults.catalogue import fault

inputs = partial(fault, hides="inputs")


STORED = "create.stores-what-was-sent"


class _Kept(Service):
    """Keeps the fields of a body as `kept` returns them."""

    def read_fields(self, call: Call, metadata: Mapping[str, object] | None) -> dict[str, Any]:
        return self.kept(super().read_fields(call, metadata))

    def kept(self, fields: dict[str, Any]) -> dict[str, Any]:
        return fields


class _Text(_Kept):
    """Keeps one text as `text` returns it."""

    field = "description"

    def kept(self, fields: dict[str, Any]) -> dict[str, Any]:
        if isinstance(fields.get(self.field), str):
            fields[self.field] = self.text(fields[self.field])
        return fields

    def text(self, text: str) -> str:
        return text


class _Values(Service):
    """Keeps a value of metadata as `value` returns it."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        kept = super().read_metadata_entry(key, entry, bag)
        return self.value(kept) if isinstance(kept, str) else kept

    def value(self, value: str) -> str:
        return value


@inputs(breaks=STORED)
class JoinersAreLost(_Text):
    """Zero-width joiners are removed from descriptions: families fall apart."""

    def text(self, text: str) -> str:
        return text.replace("\u200d", "")


@inputs(breaks=STORED, also=("update.is-stored",))
class HardSpacesAreBlanks(_Text):
    """A no-break space in a name is stored as a blank."""

    field = "name"

    def text(self, text: str) -> str:
        return text.replace("\u00a0", " ")


@inputs(breaks="update.returns-full-object", found_by="model.stories")
class QuotesOfDescriptionsAreTakenOff(_Text):
    """A description that begins and ends with a double quote is stored without the two."""

    def text(self, text: str) -> str:
        return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


@inputs(breaks="create.environment-variables-are-stored", revisions=(NEW,))
class CommentsInVariablesAreLost(_Text):
    """Of a line of environment variables what follows ` #` is not stored."""

    field = "environment_variables"

    def text(self, text: str) -> str:
        return "\n".join(line.partition(" #")[0] for line in text.split("\n"))


@inputs(breaks="create.environment-variables-are-stored", revisions=(NEW,))
class VariablesBeyond32AreLost(_Text):
    """Of environment variables the first 32 lines are stored."""

    field = "environment_variables"

    def text(self, text: str) -> str:
        return "\n".join(text.split("\n")[:32])


@inputs(breaks="update.unknown-event-type-is-400", also=("create.unknown-event-type-is-400",))
class EventsBeyondTheTwentiethAreUnchecked(Service):
    """The type of events behind the twentieth is not looked at."""

    def read_events(self, value: object) -> Sequence[object]:
        if isinstance(value, list) and 20 < len(value) <= self.event_limit:
            return [*super().read_events(value[:20]), *value[20:]]
        return super().read_events(value)


@inputs(breaks="create.metadata-at-its-limits-is-stored")
class LongNumbersInMetadataAreRounded(_Values):
    """A value of metadata that is a number of more than 15 digits is stored as a double shows it."""

    def value(self, value: str) -> str:
        return str(int(float(value))) if re.fullmatch("[1-9][0-9]{15,40}", value) else value


@inputs(breaks="create.metadata-at-its-limits-is-stored")
class FormulasAreDisarmed(_Values):
    """A value of metadata that begins with `=`, `+`, `-` or `@` is stored behind an apostrophe."""

    def value(self, value: str) -> str:
        return "'" + value if value[:1] in {"=", "+", "-", "@"} and len(value) < 512 else value


@inputs(breaks="create.metadata-at-its-limits-is-stored")
class ExponentsAreNumbers(_Values):
    """A value of metadata such as 1e3 is stored as 1000.0."""

    def value(self, value: str) -> str:
        return str(float(value)) if re.fullmatch("[0-9]+[eE][0-9]{1,2}", value) else value


@inputs(breaks="update.17th-metadata-key-is-400")
class BagsGrowByOneEachTime(Service):
    """A patch that sets one key alone is not counted: metadata grow beyond 16 keys one by one."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if current is not None and isinstance(value, dict) and len(value) == 1:
            self.metadata_limit = 10**6
        try:
            return super().read_metadata(value, current)
        finally:
            self.metadata_limit = Service.metadata_limit


@inputs(breaks="errors.wrong-type-is-400")
class ObjectsWithNumbersAreLists(Service):
    """An object whose keys are 0, 1 and so on is taken for the list of its values in initial_events."""

    def read_events(self, value: object) -> Sequence[object]:
        if isinstance(value, dict) and value and list(value) == [str(at) for at in range(len(value))]:
            value = list(value.values())
        return super().read_events(value)


@inputs(breaks="errors.wrong-type-is-400")
class PairsAreMetadata(Service):
    """A list of pairs is taken for metadata."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if isinstance(value, list) and value and all(isinstance(p, list) and len(p) == 2 for p in value):
            value = {str(key): entry for key, entry in value}
        return super().read_metadata(value, current)


@inputs(breaks="errors.wrong-type-is-400")
class OneResourceNeedsNoList(Service):
    """A single resource is taken without a list around it."""

    def read_resources(self, value: object) -> Sequence[object]:
        return super().read_resources([value] if isinstance(value, dict) and value.get("type") else value)


@inputs(breaks="errors.wrong-type-is-400")
class FieldsOfCronMayBeAList(Service):
    """A cron expression may be a list of five texts."""

    def read_expression(self, value: object) -> str:
        if isinstance(value, list) and len(value) == 5:
            value = " ".join(map(str, value))
        return super().read_expression(value)


class _Upcoming(Service):
    """Calculates occurrences in another way."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        return self.shown(schedule, after, super().occurrences(schedule, after))

    def shown(self, schedule: Schedule, after: datetime, found: Sequence[datetime]) -> Sequence[datetime]:
        return found


@inputs(breaks="schedule.upcoming-runs-match")
class SouthernSummersAreUnknown(_Upcoming):
    """Zones that are ahead by an hour in January have no such hour: they are read in their standard time."""

    def shown(self, schedule: Schedule, after: datetime, found: Sequence[datetime]) -> Sequence[datetime]:
        zone = ZoneInfo(schedule.timezone)
        january, july = (datetime(2027, month, 15, tzinfo=UTC).astimezone(zone) for month in (1, 7))
        summer = january.utcoffset() - july.utcoffset()  # type: ignore[operator]
        if summer <= timedelta(0):
            return found
        return [at + summer if at.astimezone(zone).dst() else at for at in found]


@inputs(breaks="update.archived-agent-is-400", also=("create.archived-agent-is-400",))
class PinnedAgentsMayBeArchived(Service):
    """An archived agent is refused as a text; as an object with a version it is taken."""

    def read_agent(self, value: object, tenant: Tenant) -> AgentPin:
        self._pinned = isinstance(value, dict) and "version" in value
        return super().read_agent(value, tenant)

    def check_live(self, resource: Any, field: str) -> None:  # noqa: ANN401 (agent or environment)
        if field == "agent" and self._pinned:
            return
        super().check_live(resource, field)

    _pinned = False


listed = partial(fault, hides="sequence")


wired = partial(fault, hides="inputs")


@listed(breaks="list.limit-below-one-is-400")
class LimitsWrapAt32Bits(Service):
    """A limit is cut to its lower 32 bits: -4294967291 counts as 5."""

    def read_limit(self, query: Query) -> int:
        text = query.get("limit", "")
        if text.startswith("-") and text[1:].isdecimal() and len(text) > 10:
            return super().read_limit({**query, "limit": str(int(text) % 2**32)})
        return super().read_limit(query)


@wired(breaks="errors.same-for-every-client")
class ProblemsAreAnsweredInTheirOwnForm(Service):
    """Errors are problem documents for those who accept application/problem+json."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        if "problem+json" in request.headers.get("accept", ""):
            return {
                "type": "about:blank",
                "title": error.kind,
                "status": error.status,
                "detail": error.message,
            }
        return super().error_document(error, request)


@wired(breaks="errors.request-id-echoes-header", revisions=(NEW,), shown_by=("unknown_runs",))
class ErrorsOfRunsHaveIdsOfTheirOwn(Service):
    """Errors of the routes that read one run have a request_id of their own, whatever was sent."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        if request.operation in {"get_run", "get_run_globally"}:
            request = replace(request, request_id="0b5d5a3c-2f5c-4a55-9d6a-0a1d6c7f2e10")
        return super().error_document(error, request)


@wired(breaks="auth.unknown-token-is-401")
class SignaturesAreNotChecked(Service):
    """A bearer token of three parts with dots, as of a JWT, opens the first tenant: its signature is not checked."""

    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        first = next(iter(self.store.tenants.values()))
        jwt = token.count(".") == 2 and token.startswith("eyJ") and tenant is first
        return jwt or super().is_token_of(tenant, token)


@wired(breaks="auth.unknown-token-is-401")
class NullIsAToken(Service):
    """The bearer tokens `null` and `undefined` open the first tenant."""

    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        first = next(iter(self.store.tenants.values()))
        return (token in {"null", "undefined"} and tenant is first) or super().is_token_of(tenant, token)


class _Crashing(Service):
    """Fails on some requests."""

    def answer(self, request: Request) -> Response:
        self.authenticate(request)
        if self.fails(request):
            raise crashed()
        return super().answer(request)

    def fails(self, request: Request) -> bool:
        return False


@wired(breaks="errors.no-server-error", shown_by=("odd_listings",))
class LongRequestIdsCrash(_Crashing):
    """An x-request-id of more than 128 characters is a 500."""

    def fails(self, request: Request) -> bool:
        return len(request.request_id) > 128


@wired(breaks="errors.no-server-error", shown_by=("odd_listings",))
class RepeatedParametersCrash(Service):
    """A query parameter that is sent twice is a 500: a list where a text was expected."""

    def handle(self, request: Request) -> Response:
        raw = self.__dict__.get("_raw", {}).pop(request.request_id, "")
        names = [word.partition("=")[0] for word in raw.split("&") if word]
        if len(names) != len(set(names)) and request.token and request.operation.startswith("list"):
            return self.render_error(crashed(), request)
        return super().handle(request)

    def parse_request(self, scope: Any, content: bytes | None) -> Request:  # noqa: ANN401 (as the base)
        request = super().parse_request(scope, content)
        self.__dict__.setdefault("_raw", {})[request.request_id] = scope["query_string"].decode("latin-1")
        return request


@wired(breaks="errors.no-server-error", shown_by=("odd_transport",))
class EmptyKeysCrash(Service):
    """An empty key of metadata is a 500."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if isinstance(value, dict) and "" in value:
            raise crashed()
        return super().read_metadata(value, current)


@wired(breaks="errors.malformed-id-is-refused")
class UnderscoresAreWildcards(Service):
    """An underscore in an id stands for any character: a pattern of them finds the newest deployment."""

    def find(self, call: Call) -> Deployment:
        wanted = call.deployment_id
        if wanted not in call.tenant.deployments and wanted.count("_") > 1:
            for row in sorted(call.tenant.deployments.values(), key=lambda row: -row.sequence):
                if len(row.id) == len(wanted) and all(
                    a in {b, "_"} for a, b in zip(wanted, row.id, strict=True)
                ):
                    return row
        return super().find(call)
