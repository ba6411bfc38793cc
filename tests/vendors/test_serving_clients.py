"""The client of a vendor drives the reference server under that vendor's profile, as its documents show it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import anthropic
import pytest
from anthropic.types.beta import BetaManagedAgentsDeployment

from conformance.reference import ReferenceServer
from conformance.vendors import load_profile
from tests.vendors.serving import server_of

NAMES = (f"client {number}" for number in count(1))


@pytest.fixture(scope="module")
def server() -> Iterator[ReferenceServer]:
    with server_of("anthropic") as running:
        yield running


@pytest.fixture(scope="module")
def client(server: ReferenceServer) -> Iterator[anthropic.Anthropic]:
    form = load_profile("anthropic").credentials
    # The client sends a bearer token and a newer version; the profile follows the guide, which shows these.
    headers = {**form.headers, form.header: form.value(server.tokens[0]), "authorization": ""}
    root = server.base_url.removesuffix("/v1")
    with anthropic.Anthropic(base_url=root, default_headers=headers, max_retries=0) as opened:
        yield opened


def deploy(client: anthropic.Anthropic, server: ReferenceServer) -> BetaManagedAgentsDeployment:
    return client.beta.deployments.create(
        name=next(NAMES),
        agent=server.agent_id,
        environment_id=server.environment_id,
        initial_events=[{"type": "user.message", "content": [{"type": "text", "text": "Work."}]}],
        schedule={"type": "cron", "expression": "30 9 * * 1-5", "timezone": "Asia/Shanghai"},
        metadata={"team": "night"},
    )


def test_a_deployment_has_every_field_of_the_client(
    client: anthropic.Anthropic, server: ReferenceServer
) -> None:
    made = deploy(client, server)
    assert (made.id[:5], made.description, made.metadata) == ("depl_", None, {"team": "night"})
    assert client.beta.deployments.retrieve(made.id) == made
    unknown = set(made.model_extra or {})
    missing = {
        name
        for name, field in type(made).model_fields.items()
        if field.is_required() and name not in made.model_fields_set
    }
    assert (unknown, missing) == (set(), set())
    assert made.schedule
    assert len(made.schedule.upcoming_runs_at or []) == 5


def test_null_clears_what_can_be_cleared(client: anthropic.Anthropic, server: ReferenceServer) -> None:
    made = deploy(client, server)
    update = client.beta.deployments.update
    assert update(made.id, description="new").description == "new"
    assert update(made.id, description=None).description is None
    assert update(made.id, schedule=None).schedule is None
    assert update(made.id, metadata={"team": None, "shift": "day"}).metadata == {"shift": "day"}


def test_what_was_done_before_does_nothing(client: anthropic.Anthropic, server: ReferenceServer) -> None:
    made, deployments = deploy(client, server), client.beta.deployments
    paused = deployments.pause(made.id)
    assert (paused.status, deployments.pause(made.id)) == ("paused", paused)
    active = deployments.unpause(made.id)
    assert (active.paused_reason, deployments.unpause(made.id)) == (None, active)
    archived = deployments.archive(made.id)
    assert (archived.name, archived.status, deployments.archive(made.id)) == (made.name, "active", archived)
    with pytest.raises(anthropic.BadRequestError):
        deployments.run(made.id)


def test_a_paused_one_can_be_run_and_its_schedule_shows_nothing_of_it(
    client: anthropic.Anthropic, server: ReferenceServer
) -> None:
    made = deploy(client, server)
    client.beta.deployments.pause(made.id)
    run = client.beta.deployments.run(made.id)
    assert (run.id[:5], run.trigger_context.type, run.error) == ("drun_", "manual", None)
    assert client.beta.deployment_runs.retrieve(run.id) == run
    assert list(client.beta.deployment_runs.list(deployment_id=made.id)) == [run]
    schedule = client.beta.deployments.retrieve(made.id).schedule
    assert schedule
    assert schedule.last_run_at is None


def test_lists_are_walked_to_their_end(client: anthropic.Anthropic, server: ReferenceServer) -> None:
    made = [deploy(client, server).id for _ in range(5)]
    listed = [one.id for one in client.beta.deployments.list(limit=2, include_archived=True)]
    assert listed[:5] == made[::-1]
    assert len(set(listed)) == len(listed)


def test_errors_are_of_the_clients_kinds(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError) as missing:
        client.beta.deployments.retrieve("depl_" + "0" * 24)
    assert missing.value.request_id
    assert missing.value.request_id.startswith("req_")
    with pytest.raises(anthropic.BadRequestError):
        client.beta.deployments.list(limit=101)
    with pytest.raises(anthropic.AuthenticationError):
        client.with_options(default_headers={"x-api-key": "sk-wrong"}).beta.deployments.list()
