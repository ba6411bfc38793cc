"""Twins that treat odd requests, odd clients and strangers in legal ways of their own."""

from __future__ import annotations

import re
import secrets

from conformance.reference import ApiError, Request, Response, Service, Tenant
from conformance.reference.errors import invalid
from tests.twins.catalogue import twin

LONGEST_PATH = 1_000
PAGE = b"<html><head><title>Refused</title><script src='/static/app/main.js'></script></head><h1>Refused</h1></html>"


class _Fronted(Service):
    """A proxy stands before the service and refuses some requests with a page of its own."""

    def refusal(self, request: Request) -> int:
        """Return the status with which the proxy refuses a request, 0 if it passes it on."""
        raise NotImplementedError

    def handle(self, request: Request) -> Response:
        status = self.refusal(request)
        return Response(status, PAGE) if status else super().handle(request)

    def serialize(self, request: Request, response: Response) -> bytes:
        page = response.document
        return page if isinstance(page, bytes) else super().serialize(request, response)

    def content_type(self, request: Request, response: Response) -> str:
        page = isinstance(response.document, bytes)
        return "text/html; charset=utf-8" if page else super().content_type(request, response)


@twin()
class LongTargetsAreRefusedOnTheWay(_Fronted):
    """A proxy refuses a path of more than 1,000 characters with a 414 in HTML."""

    def refusal(self, request: Request) -> int:
        return 414 if len(request.path) > LONGEST_PATH else 0


@twin()
class OddTargetsAreRefusedOnTheWay(_Fronted):
    """A proxy refuses a path with control characters or quotes with a 400 in HTML."""

    def refusal(self, request: Request) -> int:
        return 400 if re.search(r"%[01].|%2[27]|%25|%ED|%7F", request.path, re.IGNORECASE) else 0


@twin()
class AFirewallRefusesBrowsers(_Fronted):
    """A firewall refuses whoever calls itself a browser with a 403 in HTML."""

    def refusal(self, request: Request) -> int:
        return 403 if request.headers.get("user-agent", "").startswith("Mozilla/") else 0


@twin()
class NothingButJsonIsOffered(_Fronted):
    """Who accepts no JSON gets a 406, and a charset other than utf-8 a 415, both in HTML."""

    def refusal(self, request: Request) -> int:
        accepts = request.headers.get("accept", "*/*")
        if "*/*" not in accepts and "json" not in accepts:
            return 406
        charset = request.headers.get("content-type", "").partition("charset=")[2].lower()
        return 415 if charset not in {"", "utf-8"} else 0


@twin()
class MessagesBeginATokenAndTellTheTime(Service):
    """A 401 repeats the first three characters of a token, and says when it came."""

    def authenticate(self, request: Request) -> Tenant:
        try:
            return super().authenticate(request)
        except ApiError:
            token = (request.token or "")[:3]
            text = f"Invalid API key or token {token}… ({request.request_id}, {self.now().isoformat()})"
            raise ApiError(401, "authentication_error", text) from None


@twin()
class MessagesRepeatTheQuestion(Service):
    """A refusal repeats method, path and body of what was asked, and the class of the error."""

    def render_error(self, error: ApiError, request: Request) -> Response:
        asked = f"{request.method} {request.path} {request.content[:200]!r}"
        text = f"ValidationError: {error.message} at position 3 (line:5) of {asked}"
        return super().render_error(
            ApiError(error.status, error.kind, text, error.param, error.headers), request
        )


@twin()
class BearerInAnyCase(Service):
    """The scheme may be written in any case, and a 401 says what it wants in WWW-Authenticate."""

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        return headers | ({"www-authenticate": 'Bearer realm="api"'} if response.status == 401 else {})


@twin()
class SeveralTokensAreABadRequest(Service):
    """More than one token, or a scheme of another kind, is a 400, as RFC 6750 says."""

    def authenticate(self, request: Request) -> Tenant:
        if "," in request.headers.get("authorization", ""):
            raise invalid("The request must carry one token.")
        return super().authenticate(request)


@twin()
class BrowsersMayAsk(Service):
    """OPTIONS is answered with the headers that browsers want, and HEAD as GET without a body."""

    def handle(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            allowed = {"access-control-allow-origin": "*", "access-control-allow-methods": "GET, POST"}
            return Response(204, None, allowed)
        return super().handle(request)

    def serialize(self, request: Request, response: Response) -> bytes:
        return b"" if response.document is None else super().serialize(request, response)


@twin()
class IdsBeyondAscii(Service):
    """Ids have letters beyond ASCII, which a path has percent-encoded (N26: the suffix is opaque)."""

    def new_id(self, prefix: str) -> str:
        return f"{self.id_prefix(prefix)}\u90e8\u7f72-{secrets.token_hex(10)}"
