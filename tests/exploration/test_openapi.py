"""What schemathesis makes of the OpenAPI file: which requests are sent, and what it leaves alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.reference import REVISIONS, ApiError, ReferenceServer, Request, Response, Service
from conformance.reference.store import Tenant
from conformance.suite.engine.registry import load_stories
from conformance.suite.exploration.openapi.generation import differs, grafted
from conformance.suite.exploration.openapi.promises import (
    BODY_LIMITS,
    METHODS,
    PARAMETER_LIMITS,
    PARAMETERS,
    ROUTES,
    STORIES,
)
from conformance.suite.exploration.openapi.requests import (
    REFUSAL,
    SUCCESS,
    UNAUTHENTICATED,
    deal,
    filled,
    requests,
)
from tests.judge import judge_server, judge_service

MOST = 140
OWN = {"$name": "mine", "$agent": "agent_1"}


# --- what is sent ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_route_is_asked_rightly_wrongly_and_without_credentials(revision: str) -> None:
    asked = Counter((one.route, one.expects) for one in requests(revision))
    for route, promised in ROUTES.items():
        assert promised.schema == "" or (asked[route, SUCCESS] and asked[route, UNAUTHENTICATED] == 2)
    assert asked["POST /deployments", REFUSAL] > 20
    assert asked["POST /deployments/{id}", REFUSAL] > 5


@pytest.mark.parametrize("revision", REVISIONS)
def test_nothing_billable_and_nothing_of_others_is_asked_for(revision: str) -> None:
    for one in requests(revision):
        method, path = one.route.split(" ")
        assert not path.endswith("/run")
        assert not one.method or path.startswith("/deployments/{id}")
        assert one.method or method == "GET" or path == "/deployments" or "{id}" in path


def test_every_promise_of_the_tables_is_asked_for_and_in_the_catalogue() -> None:
    tables = [*BODY_LIMITS.values(), *PARAMETER_LIMITS.values(), *METHODS.values()]
    tables += [promise for table in PARAMETERS.values() for promise in table.values()]
    tables += [route.promise for route in ROUTES.values()]
    asked = {one.promise for revision in REVISIONS for one in requests(revision)}
    assert set(tables) <= asked
    assert asked <= load_catalogue().requirements.keys()


def test_only_what_is_wrong_in_a_body_is_not_ours() -> None:
    usual = {"name": "0", "schedule": {"type": "cron", "expression": ""}, "events": [{"type": "a"}]}
    ours = {"name": "$name", "schedule": {"type": "cron", "expression": "$cron"}, "events": ["$event"]}
    made = {"name": "", "schedule": {"type": 0, "expression": ""}, "events": [{"type": "a"}, {"type": 1}]}
    assert grafted(usual, made, ours) == {
        "name": "",
        "schedule": {"type": 0, "expression": "$cron"},
        "events": ["$event", {"type": 1}],
    }
    assert grafted(usual, usual, ours) == ours
    assert differs(usual, made)
    assert not differs(usual, {"name": "0", "events": [{"type": "a"}, {"type": "a"}]})


def test_a_runs_own_values_take_the_place_of_their_marks() -> None:
    assert filled({"a": ["$name", {"b": "$agent"}], "c": 1, "d": "$none"}, OWN) == {
        "a": ["mine", {"b": "agent_1"}], "c": 1, "d": "$none",
    }  # fmt: skip


def test_a_seed_decides_what_is_left_out_and_every_kind_stays() -> None:
    every = requests("2026-07")
    kinds = {one.kind for one in every}
    one, other = (deal(every, seed, alike=1, bodies=2) for seed in (1, 2))
    assert one == deal(every, 1, alike=1, bodies=2) != other
    assert {asked.kind for asked in one} == kinds
    made = [asked for asked in one if asked.route == "POST /deployments" and asked.expects == SUCCESS]
    assert len(made) == 2
    whole = deal(every, 1, alike=1_000, bodies=1_000)
    assert sorted(asked.key for asked in whole) == sorted(asked.key for asked in every)


# --- what importing it does ------------------------------------------------------------------------------

UNTOUCHED = """
import sys
import hypothesis.core, hypothesis.internal.entropy as entropy
from hypothesis.internal.conjecture import engine
from hypothesis.strategies._internal import collections, core
def state():
    return (hypothesis.core.RepresentationPrinter, entropy.register_random, engine.BUFFER_SIZE,
            core.is_first_param_referenced_in_function, getattr(collections, "BUFFER_SIZE", None),
            getattr(hypothesis.core, "BUFFER_SIZE", None), hypothesis.settings.default)
