"""The modes in which the suite may do little: what is sent, what is judged, what is left as it was."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from conformance.client.ownership.borrowed import open_loans
from conformance.client.ownership.ledger_reader import Refused
from conformance.client.ownership.orphans import read_ledger
from conformance.client.traffic.permission import ForbiddenRequestError, check_permitted
from conformance.contract.mode import Mode, scope_of
from conformance.reference import Deployment, Document, ReferenceServer, Request, Response, Service
from conformance.reference.store import Schedule
from conformance.suite.engine.registry import load_stories
from tests.door import HANGS, environment, read

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
        return subprocess.Popen(
            [sys.executable, "-m", "conformance", command, *words], cwd=self.folder, text=True,
            env=environment(CONFORMANCE_TOKEN=token), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def end(self, process: subprocess.Popen[str]) -> Run:
        output, errors = process.communicate(timeout=HANGS)
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


def pick(server: ReferenceServer, status: str, *, scheduled: bool) -> str:
    """Return the id of a seeded deployment in that state, to be lent."""
    wanted = status, scheduled, None
    for name, document in deployments(server).items():
        if (document["status"], "schedule" in document, document["archived_at"]) == wanted:
            return name
    raise LookupError(status)


def as_before(before: dict[str, Document], after: dict[str, Document], lent: str) -> bool:
    """Tell whether all deployments are as they were, but for when the lent one was changed last."""
    moved = {name: {**document, "updated_at": ""} for name, document in after.items() if name == lent}
    wanted = {name: {**document, "updated_at": ""} for name, document in before.items() if name == lent}
    rest = {name: document for name, document in after.items() if name != lent}
    return moved == wanted and rest == {name: one for name, one in before.items() if name != lent}


# --- what each mode judges -----------------------------------------------------------------------------------


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
        server.seed(count=200)
        run = suite.run_at(server, "--read-only", "--har", "reports/run.har")
    assert run.code == 1
    for report in run.folder.iterdir():
        assert "Foreign work." not in read(report), report


# --- one lent deployment -------------------------------------------------------------------------------------

VERDICTS = (
    "pause.makes-it-paused", "pause.second-is-conflict", "pause.is-stored", "unpause.makes-it-active",
    "unpause.active-is-conflict", "update.is-stored", "update.empty-name-is-400", "errors.envelope",
    "errors.unknown-deployment-is-404", "list.status-filter", "object.matches-schema",
)  # fmt: skip
LENT_STATES = [("paused", True), ("active", True), ("active", False)]


@pytest.mark.parametrize(("status", "scheduled"), LENT_STATES)
def test_a_lent_deployment_is_judged_and_is_as_it_was(
    suite: Suite, seeded: ReferenceServer, status: str, *, scheduled: bool
) -> None:
    before, lent = deployments(seeded), pick(seeded, status, scheduled=scheduled)
    run = suite.run_at(seeded, "--deployment-id", lent)
    assert run.code == 0, run.output
    assert not {name for name, verdict in run.verdicts.items() if verdict in ("fail", "warn")}, run.output
    assert as_before(before, deployments(seeded), lent)
    assert {run.verdicts[name] for name in VERDICTS} == {"pass"}
    assert run.verdicts["pause.keeps-upcoming-runs"] == ("pass" if scheduled else "not-applicable")
    assert "run without --deployment-id" in run.reasons()["archive.second-is-conflict"]
    changed = [(method, path) for method, path in seeded.service.log if method != "GET"]  # type: ignore[attr-defined]
    assert not [path for _, path in changed if path.endswith(("/archive", "/run", "/deployments"))]
    assert {method for method, _ in changed} == {"POST"}
    assert (run.result["mode"], run.result["deployment_id"]) == ("lent", lent)
    assert f"on the lent deployment {lent} alone" in run.output.strip().splitlines()[-1]
    assert "never archived or run" in run.errors
    assert "is as it was but for updated_at" in run.output
    first, *_, last = run.ledger()
    assert (first["event"], first["id"], first["before"]["status"]) == ("lent", lent, status)
    assert "returned" in {line["event"] for line in run.ledger()}, last
    assert not open_loans(run.ledger())
    refused: list[Refused] = []
    read_ledger(run.folder / "ledger.jsonl", refused)
    assert not refused, "whatever stories send to a lent deployment is believed"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("changes", [1, 4, 9, 18])
def test_a_lent_deployment_is_as_it_was_after_an_interrupt(
    suite: Suite, seeded: ReferenceServer, changes: int, number: signal.Signals
) -> None:
    status = "paused" if changes % 2 else "active"
    before, lent = deployments(seeded), pick(seeded, status, scheduled=True)
    process = suite.start_at(seeded, "--deployment-id", lent)
    await_changes(seeded, changes, process)
    process.send_signal(number)
    run = suite.end(process)
    assert run.code in {1, 3, 128 + number}, run.output
    assert as_before(before, deployments(seeded), lent)
    assert not open_loans(run.ledger())


def await_changes(server: ReferenceServer, count: int, process: subprocess.Popen[str]) -> None:
    """Wait until so many requests arrived that change something."""
    limit = time.monotonic() + 100
    log: list[tuple[str, str]] = server.service.log  # type: ignore[attr-defined]  # a Logged one
    while sum(method != "GET" for method, _ in log) < count:
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.005)


def test_a_killed_run_leaves_a_record_from_which_it_is_put_back(
    suite: Suite, seeded: ReferenceServer
) -> None:
    before, lent = deployments(seeded), pick(seeded, "paused", scheduled=True)
    process = suite.start_at(seeded, "--deployment-id", lent)
    await_changes(seeded, 6, process)
    process.kill()
    run = suite.end(process)
    assert not as_before(before, deployments(seeded), lent)
    assert len(open_loans(run.ledger())) == 1
    swept = suite.end(suite.start("sweep", "--base-url", seeded.base_url, token=seeded.tokens[0]))
    assert (swept.code, swept.errors) == (0, "")
    assert f"put back  {lent}" in swept.output
    assert as_before(before, deployments(seeded), lent)
    assert not open_loans(run.ledger())


def test_what_somebody_else_changes_meanwhile_is_left_alone(suite: Suite, seeded: ReferenceServer) -> None:
    before, lent = deployments(seeded), pick(seeded, "active", scheduled=True)
    process = suite.start_at(seeded, "--deployment-id", lent)
    await_changes(seeded, 4, process)
    service = seeded.service
    with service.lock:
        tenant = service.store.tenants[seeded.settings.accounts[0].name]
        service.keep(replace(tenant.deployments[lent], environment_id="env_of_somebody_else", name="theirs"))
    run = suite.end(process)
    after = deployments(seeded)[lent]
    assert run.code == 3, run.output
    assert "changed by somebody else" in run.output
    assert "somebody else changed it meanwhile; it was left alone" in run.output
    assert (after["name"], after["environment_id"]) == ("theirs", "env_of_somebody_else")
    kept = ("description", "metadata", "schedule", "status", "paused_reason")
    assert {name: after[name] for name in kept} == {name: before[lent][name] for name in kept}


def test_an_archived_deployment_is_not_taken(suite: Suite, seeded: ReferenceServer) -> None:
    before = deployments(seeded)
    lent = next(name for name, document in before.items() if document["archived_at"])
    run = suite.run_at(seeded, "--deployment-id", lent)
    assert run.code == 3
    assert "the deployment that --deployment-id names is archived, which is final" in " ".join(
        run.output.split()
    )
    assert deployments(seeded) == before


class SecondPauseIsFine(Logged):
    """A second pause answers 200."""

    def check_not_paused(self, record: Deployment) -> None:
        pass


def test_a_broken_promise_shows_on_a_lent_deployment(suite: Suite) -> None:
    with ReferenceServer(SecondPauseIsFine) as server:
        server.seed(count=12)
        before, lent = deployments(server), pick(server, "active", scheduled=True)
        run = suite.run_at(server, "--deployment-id", lent)
        assert as_before(before, deployments(server), lent)
    assert run.code == 1
    assert run.verdicts["pause.second-is-conflict"] == "fail"
    assert f"--deployment-id {lent} --only pause.second-is-conflict" in run.output


class NeverGivesBack(Logged):
    """Refuses whatever would put the old name back, and all changes after that; others think it works."""

    old_name = ""
    broken = False

    def handle(self, request: Request) -> Response:
        if request.method == "POST" and self.old_name and f'"{self.old_name}"'.encode() in request.content:
            self.broken = True
        if self.broken and request.method == "POST":
            return Response(500, {"type": "error", "error": {"type": "api_error", "message": "no"}})
        return super().handle(request)


def test_a_run_that_could_not_give_back_does_not_end_well(suite: Suite) -> None:
    with ReferenceServer(NeverGivesBack) as server:
        server.seed(count=12)
        service = server.service
        assert isinstance(service, NeverGivesBack)
        before, lent = deployments(server), pick(server, "active", scheduled=True)
        service.old_name = str(before[lent]["name"])
        run = suite.run_at(server, "--deployment-id", lent)
        assert run.code == 3, run.output
        last = run.output.strip().splitlines()[-1]
        assert "INCOMPLETE" in last
        assert f"on the lent deployment {lent} alone, which is NOT GIVEN BACK" in last
        assert f"{lent} is not as it was: name" in run.output
        assert len(open_loans(run.ledger())) == 1
        service.old_name, service.broken = "", False
        swept = suite.end(suite.start("sweep", "--base-url", server.base_url, token=server.tokens[0]))
        assert swept.code == 0, swept.output
        assert as_before(before, deployments(server), lent)
    assert not open_loans(run.ledger())


# --- what contradicts a mode ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--read-only", "--deployment-id", "dep_1"), "exclude each other"),
        (("--deployment-id", "dep_1"), "add --base-url"),
        (("--deployment-id", "a/../b"), "takes the id of one deployment"),
        (("--deployment-id", "dep_1", "--base-url", "http://127.0.0.1:9/v1", "-n", "2"), "without -n"),
        (("--deployment-id", "dep_1", "--base-url", "http://127.0.0.1:9/v1", "--shard", "1/2"), "--shard"),
        (("--read-only", "--plan"), "conformance list"),
        (("--read-only", "--tier", "billable"), "--tier billable needs to create deployments"),
        (("--read-only", "--tier", "core,time"), "--tier time needs to create deployments"),
        (("--read-only", "--tier", "race"), "--tier race needs to create deployments"),
    ],
)
def test_options_that_contradict_a_mode_are_wrong_usage(
    suite: Suite, words: tuple[str, ...], said: str
) -> None:
    run = suite.open("run", *words)
    assert run.code == 2
    assert said in run.errors


def test_a_list_says_what_a_mode_leaves_out(suite: Suite) -> None:
    run = suite.open("list", "--read-only", "--only", "list.envelope,pause.is-stored")
    assert run.code == 0
    rows = {line.split()[0]: line for line in run.output.splitlines()}
    assert " judged " in rows["list.envelope"]
    assert "not with --read-only" in rows["pause.is-stored"]


@pytest.mark.parametrize("words", [["--read-only"], ["--deployment-id"]], ids=lambda words: words[0])
def test_an_account_of_one_yearly_deployment_is_judged_whole(suite: Suite, words: list[str]) -> None:
    with ReferenceServer(Logged) as server:
        [only] = server.seed(count=1)
        record = server.service.store.tenants[server.settings.accounts[0].name].deployments[only]
        server.service.keep(replace(record, schedule=Schedule("0 3 1 1 *", "Europe/Berlin")))
        run = suite.run_at(server, *words, *([only] if words == ["--deployment-id"] else []))
    assert run.code == 0, run.output
    reasons = run.reasons()
    assert (
        reasons["list.page-with-cursor-is-400"]
        == "needs a list of two pages; the account shows one deployment"
    )
    assert (
        reasons["schedule.lists-five-runs"]
        == "needs an active deployment on a schedule with five runs in a month; the account shows none"
    )
    assert run.verdicts["schedule.upcoming-runs-match"] == "pass"
