"""Faults that only requests show which no client should send, or clients of another kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from conformance.reference import NEW, ApiError, Call, Deployment, Document, Request, Response, Run, Service
from conformance.reference.errors import crashed
from conformance.reference.listing import Query
from tests.faults.catalogue import fault

CRASHES, MALFORMED, CLIENTS = (
    "errors.no-server-error",
    "errors.malformed-id-is-refused",
    "errors.same-for-every-client",
)


# --- ids -------------------------------------------------------------------------------------------------


class _Ids(Service):
    """Looks at an id before it looks for what it names."""

    def look_at(self, text: str) -> None:
        """Do what should not be done with an id."""

    def find(self, call: Call) -> Deployment:
        self.look_at(call.deployment_id)
        return super().find(call)


@fault(breaks=CRASHES, hides="inputs", shown_by=("malformed_ids",))
class NulInAnIdIsACrash(_Ids):
    """A NUL in an id of a deployment is a 500, as where it reaches a database."""

    def look_at(self, text: str) -> None:
        if "\0" in text:
            raise crashed()


@fault(breaks=CRASHES, hides="inputs", shown_by=("malformed_ids",))
class IdsBeyondAsciiAreACrash(_Ids):
    """An id beyond ASCII is a 500."""

    def look_at(self, text: str) -> None:
        text.encode("ascii")


@fault(breaks=CRASHES, hides="inputs", shown_by=("malformed_ids",))
class IdsOfAThousandAreACrash(_Ids):
    """An id of more than 1,000 characters is a 500, as where a key of a cache is too long."""

    def look_at(self, text: str) -> None:
        if len(text) > 1_000:
            raise crashed()


@fault(breaks=CRASHES, hides="inputs", shown_by=("malformed_ids",))
class TheHighestIdIsACrash(_Ids):
    """An id of which all bits are set is a 500: one more does not fit."""

    def look_at(self, text: str) -> None:
        digits = text.removeprefix("dep_")
        if len(digits) == 32 and set(digits) == {"f"}:
            (int(digits, 16) + 1).to_bytes(16, "big")


@fault(breaks=CRASHES, hides="inputs", shown_by=("malformed_ids",))
class NulInARunIsACrash(Service):
    """A NUL in an id of a run is a 500."""

    def find_run(self, call: Call) -> Run:
        if "\0" in call.run_id:
            raise crashed()
        return super().find_run(call)


@fault(breaks=CRASHES, hides="side effect", shown_by=("malformed_ids",))
class OddIdsCrashAfterwardsToo(_Ids):
    """After a read with a control character in the id, the next read by a malformed id is a 500."""

    def look_at(self, text: str) -> None:
        seen = self.__dict__.setdefault("_seen", [])
        if seen and not text.startswith("dep_0"):
            seen.clear()
            raise crashed()
        if "\x1f" in text:
            seen.append(text)


@fault(breaks=MALFORMED, hides="inputs")
class ThePrefixAloneNamesTheNewest(Service):
    """An id that is the prefix alone reads the newest deployment that begins so."""

    def find(self, call: Call) -> Deployment:
        if call.request.operation == "get" and call.deployment_id == "dep_":
            return max(call.tenant.deployments.values(), key=lambda record: record.id)
        return super().find(call)


@fault(breaks=MALFORMED, hides="inputs")
class MalformedIdsAreUnprocessable(_Ids):
    """An id without the prefix is a 422."""

    def look_at(self, text: str) -> None:
        if not text.startswith("dep_"):
            raise ApiError(422, "invalid_request_error", "This is no id.")


@fault(breaks=MALFORMED, hides="inputs")
class MalformedIdsAreForTheRouter(Service):
    """An id without the prefix matches no route: a 404 in plain text."""

    def is_foreign(self, request: Request, response: Response) -> bool:
        named = request.route.ids.get("deployment_id", "dep_")
        return response.status == 404 and not named.startswith("dep_")

    def serialize(self, request: Request, response: Response) -> bytes:
        foreign = self.is_foreign(request, response)
        return b"404 page not found" if foreign else super().serialize(request, response)

    def content_type(self, request: Request, response: Response) -> str:
        foreign = self.is_foreign(request, response)
        return "text/plain" if foreign else super().content_type(request, response)


@fault(breaks=MALFORMED, hides="inputs")
class RunsOfAMalformedIdAreEmpty(Service):
    """The runs of a malformed id are an empty list."""

    def list_runs(self, call: Call) -> Document:
        if not call.deployment_id.startswith("dep_"):
            return self.list_all_runs(replace(call, request=replace(call.request, query={"limit": "1"})))
        return super().list_runs(call)


# --- queries ---------------------------------------------------------------------------------------------


@fault(breaks=CRASHES, hides="inputs", shown_by=("odd_listings",))
class HugeLimitsAreACrash(Service):
    """A limit beyond 64 bits is a 500."""

    def read_limit(self, query: Query) -> int:
        if query.get("limit", "").isdecimal():
            int(query["limit"]).to_bytes(8, "big")
        return super().read_limit(query)


@fault(breaks=CRASHES, hides="inputs", shown_by=("odd_listings",))
class NulInAFilterIsACrash(Service):
    """A NUL in any value of a query is a 500."""

    def answer(self, request: Request) -> Response:
        if any("\0" in value for value in request.query.values()):
            self.authenticate(request)
            raise crashed()
        return super().answer(request)


@fault(breaks=CRASHES, hides="inputs", revisions=(NEW,), shown_by=("odd_listings",))
class PagesBeyondAsciiAreACrash(Service):
    """A page token beyond ASCII is a 500."""

    def read_cursor(self, query: Query) -> tuple[str, str | None]:
        query.get("page", "").encode("ascii")
        return super().read_cursor(query)


@fault(breaks=CRASHES, hides="inputs", revisions=(NEW,), shown_by=("odd_listings",))
class BoundsOfRunsAreACrash(Service):
    """A bound that is no time is a 500 in the list of all runs."""

    def list_all_runs(self, call: Call) -> Document:
        try:
            return super().list_all_runs(call)
        except ApiError as error:
            if any(name.startswith("created_at") for name in call.request.query):
                raise crashed() from error
            raise


# --- bodies ----------------------------------------------------------------------------------------------


class _Updates(Service):
    """Looks at the body of an update before anything else does."""

    def look_at(self, body: Document) -> None:
        """Do what should not be done with a body."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        self.look_at(call.body)
        return super().read_patch(call, metadata)


