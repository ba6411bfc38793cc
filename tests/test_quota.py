"""An account that takes no more deployments breaks no promise: what that hides is not judged."""

from __future__ import annotations

import pytest

from conformance.reference import Call, Document, ReferenceServer, Service
from conformance.reference.errors import ApiError
from tests.judge import judge_server

MOST_ALIVE = 12
KINDS = {
    400: "invalid_request_error",
    402: "billing_error",
    403: "permission_error",
    409: "conflict_error",
}


def limited(status: int, most: int = MOST_ALIVE) -> type[Service]:
    """A server that refuses every creation, whatever its body, while so many deployments are alive."""

    class Limited(Service):
        def create(self, call: Call) -> Document:
            alive = sum(not one.archived_at for one in call.tenant.deployments.values())
            if alive >= most:
                raise ApiError(status, KINDS[status], f"You have {alive} of {most} deployments.")
            return super().create(call)

    return Limited


@pytest.mark.parametrize("status", KINDS)
def test_a_quota_is_a_precondition(status: int) -> None:
    with ReferenceServer(limited(status)) as server:
        run = judge_server(server, "--tier", "core")
    assert run.broken() == set()
    assert run.exit_code == 3
    reasons = {row["message"] for row in run.result["requirements"] if row["verdict"] == "not-judged"}
    (reason,) = reasons
    assert reason.startswith("the account takes no more deployments: after others were accepted")
    assert f"refused with {status} {KINDS[status]} (You have" in reason
    assert "raise the quota" in reason
    assert {row["blame"] for row in run.result["requirements"] if row["message"] == reason} == {
        "precondition"
    }


def test_a_server_that_refuses_one_kind_of_body_has_no_quota() -> None:
    class RefusesSchedules(Service):
        def create(self, call: Call) -> Document:
            if "schedule" in call.body:
                raise ApiError(403, "permission_error", "No schedules.")
            return super().create(call)

    with ReferenceServer(RefusesSchedules) as server:
        run = judge_server(server, "--tier", "core", "--only", "schedule.*,create.*")
    assert "create.stores-what-was-sent" in run.broken()
    assert not any("no more deployments" in row["message"] for row in run.result["requirements"])


def test_a_server_that_takes_no_minimal_creation_has_no_quota() -> None:
    class WantsSchedules(Service):
        def create(self, call: Call) -> Document:
            if not call.body.get("schedule"):
                raise ApiError(400, "invalid_request_error", "A schedule is required.")
            return super().create(call)

    with ReferenceServer(WantsSchedules) as server:
        run = judge_server(server, "--tier", "core")
    reasons = {row["message"] for row in run.result["requirements"] if row["verdict"] == "not-judged"}
    assert not any("no more deployments" in reason for reason in reasons)
    assert any("the minimal one answered 400 invalid_request_error" in reason for reason in reasons)
    assert any("A schedule is required." in reason for reason in reasons)