before = state()
from conformance.suite.exploration.openapi.requests import requests
print(len(requests("2026-07")), before == state(), "schemathesis" in sys.modules)
"""
KEYS = """
import json
from conformance.suite.exploration.openapi.requests import requests
print(json.dumps([one.key for one in requests("2026-07")]))
"""
LEAN = """
import sys
from conformance.cli import main
code = main(["run", "--reference", "--only", "transport.routes-under-base", "--report-dir", sys.argv[1]])
print(code, *sorted({"hypothesis", "schemathesis", "yaml"} & set(sys.modules)))
"""
EXAMPLES = """
import sys
import hypothesis
from hypothesis import strategies as st
if sys.argv[1:]:
    from schemathesis.generation.hypothesis import setup
    setup()
from conformance.suite.exploration.properties import strategies
seen = []
for strategy in (strategies.parts(), strategies.invalid_creations(), strategies.timetables(5)):
    @hypothesis.settings(max_examples=60, database=None, deadline=None, phases=[hypothesis.Phase.generate])
    @hypothesis.seed(3)
    @hypothesis.given(strategy)
    def look(example):
        seen.append(repr(example))
    look()
print(len(seen), seen)
"""


def _python(code: str, *words: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_hypothesis_stays_as_it_is() -> None:
    count, *untouched = _python(UNTOUCHED).split()
    assert int(count) > 100
    assert untouched == ["True", "False"]


def test_other_searches_try_the_same_where_its_plugin_has_changed_hypothesis() -> None:
    assert _python(EXAMPLES) == _python(EXAMPLES, "changed")


def test_what_schemathesis_cannot_make_is_not_judged() -> None:
    with pytest.raises(NotJudgedError, match=r"schemathesis [0-9.]+ made no requests: .*1999-01") as caught:
        requests("1999-01")
    assert caught.value.blame is Blame.HARNESS


def test_the_process_of_schemathesis_gets_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    def run(*_: object, env: dict[str, str], **__: object) -> SimpleNamespace:
        given.update(env)
        return SimpleNamespace(stdout="[]")

    monkeypatch.setenv("CONFORMANCE_TOKEN", "pt-planted")
    monkeypatch.setenv("STAGING_BEARER", "pt-planted")
    monkeypatch.setattr(subprocess, "run", run)
    requests("of no file")
    assert given
    assert "pt-planted" not in given.values()


def test_every_process_makes_the_same_requests() -> None:
    assert json.loads(_python(KEYS)) == [one.key for one in requests("2026-07")]


def test_a_run_without_searches_imports_none_of_it(tmp_path: Path) -> None:
    assert _python(LEAN, str(tmp_path)).splitlines()[-1] == "0"


# --- against servers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_conforming_server_is_asked_little_and_accused_of_nothing(revision: str) -> None:
    run = judge_service(Service, revision, "--only", "property.openapi")
    assert run.exit_code == 0, run.output
    assert [row["verdict"] for row in run.result["searches"]] == ["pass"]
    assert run.result["totals"]["created"] == run.result["totals"]["removed"]
    assert run.result["totals"]["requests"] <= MOST


class CountsStrangers(Service):
    """Counts the requests that carry no credentials."""

    strangers = 0

    def authenticate(self, request: Request) -> Tenant:
        self.strangers += "authorization" not in request.headers
        return super().authenticate(request)


def _strangers(*only: str) -> int:
    with ReferenceServer(CountsStrangers) as server:
        run = judge_server(server, "--only", ",".join(only))
        assert run.exit_code == 0, run.output
        return int(server.service.strangers)  # type: ignore[attr-defined]  # of CountsStrangers


def test_what_a_story_of_the_run_has_asked_is_not_asked_again() -> None:
    judged = "auth.missing-is-401"
    assert _strangers("property.openapi") > len(ROUTES) // 2
    assert _strangers("property.openapi", judged) == _strangers(judged) > 0


def test_what_is_left_to_stories_is_asked_of_the_file_and_by_them() -> None:
    assert STORIES.keys() <= {asked.promise for revision in REVISIONS for asked in requests(revision)}
    assert {*STORIES.values()} <= load_stories().keys()


class OtherMethodsWork(Service):
    """DELETE removes a deployment, and GET of an action is a crash: the documents are silent about both."""

    def check_route(self, request: Request) -> None:
        if request.method not in {"GET", "DELETE"}:
            super().check_route(request)
        elif request.operation == "unsupported":
            raise ApiError(500, "api_error", "no idea")

    def answer(self, request: Request) -> Response:
        if request.operation == "unsupported" and request.method == "DELETE":
            self.authenticate(request).deployments.pop(request.path.split("/deployments/")[1], None)
            return Response(200, {"deleted": True})
        return super().answer(request)


def test_what_is_open_is_observed_only() -> None:
    run = judge_service(OtherMethodsWork, "2026-07", "--only", "property.openapi")
    assert run.exit_code == 0, run.output
    assert run.broken() == set()
    (row,) = run.result["searches"]
    assert [found["requirement"] for found in row["findings"]] == ["transport.unsupported-methods"]
