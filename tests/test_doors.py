"""Both doors as users open them: processes against reference servers, exit codes, messages, reports."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest
from junitparser.xunit2 import JUnitXml

from conformance.contract.catalogue import Requirement, load_catalogue
from conformance.contract.verdict import (
    Blame,
    BrokenPromiseError,
    NotApplicableError,
    NotJudgedError,
    Outcome,
    Verdict,
)
from conformance.evidence import FILE
from conformance.reference import Account, Call, Document, ReferenceServer, Request, Response, Service
from conformance.reference import Settings as ReferenceSettings
from conformance.reference.errors import invalid
from conformance.report.result import Traffic
from conformance.session import Collector, RunFacts
from conformance.stopping import AT_ONCE
from conformance.target.ledger import LedgerError
from conformance.target.settings import Settings
from conformance.verdicts import judge

FEW = "auth.*,pause.makes-it-paused,pause.second-is-conflict,pause.takes-an-empty-object,pause.odd-bodies"
"""Requirements of every level whose stories are short."""
ONE = "pause.second-is-conflict"


class Opened:
    """What came out of a door; `errors` is without the lines that tell how far a slow run is."""

    def __init__(self, process: subprocess.CompletedProcess[str], folder: Path) -> None:
        self.code, self.output, self.errors, self.folder = (
            process.returncode,
            process.stdout,
            re.sub(r"^conformance: \d+ s( \|.*)?\n", "", process.stderr, flags=re.MULTILINE),
            folder,
        )

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "result.json").read_text())
        return found

    @property
    def verdicts(self) -> dict[str, str]:
        return {row["id"]: row["verdict"] for row in self.result["requirements"]}

    @property
    def last_line(self) -> str:
        return self.output.strip().splitlines()[-1]

    def reports(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []


class Door:
    """Opens doors in an empty folder, with nothing of the suite in the environment but what a test puts there."""

    def __init__(self, cwd: Path) -> None:
        self.cwd = cwd
        self.folder = cwd / "reports"
        foreign = ("CONFORMANCE_", "QODER_", "PYTEST_")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}

    def start(self, *words: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *words], cwd=self.cwd, env={**self.environment, **(environment or {})},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def open(self, *words: str, environment: Mapping[str, str] | None = None) -> Opened:
        process = self.start(*words, environment=environment)
        output, errors = process.communicate(timeout=120)
        return Opened(subprocess.CompletedProcess(words, process.returncode, output, errors), self.folder)

    def run(self, *words: str, environment: Mapping[str, str] | None = None) -> Opened:
        return self.open("conformance", "run", *words, environment=environment)

    def run_at(self, server: ReferenceServer, *words: str) -> Opened:
        token = {"CONFORMANCE_TOKEN": server.tokens[0]}
        return self.run("--base-url", server.base_url, *words, environment=token)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


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
        "evidence.json.gz", "junit.xml", "ledger.jsonl", "result.json", "summary.md",
    ]  # fmt: skip
    assert opened.result["complete"] is True
    assert opened.result["exit_code"] == 0
    totals = opened.result["totals"]
    assert totals["created"] == totals["removed"] > 0
    assert set(opened.verdicts.values()) <= {"pass", "observed", "not-applicable"}


def test_the_embedded_server_needs_nothing(door: Door) -> None:
    opened = door.run("--only", ONE)
    assert opened.code == 0, opened.output
    assert opened.result["target"] == "embedded reference server"


def test_a_job_gets_its_summary_and_a_wrong_place_for_it_changes_nothing(door: Door, tmp_path: Path) -> None:
    place = tmp_path / "step"
    opened = door.run("--only", ONE, environment={"GITHUB_STEP_SUMMARY": str(place)})
    assert (opened.code, place.read_text()) == (0, (door.folder / "summary.md").read_text())
    opened = door.run("--only", ONE, environment={"GITHUB_STEP_SUMMARY": str(place / "below")})
    assert opened.code == 0
    assert "cannot write the job's summary" in opened.errors


def test_reports_go_where_they_are_wanted(door: Door) -> None:
    opened = door.run(
        "--only", ONE, "--report-dir", "deep/er", environment={"CONFORMANCE_REPORT_DIR": "unused"}
    )
    assert opened.code == 0
    assert sorted(path.name for path in door.cwd.iterdir()) == ["deep"]
    assert (door.cwd / "deep/er/result.json").exists()


def test_the_file_is_read_from_the_folder_of_the_call(door: Door) -> None:
    (door.cwd / "conformance.toml").write_text(f'only = ["{ONE}"]\nseed = 5\nrevision = "2026-06"\n')
    opened = door.run("--seed", "7", environment={"CONFORMANCE_SEED": "6"})
    assert (opened.code, opened.result["seed"], opened.result["revision"]) == (0, 7, "2026-06")
    assert list(opened.verdicts) == [ONE]


def test_a_token_of_the_environment_does_not_disturb_the_embedded_server(door: Door) -> None:
    opened = door.run("--only", ONE, environment={"CONFORMANCE_TOKEN": "pt-of-another-vendor"})
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


def test_wrong_usage_of_the_pytest_door(door: Door) -> None:
    opened = door.open("pytest", "--pyargs", "conformance.suite", "--conformance-profile", "qodr")
    assert opened.code == 4  # pytest's own code of a usage error
    assert "Did you mean qoder?" in opened.errors
    assert "Traceback" not in opened.errors + opened.output


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
@pytest.mark.parametrize("taken", ["reports", "reports/ledger.jsonl", "reports/result.json"])
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


class PauseRefusesABody(Service):
    """Breaks a SHOULD: an empty object as the body of a pause."""

    def pause(self, call: Call) -> Document:
        if call.request.content:
            raise invalid("No body, please.")
        return super().pause(call)


class SecondPauseSucceeds(Service):
    """Breaks a MUST."""

    def check_not_paused(self, record: Any) -> None:  # noqa: ANN401 (a record of the store)
        pass


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


# --- the same verdicts through every door --------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ReferenceServer, Opened]]:
    """A run over three areas of a server with one MUST and one SHOULD broken."""
    faulty = type("Faulty", (PauseRefusesABody, SecondPauseSucceeds), {})
    with ReferenceServer(faulty) as running:
        opened = Door(tmp_path_factory.mktemp("plain")).run_at(running, "--only", FEW)
        assert {"fail", "warn", "pass", "observed"} <= set(opened.verdicts.values())
        yield running, opened


@pytest.mark.parametrize(
    "words",
    [
        ["-m", "pause or auth", "--only", FEW],
        ["-n", "2", "--only", FEW],
        ["--concurrency", "1", "--only", FEW],
    ],
    ids=["-m", "-n 2", "--concurrency 1"],
)
def test_other_ways_to_run_give_the_same_verdicts(
    door: Door, plain: tuple[ReferenceServer, Opened], words: list[str]
) -> None:
    server, wanted = plain
    opened = door.run_at(server, *words)
    assert opened.verdicts == wanted.verdicts
    assert (opened.code, wanted.code) == (1, 1)
    totals, usual = opened.result["totals"], wanted.result["totals"]
    assert totals["created"] == totals["removed"] == usual["created"] > 0  # no story is told twice


def test_a_keyword_selects_requirements_by_id(door: Door, plain: tuple[ReferenceServer, Opened]) -> None:
    server, wanted = plain
    opened = door.run_at(server, "-k", "second-is-conflict or takes-an-empty-object")
    assert {ONE, "pause.takes-an-empty-object"} <= opened.verdicts.keys()
    shared = opened.verdicts.keys() & wanted.verdicts.keys()
    assert {name: opened.verdicts[name] for name in shared} == {
        name: wanted.verdicts[name] for name in shared
    }
    assert len(opened.verdicts) < len(wanted.verdicts)


@pytest.mark.parametrize("more", [[], ["-n", "2"]], ids=["", "-n 2"])
def test_the_pytest_door_gives_the_same_verdicts_and_junit(
    door: Door, plain: tuple[ReferenceServer, Opened], more: list[str]
) -> None:
    server, wanted = plain
    opened = door.open(
        "pytest", "--pyargs", "conformance.suite", "-p", "no:schemathesis", "-p", "no:cacheprovider",
        f"--conformance-base-url={server.base_url}", f"--conformance-only={FEW}", "--junitxml=own.xml", *more,
        environment={"CONFORMANCE_TOKEN": server.tokens[0]},
    )  # fmt: skip
    assert opened.code == 1, opened.output[-2000:]
    assert opened.verdicts == wanted.verdicts
    assert f"BROKEN {ONE}" in opened.output
    cases = [case for suite in JUnitXml.fromfile(str(door.cwd / "own.xml")) for case in suite]
    properties = [{entry.name: entry.value for entry in case.properties()} for case in cases]  # type: ignore[attr-defined]
    assert {entry["requirement"]: entry["verdict"] for entry in properties} == wanted.verdicts
    assert len(cases) == len(wanted.verdicts)
    kinds = {
        "pass": [],
        "observed": [],
        "fail": ["Failure"],
        "warn": ["Skipped"],
        "not-applicable": ["Skipped"],
    }
    catalogue = load_catalogue()
    for case, entry in zip(cases, properties, strict=True):
        row = catalogue[entry["requirement"]]
        assert entry["level"] == row.level
        assert entry["statements"] == ",".join(row.statements)
        assert entry["source"] == row.source
        assert entry["blame"] == ""
        assert [type(result).__name__ for result in case.result] == kinds[entry["verdict"]], row.id
    (broken,) = [case for case in cases if case.result and type(case.result[0]).__name__ == "Failure"]
    assert ONE in broken.name
    assert "expected 409 conflict_error" in str(broken.result[0].message)


# --- secrets -------------------------------------------------------------------------------------------------

CANARY = "pt-Kanari+/=\"'\\<>&$`!%~{}[]|canary-0001"


class Echo(Service):
    """Tells the token in every error: plain, in a header, percent-encoded and in base64."""

    def render_error(self, error: Any, request: Request) -> Response:  # noqa: ANN401 (passed on)
        response = super().render_error(error, request)
        told = request.headers.get("authorization", "") + " " + request.headers.get("x-api-key", "")
        coded = base64.b64encode(f"echo:{told}".encode()).decode()
        envelope = response.document if isinstance(response.document, dict) else {}
        message = f"I got {told}, {quote(told, safe='')} and {coded}"
        document = {
            **envelope,
            "error": {**dict(envelope.get("error") or {}), "type": CANARY, "message": message},
        }
        return Response(response.status, document, {**response.headers, "x-echo": quote(told)})


def spellings(token: str) -> list[str]:
    """The forms in which a token must be found nowhere."""
    aligned = [base64.b64encode(b"x" * pad + token.encode())[4:-4].decode() for pad in range(3)]
    return [
        token, json.dumps(token)[1:-1], quote(token, safe=""), quote(token), quote(token, safe="").lower(),
        token.encode().hex(), *aligned, *(part.replace("+", "-").replace("/", "_") for part in aligned),
        "Kanari", "canary-0001",
    ]  # fmt: skip


@pytest.mark.parametrize("words", [[], ["-n", "2"]], ids=["", "-n 2"])
def test_the_token_is_found_nowhere(door: Door, words: list[str]) -> None:
    settings = ReferenceSettings(accounts=(Account("one", CANARY), Account("two", "pt-two")))
    with ReferenceServer(Echo, settings) as echo:
        opened = door.run_at(echo, "--only", FEW, "--strict", *words)
    assert opened.code == 1
    assert "[redacted:" in opened.output
    assert "[redacted:" in (door.folder / "result.json").read_text()
    told = {path.name: path.read_text(errors="replace") for path in door.cwd.rglob("*") if path.is_file()}
    told[FILE] = gzip.decompress((door.folder / FILE).read_bytes()).decode()
    assert "[redacted:" in told[FILE]
    told |= {"output": opened.output, "errors": opened.errors}
    found = [(name, form) for name, text in told.items() for form in spellings(CANARY) if form in text]
    assert found == []


# --- stopped -------------------------------------------------------------------------------------------------


class Stopped:
    """A run at a server that gets slow, or silent for good, when it is first asked for something."""

    def __init__(self, door: Door, operation: str, *, hangs: bool = False) -> None:
        self.door = door
        self.busy = threading.Event()
        busy = self.busy

        class Slow(Service):
            async def respond(self, request: Request) -> Response:
                response = await super().respond(request)
                if request.operation == operation or (hangs and busy.is_set()):
                    busy.set()
                    await asyncio.sleep(600 if hangs else 1)
                return response

        self.service = Slow

    def by(self, sent: Sequence[signal.Signals], *words: str) -> Opened:
        """Send signals one after another once the server is busy; see what comes out."""
        with ReferenceServer(self.service) as server:
            server.seed(count=5)
            words = tuple(word.replace("URL", server.base_url) for word in words)
            process = self.door.start(*words, environment={"CONFORMANCE_TOKEN": server.tokens[0]})
            assert self.busy.wait(90)
            for number in sent:
                process.send_signal(number)
                time.sleep(0.5)
            output, errors = process.communicate(timeout=90)
            self.records = list(next(iter(server.service.store.tenants.values())).deployments.values())
        return Opened(subprocess.CompletedProcess([], process.returncode, output, errors), self.door.folder)

    @property
    def left(self) -> list[str]:
        """The names of our deployments that are not archived; those of others all are as they were."""
        foreign = [record for record in self.records if record.name.startswith("foreign")]
        assert sum(not record.archived_at for record in foreign) > 0
        return [record.name for record in self.records if not record.archived_at and record not in foreign]


RUN = ("conformance", "run", "--base-url", "URL", "--only", FEW)
PYTEST = (
    "pytest", "--pyargs", "conformance.suite", "-p", "no:schemathesis", "-p", "no:cacheprovider",
    "--conformance-base-url=URL", f"--conformance-only={FEW}",
)  # fmt: skip


def incomplete(opened: Opened, number: signal.Signals) -> None:
    assert "Traceback" not in opened.output + opened.errors
    assert f"the run was stopped by {number.name}" in " ".join(opened.output.split())
    assert f"STOPPED BY {number.name}" in opened.output
    assert (opened.result["complete"], opened.result["ended_by"]) == (False, number.name)
    assert opened.result["exit_code"] == 3
    assert "not-judged" in opened.verdicts.values()
    assert opened.reports() == [
        "evidence.json.gz", "junit.xml", "ledger.jsonl", "result.json", "summary.md",
    ]  # fmt: skip
    suites = JUnitXml.fromfile(str(opened.folder / "junit.xml"))
    assert "suite.stopped" in [case.name for suite in suites for case in suite]


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["", "-n 2"])
@pytest.mark.parametrize("operation", ["list_deployments", "create", "pause"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_cleans_up_and_writes_reports(
    door: Door, number: signal.Signals, operation: str, words: tuple[str, ...]
) -> None:
    stopped = Stopped(door, operation)
    opened = stopped.by([number], *RUN, *words)
    assert opened.code == 3, opened.output
    incomplete(opened, number)
    assert stopped.left == []


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["", "-n 2"])
def test_a_stopped_run_of_pytest_does_so_too(door: Door, words: tuple[str, ...]) -> None:
    stopped = Stopped(door, "pause")
    opened = stopped.by([signal.SIGTERM], *PYTEST, *words)
    assert opened.code == 2, opened.output  # pytest's own code of an interrupted run
    incomplete(opened, signal.SIGTERM)
    assert stopped.left == []


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["", "-n 2"])
@pytest.mark.parametrize("operation", ["list_deployments", "create", "pause"])
def test_a_stopped_run_ends_on_a_target_that_hangs(
    door: Door, operation: str, words: tuple[str, ...]
) -> None:
    opened = Stopped(door, operation, hangs=True).by([signal.SIGINT], *RUN, *words)
    assert opened.code == 3, opened.output
    incomplete(opened, signal.SIGINT)
    assert len(opened.result["left_behind"]) == opened.result["totals"]["left"]


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["", "-n 2"])
def test_a_second_signal_ends_a_run_at_once(door: Door, words: tuple[str, ...]) -> None:
    opened = Stopped(door, "create", hangs=True).by([signal.SIGINT, signal.SIGINT], *RUN, *words)
    assert opened.code == AT_ONCE
    assert "ended at once" in opened.errors
    assert "result.json" not in opened.reports()


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
    _, errors = process.communicate(timeout=30)
    assert (judged.code, judged.result["revision"]) == (0, "2026-06")
    assert (process.returncode, errors) == (0, "")


def test_version(door: Door) -> None:
    assert re.fullmatch(r"conformance \d+\.\d+\.\d+\n", door.open("conformance", "--version").output)
