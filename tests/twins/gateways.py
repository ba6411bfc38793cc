"""Twins behind gateways, proxies and balancers that treat the bytes in ways of their own."""

from __future__ import annotations

import asyncio
import json
import random
import time
from datetime import timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any
from urllib.parse import unquote

from conformance.reference import ApiError, ReferenceSettings, Request, Response, Service, Tenant
from conformance.reference.app import Receive, Scope, Send
from conformance.reference.routes import Route
from tests.twins.catalogue import twin

PAGE = b"<html><body><h1>Please come back later</h1></body></html>"


class _Pages(Service):
    """Answers some requests with a page in HTML instead of a document."""

    def serialize(self, request: Request, response: Response) -> bytes:
        page = response.document
        return page if isinstance(page, bytes) else super().serialize(request, response)

    def content_type(self, request: Request, response: Response) -> str:
        page = isinstance(response.document, bytes)
        return "text/html" if page else super().content_type(request, response)


class HeadersOfManyProxies(Service):
    """Each of several proxies adds headers: cookies, cache marks, odd spellings, letters beyond ASCII."""

    serial = count(1)

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        shouted = {name.upper(): value for name, value in headers.items()}
        return shouted | {
            "Set-Cookie": f"route=node-{next(self.serial)}; Path=/; HttpOnly; Secure",
            "set-cookie": "lang=\u00e9t\u00e9; Max-Age=60",
            "ETag": f'W/"{next(self.serial):x}"',
            "Vary": "Accept-Encoding, Origin",
            "Cache-Control": "private, no-store",
            "Via": "1.1 edge, 1.1 core",
            "Server-Timing": "app;dur=12.3, db;dur=4",
            "Strict-Transport-Security": "max-age=63072000",
            "X-RateLimit-Remaining": "0",
            "X-Envoy-Upstream-Service-Time": "3",
            "X-Note": "caf\u00e9 " + "x" * 3_000,
            "Deprecation": "true",
        }


class _Throttle(_Pages):
    """Refuses requests before they reach the service (N24)."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.numbers = count(1)

    def refusal(self, request: Request, number: int) -> Response | None:
        """Return the refusal of a request, None if it passes."""
        raise NotImplementedError

    async def respond(self, request: Request) -> Response:
        return self.refusal(request, next(self.numbers)) or await super().respond(request)


class ThrottledUntilADate(_Throttle):
    """Every 70th request is a 429 whose Retry-After is a date, a second or two ahead."""

    def refusal(self, request: Request, number: int) -> Response | None:
        if number % 70:
            return None
        until = format_datetime(request.received_at + timedelta(seconds=2), usegmt=True)
        return Response(429, PAGE, {"retry-after": until})


class ThrottledTwiceInARow(_Throttle):
    """Of every 90 requests two in a row are a 429 with neither body nor Retry-After."""

    def refusal(self, request: Request, number: int) -> Response | None:
        return Response(429, b"") if number % 90 in {0, 1} and number > 1 else None


class DownForASecond(_Throttle):
    """Every half minute all requests of 1.2 seconds are a 503 in HTML."""

    def refusal(self, request: Request, number: int) -> Response | None:
        down = time.monotonic() % 30 > 28.8
        return Response(503, PAGE) if down else None


class GuessesAreThrottled(_Throttle):
    """Whoever fails to authenticate more than ten times in a second gets 429 for every further failure."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.failures: list[float] = []

    def refusal(self, request: Request, number: int) -> Response | None:
        try:
            self.authenticate(request)
        except ApiError:
            now = time.monotonic()
            self.failures = [at for at in self.failures if now - at < 1]
            if len(self.failures) >= 10:
                return Response(429, {"message": "too many failures"}, {"retry-after": "1"})
            self.failures.append(now)
        return None


class UnevenAnswers(Service):
    """Some answers come late and others at once, so that they overtake each other."""

    async def respond(self, request: Request) -> Response:
        dice = random.random()  # noqa: S311 (nothing depends on it)
        await asyncio.sleep(dice * 0.04)
        response = await super().respond(request)
        await asyncio.sleep(0.8 if dice > 0.99 else (1 - dice) * 0.04)
        return response


class SlowArchives(Service):
    """An archive takes a second and a half, and is done at once."""

    async def respond(self, request: Request) -> Response:
        response = await super().respond(request)
        if request.operation == "archive":
            await asyncio.sleep(1.5)
        return response


