"""Faults of transport."""

from __future__ import annotations

from conformance.reference import ApiError, Request, Response, Service
from tests.faults.catalogue import fault


@fault(breaks="transport.routes-under-base", hides="at once")
class AllRunsAreElsewhere(Service):
    """GET /deployment_runs is not there."""

    def answer(self, request: Request) -> Response:
        if request.path.endswith("/deployment_runs"):
            self.authenticate(request)
            raise ApiError(404, "not_found_error", "The path was not found.")
        return super().answer(request)


@fault(
    breaks="transport.no-version-header",
    also=(
        "transport.routes-under-base",
        "list.envelope",
        "list.first-and-last-id",
        "list.limit-is-kept",
        "list.newest-first",
        "list.next-page-goes-with-has-more",
        "list.next-page-is-last-id",
    ),
)
class ListNeedsABetaHeader(Service):
    """Reading a list of runs needs a header that the documents do not know."""

    def answer(self, request: Request) -> Response:
        if request.operation == "list_deployments" and request.query == {"limit": "1"}:
            self.authenticate(request)
            if "x-beta" not in request.headers:
                raise ApiError(400, "invalid_request_error", "The beta header is missing.")
        return super().answer(request)
