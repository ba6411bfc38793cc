"""Twins that are slow, crowded, throttled, or odd on the wire."""

from __future__ import annotations

import asyncio
import gzip
import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta

from conformance.reference import ApiError, Call, Deployment, Request, Response, Service
from tests.twins.catalogue import twin

LAG = 0.4


@twin()
class Plain(Service):
    """Nothing odd at all."""


@twin(foreign=300)
class Crowded(Service):
    """300 deployments of other people lie in the account."""


@twin()
class Late(Service):
    """Every answer comes 150 ms late."""

    async def respond(self, request: Request) -> Response:
        await asyncio.sleep(0.15)
        return await super().respond(request)


@twin(skewed=True)
class ClockAhead(Service):
    """The clock is seven minutes ahead, and the Date header with it."""


@twin()
class NoDate(Service):
    """No answer has a Date header."""

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        del headers["date"]
        return headers


@twin()
class Compressed(Service):
    """Answers are compressed, asked or not, and the second half apart from the first."""

    def encode(self, content: bytes) -> bytes:
        half = len(content) // 2
        return gzip.compress(content[:half], 1) + gzip.compress(content[half:], 1)

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        return super().response_headers(request, response, body) | {"content-encoding": "gzip"}


@twin()
class Chunked(Service):
    """Answers are chunked."""

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        del headers["content-length"]
        return headers


@twin()
class ClosesEachConnection(Service):
    """Every connection is closed after one answer."""

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        return super().response_headers(request, response, body) | {"connection": "close"}


class _Gateway(Service):
    """Refuses some requests before they reach the service, as a gateway may at any time."""

    status, every = 429, 10

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # passed on
        self._numbers = itertools.count(1)

    async def respond(self, request: Request) -> Response:
        if next(self._numbers) % self.every == 0:
            return Response(self.status, {"message": "slow down"}, {"retry-after": "0"})
        return await super().respond(request)


@twin()
class ThrottledNowAndThen(_Gateway):
    """Every tenth request is a 429 with Retry-After."""


@twin()
class BusyNowAndThen(_Gateway):
    """Every fiftieth request is a 503."""

    status, every = 503, 50


@twin()
class ReadsLagBehindCreations(Service):
    """For a third of a second a new deployment cannot be read."""

    def find(self, call: Call) -> Deployment:
        record = super().find(call)
        age = (self.now() - record.created_at).total_seconds()
        if call.request.operation == "get" and age < LAG and record.created_at == record.updated_at:
            raise ApiError(404, "not_found_error", "The deployment was not found.")
        return record

    def instant(self) -> datetime:
        return self.now()


@twin()
class ListsLagBehind(Service):
    """Lists show a deployment half a second after it was made."""

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        horizon = self.now() - timedelta(seconds=LAG)
        return [row for row in super().deployment_rows(call) if row.created_at <= horizon]

    def instant(self) -> datetime:
        return self.now()
