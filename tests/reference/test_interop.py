"""Clients written by others work against the server: the vendor's own, and one of a like API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import anthropic
import pytest
import qca
from anthropic.types.beta import BetaManagedAgentsDeployment
from qca.managed.types.deployment import Deployment
from qca.managed.types.schedule_params import ScheduleParams
from qca.managed.types.user_message_event_params import UserMessageEventParams

from conformance.reference import NEW, OLD, REVISIONS, ReferenceServer, ReferenceSettings

NAMES = (f"interop {number}" for number in count(1))
SCHEDULE: ScheduleParams = {"type": "cron", "expression": "30 9 * * 1-5", "timezone": "Asia/Shanghai"}
EVENT: UserMessageEventParams = {"type": "user.message", "content": [{"type": "text", "text": "Work."}]}


@pytest.fixture(scope="module", params=REVISIONS)
def vendor_server(request: pytest.FixtureRequest) -> Iterator[ReferenceServer]:
    with ReferenceServer(settings=ReferenceSettings(revision=request.param)) as running:
        yield running


@pytest.fixture(scope="module")
def vendor(vendor_server: ReferenceServer) -> Iterator[qca.Managed]:
    with qca.Managed(pat=vendor_server.tokens[0], base_url=vendor_server.base_url, max_retries=0) as client:
        yield client


def deploy(vendor: qca.Managed, server: ReferenceServer, **extra: Any) -> Deployment:  # noqa: ANN401 (passed on as it is)
    return vendor.deployments.create(
        name=next(NAMES),
        agent=server.agent_id,
        environment_id=server.environment_id,
        initial_events=[EVENT],
        **extra,
    )


def id_of(made: Deployment) -> str:
    assert made.id is not None
    return made.id


def test_the_vendors_client_creates_and_reads(vendor: qca.Managed, vendor_server: ReferenceServer) -> None:
    made = deploy(vendor, vendor_server, schedule=SCHEDULE, metadata={"team": "night"}, description="nightly")
    read = vendor.deployments.retrieve(id_of(made))
    assert read == made
    assert made.agent is not None
    assert (made.agent.id, made.agent.version) == (vendor_server.agent_id, 2)
    assert made.metadata is not None
    assert made.metadata["team"] == "night"
    assert ("cas_config" in made.metadata) is (vendor_server.settings.revision == OLD)
    assert made.schedule is not None
    assert made.schedule.upcoming_runs_at is not None
    assert [at.tzinfo for at in made.schedule.upcoming_runs_at] == [UTC] * 5
    assert made.created_at == made.updated_at
    assert made.created_at is not None
    assert made.created_at > datetime.now(UTC) - timedelta(minutes=1)


def test_the_vendors_client_drives_the_lifecycle(vendor: qca.Managed, vendor_server: ReferenceServer) -> None:
    made = deploy(vendor, vendor_server)
    paused = vendor.deployments.pause(id_of(made))
    assert paused.paused_reason is not None
    assert (paused.status, paused.paused_reason.type) == ("paused", "manual")
    with pytest.raises(qca.ConflictError) as second:
        vendor.deployments.pause(id_of(made))
    assert second.value.status_code == 409
    active = vendor.deployments.unpause(id_of(made))
    assert (active.status, active.paused_reason, active.schedule) == ("active", None, None)
    gone = vendor.deployments.archive(id_of(made))
    assert gone.archived_at is not None
    assert str(gone.name).startswith(f"{made.name}_archived_")


def test_the_vendors_client_updates(vendor: qca.Managed, vendor_server: ReferenceServer) -> None:
    made = deploy(vendor, vendor_server, metadata={"a": "1", "b": "2"})
    extra: dict[str, Any] = {}
    if vendor_server.settings.revision == NEW:
        extra = {"environment_variables": "A=1"}
    changed = vendor.deployments.update(
        id_of(made),
        description="new",
        metadata={"a": None, "c": "3"},
        schedule=SCHEDULE,
        agent={"id": vendor_server.agent_id, "type": "agent", "version": 1},
        **extra,
    )
    assert changed.agent is not None
    assert (changed.name, changed.description, changed.agent.version) == (made.name, "new", 1)
    assert changed.environment_variables == extra.get("environment_variables")
    assert {key for key in changed.metadata or {} if key != "cas_config"} == {"b", "c"}


def test_the_vendors_client_walks_lists(vendor: qca.Managed, vendor_server: ReferenceServer) -> None:
    made = [id_of(deploy(vendor, vendor_server)) for _ in range(4)]
    vendor.deployments.archive(made[0])
    vendor.deployments.pause(made[1])
    page = vendor.deployments.list(limit=2)
    if vendor_server.settings.revision == NEW:
        assert [each.id for each in page][:3] == made[:0:-1]
        assert made[0] in [each.id for each in vendor.deployments.list(include_archived=True, limit=3)]
        since = vendor.deployments.retrieve(made[0]).created_at
        assert set(made[1:]) <= {each.id for each in vendor.deployments.list(created_at_gte=since)}
    else:
        # The client walks by `page`, which that revision does not know.
        assert [each.id for each in page.data] == made[:1:-1]
        rest = vendor.deployments.list(limit=2, after_id=page.last_id)
        assert rest.data[0].id == made[1]
    assert made[1] in [each.id for each in vendor.deployments.list(status="paused", limit=100).data]
    assert vendor.deployments.list(agent_id="agent_unknown").data == []


def test_the_vendors_client_runs_and_lists_runs(vendor: qca.Managed, vendor_server: ReferenceServer) -> None:
    made = id_of(deploy(vendor, vendor_server))
    run = vendor.deployments.run(made)
    assert run.id is not None
    assert run.session_id is not None
    assert (run.deployment_id, run.error) == (made, None)
    assert vendor.deployment_runs.retrieve(run.id).session_id == run.session_id
    assert vendor.deployments.runs.retrieve(run.id, deployment_id=made).id == run.id
    assert [each.id for each in vendor.deployments.runs.list(made).data] == [run.id]
    listed = vendor.deployment_runs.list(deployment_id=made, has_error=False, trigger_type="manual")
    assert [each.id for each in listed.data] == [run.id]


def test_the_vendors_client_sees_its_kind_of_errors(
    vendor: qca.Managed, vendor_server: ReferenceServer
) -> None:
    with pytest.raises(qca.NotFoundError) as missing:
        vendor.deployments.retrieve("dep_unknown")
    if vendor_server.settings.revision == NEW:
        assert missing.value.request_id
    with pytest.raises(qca.BadRequestError):
        deploy(vendor, vendor_server, schedule={**SCHEDULE, "expression": "never"})
    with (
        qca.Managed(pat="pt-wrong", base_url=vendor_server.base_url, max_retries=0) as stranger,
        pytest.raises(qca.AuthenticationError),
    ):
        stranger.deployments.list()


def test_the_vendors_client_finds_agents_and_environments(
    vendor: qca.Managed, vendor_server: ReferenceServer
) -> None:
    has = vendor_server.prerequisites()
    agents = vendor.agents.list(include_archived=True).data
    assert [each.id for each in agents] == [has.agent_id, has.other_agent_id, has.archived_agent_id]
    assert [each.id for each in vendor.environments.list().data] == [
        has.environment_id,
        has.other_environment_id,
    ]


def test_a_client_of_a_like_api_drives_the_newer_revision() -> None:
    with ReferenceServer(settings=ReferenceSettings(revision=NEW, base_path="/v1")) as server:
        root = server.base_url.removesuffix("/v1")
        with anthropic.Anthropic(auth_token=server.tokens[0], base_url=root, max_retries=0) as client:
            drive(client, server)


def drive(client: anthropic.Anthropic, server: ReferenceServer) -> None:
    deployments = client.beta.deployments
    made = [
        deployments.create(
            name=next(NAMES),
            agent=server.agent_id,
            environment_id=server.environment_id,
            initial_events=[{"type": "user.message", "content": [{"type": "text", "text": "Work."}]}],
            schedule={"type": "cron", "expression": "30 9 * * 1-5", "timezone": "Asia/Shanghai"},
        )
        for _ in range(3)
    ]
    first = made[0]
    assert isinstance(first, BetaManagedAgentsDeployment)
    assert deployments.retrieve(first.id) == first
    assert deployments.update(first.id, description="new").description == "new"
    assert deployments.pause(first.id).status == "paused"
    with pytest.raises(anthropic.ConflictError):
        deployments.run(first.id)
    assert deployments.unpause(first.id).paused_reason is None
    run = deployments.run(first.id)
    assert client.beta.deployment_runs.retrieve(run.id).deployment_id == first.id
    assert [each.id for each in client.beta.deployment_runs.list(deployment_id=first.id)] == [run.id]
    assert [each.id for each in deployments.list(limit=1)] == [each.id for each in made[::-1]]
    assert deployments.archive(first.id).archived_at is not None
    with pytest.raises(anthropic.NotFoundError):
        deployments.retrieve("depl_unknown")
