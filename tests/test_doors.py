"""Both doors as users open them: exit codes, messages, what is written, and what is sent at all."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from conformance.client.ownership.ledger import LedgerError
from conformance.config.settings import Settings
from conformance.contract.catalogue import Requirement, load_catalogue
from conformance.contract.verdict import (
    Blame,
    BrokenPromiseError,
    NotApplicableError,
    NotJudgedError,
    Outcome,
    Verdict,
)
from conformance.reference import (
    Call,
    Document,
    ReferenceServer,
    ReferenceSettings,
    Request,
    Response,
    Service,
)
from conformance.report.result import Traffic
from conformance.run.session import Collector, RunFacts
from conformance.run.verdicts.outcomes import judge
from tests.door import FEW, HANGS, ONE, Door, Opened, PauseRefusesABody, SecondPauseSucceeds


@pytest.fixture(scope="module")
def server() -> Iterator[ReferenceServer]:
    with ReferenceServer() as running:
        yield running


# --- exit 0 and what is written ------------------------------------------------------------------------------


def test_a_run_that_finds_every_promise_kept(door: Door, server: ReferenceServer) -> None:
    opened = door.run_at(server, "--only", FEW)
    assert opened.code == 0, opened.output
    assert opened.errors == ""
    assert re.match(r"conformance: PASS - judged \d+ of \d+, 0 broken", opened.last_line)
    assert opened.reports() == [
        "evidence.json.gz", "junit.xml", "ledger.jsonl", "report.html", "result.json", "summary.md",
    ]  # fmt: skip
    assert opened.result["complete"] is True
    assert opened.result["exit_code"] == 0
    totals = opened.result["totals"]
    assert totals["created"] == totals["removed"] > 0
    assert set(opened.verdicts.values()) <= {"pass", "observed", "not-applicable"}


def test_a_search_leaves_nothing_beside_the_reports(door: Door) -> None:
    cache = {"XDG_CACHE_HOME": str(door.cwd / "cache")}
    opened = door.run(
        "--reference", "--only", "property.valid-creations", "--examples", "1", environment=cache
    )
    assert opened.code == 0, opened.output
    assert sorted(path.name for path in door.cwd.iterdir()) == ["cache", "reports"]


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["", "-n 2"])
def test_the_tests_of_the_folder_that_one_is_in_are_left_alone(door: Door, words: tuple[str, ...]) -> None:
    for folder in (door.cwd, door.cwd / "tests"):
        folder.mkdir(exist_ok=True)
        (folder / "conftest.py").write_text("raise RuntimeError('of another project')")
    opened = door.run("--reference", "--only", ONE, *words)
    assert (opened.code, opened.errors) == (0, "")


def test_the_embedded_server_needs_nothing(door: Door) -> None:
    opened = door.run("--reference", "--only", ONE)
    assert opened.code == 0, opened.output
    assert opened.result["target"] == "embedded reference server"


def test_a_job_gets_its_summary(door: Door, tmp_path: Path) -> None:
    place = tmp_path / "step"
    opened = door.run("--reference", "--only", ONE, environment={"GITHUB_STEP_SUMMARY": str(place)})
    assert (opened.code, place.read_text()) == (0, (door.folder / "summary.md").read_text())


def test_reports_go_where_they_are_wanted(door: Door) -> None:
    opened = door.run(
        "--reference",
        "--only",
        ONE,
        "--report-dir",
        "deep/er",
        environment={"CONFORMANCE_REPORT_DIR": "unused"},
    )
    assert opened.code == 0
    assert sorted(path.name for path in door.cwd.iterdir()) == ["deep"]
    assert (door.cwd / "deep/er/result.json").exists()


def test_the_file_is_read_from_the_folder_of_the_call(door: Door) -> None:
    (door.cwd / "conformance.toml").write_text(f'only = ["{ONE}"]\nseed = 5\nrevision = "2026-06"\n')
    opened = door.run("--reference", "--seed", "7", environment={"CONFORMANCE_SEED": "6"})
    assert (opened.code, opened.result["seed"], opened.result["revision"]) == (0, 7, "2026-06")
    assert list(opened.verdicts) == [ONE]


def test_a_token_of_the_environment_does_not_disturb_the_embedded_server(door: Door) -> None:
    opened = door.run("--reference", "--only", ONE, environment={"CONFORMANCE_TOKEN": "pt-of-another-vendor"})
    assert opened.code == 0, opened.output


# --- exit 2: usage -------------------------------------------------------------------------------------------

URL = "https://deployments.example/api"
WRONG: dict[str, tuple[list[str], list[str]]] = {
    "an unknown option": (["--basse-url", URL], ["--basse-url", "Did you mean --base-url?"]),
    "an unknown option with a value": (["--seeed=5"], ["--seeed=5", "Did you mean --seed?"]),
    "an abbreviation": (["--conc", "2"], ["--conc"]),
    "a stray word": (["now"], ["now"]),
    "an unknown profile": (["--profile", "qodr"], ["'qodr'", "Did you mean qoder?", "Allowed: "]),
    "an unknown tier": (["--tier", "core,rase"], ["'rase'", "Did you mean race?"]),
    "a wrong seed": (["--seed", "x"], ["--seed", "'x'", "whole number"]),
    "an unknown requirement": (["--only", "pause.sceond"], ["'pause.sceond'", "conformance list"]),
    "no token": (["--base-url", URL], ["CONFORMANCE_TOKEN or QODER_PAT is not set", "--token-env"]),
    "a variable that is not set": (["--token-env", "NOWHERE"], ["NOWHERE", "not set"]),
    "credentials in the URL": (
        ["--base-url", "https://u:hunter2222@h"],
        ["credentials", "CONFORMANCE_TOKEN"],
    ),
    "a URL that goes too far": (["--base-url", f"{URL}/deployments"], [f"Hint: {URL}"]),
    "no target": (["--only", ONE], ["no --base-url", "CONFORMANCE_BASE_URL", "--reference"]),
    "a target beside the reference": (["--reference", "--base-url", URL], ["leave one out"]),
    "an area for a pattern": (["--reference", "--only", "pause"], ["Did you mean pause.*?"]),
    "an unknown mark": (["--reference", "-m", "must and pasue"], ["'pasue'", "Did you mean pause?"]),
    "an empty port": (["--base-url", "https://a.example:/v1"], ["--base-url must be", "a.example:"]),
    "a missing value": (["--seed"], ["--seed", "expected one argument"]),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_wrong_usage_is_told_in_a_line_or_two(door: Door, case: tuple[list[str], list[str]]) -> None:
    words, said = case
    opened = door.run(*words)
    assert opened.code == 2
    assert opened.output == ""
    assert "Traceback" not in opened.errors
    assert len(opened.errors.splitlines()) <= 2
    assert [part for part in said if part not in opened.errors] == []
    assert "hunter2222" not in opened.errors
    assert opened.reports() == []


@pytest.mark.parametrize(
    "words", [[], ["runn"], ["serve", "--port", "70000"], ["serve", "--revision", "2025-01"]]
)
def test_a_wrong_command(door: Door, words: list[str]) -> None:
    opened = door.open("conformance", *words)
    assert (opened.code, opened.output) == (2, "")
    assert "Traceback" not in opened.errors


PYTEST = ("pytest", "--pyargs", "conformance.suite", "-p", "no:schemathesis")
WRONG_UNDER_PYTEST: dict[str, tuple[list[str], dict[str, str], str]] = {
    "no target": ([], {}, "no --base-url, CONFORMANCE_BASE_URL or"),
    "no target for workers": (["-n", "2"], {}, "no --base-url, CONFORMANCE_BASE_URL or"),
    "an unknown profile": (["--conformance-profile", "qodr"], {}, "Did you mean qoder?"),
    "an empty variable": ([], {"CONFORMANCE_BASE_URL": ""}, "CONFORMANCE_BASE_URL is set but empty"),
    "a misspelt variable": (["-n", "2"], {"CONFORMANCE_BASE_UR": URL}, "Did you mean CONFORMANCE_BASE_URL?"),
    "no earlier report": (
        ["--conformance-reference", "--conformance-compare-with", "x"],
        {},
        "cannot read x",
    ),
}


@pytest.mark.parametrize("case", WRONG_UNDER_PYTEST.values(), ids=WRONG_UNDER_PYTEST)
def test_wrong_settings_end_pytest_as_they_end_a_run(
    door: Door, case: tuple[list[str], dict[str, str], str]
) -> None:
    words, variables, said = case
    opened = door.open(*PYTEST, *words, environment=variables)
    assert opened.code == 2
    assert said in opened.errors
    assert "such as --conformance-base-url" in opened.errors
    assert "Traceback" not in opened.errors + opened.output
    assert opened.reports() == []


def test_wrong_usage_of_pytest_itself_keeps_its_code(door: Door) -> None:
    opened = door.open(*PYTEST, "--conformance-reference", "-k", "a b(")
    assert (opened.code, opened.reports()) == (4, [])
    assert "such as --conformance-base-url" not in opened.errors


@pytest.mark.parametrize(
    ("name", "value"), [("CONFORMANCE_BASE_URL", ""), ("CONFORMANCE_BASE_UR", "https://a.example")]
)
def test_a_variable_that_says_nothing_judges_nothing(door: Door, name: str, value: str) -> None:
    opened = door.run("--only", ONE, environment={name: value})
    assert (opened.code, opened.output) == (2, "")
    assert name in opened.errors


def test_a_selection_of_nothing_is_incomplete(door: Door, server: ReferenceServer) -> None:
    opened = door.run_at(server, "-k", "no_such_requirement_at_all")
    assert opened.code in (2, 3)
    assert "Traceback" not in opened.errors + opened.output
    assert opened.errors + opened.output != ""


class Watched(Service):
    """Notes what it was asked."""

    def __init__(self, settings: ReferenceSettings) -> None:
        super().__init__(settings)
        self.asked: list[str] = []

    async def respond(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.path}")
        return await super().respond(request)


@pytest.fixture(scope="module")
def unasked() -> Iterator[ReferenceServer]:
    """A server to which nothing may be sent."""
    with ReferenceServer(Watched) as running:
        yield running
        assert cast("Watched", running.service).asked == []


@pytest.mark.parametrize(
    "words", [["-k", "a b("], ["-m", "must and"], ["-n", "x"], ["-k", "a b(", "-n", "2"]], ids=" ".join
)
def test_a_wrong_expression_is_wrong_usage_and_sends_nothing(
    door: Door, unasked: ReferenceServer, words: list[str]
) -> None:
    opened = door.run_at(unasked, "--only", ONE, *words)
    assert (opened.code, opened.output) == (2, "")
    assert words[1] in opened.errors
    assert "Traceback" not in opened.errors
    assert opened.reports() == []


LATE = """
def pytest_collection_finish(session):
    session.items.clear()
