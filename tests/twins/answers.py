"""Twins whose answers look odd."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, Request, Response, Service
from conformance.reference.rendering import Page
from tests.twins.catalogue import twin

OLD, NEW = ("2026-06",), ("2026-07",)


@twin()
class ExtraFields(Service):
    """Unknown fields everywhere."""

    def render_deployment(self, record: Deployment) -> Document:
        return super().render_deployment(record) | {"shard": 7, "links": {"self": record.id}}

    def render_page(self, page: Page) -> Document:
        return super().render_page(page) | {"object": "list", "total": None}

    def error_document(self, error: ApiError, request: Request) -> Document:
        return super().error_document(error, request) | {"trace_id": "0af7651916cd43dd"}


@twin()
class NullParam(Service):
    """Errors say `param: null` where no field is to blame."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        document = super().error_document(error, request)
        shown: dict[str, Any] = {"param": None, **document["error"]}  # type: ignore[dict-item]  # an object
        return document | {"error": shown}


@twin()
class FractionsAndOffset(Service):
    """Timestamps have microseconds and +00:00."""

    def instant(self) -> datetime:
        return self.now()

    def render_time(self, at: datetime) -> str:
        return at.astimezone(UTC).isoformat(timespec="microseconds")


@twin()
class FiveDigitFractions(Service):
    """Timestamps have the five-digit fraction of the shared sample."""

    def instant(self) -> datetime:
        now = self.now()
        return now.replace(microsecond=now.microsecond // 10 * 10)

    def render_time(self, at: datetime) -> str:
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-1] + "Z"


@twin()
class CreatedIs201(Service):
    """A creation is a 201."""

    def success_status(self, operation: str) -> int:
        return 201 if operation == "create" else super().success_status(operation)


@twin(revisions=OLD)
class NoCasConfig(Service):
    """Metadata has no cas_config."""

    def render_metadata(self, record: Deployment) -> Document:
        return {key: value for key, value in record.metadata.items() if key != "cas_config"}


@twin(revisions=OLD)
class OldWithRequestId(Service):
    """Errors of the older edition carry a request_id, as the later errors page says."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        return super().error_document(error, request) | {"request_id": request.request_id}


@twin(revisions=OLD)
class OldWithRequestIdWithoutCasConfig(OldWithRequestId, NoCasConfig):
    """The same without cas_config: little is left that tells the edition."""


@twin()
class RequestIdHeader(Service):
    """Every answer carries an x-request-id header."""

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        return super().response_headers(request, response, body) | {"x-request-id": request.request_id}


@twin()
class DescriptionIsNull(Service):
    """A description that was not sent is null."""

    def default_of(self, field: str) -> object:
        return None if field == "description" else super().default_of(field)


@twin()
class ContentIsText(Service):
    """Event content reads back as text, whatever was sent."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        document["initial_events"] = [_as_text(event) for event in record.initial_events]
        return document


def _as_text(event: object) -> object:
    if not isinstance(event, dict) or not isinstance(event.get("content"), list):
        return event
    return event | {"content": "".join(str(block.get("text", "")) for block in event["content"])}


@twin()
class ContentIsBlocks(Service):
    """Event content reads back as blocks, whatever was sent."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        document["initial_events"] = list(map(_as_blocks, record.initial_events))
        return document


def _as_blocks(event: object) -> object:
    if not isinstance(event, dict) or not isinstance(event.get("content"), str):
        return event
    return event | {"content": [{"type": "text", "text": event["content"]}]}


@twin()
class ReadsShowOtherContents(Service):
    """Event content reads back as text where blocks were sent and the other way round; changes echo it."""

    def get(self, call: Call) -> Document:
        events = self.find(call).initial_events
        return super().get(call) | {"initial_events": [self.turned(event) for event in events]}

    def turned(self, event: object) -> object:
        """Return an event with its content in the other form."""
        text = _as_text(event)
        return text if text is not event else _as_blocks(event)


@twin()
class ContentIsAnObject(Service):
    """Event content reads back as one object, whatever was sent."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        texts = [(event, _as_text(event)) for event in record.initial_events]
        document["initial_events"] = [
            text | {"content": {"parts": [text["content"]]}} if isinstance(text, dict) else event
            for event, text in texts
        ]
        return document


@twin()
class NoParamInErrors(Service):
    """Errors never name a parameter, and their messages are empty."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        return super().error_document(ApiError(error.status, error.kind, ""), request)


@twin()
class PrettyJson(Service):
    """Bodies are indented, in another order, with a charset in the media type."""

    def serialize(self, request: Request, response: Response) -> bytes:
        document = json.loads(super().serialize(request, response))
        return json.dumps(document, indent=4, sort_keys=True).encode()

    def content_type(self, request: Request, response: Response) -> str:
        return super().content_type(request, response) + "; charset=utf-8"


@twin(revisions=NEW)
class CapsLargeLimits(Service):
    """A limit above 100 is capped with a 200, as the conventions say."""

    def read_limit(self, query):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 (as in the base)
        try:
            return super().read_limit(query)
        except ApiError:
            if query.get("limit", "").isdecimal() and int(query["limit"]) > self.max_limit():
                return self.max_limit()
            raise


@twin()
class DifferentExtrasEachTime(Service):
    """Every answer has an undocumented field of another value."""

    def render_deployment(self, record: Deployment) -> Document:
        return super().render_deployment(record) | {
            "served_at": self.now().isoformat(),
            "etag": uuid.uuid4().hex,
        }
