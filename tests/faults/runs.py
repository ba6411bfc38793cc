"""Faults of runs."""

from __future__ import annotations

from conformance.reference import ApiError, Call, Document, Service
from tests.faults.catalogue import fault


@fault(breaks="runs.unknown-run-is-404")
class UnknownRunIsNull(Service):
    """An unknown run is an object without an id, wherever it is read."""

    def get_run(self, call: Call) -> Document:
        self.find(call)
        return self.get_run_globally(call)

    def get_run_globally(self, call: Call) -> Document:
        if call.run_id in call.tenant.runs:
            return super().get_run_globally(call)
        return {"type": "deployment_run", "id": None}


@fault(breaks="runs.unknown-run-is-404", hides="inputs")
class UnknownRunIsBadRequestById(Service):
    """An unknown run is a 400 where it is read by its id alone."""

    def get_run_globally(self, call: Call) -> Document:
        try:
            return super().get_run_globally(call)
        except ApiError:
            raise ApiError(400, "invalid_request_error", "No such run.") from None


@fault(breaks="runs.unknown-run-is-404", hides="inputs")
class UnknownRunOfKnownDeployment(Service):
    """Under a deployment that exists an unknown run is a 409."""

    def get_run(self, call: Call) -> Document:
        self.find(call)
        try:
            return super().get_run(call)
        except ApiError:
            raise ApiError(409, "conflict_error", "No such run.") from None
