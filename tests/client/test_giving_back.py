"""A lent deployment is given back by the run or by a sweep, or named, however a target takes what restores it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from conformance.client.api import Api
from conformance.client.calls import guarded
from conformance.client.ownership import restoring
from conformance.client.ownership.borrowed import Lending, Loan
from conformance.client.ownership.creations import Creations
from conformance.client.ownership.orphans import read_ledger
from conformance.client.ownership.restoring import MOST_SECONDS, GivenBack
from conformance.client.prerequisites import Prerequisites
from conformance.reference import Document, ReferenceServer, Request, Response, Service
from conformance.reference.app import Send
from conformance.suite.engine import borrowing as loans
from tests.client.factory import ledger_lines, target_at

BROKEN = ("name", "description", "schedule", "status")
"""What the run of these tests changes, and has to put back."""


class Stubborn(Service):
    """Answers whatever changes something in another way, while it is told so."""

    way = ""
    patience = 0
    """How many such requests are carried out all the same."""

    def handle(self, request: Request) -> Response:
        if self.way.startswith("reads") and request.method == "GET" and "deployment_id" in request.route.ids:
            return self.misread(request)
        if not self.way or self.way.startswith("reads") or request.method == "GET":
            return super().handle(request)
        if self.patience:
            self.patience -= 1
            return super().handle(request)
        return self.refused(request)

    def misread(self, request: Request) -> Response:
        """Answer a read with another deployment, or with none."""
        if self.way == "reads 500":
            return Response(500, {})
        others = next(iter(self.store.tenants.values())).deployments.values()
        other = next(one for one in others if one.id != request.route.ids["deployment_id"])
        return Response(200, [] if self.way == "reads a list" else self.render_deployment(other))

    def refused(self, request: Request) -> Response:
        deployments = next(iter(self.store.tenants.values())).deployments
        shown = self.render_deployment(deployments[request.route.ids["deployment_id"]])
        other = next(one for one in deployments.values() if one.id != shown["id"])
        answers: dict[str, tuple[int, Document]] = {
            "200 without effect": (200, shown), "200 with another object": (200, self.render_deployment(other)),
            "200 as if done": (200, {**shown, **json.loads(request.content or b"{}")}),
        }  # fmt: skip
        status, document = answers.get(self.way, (int(self.way) if self.way.isdecimal() else 200, {}))
        location = {"location": "https://elsewhere.example/"} if status == 307 else {}
        told = {"retry-after": "30"} if self.way == "429" else {}
        return Response(status, document, headers={**location, **told})

    async def respond(self, request: Request) -> Response:
        if self.way == "hangs" and request.method != "GET":
            await asyncio.sleep(30)
        return await super().respond(request)

    async def transmit(self, request: Request, response: Response, send: Send) -> None:
        if self.way == "reset" and request.method != "GET":
            raise ConnectionResetError
        await super().transmit(request, response, send)

    def serialize(self, request: Request, response: Response) -> bytes:
        malformed = self.way == "malformed" and request.method != "GET"
        return b'{"id": ' if malformed else super().serialize(request, response)

    def shown(self, deployment_id: str) -> Document:
        """A deployment as a read shows it, without what time moves."""
        row = next(iter(self.store.tenants.values())).deployments[deployment_id]
        document: dict[str, Any] = json.loads(json.dumps(self.render_deployment(row)))
        for moving in ("upcoming_runs_at", "last_run_at"):
            (document.get("schedule") or {}).pop(moving, None)
        return document


WAYS = (
    "500", "503", "401", "403", "404", "409", "429", "307", "reset", "hangs", "malformed", "200 without effect",
    "200 with another object", "200 as if done",
)  # fmt: skip


@dataclass
class Borrowed:
    """A deployment that a run borrowed and changed, at a server that may be stubborn."""

    server: ReferenceServer
    folder: Path
    id: str
    before: Document

    @property
    def service(self) -> Stubborn:
        assert isinstance(self.server.service, Stubborn)
        return self.server.service

    def shown(self) -> Document:
        return self.service.shown(self.id)

    def as_before(self) -> bool:
        return all(self.shown()[name] == self.before[name] for name in (*BROKEN, "metadata"))

    def run(self, *, way: str = "", killed: bool = False) -> GivenBack:
        """Change it as stories do, then give it back while the target answers that in a `way`."""
        with target_at(self.server.base_url, self.folder, token=self.server.tokens[0], timeout=2.0) as target:
            target.ledger = _named(target.ledger, self)
            creations = Creations(target.ledger, lent=self.id)
            lending = Lending(Loan(self.id, self.before), target.ledger)
            story = Api(target, "story", Prerequisites(), creations, lending)
            story.update(self.id, {"name": f"{self.before['name']} umbenannt 已改名"})
            story.update(self.id, {"description": "Geändert, 更新, 🚀"})
            story.update(
                self.id, {"schedule": {"type": "cron", "expression": "0 3 1 5 *", "timezone": "Asia/Kolkata"}}
            )
            story.pause(self.id)
            if killed:
                return GivenBack()
            self.service.way = way
            return loans.give_back(Api(target, "clean-up", Prerequisites(), creations), lending)

    def sweep(self, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
        code = main(
            ["sweep", "--base-url", self.server.base_url, "--report-dir", str(self.folder), "--timeout", "2"]
        )
        return code, capsys.readouterr().out

    def is_open(self) -> bool:
        return any(run.loans for run in read_ledger(self.folder / "ledger.jsonl"))


def _named(ledger: Any, borrowed: Borrowed) -> Any:  # noqa: ANN401 (a Ledger)
    """Return the ledger as a run at this base URL writes it, and no embedded one."""
    return type(ledger)(
        borrowed.folder / "ledger.jsonl", run_id=ledger.run_id, target=borrowed.server.base_url
    )


@pytest.fixture
def borrowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Borrowed]:
    with ReferenceServer(Stubborn) as server:
        server.seed(count=30)
        monkeypatch.setenv("CONFORMANCE_TOKEN", server.tokens[0])
        monkeypatch.setattr(restoring, "TRY_AGAIN_SECONDS", 0.05)
        monkeypatch.setattr(guarded, "SETTLE_SECONDS", 0.3)
        service = server.service
        assert isinstance(service, Stubborn)
        rows = next(iter(service.store.tenants.values())).deployments.values()
        row = next(row for row in rows if row.status == "active" and row.schedule and not row.archived_at)
        service.keep(replace(row, metadata={"team": "theirs"}))
        yield Borrowed(server, tmp_path, row.id, service.shown(row.id))


@pytest.mark.parametrize("way", WAYS)
def test_what_could_not_be_given_back_stays_open_and_a_sweep_puts_it_back(
    borrowed: Borrowed, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    given = borrowed.run(way=way)
    assert time.monotonic() - started < MOST_SECONDS + 15
    assert not borrowed.as_before()
    assert borrowed.is_open()
    for name in BROKEN:
        assert any(f": {name}" in line for line in given.left), given.left
    if way in {"401", "429"}:
        code, output = borrowed.sweep(capsys)
        assert code == 3
        assert all(f"{borrowed.id} is not as it was: {name}" in output for name in BROKEN), output
        assert borrowed.is_open()
    borrowed.service.way = ""
    code, output = borrowed.sweep(capsys)
    assert code == 0, output
    assert f"put back  {borrowed.id}" in output
    assert borrowed.as_before()
    assert not borrowed.is_open()
    assert borrowed.sweep(capsys)[0] == 0


@pytest.mark.parametrize("way", ["reads 500", "reads a list", "reads another"])
def test_without_a_read_nothing_is_sent_and_all_that_was_changed_is_named(
    borrowed: Borrowed, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    borrowed.run(killed=True)
    changed = borrowed.shown()
    borrowed.service.way = way
    code, output = borrowed.sweep(capsys)
    assert code == 3
    assert f"{borrowed.id} may not be as it was (description, name, schedule, status)" in output
    assert borrowed.shown() == changed
    assert borrowed.is_open()


@pytest.mark.parametrize("done", [1, 2, 3])
def test_a_sweep_goes_on_where_the_run_came_to(
    borrowed: Borrowed, done: int, capsys: pytest.CaptureFixture[str]
) -> None:
    borrowed.service.patience = done
    given = borrowed.run(way="500")
    assert len(given.restored) == done
    borrowed.service.way = ""
    assert borrowed.sweep(capsys)[0] == 0
    assert borrowed.as_before()


def test_a_target_that_refuses_once_is_asked_again(borrowed: Borrowed) -> None:
    class Once(Stubborn):
        def refused(self, request: Request) -> Response:
            self.way = ""
            return super().refused(request)

    borrowed.service.__class__ = Once
    given = borrowed.run(way="200 without effect")
    assert (given.left, borrowed.as_before(), borrowed.is_open()) == ((), True, False)


def test_what_somebody_else_changed_is_said_and_ends_the_loan(
    borrowed: Borrowed, capsys: pytest.CaptureFixture[str]
) -> None:
    borrowed.run(killed=True)
    row = next(iter(borrowed.service.store.tenants.values())).deployments[borrowed.id]
    borrowed.service.keep(replace(row, description="by hand"))
    code, output = borrowed.sweep(capsys)
    assert code == 3
    assert "somebody else changed it meanwhile; it was left alone" in output
    assert borrowed.shown()["description"] == "by hand"
    assert {name: borrowed.shown()[name] for name in ("name", "status", "schedule")} == {
        name: borrowed.before[name] for name in ("name", "status", "schedule")
    }
    assert not borrowed.is_open()
    assert borrowed.sweep(capsys)[0] == 0


def test_what_somebody_else_archived_ends_the_loan(
    borrowed: Borrowed, capsys: pytest.CaptureFixture[str]
) -> None:
    borrowed.run(killed=True)
    row = next(iter(borrowed.service.store.tenants.values())).deployments[borrowed.id]
    borrowed.service.keep(replace(row, archived_at=borrowed.service.instant()))
    code, output = borrowed.sweep(capsys)
    assert (code, borrowed.is_open()) == (3, False)
    assert "somebody else archived it, which is final" in output


def test_a_deployment_that_was_put_back_by_hand_ends_the_loan(
    borrowed: Borrowed, capsys: pytest.CaptureFixture[str]
) -> None:
    row = next(iter(borrowed.service.store.tenants.values())).deployments[borrowed.id]
    borrowed.run(killed=True)
    borrowed.service.keep(row)
    code, output = borrowed.sweep(capsys)
    assert (code, "it was as it had been" in output, borrowed.is_open()) == (0, True, False)


def test_what_an_older_suite_called_returned_with_fields_left_is_open(borrowed: Borrowed) -> None:
    borrowed.run(killed=True)
    path = borrowed.folder / "ledger.jsonl"
    line = {**ledger_lines(borrowed.folder)[0], "event": "returned", "left": ["name: a → b"]}
    path.write_text(path.read_text() + json.dumps({key: line[key] for key in line if key != "before"}) + "\n")
    assert borrowed.is_open()


# --- edited ledgers ------------------------------------------------------------------------------------------

NOW = datetime.now(UTC)
Edit = Callable[[dict[str, Any]], dict[str, Any] | None]


def _sent(**fields: object) -> Edit:
    return lambda line: {**line, "sent": fields} if line["event"] == "lending" else line


def _before(**fields: object) -> Edit:
    return lambda line: {**line, "before": {**line["before"], **fields}} if line["event"] == "lent" else line


def _with(**facts: object) -> Edit:
    return lambda line: {**line, **facts}


EDITS: dict[str, Edit] = {
    "foreign values as sent": _sent(name="their name", description="their text"),
    "a schedule of every minute as sent": _sent(
        schedule={"type": "cron", "expression": "* * * * *", "timezone": "UTC"}
    ),
    "an agent as sent": _sent(agent="agent_2"),
    "an agent as it was": _before(agent="agent_2"),
    "initial events as they were": _before(initial_events=[]),
    "a number as name": _before(name=7),
    "a text as schedule": _before(schedule="* * * * *"),
    "a strange status": _before(status="running"),
    "a list as what was": lambda line: {**line, "before": []} if line["event"] == "lent" else line,
    "nothing as what was": lambda line: {k: v for k, v in line.items() if k != "before"},
    "nothing as sent": lambda line: {k: v for k, v in line.items() if k != "sent"},
    "an id that leads elsewhere": _with(id="../agents"),
    "a number as id": _with(id=7),
    "an empty run": _with(run=""),
    "a run that is none": _with(run="everything"),
    "credentials in the target": lambda line: {
        **line,
        "target": line["target"].replace("://", "://user:pw@"),
    },
    "a moment that is none": _with(at="yesterday"),
    "a moment years ahead": _with(at=(NOW + timedelta(days=3650)).isoformat()),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_loan_changes_nothing_and_is_named(
    borrowed: Borrowed, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    borrowed.run(killed=True)
    lines = [edit(line) for line in ledger_lines(borrowed.folder)]
    path = borrowed.folder / "ledger.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines if line))
    before = borrowed.shown()
    code = main(["sweep", "--base-url", borrowed.server.base_url, str(path)])
    said = capsys.readouterr()
    assert code in {2, 3}, said
    assert "line 1" in said.out + said.err or "line 2" in said.out
    assert "Traceback" not in said.out + said.err
    assert borrowed.shown() == before


def test_a_loan_of_a_deployment_that_the_run_did_not_change_is_left(
    borrowed: Borrowed, capsys: pytest.CaptureFixture[str]
) -> None:
    """A paused deployment, changed last long ago: a line that says it was lent and paused proves nothing."""
    rows = next(iter(borrowed.service.store.tenants.values())).deployments
    theirs = next(row for row in rows.values() if row.status == "paused" and not row.archived_at)
    borrowed.service.keep(replace(theirs, updated_at=theirs.updated_at - timedelta(days=3)))
    before = borrowed.service.shown(theirs.id)
    facts = {"at": NOW.isoformat(), "run": "feed0001", "target": borrowed.server.base_url, "id": theirs.id}
    path = borrowed.folder / "ledger.jsonl"
    lent = {"event": "lent", **facts, "before": {"name": before["name"], "status": "active"}}
    sent = {"event": "lending", **facts, "sent": {"status": "paused"}}
    path.write_text(f"{json.dumps(lent)}\n{json.dumps(sent)}\n")
    code, output = borrowed.sweep(capsys)
    assert code == 3
    assert "nothing on it shows that the run changed it" in output
    assert borrowed.service.shown(theirs.id) == before


def test_a_run_that_creates_deployments_lends_none(
    borrowed: Borrowed, capsys: pytest.CaptureFixture[str]
) -> None:
    borrowed.run(killed=True)
    lines = ledger_lines(borrowed.folder)
    intent = {
        **lines[0],
        "event": "intent",
        "name": f"conformance-{lines[0]['run']}-a-1",
        "description": None,
    }
    path = borrowed.folder / "ledger.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in (intent, *lines)))
    before = borrowed.shown()
    code, output = borrowed.sweep(capsys)
    assert code == 3
    assert "changes none that was lent" in output
    assert borrowed.shown() == before
