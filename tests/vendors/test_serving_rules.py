"""Rules that a vendor alone has: the served profile keeps each that it promises, and no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from conformance.reference import ProfileData, ReferenceServer, shaped_as
from conformance.vendors import load_profile
from conformance.vendors.loading import profile_document

MESSAGE = {"type": "user.message", "content": [{"type": "text", "text": "go"}]}
SYSTEM = {"type": "system.message", "content": [{"type": "text", "text": "be brief"}]}
OUTCOME = {
    "type": "user.define_outcome",
    "description": "greet",
    "rubric": {"type": "text", "content": "hello"},
}
REPOSITORY = {"type": "github_repository", "url": "https://github.com/octocat/Hello-World"}
RULES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "create.description-of-2049-is-400": ({"description": "d" * 2049},),
    "create.501-resources-are-refused": ({"resources": [REPOSITORY] * 501},),
    "create.unknown-resource-type-is-400": ({"resources": [{"type": "moon"}]},),
    "create.lone-system-message-is-400": ({"initial_events": [SYSTEM]},),
    "create.system-message-must-be-last": (
        {"initial_events": [SYSTEM, MESSAGE]},
        {"initial_events": [MESSAGE, SYSTEM, SYSTEM]},
        {"initial_events": [OUTCOME, SYSTEM]},
    ),
    "create.empty-text-is-400": (
        {"initial_events": [{**MESSAGE, "content": [{"type": "text", "text": ""}]}]},
    ),
    "create.outcome-iterations": (
        {"initial_events": [{**OUTCOME, "max_iterations": 21}]},
        {"initial_events": [{**OUTCOME, "max_iterations": "3"}]},
    ),
    "create.outcome-must-be-whole": ({"initial_events": [{"type": "user.define_outcome", "rubric": "r"}]},),
}
LEGAL: tuple[Mapping[str, Any], ...] = (
    {"description": "d" * 2048},
    {"resources": [REPOSITORY] * 500},
    {"initial_events": [MESSAGE, SYSTEM]},
    {"initial_events": [{**OUTCOME, "max_iterations": 20}]},
    {"initial_events": [OUTCOME]},
)
LISTED = "list.status-with-archived-is-400"
SECRETS = "update.secrets-are-not-shown"


class Asked:
    """A server of the anthropic profile that promises some requirements besides, and a client of it."""

    def __init__(self, server: ReferenceServer, client: httpx.Client) -> None:
        self.server, self.client = server, client

    def create(self, **changes: object) -> httpx.Response:
        body = {"name": "one", "agent": self.server.agent_id, "environment_id": self.server.environment_id,
                "initial_events": [MESSAGE], **changes}  # fmt: skip
        return self.client.post("/deployments", json=body)


def asked(*promises: str) -> Iterator[Asked]:
    data = ProfileData.of(profile_document("anthropic"))
    known = {*RULES, LISTED, SECRETS, "update.description-of-2049-is-400"}
    data = replace(data, promises=(data.promises - known) | {*promises})
    with ReferenceServer(*shaped_as(data)) as server:
        headers = {"x-api-key": server.tokens[0], **load_profile("anthropic").credentials.headers}
        with httpx.Client(base_url=server.base_url, headers=headers) as client:
            yield Asked(server, client)


@pytest.fixture(scope="module")
def strict() -> Iterator[Asked]:
    yield from asked(*RULES, LISTED, SECRETS)


@pytest.fixture(scope="module")
def plain() -> Iterator[Asked]:
    yield from asked()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_kept_where_it_is_promised_and_only_there(rule: str, strict: Asked, plain: Asked) -> None:
    for changes in RULES[rule]:
        assert strict.create(**changes).status_code == 400
        assert plain.create(**changes).status_code == 200


@pytest.mark.parametrize("changes", LEGAL, ids=range(len(LEGAL)))
def test_at_its_limits_a_body_is_taken(changes: Mapping[str, Any], strict: Asked) -> None:
    answer = strict.create(**changes)
    assert answer.status_code == 200, answer.text
    assert answer.json() | changes == answer.json()


def test_filters_that_exclude_each_other_are_refused_where_promised(strict: Asked, plain: Asked) -> None:
    query = {"status": "active", "include_archived": "true"}
    assert strict.client.get("/deployments", params=query).status_code == 400
    assert strict.client.get("/deployments", params={"status": "active"}).status_code == 200
    assert plain.client.get("/deployments", params=query).status_code == 200


def test_a_secret_is_never_shown_where_promised(strict: Asked, plain: Asked) -> None:
    resources = [{**REPOSITORY, "authorization_token": "ghp_planted"}]
    made = strict.create(resources=resources)
    assert made.json()["resources"] == [REPOSITORY]
    assert "planted" not in strict.client.get(f"/deployments/{made.json()['id']}").text
    assert plain.create(resources=resources).json()["resources"] == resources
