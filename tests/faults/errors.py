"""Faults of error bodies and of errors that every route has."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from conformance.reference import ApiError, Call, Deployment, Document, Request, Response, Service
from tests.faults.catalogue import fault

NEW = ("2026-07",)


@fault(breaks="errors.envelope", shown_by=("lifecycle",))
class NoTopLevelType(Service):
    """Errors lack the top-level type."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        document = dict(super().error_document(error, request))
        del document["type"]
        return document


@fault(
    breaks="errors.envelope",
    also=("errors.request-id-present", "errors.request-id-echoes-header"),
    shown_by=("lifecycle",),
)
class NotFoundIsPlainText(Service):
    """A 404 is plain text."""

    def serialize(self, request: Request, response: Response) -> bytes:
        return b"404 page not found" if response.status == 404 else super().serialize(request, response)

    def content_type(self, request: Request, response: Response) -> str:
        return "text/plain" if response.status == 404 else super().content_type(request, response)


@fault(breaks="errors.envelope", shown_by=("same_name_twice",))
class MessageIsMissingInConflicts(Service):
    """A 409 has no message."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        document = dict(super().error_document(error, request))
        if error.status == 409:
            document["error"] = {"type": error.kind}
        return document


@fault(
    breaks="errors.type-matches-status",
    also=("errors.unknown-deployment-is-404", "runs.unknown-run-is-404"),
    shown_by=("lifecycle",),
)
class NotFoundHasTheWrongType(Service):
    """A 404 calls itself an invalid request."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        if error.status == 404:
            error = ApiError(404, "invalid_request_error", error.message)
        return super().error_document(error, request)


@fault(breaks="errors.param-is-text", also=("errors.envelope",), shown_by=("incomplete_creations",))
class ParamIsAList(Service):
    """error.param is a list."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        document = dict(super().error_document(error, request))
        inner = document["error"]
        if isinstance(inner, dict) and "param" in inner:
            document["error"] = {**inner, "param": [inner["param"]]}
        return document


@fault(
    breaks="errors.request-id-present",
    also=("errors.request-id-echoes-header",),
    revisions=NEW,
    shown_by=("same_name_twice",),
)
class NoRequestIdInConflicts(Service):
    """A 409 has no request_id."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        document = dict(super().error_document(error, request))
        if error.status == 409:
            del document["request_id"]
        return document


@fault(breaks="errors.request-id-echoes-header", revisions=NEW, shown_by=("lifecycle",))
class RequestIdIsAlwaysItsOwn(Service):
    """The sender's x-request-id is not echoed."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        own = replace(request, request_id=str(uuid4()))
        return super().error_document(error, own)


@fault(breaks="errors.request-id-is-uuid", revisions=NEW, shown_by=("incomplete_creations",))
class RequestIdIsACounter(Service):
    """Without x-request-id the request_id is no UUID."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        if "x-request-id" not in request.headers:
            request = replace(request, request_id="req-17")
        return super().error_document(error, request)


@fault(breaks="errors.unknown-deployment-is-404", also=("tenancy.other-tenant-is-refused",))
class UnknownPauseIsABadRequest(Service):
    """Pausing an unknown deployment is a 400."""

    def find(self, call: Call) -> Deployment:
        try:
            return super().find(call)
        except ApiError:
            if call.request.operation != "pause":
                raise
            raise ApiError(400, "invalid_request_error", "No such deployment.") from None


@fault(breaks="errors.unknown-deployment-is-404", also=("tenancy.other-tenant-is-refused",))
class RunsOfAnUnknownDeploymentAreEmpty(Service):
    """The runs of an unknown deployment are an empty list."""

    def execute(self, call: Call) -> Response:
        try:
            return super().execute(call)
        except ApiError as error:
            if call.request.operation != "list_runs" or error.status != 404:
                raise
            return Response(200, {"data": [], "first_id": None, "last_id": None, "has_more": False})


@fault(
    breaks="errors.request-id-is-uuid",
    revisions=("2026-07",),
    hides="sequence",
    shown_by=("odd_listings", "other_credentials"),
)
class EveryRequestIdIsTheSame(Service):
    """All errors have one request_id unless the request brought one."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        document = super().error_document(error, request)
        own = "x-request-id" not in request.headers
        return document | ({"request_id": "cb80235f-76a2-4ff3-9e28-5aa2da12dc14"} if own else {})


@fault(breaks="errors.request-id-echoes-header", revisions=NEW, hides="inputs", shown_by=("unknown_runs",))
class OnlyUuidsOfVersion4AreEchoed(Service):
    """An x-request-id is echoed when it is a UUID of version 4; for any other UUID a new one is made."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        sent = request.headers.get("x-request-id", "")
        if sent and (len(sent) != 36 or sent[14] != "4"):
            request = replace(
                request, request_id="6f1c0f4e-7a51-4b0e-9b0a-" + request.path.encode().hex()[-12:]
            )
        return super().error_document(error, request)


@fault(breaks="errors.same-for-every-client", hides="inputs")  # N182
class EventStreamsGetEvents(Service):
    """Errors are a server-sent event for those who accept text/event-stream."""

    def serialize(self, request: Request, response: Response) -> bytes:
        body = super().serialize(request, response)
        stream = response.status >= 400 and "text/event-stream" in request.headers.get("accept", "")
        return b"event: error\ndata: " + body + b"\n\n" if stream else body
