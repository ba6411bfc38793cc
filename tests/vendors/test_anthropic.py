"""A server of the Anthropic shape is reached, and judged by what its vendor promises and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.client.answers import created_id, items
from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.ownership.archiving import put_away
from conformance.client.ownership.clean_up import clean_up
from conformance.client.ownership.orphans import read_ledger
from conformance.client.ownership.sweep import Sweep
from conformance.client.paging import Cursor, Pages
from conformance.client.target import OutgoingRequest, Target
from tests.client.factory import api_of, target_at
from tests.independent import IndependentServer
from tests.independent.journal import State
from tests.independent.service import AGENT, ENVIRONMENT, OLD_AGENT, OLD_ENVIRONMENT, TOKENS, Answer, Call
from tests.judge import Run, run_conformance
from tests.vendors.anthropic_server import WAYS, AnthropicShaped

FIRST, SECOND = TOKENS
LOST = 120
"""Creations whose answers are lost: more than one page of any list holds."""


@pytest.fixture
def server() -> Iterator[IndependentServer]:
    with IndependentServer(WAYS, AnthropicShaped) as running:
        yield running


@pytest.fixture
def target(server: IndependentServer, tmp_path: Path) -> Iterator[Target]:
    chosen = {"token": FIRST, "second_token": SECOND, "profile": "anthropic"}
    with target_at(server.base_url, tmp_path, **chosen) as opened:
        yield opened


@pytest.fixture
def api(target: Target) -> Api:
    return api_of(target, agent_id=AGENT, environment_id=ENVIRONMENT)


def run_at(server: IndependentServer, *arguments: str) -> Run:
    return run_conformance(
        "--base-url", server.base_url, "--second-token-env", "SECOND", "--seed", "1",
        "--archived-agent-id", OLD_AGENT, "--archived-environment-id", OLD_ENVIRONMENT, *arguments,
        environment={"CONFORMANCE_TOKEN": FIRST, "SECOND": SECOND},
    )  # fmt: skip


# --- every seam, one request after another -------------------------------------------------------------------


def test_a_deployment_is_created_read_and_listed(api: Api) -> None:
    made = api.create_plain()
    assert made.id.startswith("depl_")
    read = api.get(made.id)
    assert read.succeeded
    assert [item["id"] for item in items(api.list())] == [made.id]


def test_runs_are_listed_by_a_filter_and_read_by_their_id(api: Api, target: Target) -> None:
    made, other = api.create_plain(), api.create_plain()
    sent = target.send(
        "story", OutgoingRequest(method="POST", path=f"/deployments/{made.id}/run", label="run")
    )
    run = created_id(sent) or ""
    assert run.startswith("drun_")
    assert [item["id"] for item in items(api.runs(made.id))] == [run]
    assert list(items(api.runs(other.id))) == []
    assert [api.get_run(made.id, run).status, api.get_any_run(run).status] == [200, 200]


@pytest.mark.parametrize("missing", ["anthropic-version", "anthropic-beta"])
def test_a_documented_header_may_be_left_out(api: Api, missing: str) -> None:
    assert api.list().status == 200
    assert api.list(headers={missing: ""}).status == 400


def lose(api: Api, count: int) -> None:
    """Send creations whose answers never come."""
    for _ in range(count):
        body = api.body()
        with api.creations.announced(body):
            made = api.request("POST", "/deployments", body=body, label="create")
            assert api.target.send("story", made).succeeded


def pages_of(api: Api) -> Iterator[Exchange]:
    def fetch(cursor: Cursor) -> Exchange:
        return api.list({"limit": 20, **cursor})

    return Pages(fetch, api.target.profile.lists).after(fetch({}))


def live(api: Api) -> list[object]:
    return [item["id"] for page in pages_of(api) for item in items(page)]


def test_the_clean_up_finds_lost_creations_on_any_page(api: Api) -> None:
    lose(api, LOST)
    assert len(live(api)) == LOST
    left = clean_up(
        api.creations,
        lambda made: put_away(api, made, label="clean up"),
        api.get,
        api.confirm,
        lambda: pages_of(api),
        workers=4,
    )
    assert (left, live(api)) == ((), [])


def test_a_sweep_finds_lost_creations_on_any_page(api: Api, target: Target, tmp_path: Path) -> None:
    lose(api, LOST)
    target.ledger.close()
    ledger = tmp_path / "ledger.jsonl"
    (leftovers,) = read_ledger(ledger)
    swept = list(Sweep(target, ledger, leftovers).carry_out())
    assert [one.text for one in swept if one.kind != "archived"] == []
    assert (len(swept), live(api)) == (LOST, [])


# --- judged ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judged() -> Run:
    with IndependentServer(WAYS, AnthropicShaped) as running:
        return run_at(running, "--profile", "anthropic", "--tier", "core,billable")


def test_a_conforming_server_is_accused_of_nothing(judged: Run) -> None:
    assert judged.broken() | judged.with_verdict("not-judged") == set(), judged.output
    assert judged.exit_code == 0, judged.output


def test_its_promises_are_judged_at_the_vendors_levels(judged: Run) -> None:
    rows = {row["id"]: row for row in judged.result["requirements"]}
    assert judged.result["profile"] == "anthropic"
    assert rows["archive.keeps-status-active"]["statements"] == ["A173"]
    assert (rows["runs.newest-first"]["level"], rows["runs.newest-first"]["verdict"]) == ("SHOULD", "pass")
    assert "does not promise it" in rows["idempotency.run-is-replayed"]["message"]
    unbound = rows["pause.second-is-conflict"]
    assert unbound["verdict"] == "not-applicable"
    assert unbound["message"] == "the profile anthropic does not promise it"
    assert len(judged.with_verdict("pass")) > 100


def test_the_model_and_races_know_that_a_second_pause_may_do_nothing(server: IndependentServer) -> None:
    run = run_at(
        server, "--profile", "anthropic", "--tier", "core,property,race", "--only", "model.lifecycle,race.*"
    )
    assert run.broken() == set(), run.output
    assert {row["id"]: row["verdict"] for row in run.result["searches"]}.items() >= {
        "model.lifecycle": "pass", "race.pauses": "pass", "race.archives": "pass", "race.creations": "not-applicable",
    }.items()  # fmt: skip


class _KeepsPaused(AnthropicShaped):
    """What was paused stays so when it is archived, as many clones have it."""

    def _archive(self, call: Call, state: State) -> Answer:
        return self._unless(bool(state["archived"]), call, state, {"archived": self.stamp()})


def test_the_model_finds_what_an_archive_does_to_a_paused_one() -> None:
    with IndependentServer(WAYS, _KeepsPaused) as running:
        run = run_at(
            running, "--profile", "anthropic", "--tier", "core,property", "--only", "model.lifecycle"
        )
    assert run.broken() == {"archive.keeps-status-active"}, run.output


CLONE = """format = "1"
extends = "anthropic"
[promises."archive.keeps-status-active"]
off = "our clone shows what it was"
"""


def test_an_own_profile_turns_off_what_a_clone_does_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "clone.toml"
    path.write_text(CLONE)
    with IndependentServer(WAYS, _KeepsPaused) as running:
        run = run_at(running, "--profile", str(path), "--only", "archive.*", "--tier", "core")
    assert (run.exit_code, run.broken()) == (0, set()), run.output
    assert run.result["profile"] == "clone"
    assert run.message("archive.keeps-status-active") == "our clone shows what it was"


def test_a_wrong_profile_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "clone.toml"
    path.write_text(f'{CLONE}level = "MAY"\n')
    run = run_conformance("--profile", str(path))
    assert run.exit_code == 2
    assert (
        'promises.archive.keeps-status-active.level is "MAY". Allowed: MUST, SHOULD or OBSERVE.' in run.errors
    )
    assert "clone.toml, line 5" in run.errors


def test_the_embedded_server_speaks_the_profile() -> None:
    run = run_conformance("--reference", "--profile", "anthropic", "--only", "pause.*,errors.envelope")
    assert (run.exit_code, run.broken()) == (0, set()), run.output
    assert run.result["profile"] == "anthropic"
    assert "does not promise it" in run.message("pause.second-is-conflict")
    assert len(run.with_verdict("pass")) > 5


def test_an_edition_of_another_vendor_is_refused() -> None:
    run = run_conformance("--profile", "anthropic", "--revision", "2026-07")
    assert run.exit_code == 2
    assert "Allowed: auto, managed-agents-2026-04-01" in " ".join(run.errors.split())
