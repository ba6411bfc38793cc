"""The ASGI face of the service: bytes in, a parsed request to the service, bytes out."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from conformance.reference.core import Core
from conformance.reference.documents import render_document
from conformance.reference.messages import Request, Response
from conformance.reference.routes import ROUTES, UNKNOWN, Route, Routes, find_route

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class App(Core):
    """An ASGI application over `handle`; what concerns time and bytes on the wire is overridden here."""

    routes: Routes = ROUTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        try:
            content = await self.receive_body(receive)
        except ConnectionError:
            return
        request = self.parse_request(scope, content)
        response = await self.respond(request)
        await self.transmit(request, response, send)

    async def respond(self, request: Request) -> Response:
        """Answer a request; overridden to answer late, to answer instead, or to act before and after."""
        return self.handle(request)

    def handle(self, request: Request) -> Response:
        """Answer a request at once, under the lock."""
        raise NotImplementedError

    async def receive_body(self, receive: Receive) -> bytes | None:
        """Return the whole request body, None when it is larger than the limit; its rest is thrown away.

        Raises ConnectionError when the client goes away before its end: half a request is none.
        """
        content = bytearray()
        oversize = False
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            if not oversize:
                content += message["body"]
                oversize = len(content) > self.settings.body_limit
            more = message["more_body"]
        return None if oversize else bytes(content)

    def parse_request(self, scope: Scope, content: bytes | None) -> Request:
        """Return a request in the service's words; nothing that a client may send makes this fail."""
        headers = _headers(scope["headers"])
        raw_path = scope["raw_path"].decode("latin-1")
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return Request(
            method=scope["method"],
            path=raw_path,
            route=self.find_route(scope["method"], raw_path),
            query=dict(query),
            headers=headers,
            content=content or b"",
            oversize=content is None,
            received_at=self.now(),
            request_id=headers.get("x-request-id") or str(uuid.uuid4()),
        )

    def find_route(self, method: str, raw_path: str) -> Route:
        """Return what a request asks for; only paths below the base lead anywhere."""
        base = self.settings.base_path + "/"
        if not raw_path.startswith(base):
            return Route(UNKNOWN)
        segments = raw_path.removeprefix(base).split("/")
        return find_route(method, tuple(unquote(segment) for segment in segments), self.routes)

    async def transmit(self, request: Request, response: Response, send: Send) -> None:
        """Send an answer: head and body."""
        body = self.encode(self.serialize(request, response))
        headers = self.response_headers(request, response, body)
        wire = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": wire})
        await send({"type": "http.response.body", "body": body})

    def serialize(self, request: Request, response: Response) -> bytes:  # noqa: ARG002 (overriders look at it)
        """Return the content of an answer, of the media type that `content_type` says."""
        return render_document(response.document)

    def encode(self, content: bytes) -> bytes:
        """Return content as it is sent; overridden to compress it."""
        return content

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        """Return the headers of an answer; without `content-length` the body is sent in chunks.

        The date is that of the request's arrival, so that nothing "upcoming" is ever before it.
        """
        return {
            "date": format_datetime(request.received_at, usegmt=True),
            "content-type": self.content_type(request, response),
            "content-length": str(len(body)),
            **response.headers,
        }

    def content_type(self, request: Request, response: Response) -> str:  # noqa: ARG002 (overriders look at it)
        """Return the media type of an answer."""
        return "application/json"


def _headers(raw: list[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Return headers by lower-case name; those sent twice are joined, as HTTP says they may be."""
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers
