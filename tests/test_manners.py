"""Limits, pace and patience of whole runs: within them a run is polite, and nobody is accused because of them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from conformance.reference import ReferenceServer, Request, Response, Service
from tests.door import Door
from tests.gateway import Gateway, most_in_a_second
from tests.judge import Run, judge_server

SOME = "pause.makes-it-paused,pause.second-is-conflict,archive.is-stored,list.envelope,race.pauses"
FEW_EXAMPLES = ("--examples", "5")


def accused(run: Run) -> dict[str, str]:
    return {name: run.message(name) for name in run.broken()}


def judge_gateway(*words: str) -> tuple[Run, Gateway]:
    with ReferenceServer(Gateway) as server:
        run = judge_server(server, "--only", SOME, *FEW_EXAMPLES, *words)
        assert isinstance(server.service, Gateway)
        return run, server.service


@pytest.mark.parametrize("words", [("--rate", "9"), ("--rate", "9", "-n", "2")], ids=["threads", "processes"])
def test_no_second_at_the_target_sees_more_than_the_rate(words: tuple[str, ...]) -> None:
    run, gateway = judge_gateway(*words)
    assert run.exit_code == 0, run.output
    assert most_in_a_second(gateway.log) <= 9
    assert len(gateway.log) == run.result["totals"]["requests"]


def test_a_gateway_that_throttles_is_heeded_without_a_rate() -> None:
    run, gateway = judge_gateway()
    assert run.exit_code == 0, run.output
    assert gateway.refused > 0
    assert gateway.refused < len(gateway.log) / 4


LIMITS = [
    ("--max-requests", "1"), ("--max-requests", "4"), ("--max-requests", "9"), ("--max-requests", "40"),
    ("--max-requests", "120"), ("--max-created", "0"), ("--max-created", "1"), ("--max-created", "12"),
    ("--max-seconds", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("option", "limit"), LIMITS, ids=lambda value: value.strip("-"))
def test_a_limit_ends_the_run_and_leaves_nothing(option: str, limit: str) -> None:
    with ReferenceServer() as server:
        run = judge_server(server, option, limit, "--tier", "core")
        held = [
            one for tenant in server.service.store.tenants.values() for one in tenant.deployments.values()
        ]
    assert accused(run) == {}
    assert run.exit_code == 3
    assert run.result["ended_by"] == f"{option} {limit}"
    assert f"notice: {option} {limit} was reached" in run.output
    assert all(one.archived_at for one in held)
    totals = run.result["totals"]
    assert (totals["created"], totals["removed"]) == (len(held), len(held))
    if option == "--max-requests":
        assert totals["requests"] <= int(limit)
    if option == "--max-created":
        assert len(held) <= int(limit)
    rows = [*run.result["requirements"], *run.result["searches"]]
    blames = {row["blame"] for row in rows if row["verdict"] == "not-judged"}
    assert blames <= {"harness", "precondition"}
    assert "harness" in blames


def test_processes_share_the_limits() -> None:
    with ReferenceServer() as server:
        run = judge_server(server, "--max-requests", "120", "--max-created", "9", "-n", "2", "--tier", "core")
        held = [
            one for tenant in server.service.store.tenants.values() for one in tenant.deployments.values()
        ]
    assert run.exit_code == 3
    assert run.result["totals"]["requests"] <= 120
    assert len(held) <= 9
    assert all(one.archived_at for one in held)


def test_junit_names_the_limit_too(door: Door) -> None:
    opened = door.run("--reference", "--only", "pause.second-is-conflict", "--max-requests", "2")
    assert opened.code == 3
    suites = ET.parse(opened.folder / "junit.xml").getroot()  # noqa: S314 (our own document)
    facts = {one.get("name"): one.get("value") for one in suites.iter("property")}
    assert facts["ended_by"] == "--max-requests 2"


@pytest.fixture
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    return Door(tmp_path_factory.mktemp("door"))


class PausesFail(Service):
    """Every pause is a 500."""

    def handle(self, request: Request) -> Response:
        if request.operation == "pause":
            return Response(500, {"type": "error", "error": {"type": "api_error", "message": "no"}})
        return super().handle(request)


def test_a_route_that_always_fails_is_judged_and_no_reason_to_give_up() -> None:
    with ReferenceServer(PausesFail) as server:
        run = judge_server(server, "--tier", "core")
    assert run.exit_code == 1
    assert "pause.makes-it-paused" in run.with_verdict("fail")
    assert "given up" not in run.output
    assert "create.minimal-is-accepted" in run.with_verdict("pass")


def test_a_broken_promise_outranks_a_limit() -> None:
    with ReferenceServer(PausesFail) as server:
        run = judge_server(server, "--tier", "core", "--max-requests", "300")
    assert run.exit_code == 1
    assert run.result["ended_by"] == "--max-requests 300"
