"""Both doors give the same verdicts, keep secrets, and end gracefully when a run is stopped (long)."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from junitparser.xunit2 import JUnitXml

from conformance.contract.catalogue import load_catalogue
from conformance.evidence import FILE
from conformance.reference import Account, ReferenceServer, ReferenceSettings, Request, Response, Service
from conformance.run.signals import AT_ONCE
from tests.door import FEW, HANGS, ONE, Door, Opened, PauseRefusesABody, SecondPauseSucceeds, read

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
    assert (
        opened.output.count("expected 409 conflict_error to") <= 2
    )  # the failure, and its line in the summary
    assert f"--only {ONE}" in opened.output
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
    told = {path.name: read(path) for path in door.cwd.rglob("*") if path.is_file()}
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

    def by(self, sent: Sequence[signal.Signals], *words: str, apart: float = 0.5) -> Opened:
        """Send signals one after another once the server is busy; see what comes out."""
        with ReferenceServer(self.service) as server:
            server.seed(count=5)
            words = tuple(word.replace("URL", server.base_url) for word in words)
            process = self.door.start(*words, environment={"CONFORMANCE_TOKEN": server.tokens[0]})
            assert self.busy.wait(HANGS)
            for number in sent:
                process.send_signal(number)
                time.sleep(apart)
            output, errors = process.communicate(timeout=HANGS)
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
    begun = opened.result["totals"]["created"] or opened.result["left_behind"]
    ledger = {"ledger.jsonl"} if begun else set()
    assert {*opened.reports()} == {
        "evidence.json.gz",
        "junit.xml",
        "report.html",
        "result.json",
        "summary.md",
    } | ledger
    suites = JUnitXml.fromfile(str(opened.folder / "junit.xml"))
    assert "suite.stopped" in [case.name for suite in suites for case in suite]


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["", "-n 2"])
@pytest.mark.parametrize("operation", ["list_deployments", "create", "pause"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
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


def test_a_signal_that_comes_twice_at_once_is_one(door: Door) -> None:
    """So `timeout` sends it: to the process, and to the group that the process is in."""
    stopped = Stopped(door, "pause")
    opened = stopped.by([signal.SIGTERM, signal.SIGTERM], *RUN, apart=0.02)
    assert opened.code == 3, opened.output
    incomplete(opened, signal.SIGTERM)
    assert stopped.left == []


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["", "-n 2"])
def test_a_second_signal_ends_a_run_at_once(door: Door, words: tuple[str, ...]) -> None:
    opened = Stopped(door, "create", hangs=True).by([signal.SIGINT, signal.SIGINT], *RUN, *words)
    assert opened.code == AT_ONCE
    assert "ended at once" in opened.errors
    assert "result.json" not in opened.reports()