class Drips(Service):
    """Bodies arrive in chunks of five bytes, now and then with a pause between."""

    numbers = count(1)

    async def transmit(self, request: Request, response: Response, send: Send) -> None:
        body = self.encode(self.serialize(request, response))
        headers = self.response_headers(request, response, body)
        del headers["content-length"]
        wire = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": wire})
        pause = 0.3 if next(self.numbers) % 60 == 0 else 0.0
        size = max(5, len(body) // 40)
        for start in range(0, len(body), size):
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
            if pause and start == size:
                await asyncio.sleep(pause)
        await send({"type": "http.response.body", "body": b""})


class NoContentType(Service):
    """No answer says what it is (no header is promised, N14)."""

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        del headers["content-type"]
        return headers


class MediaTypesOfItsOwn(Service):
    """Objects are application/vnd.qoder.v1+json, errors application/problem+json (N14)."""

    def content_type(self, request: Request, response: Response) -> str:
        kind = "vnd.qoder.v1" if response.status < 400 else "problem"
        return f"Application/{kind}+JSON ; Charset=UTF-8"


class SpeaksHttpOneZero(Service):
    """Answers are of HTTP/1.0, without a reason, and end where the connection does."""

    async def transmit(self, request: Request, response: Response, send: Send) -> None:
        body = self.encode(self.serialize(request, response))
        headers = self.response_headers(request, response, body)
        del headers["content-length"]
        lines = [f"HTTP/1.0 {response.status} ", *(f"{name}:{value}  " for name, value in headers.items())]
        cycle, transport = send.__self__, _transport(send)  # type: ignore[attr-defined]  # uvicorn's own object
        transport.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        transport.close()
        cycle.disconnected = True


class HintsComeFirst(Service):
    """Before each answer there is a 103 with headers of its own."""

    async def transmit(self, request: Request, response: Response, send: Send) -> None:
        hint = b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n"
        _transport(send).write(hint)
        await super().transmit(request, response, send)


class IdleConnectionsAreClosed(Service):
    """A connection on which nothing came for a second is closed."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.serials: dict[int, int] = {}
        self.numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport, serial = _transport(send), next(self.numbers)
        self.serials[id(transport)] = serial
        await super().__call__(scope, receive, send)

        def close() -> None:
            if self.serials.get(id(transport)) == serial:
                del self.serials[id(transport)]
                transport.close()

        asyncio.get_running_loop().call_later(1.0, close)


def _transport(send: Send) -> Any:  # noqa: ANN401 (uvicorn names no type)
    """Return the connection that an answer is sent on."""
    return send.__self__.transport  # type: ignore[attr-defined]  # uvicorn's own object


def _tidied(path: str) -> str:
    """Return a path as servers tidy it: decoded, without empty and dot segments."""
    kept: list[str] = []
    for segment in unquote(path).split("/"):
        if segment == ".." and kept:
            kept.pop()
        elif segment not in {"", ".", ".."}:
            kept.append(segment)
    return "/" + "/".join(kept)


class PathsAreTidied(Service):
    """Paths are decoded and rid of empty and dot segments, also of a slash at the end, before they are routed."""

    def find_route(self, method: str, raw_path: str) -> Route:
        return super().find_route(method, _tidied(raw_path))


class UntidyPathsAreRedirected(_Throttle):
    """A path with empty or dot segments or a slash at its end is a 308 to the tidy one, without a body."""

    def refusal(self, request: Request, number: int) -> Response | None:
        tidy = _tidied(request.path)
        untidy = any(part in {"", ".", ".."} for part in unquote(request.path).removeprefix("/").split("/"))
        location = tidy.encode("ascii", "replace").decode()
        return Response(308, b"", {"location": location}) if untidy else None


@twin()
class HeadIsGet(Service):
    """HEAD is answered as GET without the body; every other method that no page knows is a 405 without one."""

    def find_route(self, method: str, raw_path: str) -> Route:
        return super().find_route("GET" if method == "HEAD" else method, raw_path)

    def serialize(self, request: Request, response: Response) -> bytes:
        return b"" if response.status == 405 else super().serialize(request, response)


class EscapedJson(Service):
    """Bodies have blank lines around them, every letter beyond ASCII escaped, keys from z to a."""

    def serialize(self, request: Request, response: Response) -> bytes:
        document = json.loads(super().serialize(request, response))
        text = json.dumps(_turned(document), indent="\t", separators=(" , ", " : "))
        return b"\r\n\t" + text.replace("/", "\\/").encode() + b"\r\n \n"


def _turned(value: object) -> object:
    """Return a document whose keys run backwards."""
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in sorted(value, reverse=True)}
    return [_turned(item) for item in value] if isinstance(value, list) else value


class TokensAreTrimmed(Service):
    """Any number of blanks may stand between the scheme and the token, as RFC 6750 has it."""

    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        return super().is_token_of(tenant, token.strip())
