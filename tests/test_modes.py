"""The modes in which the suite may do little: what is sent, what is judged, what is left as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.contract.mode import Mode, scope_of
from conformance.reference import Deployment, Document, ReferenceServer, Request, Response, Service
from conformance.stories.registry import load_stories
from conformance.target.permit import ForbiddenRequestError, check_permitted

READING = "needs to create or change deployments; run without --read-only"


class Logged(Service):
    """Keeps the method and path of every request that arrives."""

    def __init__(self, *words: Any) -> None:  # noqa: ANN401 (whatever a service takes)
        super().__init__(*words)
        self.log: list[tuple[str, str]] = []

    def handle(self, request: Request) -> Response:
        self.log.append((request.method, request.path))
        return super().handle(request)


@dataclass(frozen=True)
class Run:
    """What came out of one run."""

    code: int
    output: str
    errors: str
    folder: Path

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "result.json").read_text())
        return found

    @property
    def verdicts(self) -> dict[str, str]:
        return {row["id"]: row["verdict"] for row in self.result["requirements"]}

    def reasons(self) -> dict[str, str]:
        return {row["id"]: row["message"] for row in self.result["requirements"]}

    def ledger(self) -> list[dict[str, Any]]:
        path = self.folder / "ledger.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Suite:
    """Starts `conformance` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, command: str, *words: str, token: str) -> subprocess.Popen[str]:
        foreign = ("CONFORMANCE_", "QODER_", "PYTEST_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return subprocess.Popen(
            [sys.executable, "-m", "conformance", command, *words], cwd=self.folder, text=True,
            env={**environment, "CONFORMANCE_TOKEN": token}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def end(self, process: subprocess.Popen[str]) -> Run:
        output, errors = process.communicate(timeout=240)
        return Run(process.returncode, output, errors, self.folder / "reports")

    def open(self, command: str, *words: str) -> Run:
        return self.end(self.start(command, *words, token="pt-any"))

    def start_at(self, server: ReferenceServer, *words: str) -> subprocess.Popen[str]:
        return self.start("run", "--base-url", server.base_url, *words, token=server.tokens[0])

    def run_at(self, server: ReferenceServer, *words: str) -> Run:
        return self.end(self.start_at(server, *words))


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def deployments(server: ReferenceServer) -> dict[str, Document]:
    """Everything that the first tenant has, as it reads, without what time moves."""
    service = server.service
    with service.lock:
        tenant = service.store.tenants[server.settings.accounts[0].name]
        return {record.id: still(service.render_deployment(record)) for record in tenant.deployments.values()}


def still(document: Document) -> Document:
    """A deployment without what moves by itself."""
    schedule = document["schedule"]
    kept = {name: value for name, value in document.items() if name != "schedule"}
    if isinstance(schedule, dict):
        kept["schedule"] = {name: schedule[name] for name in ("type", "expression", "timezone")}
    return kept


@pytest.fixture
def seeded() -> Iterator[ReferenceServer]:
    with ReferenceServer(Logged) as server:
        server.seed(count=300)
        yield server


# --- what each mode judges -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [Mode.READ_ONLY, Mode.LENT])
def test_a_mode_judges_requirements_that_there_are(mode: Mode) -> None:
    scope = scope_of(mode)
    assert scope
    assert scope.judged <= set(load_catalogue().requirements)
    assert scope.scheduled <= scope.judged


def test_the_full_mode_leaves_nothing_out() -> None:
    assert scope_of(Mode.FULL) is None


@pytest.mark.parametrize("mode", [Mode.READ_ONLY, Mode.LENT])
def test_a_mode_tells_stories_that_the_full_mode_tells(mode: Mode) -> None:
    assert set(load_stories(mode)) <= set(load_stories())


# --- what may be sent ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "get"])
def test_read_only_lets_nothing_out_but_get(method: str) -> None:
    check_permitted(Mode.READ_ONLY, "GET", "/deployments")
    with pytest.raises(ForbiddenRequestError, match="read-only"):
        check_permitted(Mode.READ_ONLY, method, "/deployments/dep_1/pause")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/deployments"), ("POST", "/deployments/dep_1/archive"), ("POST", "/deployments/dep_1/run"),
        ("DELETE", "/deployments/dep_1"), ("PATCH", "/deployments/dep_1"), ("POST", "/agents"),
        ("POST", "/deployments/dep_1/pause/archive"), ("POST", "/deployments/dep_1?x=/pause"),
    ],
)  # fmt: skip
def test_a_lent_deployment_is_never_archived_or_run_and_none_is_made(method: str, path: str) -> None:
    for allowed in ("/deployments/dep_1", "/deployments/dep_1/pause", "/deployments/dep_1/unpause"):
        check_permitted(Mode.LENT, "POST", allowed)
    with pytest.raises(ForbiddenRequestError, match="lent"):
        check_permitted(Mode.LENT, method, path)


