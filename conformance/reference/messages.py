"""A parsed request, its answer, and an authenticated call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from conformance.reference.routes import Route
from conformance.reference.store import Tenant

Document = dict[str, object]
"""A JSON object; one that was handed out is never changed in place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request as the service sees it.

    `path` is as it was sent, `headers` have lower-case names, of repeated `query` parameters the last one
    counts. `received_at` is the server's time when the body was complete, `request_id` the sender's
    `x-request-id` or one made here. When the body was larger than the limit, `oversize` is set and `content`
    is empty.
    """

    method: str
    path: str
    route: Route
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    oversize: bool = False
    request_id: str = ""
    received_at: datetime

    @property
    def operation(self) -> str:
        """The name of the service's method that answers, such as `pause`."""
        return self.route.operation

    @property
    def token(self) -> str | None:
        """The bearer token, or None when there is no Authorization header of that scheme."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else None


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: a JSON document, its status, and headers beyond the usual ones."""

    status: int
    document: object
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose sender is known and whose body is JSON; `body` is `{}` when there was none."""

    request: Request
    tenant: Tenant
    body: Document

    @property
    def deployment_id(self) -> str:
        """The deployment that the path names."""
        return self.request.route.ids["deployment_id"]

    @property
    def run_id(self) -> str:
        """The run that the path names."""
        return self.request.route.ids["run_id"]