@fault(breaks=CRASHES, hides="inputs", shown_by=("odd_transport",))
class NullAmongEventsIsACrash(_Updates):
    """An update with null among its events is a 500."""

    def look_at(self, body: Document) -> None:
        events = body.get("initial_events")
        if isinstance(events, list) and None in events:
            raise crashed()


@fault(breaks=CRASHES, hides="inputs", shown_by=("odd_transport",))
class TypesThatAreListsAreACrash(_Updates):
    """An update with a list as the type of an event is a 500: it cannot be looked up."""

    def look_at(self, body: Document) -> None:
        events = body.get("initial_events")
        for event in events if isinstance(events, list) else ():
            {event.get("type")} if isinstance(event, dict) else None


@fault(breaks=CRASHES, hides="inputs", shown_by=("odd_transport",))
class ZonesThatArePathsAreACrash(Service):
    """A time zone that climbs out of its folder, or holds a NUL, is a 500."""

    def read_timezone(self, value: object) -> str:
        if isinstance(value, str) and (".." in value or "\0" in value):
            raise crashed()
        return super().read_timezone(value)


@fault(breaks=CRASHES, also=("object.refused-is-not-done",), hides="side effect", shown_by=("odd_transport",))
class CrashedUpdatesAreStoredInPart(Service):
    """An update with an object as metadata value is a 500, after the description was emptied."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if isinstance(entry, dict) and "deep" in entry:
            raise crashed()
        return super().read_metadata_entry(key, entry, bag)

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError as error:
            if error.status == 500:
                self.keep(replace(self.find(call), description=""))
            raise


@fault(breaks="errors.refused-changes-nothing", also=("object.refused-is-not-done",), hides="side effect")
class UnreadableUpdatesTouch(Service):
    """An update whose body is JSON but no object is refused, and moves updated_at."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if request.operation == "update" and response.status == 400 and request.content[:1] in b"[n":
            for tenant in self.store.tenants.values():
                record = tenant.deployments.get(request.route.ids["deployment_id"])
                if record:
                    self.keep(replace(record, updated_at=record.updated_at + timedelta(seconds=1)))
        return response


@fault(breaks="errors.refused-changes-nothing", also=("object.refused-is-not-done",), hides="side effect")
class DeepUpdatesStopTheSchedule(Service):
    """An update that is nested too deeply is refused, and takes the schedule away."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if request.operation == "update" and response.status == 400 and request.content.startswith(b"[[["):
            for tenant in self.store.tenants.values():
                record = tenant.deployments.get(request.route.ids["deployment_id"])
                if record:
                    self.keep(replace(record, schedule=None))
        return response


# --- clients of other kinds ------------------------------------------------------------------------------


class _Pages(Service):
    """Shows errors to some clients as pages."""

    def wants_page(self, request: Request) -> bool:
        """Return whether a client gets a page."""
        return "html" in request.headers.get("accept", "")

    def is_page(self, request: Request, response: Response) -> bool:
        return response.status >= 400 and self.wants_page(request)

    def serialize(self, request: Request, response: Response) -> bytes:
        if self.is_page(request, response):
            return f"<!doctype html><h1>{response.status}</h1>".encode()
        return super().serialize(request, response)

    def content_type(self, request: Request, response: Response) -> str:
        return "text/html" if self.is_page(request, response) else super().content_type(request, response)


@fault(breaks=CLIENTS, hides="inputs")
class ErrorsArePagesForBrowsers(_Pages):
    """Errors are HTML for those who accept HTML."""


@fault(breaks=CLIENTS, hides="inputs")
class ErrorsArePagesForFirefox(_Pages):
    """Errors are HTML for those whose User-Agent is a browser's."""

    def wants_page(self, request: Request) -> bool:
        return request.headers.get("user-agent", "").startswith("Mozilla/")


@fault(breaks=CLIENTS, hides="inputs")
class ErrorsAreXmlOnDemand(Service):
    """Errors are XML for those who ask for XML."""

    def serialize(self, request: Request, response: Response) -> bytes:
        if response.status >= 400 and request.headers.get("accept") == "application/xml":
            return b"<error>no</error>"
        return super().serialize(request, response)


@fault(breaks=CLIENTS, hides="inputs")
class StrangeBrowsersAreSentToLogIn(Service):
    """Who has no token and accepts HTML is sent to a page for logging in."""

    def render_error(self, error: ApiError, request: Request) -> Response:
        if error.status == 401 and request.headers.get("accept", "").startswith("text/html"):
            return Response(302, {}, {"location": "/login"})
        return super().render_error(error, request)


@fault(breaks=CLIENTS, hides="inputs")
class NoCharsetIsKnown(Service):
    """A body with a charset in its type is a 415, be it utf-8."""

    def answer(self, request: Request) -> Response:
        if "charset" in request.headers.get("content-type", ""):
            self.authenticate(request)
            raise ApiError(415, "invalid_request_error", "This media type is not supported.")
        return super().answer(request)


@fault(breaks=CLIENTS, hides="inputs")
class TranslatedErrorsHaveNoType(Service):
    """Errors in another language lack their type."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        document = super().error_document(error, request)
        if request.headers.get("accept-language", "").startswith("zh"):
            return document | {"error": {"message": "没有找到。"}}
        return document


@fault(breaks=CRASHES, hides="inputs", shown_by=("clients",))
class UnknownCharsetsAreACrash(Service):
    """A body with a charset that is none is a 500."""

    def answer(self, request: Request) -> Response:
        named = request.headers.get("content-type", "").partition("charset=")[2]
        if named not in ("", "utf-8", "UTF-8", "UTF-16", "utf-16"):
            self.authenticate(request)
            raise crashed()
        return super().answer(request)


@fault(
    breaks=CRASHES,
    hides="sequence",
    shown_by=(
        "clients",
        "open_references",
    ),
)
class TheErrorPageFailsAfterwards(Service):
    """Whoever was refused as a browser is answered with a 500 at the next request."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        waiting = self.__dict__.setdefault("_waiting", [])
        if waiting and response.status == 404:
            waiting.clear()
            return self.render_error(crashed(), request)
        if response.status == 404 and request.headers.get("user-agent", "").startswith("Mozilla/"):
            waiting.append(json.dumps(response.document))
        return response