"""


def test_what_is_deselected_at_the_last_moment_is_not_asked_for(door: Door, unasked: ReferenceServer) -> None:
    (door.cwd / "late.py").write_text(LATE)
    opened = door.open(
        "pytest", "-p", "late", "--pyargs", "conformance.suite", "-p", "no:schemathesis",
        "--conformance-base-url", unasked.base_url,
        environment={"CONFORMANCE_TOKEN": unasked.tokens[0], "PYTHONPATH": str(door.cwd)},
    )  # fmt: skip
    assert "no requirement was selected" in opened.output
    assert "ledger.jsonl" not in opened.reports()


@pytest.mark.parametrize("words", [[], ["-n", "2"]], ids=["", "-n 2"])
@pytest.mark.parametrize("taken", ["reports", "reports/ledger.jsonl", "reports/evidence.json.gz"])
def test_what_cannot_be_written_is_noticed_before_anything_is_sent(
    door: Door, unasked: ReferenceServer, taken: str, words: list[str]
) -> None:
    place = door.cwd / taken
    if place == door.folder:
        place.write_text("a file")
    else:
        place.mkdir(parents=True)
    opened = door.run_at(unasked, "--only", ONE, *words)
    assert (opened.code, opened.output) == (2, "")
    assert "Traceback" not in opened.errors
    assert "--report-dir" in opened.errors
    assert "reports" in opened.errors


# --- exit 3: incomplete --------------------------------------------------------------------------------------


def one_message(opened: Opened, *said: str) -> None:
    assert opened.code == 3, opened.output
    assert "Traceback" not in opened.output + opened.errors
    assert opened.errors == ""
    notices = [line for line in opened.output.splitlines() if line.startswith("notice: ")]
    assert len(notices) == 1
    message = " ".join(opened.output.split())
    assert [part for part in said if part not in message] == []
    assert "conformance: INCOMPLETE" in opened.last_line
    assert set(opened.verdicts.values()) <= {"not-judged", "not-applicable"}


def test_no_server(door: Door) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    token = {"CONFORMANCE_TOKEN": "pt-x"}
    opened = door.run("--base-url", f"http://127.0.0.1:{port}", "--only", FEW, environment=token)
    one_message(opened, "network", "cannot connect")
    assert opened.result["totals"]["requests"] == 1
    assert "ledger.jsonl" not in opened.reports()


def test_a_wrong_token(door: Door, server: ReferenceServer) -> None:
    words = ["--base-url", server.base_url, "--only", FEW, "--token-env", "MINE"]
    opened = door.run(*words, environment={"MINE": "pt-wrong-token"})
    one_message(opened, "credentials", "401 authentication_error", "check the token in MINE")
    assert {row["blame"] for row in opened.result["requirements"] if row["blame"]} == {"credentials"}


class Barren(Service):
    def list_agents(self, call: Call) -> Document:
        return {"data": [], "has_more": False}

    def list_environments(self, call: Call) -> Document:
        return {"data": [], "has_more": False}


def test_neither_agent_nor_environment(door: Door) -> None:
    with ReferenceServer(Barren) as barren:
        opened = door.run_at(barren, "--only", "pause.makes-it-paused,pause.second-is-conflict")
        one_message(opened, "no agent was found", "--agent-id")
        given = ["--agent-id", barren.agent_id, "--environment-id", barren.environment_id]
        assert door.run_at(barren, "--only", ONE, *given).code == 0


# --- exit 1 and --strict -------------------------------------------------------------------------------------


def test_a_broken_should_fails_only_a_strict_run(door: Door) -> None:
    with ReferenceServer(PauseRefusesABody) as odd:
        lenient, codes = door.run_at(odd, "--only", "pause.takes-*"), []
        assert lenient.code == 0, lenient.output
        assert lenient.verdicts["pause.takes-an-empty-object"] == "warn"
        assert "WARNED" in lenient.output
        strict = door.run_at(odd, "--only", "pause.takes-*", "--strict")
        codes.append(strict.code)
    assert codes == [1]
    assert "BROKEN pause.takes-an-empty-object (SHOULD)" in strict.output
    assert strict.verdicts == lenient.verdicts


def test_a_broken_must(door: Door) -> None:
    with ReferenceServer(SecondPauseSucceeds) as faulty:
        opened = door.run_at(faulty, "--only", ONE)
    assert opened.code == 1
    assert opened.verdicts[ONE] == "fail"
    text = opened.output
    assert f"BROKEN {ONE} (MUST)" in text
    assert "expected  409 conflict_error" in text
    assert f"--only {ONE}" in text
    assert "curl -sS -i --globoff -X POST" in text
    assert "$CONFORMANCE_TOKEN" in text


# --- exit 4: the suite itself --------------------------------------------------------------------------------

MUST, SHOULD, OBSERVE = (
    next(row for row in load_catalogue() if row.level == level) for level in ("MUST", "SHOULD", "OBSERVE")
)


@pytest.mark.parametrize(
    ("requirement", "error", "outcome", "blame", "message"),
    [
        (MUST, None, Outcome.PASS, None, "seen"),
        (OBSERVE, None, Outcome.OBSERVED, None, "seen"),
        (MUST, BrokenPromiseError("a", "b"), Outcome.FAIL, None, "expected a; got b"),
        (SHOULD, BrokenPromiseError("a", "b"), Outcome.WARN, None, "expected a; got b"),
        (OBSERVE, BrokenPromiseError("a", "b"), Outcome.OBSERVED, None, "expected a; got b"),
        (MUST, NotApplicableError("judged with --x"), Outcome.NOT_APPLICABLE, None, "judged with --x"),
        (MUST, NotJudgedError(Blame.NETWORK, "gone"), Outcome.NOT_JUDGED, Blame.NETWORK, "gone"),
        (MUST, LedgerError("no ledger"), Outcome.NOT_JUDGED, Blame.PRECONDITION, "no ledger"),
        (MUST, KeyError("x"), Outcome.NOT_JUDGED, Blame.HARNESS, "the suite itself failed: KeyError: 'x'"),
        (
            MUST,
            AssertionError("x"),
            Outcome.NOT_JUDGED,
            Blame.HARNESS,
            "the suite itself failed: AssertionError: x",
        ),
        (
            OBSERVE,
            RecursionError(),
            Outcome.NOT_JUDGED,
            Blame.HARNESS,
            "the suite itself failed: RecursionError: ",
        ),
    ],
)
def test_what_the_end_of_a_judgement_means(
    requirement: Requirement, error: Exception | None, outcome: Outcome, blame: Blame | None, message: str
) -> None:
    verdict = judge(requirement, error, "seen")
    assert (verdict.requirement, verdict.outcome, verdict.blame) == (requirement.id, outcome, blame)
    assert verdict.message == message


def collected(*verdicts: Verdict, **facts: Any) -> Collector:  # noqa: ANN401 (fields of Collector)
    collector = Collector(Settings(), **facts)
    collector.verdicts = {verdict.requirement: verdict for verdict in verdicts}
    return collector


def test_an_unexpected_exception_gives_exit_4_and_names_the_requirement() -> None:
    result = collected(judge(MUST, ZeroDivisionError("oh"), ""), judge(SHOULD, None, "")).result()
    assert result.exit_code == 4
    assert result.internal_error == f"{MUST.id}: the suite itself failed: ZeroDivisionError: oh"


def test_a_broken_must_outranks_a_failure_of_the_suite() -> None:
    broken = judge(MUST, BrokenPromiseError("a", "b"), "")
    assert collected(broken, internal_errors=["boom"]).result().exit_code == 1
    assert collected(replace(broken, outcome=Outcome.PASS), internal_errors=["boom"]).result().exit_code == 4


def test_what_was_selected_and_not_reached_is_not_judged() -> None:
    result = collected(judge(MUST, None, ""), selected=[MUST.id, SHOULD.id], stopped_by="SIGINT").result()
    assert [(row.requirement.id, row.verdict.outcome) for row in result.judged] == [
        (MUST.id, Outcome.PASS), (SHOULD.id, Outcome.NOT_JUDGED),
    ]  # fmt: skip
    assert result.exit_code == 3
    assert result.notices == ("the run was stopped by SIGINT: the rest is not judged",)


def test_the_facts_of_all_processes_are_added_up() -> None:
    facts = [
        RunFacts("2026-07", "r", "id", Traffic(3, 2, 1, ("dep_1 stays",)), ("dep_1 stays",)) for _ in range(2)
    ]
    result = collected(judge(MUST, None, ""), selected=[MUST.id], facts=facts).result()
    assert (result.traffic.requests, result.traffic.created, result.traffic.removed) == (6, 4, 2)
    assert result.notices == ("dep_1 stays",)
    assert collected().result().exit_code == 3


# --- list and serve ------------------------------------------------------------------------------------------


def test_list_tells_what_the_options_would_judge(door: Door) -> None:
    opened = door.open("conformance", "list")
    assert (opened.code, opened.errors) == (0, "")
    lines = opened.output.splitlines()
    names = [line.split()[0] for line in lines]
    assert set(load_catalogue().requirements) <= set(names)
    (oversize,) = [line for line in lines if line.startswith("transport.oversize-body")]
    assert "judged with --oversize-body" in oversize
    chosen = door.open("conformance", "list", "--only", "transport.oversize-body", "--oversize-body").output
    assert len(chosen.splitlines()) == 1
    assert "judged with" not in chosen
    assert list(door.cwd.iterdir()) == []


def test_serve_on_a_taken_port(door: Door) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        opened = door.open("conformance", "serve", "--port", port)
    assert (opened.code, opened.output) == (2, "")
    assert len(opened.errors.splitlines()) == 1
    assert f"port {port} cannot be used" in opened.errors
    assert "Hint: --port 0" in opened.errors


def test_serve_announces_how_to_be_judged_and_ends_on_ctrl_c(door: Door) -> None:
    process = door.start("conformance", "serve", "--port", "0", "--revision", "2026-06")
    assert process.stdout is not None
    said = process.stdout.readline()
    url = re.search(r"serving revision 2026-06 at (http://\S+);", said)
    assert url is not None
    lines = [process.stdout.readline() for _ in range(5)]
    token = re.search(r"CONFORMANCE_TOKEN=(\S+)", "".join(lines))
    assert token is not None
    judged = door.run("--base-url", url[1], "--only", ONE, environment={"CONFORMANCE_TOKEN": token[1]})
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=HANGS)
    assert (judged.code, judged.result["revision"]) == (0, "2026-06")
    assert (process.returncode, errors) == (0, "")


def test_version(door: Door) -> None:
    assert re.fullmatch(r"conformance \d+\.\d+\.\d+\n", door.open("conformance", "--version").output)
