"""Stories leave out what no judged requirement reads, and nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from conformance.client.api import Api
from conformance.client.exchange import NOT_ASKED
from conformance.client.ownership.creations import Creations
from conformance.client.prerequisites import Prerequisites
from conformance.config.settings import Settings
from conformance.contract.catalogue import load_catalogue
from conformance.contract.judgement import answered
from conformance.contract.verdict import NotJudgedError, Outcome
from conformance.evidence.values import decoded, encoded
from conformance.redaction.redactor import Redactor
from conformance.reference import ReferenceServer, Service, SystemClock, VendorService
from conformance.run.selection import ALL_ANSWERS
from conformance.suite.engine.registry import load_stories
from conformance.vendors import load_profile
from tests.client.factory import target_at
from tests.judge import judge_server
from tests.proof.engine import collect, judge_in_process
from tests.proof.profiles import server_of

STORIES = {"archive_twice", "lifecycle", "pause_cycle", "pause_twice"}
"""Those that leave something out."""
PROFILES = {"qoder": Service, "anthropic": VendorService}
MANY = 15


@cache
def alone(profile: str) -> tuple[str, ...]:
    """The requirements of the core tier that read one of the stories, and not every answer."""
    catalogue = load_catalogue(profile)
    readers = [one for one in collect() if STORIES.intersection(one.stories) and ALL_ANSWERS not in one.needs]
    rows = [catalogue[one.requirement.id] for one in readers]
    return tuple(row.id for row in rows if row.tier == "core" and not row.unbound)


@pytest.mark.parametrize("profile", PROFILES)
def test_what_a_requirement_reads_is_asked_where_it_alone_is_judged(
    profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Api, "wait_for_next_second", lambda _: None)
    lacking, newest = {}, load_profile(profile).editions.names[-1]
    with server_of(PROFILES[profile], profile, newest, SystemClock()) as server:
        for requirement in alone(profile):
            settings = Settings(
                profile=profile, base_url=server.base_url, token=server.tokens[0], report_dir=str(tmp_path),
                tier=("core",), only=(requirement,),
            )  # fmt: skip
            (row,) = judge_in_process(settings, lambda _: None).judged
            if row.verdict.outcome is Outcome.NOT_JUDGED:
                lacking[requirement] = row.verdict.message
    assert lacking == {}
    assert len(alone(profile)) > MANY


def test_a_story_says_which_parts_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans subtract the parts that are named; one that is not would be asked for and never planned."""
    asked: dict[str, set[tuple[str, ...]]] = {name: set() for name in STORIES}

    def wants(api: Api, *readers: str) -> bool:
        asked[api.story].add(readers)
        return True

    monkeypatch.setattr(Api, "wait_for_next_second", lambda _: None)
    monkeypatch.setattr(Api, "wants", wants)
    known = load_stories()
    with ReferenceServer() as server, target_at(server.base_url, tmp_path, token=server.tokens[0]) as target:
        given = Prerequisites(agent_id=server.agent_id, environment_id=server.environment_id)
        for name in STORIES:
            known[name].collect(Api(target, name, given, Creations(target.ledger)))
    assert asked == {name: set(known[name].parts.values()) for name in STORIES}
    assert {name for name, story in known.items() if story.parts} == STORIES


def test_few_requirements_take_few_requests_and_deployments() -> None:
    with ReferenceServer() as server:
        run = judge_server(
            server, "--footprint", "minimal", "--only", "pause.second-is-conflict,archive.sets-archived-at"
        )
    assert len(run.with_verdict("pass")) == 2
    assert run.result["totals"]["requests"] < 25
    assert run.result["totals"]["created"] == 3


def test_where_all_answers_are_judged_nothing_is_left_out() -> None:
    with ReferenceServer() as server:
        one, beside = (
            judge_server(server, "--only", only)
            for only in ("archive.sets-archived-at", "archive.sets-archived-at,errors.envelope")
        )
    assert beside.result["totals"]["requests"] > one.result["totals"]["requests"] + 20


@pytest.mark.fast
def test_what_was_not_asked_judges_nothing_also_when_it_was_saved() -> None:
    saved = encoded((NOT_ASKED,), Redactor())
    (again,) = decoded(saved, {})
    assert again is NOT_ASKED
    with pytest.raises(NotJudgedError, match="it was not sent: select this requirement as well"):
        answered(again)
