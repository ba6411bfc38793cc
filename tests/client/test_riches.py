"""Rich deployments: every value is legal, and a target that refuses one gets what it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from conformance.client.api import Api
from conformance.client.ownership.creations import Creations
from conformance.client.prerequisites import Prerequisites
from conformance.client.rich_values import FIELDS, MOST_EVENTS, ZONES, Riches
from conformance.contract import limits
from conformance.contract.schemas import violations
from conformance.reference import REVISIONS, ReferenceServer, ReferenceSettings, Service
from conformance.reference.accounts import agent_id, environment_id
from conformance.reference.errors import invalid
from conformance.reference.store import AgentPin, Tenant
from conformance.suite.engine.registry import load_stories
from conformance.suite.shared.values import yearly
from tests.client.factory import target_at

VAULTS = ("vault_1", "vault_2")
STORY = "pause_twice"
SUFFIX = "_archived_1781427523"
PLAIN = {"name": "plain name", "description": "plain description", "schedule": yearly()}


def known(**facts: Any) -> Prerequisites:  # noqa: ANN401 (fields of Prerequisites)
    return Prerequisites(**{"agent_id": "agent_1", "environment_id": "env_1", "vaults": VAULTS, **facts})


def enriched(story: str = STORY, *given: str, **facts: Any) -> dict[str, Any]:  # noqa: ANN401 (the same)
    return Riches(known(**facts)).enriched(story, PLAIN, given)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_rich_body_is_within_every_limit_of_the_documents(revision: str) -> None:
    form = "blocks" if revision == "2026-07" else "string"
    body = enriched(revision=revision, event_form=form) | {"agent": "agent_1", "environment_id": "env_1"}
    assert violations("create-request", revision, body) == []
    assert len(body["name"] + SUFFIX) == 256
    assert len(body["initial_events"]) == 50
    assert len(body["metadata"]) == 16
    assert max(map(len, body["metadata"])) == limits.METADATA_KEY
    assert max(map(len, body["metadata"].values())) == limits.METADATA_VALUE
    assert ("environment_variables" in body) == (revision == "2026-07")
    assert body["vault_ids"] == [*VAULTS]


def test_texts_begin_as_they_would_and_are_beyond_the_basic_plane() -> None:
    body = enriched()
    for name in ("name", "description"):
        assert body[name].startswith(cast("str", PLAIN[name]))
        assert body[name] == body[name].strip()
        assert max(map(ord, body[name])) > 0xFFFF


def test_what_a_story_gives_stays_as_it_is() -> None:
    assert enriched(STORY, "name")["name"] == PLAIN["name"]
    explicit = Riches(known()).enriched(STORY, {"schedule": yearly(timezone="UTC")}, ())
    assert explicit["schedule"] == yearly(timezone="UTC")


def test_vaults_that_nobody_saw_are_not_named() -> None:
    assert "vault_ids" not in enriched(vaults=())


def test_plain_riches_change_nothing() -> None:
    riches = Riches(known(), ())
    assert riches.enriched(STORY, PLAIN, ()) == PLAIN
    assert riches.stories == set()


def test_few_stories_have_most_events_and_all_of_them_exist() -> None:
    assert load_stories().keys() > MOST_EVENTS
    assert len(enriched("updates")["initial_events"]) < len(enriched()["initial_events"])


@pytest.mark.parametrize("zone", ZONES)
def test_clocks_of_the_zones_never_change(zone: str) -> None:
    now = datetime.now(UTC)
    days = (now + timedelta(days=day) for day in range(400))
    assert len({day.astimezone(ZoneInfo(zone)).utcoffset() for day in days}) == 1


# --- targets that refuse -----------------------------------------------------------------------------------


class NoQuotesInNames(Service):
    """Names hold no quotes."""

    def read_name(self, value: object) -> str:
        if '"' in str(value):
            raise invalid("name must not hold quotes", "name")
        return super().read_name(value)


class NothingRichTogether(Service):
    """A body may be of at most 3,000 bytes."""

    def read_agent(self, value: object, tenant: Tenant) -> AgentPin:
        raise_if = self.__dict__.pop("too_large", False)
        if raise_if:
            raise invalid("the body is too large")
        return super().read_agent(value, tenant)

    def read_description(self, value: object) -> str:
        description = super().read_description(value)
        self.__dict__["long"] = len(description) > 1_000
        return description

    def read_metadata_entry(self, key: str, entry: object, bag: Any) -> object:  # noqa: ANN401 (as in the base)
        self.__dict__["too_large"] = self.__dict__.get("long", False)
        return super().read_metadata_entry(key, entry, bag)


@contextmanager
def client(service: type[Service], folder: Path) -> Iterator[tuple[Callable[[str], Api], Riches]]:
    """Yield what makes the clients of stories, and the riches that they share."""
    with (
        ReferenceServer(service, ReferenceSettings()) as server,
        target_at(server.base_url, folder, token=server.tokens[0]) as target,
    ):
        tenant = next(iter(server.service.store.tenants))
        facts = known(agent_id=agent_id(tenant, "first"), environment_id=environment_id(tenant, "first"))
        creations, riches = Creations(target.ledger), Riches(facts)
        yield lambda story: Api(target, story, facts, creations, riches=riches), riches


def test_a_target_that_takes_all_is_asked_once(tmp_path: Path) -> None:
    with client(Service, tmp_path) as (api, _):
        one = api(STORY)
        made = one.create_deployment()
        assert [e.label for e in one.target.exchanges()] == ["create"]
        assert isinstance(made.exchange.json, dict)
        assert made.name == made.exchange.json["name"]
        assert len(made.exchange.json["initial_events"]) == 50


def test_a_value_that_is_refused_is_left_out_of_all_that_follows(tmp_path: Path) -> None:
    with client(NoQuotesInNames, tmp_path) as (api, riches):
        first, second = api(STORY), api("unpause_twice")
        shown = first.create_deployment().exchange.json
        assert isinstance(shown, dict)
        assert len(shown["name"]) < 100
        assert len(shown["metadata"]) == 16
        before = len(first.target.exchanges())
        second.create_deployment()
        assert len(first.target.exchanges()) == before + 1
        assert "name (400 invalid_request_error)" in riches.notice()
        assert "metadata" not in riches.notice()


def test_what_is_refused_only_together_is_given_up(tmp_path: Path) -> None:
    with client(NothingRichTogether, tmp_path) as (api, riches):
        shown = api(STORY).create_deployment().exchange.json
        assert isinstance(shown, dict)
        assert set(riches.refused) == set(FIELDS)
        assert len(shown["initial_events"]) == 1