# --- read-only -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two processes"])
def test_read_only_sends_get_alone_and_changes_nothing(
    suite: Suite, seeded: ReferenceServer, workers: tuple[str, ...]
) -> None:
    before = deployments(seeded)
    run = suite.run_at(seeded, "--read-only", *workers)
    assert run.code == 0, run.output
    assert {method for method, _ in seeded.service.log} == {"GET"}  # type: ignore[attr-defined]  # a Logged one
    assert deployments(seeded) == before
    assert len(before) == 300
    scope = scope_of(Mode.READ_ONLY)
    assert scope
    judged = {name for name, verdict in run.verdicts.items() if verdict != "not-applicable"}
    assert scope.judged - judged == {"list.next-page-is-last-id"}, "the other revision's alone"
    assert judged <= scope.judged
    assert run.reasons()["pause.second-is-conflict"] == READING
    assert run.result["mode"] == "read-only"
    assert run.result["deployment_id"] is None
    assert "read-only" in run.output.strip().splitlines()[-1]
    assert not run.ledger()


def test_read_only_of_an_empty_account_says_what_is_missing(suite: Suite) -> None:
    with ReferenceServer(Logged) as server:
        run = suite.run_at(server, "--read-only")
    assert run.code == 0, run.output
    assert run.reasons()["list.after-id-walk"] == "needs deployments that are there; the account shows none"
    assert run.verdicts["transport.routes-under-base"] == "pass"


class ListsArchived(Logged):
    """Lists show archived deployments without being asked."""

    def matches_archived(self, row: Any, *, include: bool) -> bool:  # noqa: ANN401 (as in the class it overrides)
        return True


class MisplacedRuns(Logged):
    """The listed runs of a schedule are half a minute late."""

    def render_deployment(self, record: Any) -> Document:  # noqa: ANN401 (as above)
        document = super().render_deployment(record)
        schedule = document["schedule"]
        if isinstance(schedule, dict):
            schedule["upcoming_runs_at"] = [
                text.replace(":00Z", ":30Z") for text in schedule["upcoming_runs_at"]
            ]
        return document


class OpenReads(Logged):
    """Runs are listed for anybody."""

    def authenticate(self, request: Request) -> Any:  # noqa: ANN401 (as above)
        if request.operation == "list_all_runs":
            return next(iter(self.store.tenants.values()))
        return super().authenticate(request)


class StatusIsIgnored(Logged):
    """The status filter filters nothing."""

    def matches_status(self, record: Deployment, status: str | None) -> bool:
        return True


READ_FAULTS: dict[type[Logged], str] = {
    ListsArchived: "archive.hides-from-list",
    MisplacedRuns: "schedule.upcoming-runs-match",
    OpenReads: "auth.missing-is-401",
    StatusIsIgnored: "list.status-filter",
}


@pytest.mark.parametrize("fault", READ_FAULTS, ids=lambda fault: fault.__name__)
def test_read_only_finds_what_reads_show(suite: Suite, fault: type[Logged]) -> None:
    with ReferenceServer(fault) as server:
        server.seed(count=40)
        run = suite.run_at(server, "--read-only", "--strict")
    assert run.code == 1, run.output
    assert run.verdicts[READ_FAULTS[fault]] in {"fail", "warn"}, run.output


def test_reports_do_not_tell_what_others_deployments_do(suite: Suite) -> None:
    with ReferenceServer(ListsArchived) as server:
        server.seed(count=40)
        run = suite.run_at(server, "--read-only")
    assert run.code == 1
    for report in run.folder.iterdir():
        assert "Foreign work." not in report.read_text(), report
