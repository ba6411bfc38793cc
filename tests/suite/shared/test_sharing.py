"""What stories of one run ask of one deployment together, and what they look up once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.client.api import Api
from conformance.client.ownership.creations import Creations
from conformance.client.ownership.pool import Pool
from conformance.client.prerequisites import Prerequisites
from conformance.client.target import Target
from conformance.reference import ApiError, Call, Deployment, ReferenceServer, Service
from conformance.suite.create.accepted import creation_with_variables, pinned_agent
from conformance.suite.shared.ids import unknown_run
from conformance.suite.shared.looking import look_for
from tests.client.factory import target_at


class RefusesBoth(Service):
    """A creation with environment variables beside a version of the agent is refused."""

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        record = super().apply_create(call, fields)
        if record.environment_variables and record.agent.version == 1:
            raise ApiError(400, "invalid_request_error", "not both")
        return record


class Stage:
    """A server, and clients of stories that share a pool."""

    def __init__(self, server: ReferenceServer, target: Target) -> None:
        self.target = target
        self.creations = Creations(target.ledger)
        self._pool = Pool(2, target.stopped)
        self._known = Prerequisites(
            agent_id=server.agent_id,
            environment_id=server.environment_id,
            agent_version=2,
            revision="2026-07",
        )

    def story(self, name: str, *, alone: bool = False) -> Api:
        return Api(self.target, name, self._known, self.creations, pool=None if alone else self._pool)


@pytest.fixture
def stage(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    service = getattr(request, "param", Service)
    with (
        ReferenceServer(service) as server,
        target_at(server.base_url, tmp_path, token=server.tokens[0]) as target,
    ):
        yield Stage(server, target)


def test_a_pinned_version_and_variables_are_asked_of_one_deployment(stage: Stage) -> None:
    pinned = pinned_agent(stage.story("pinned_agent"))
    kept = creation_with_variables(stage.story("creation_with_variables"))
    assert stage.creations.created == 1
    assert pinned.pinned is kept.stored
    assert all(one.succeeded for one in kept.later)
    assert [one.succeeded for one in (pinned.moved, pinned.back) if one] == [True, True]


def test_alone_each_makes_one(stage: Stage) -> None:
    pinned_agent(stage.story("pinned_agent", alone=True))
    creation_with_variables(stage.story("creation_with_variables", alone=True))
    assert stage.creations.created == 2


@pytest.mark.parametrize("stage", [RefusesBoth], indirect=True)
def test_what_is_refused_together_is_tried_alone(stage: Stage) -> None:
    pinned = pinned_agent(stage.story("pinned_agent"))
    kept = creation_with_variables(stage.story("creation_with_variables"))
    assert stage.creations.created == 2
    assert pinned.pinned is not None
    assert (pinned.pinned.answer.status, kept.stored.answer.status) == (200, 200)


def test_what_is_looked_for_is_asked_once(stage: Stage) -> None:
    for name in ("first", "second"):
        assert look_for(stage.story(name), "agent")
        unknown_run(stage.story(name))
    assert len(stage.target.exchanges()) == 2
    unknown_run(stage.story("third", alone=True))
    assert len(stage.target.exchanges()) == 3
