"""Everything created is in the ledger before it exists, and clean-up archives exactly that."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformance.client.answers import created_id, items
from conformance.client.api import Api
from conformance.client.calls.guarded import ABSENT
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.client.ownership.clean_up import clean_up
from conformance.client.ownership.creations import Creations
from conformance.client.ownership.ledger import Ledger, LedgerError
from conformance.client.ownership.marks import Marks
from conformance.client.target import Target
from conformance.client.traffic.permission import ForbiddenRequestError
from conformance.contract.verdict import Blame, NotApplicableError, NotJudgedError
from conformance.reference import Call, Document, ReferenceServer, Request, Response, Service
from conformance.reference.app import Send
from conformance.suite.engine.runner import Runner
from tests.client.factory import api_of, exchange, ledger_lines, target_at
from tests.client.rawserver import Answering, RawServer, http


@dataclass
class Setting:
    """A reference server, the target that points to it, and a story's client."""

    server: ReferenceServer
    target: Target
    api: Api
    folder: Path

    @property
    def events(self) -> list[str]:
        return [line["event"] for line in ledger_lines(self.folder)]

    def stored(self) -> dict[str, str]:
        """The deployments of the first tenant: by the name they were made with, archived or their status."""
        tenant = next(iter(self.server.service.store.tenants.values()))
        return {
            record.name.partition("_archived_")[0]: "archived" if record.archived_at else record.status
            for record in tenant.deployments.values()
        }

    def clean_up(self) -> tuple[str, ...]:
        return clean_up(
            self.api.creations,
            self.api.archive,
            self.api.get,
            self.api.confirm,
            lambda: [self.api.list({"limit": 100})],
            workers=4,
        )


@dataclass
class Stage:
    """Makes settings and takes them down."""

    folder: Path
    open: list[Any] = field(default_factory=list)

    def set(self, service: type[Service] = Service, **chosen: Any) -> Setting:  # noqa: ANN401 (settings)
        server = ReferenceServer(service)
        server.start()
        context = target_at(server.base_url, self.folder, token=server.tokens[0], **chosen)
        target = context.__enter__()
        self.open += [lambda: context.__exit__(None, None, None), server.stop]
        known = {"agent_id": server.agent_id, "environment_id": server.environment_id}
        return Setting(server, target, api_of(target, **known), self.folder)  # type: ignore[arg-type]


@pytest.fixture
def stage(tmp_path: Path) -> Any:  # noqa: ANN401 (a generator of a Stage)
    made = Stage(tmp_path)
    yield made
    for take_down in made.open:
        take_down()


# --- the ledger ----------------------------------------------------------------------------------------------


def test_each_line_says_when_who_and_where(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "deep" / "ledger.jsonl", run_id="run1", target="https://host")
    ledger.write("intent", name='a\n"b"\ud800')
    ledger.close()
    ledger.write("left", id="dep_1", why="gone")
    ledger.close()
    first, second = ledger_lines(tmp_path / "deep")
    assert (first["event"], first["run"], first["target"], first["name"]) == (
        "intent", "run1", "https://host", 'a\n"b"\ud800',
    )  # fmt: skip
    assert first["at"].endswith("+00:00")
    assert (second["event"], second["id"], second["why"]) == ("left", "dep_1", "gone")
    assert (tmp_path / "deep" / "ledger.jsonl").stat().st_mode & 0o077 == 0


def _append(path: Path, run: str) -> None:
    ledger = Ledger(path, run_id=run, target="x" * 3000)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: ledger.write("intent", number=number), range(100)))


def test_processes_and_threads_write_whole_lines(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_append, args=(tmp_path / "ledger.jsonl", f"run{n}")) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    lines = ledger_lines(tmp_path)
    assert {(line["run"], line["number"]) for line in lines} == {
        (f"run{n}", m) for n in range(3) for m in range(100)
    }
    assert len(lines) == 300


def test_a_line_that_another_process_is_writing_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"event": "intent", ')

    def go_on(_: float) -> None:
        with path.open("a") as file:
            file.write('"name": "x"}\n')

    monkeypatch.setattr(time, "sleep", go_on)
    Ledger(path, run_id="run", target="x").write("finished")
    assert [line["event"] for line in ledger_lines(tmp_path)] == ["intent", "finished"]


@pytest.mark.parametrize("hinder", ["a file in place of the folder", "a full disk", "half a line"])
def test_an_unwritable_ledger_says_so(tmp_path: Path, hinder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "reports"
    if hinder == "a file in place of the folder":
        folder.write_text("")
    elif hinder == "a full disk":
        folder.mkdir()
        (folder / "ledger.jsonl").symlink_to("/dev/full")
    else:
        monkeypatch.setattr(os, "write", lambda _, content: len(content) - 1)
    ledger = Ledger(folder / "ledger.jsonl", run_id="run", target="x")
    with pytest.raises(LedgerError, match=r"cannot write the ledger .*ledger\.jsonl: .*Hint: .*--report-dir"):
        ledger.write("intent", name="x")


def test_without_a_ledger_nothing_is_sent(stage: Stage) -> None:
    (stage.folder / "reports").write_text("")
    setting = stage.set(report_dir=str(stage.folder / "reports"))
    with pytest.raises(LedgerError, match="nothing is created without it"):
        setting.api.create_deployment()
    assert setting.target.requests == 0
    assert setting.stored() == {}


def test_the_intent_is_in_the_ledger_when_the_request_arrives(stage: Stage) -> None:
    seen: list[list[dict[str, Any]]] = []

    class Looking(Service):
        def create(self, call: Call) -> Document:
            seen.append(ledger_lines(stage.folder))
            return super().create(call)

    setting = stage.set(Looking)
    made = setting.api.create_deployment()
    ((line,),) = seen
    assert (line["event"], line["name"]) == ("intent", made.name)
    assert setting.target.run_id in made.name


# --- what became of a creation -------------------------------------------------------------------------------


def test_created_refused_and_archived_are_noted(stage: Stage) -> None:
    setting = stage.set()
    first, second = setting.api.create_deployment(), setting.api.create_deployment()
    setting.api.create(setting.api.body(name=""))
    setting.api.archive(first.id)
    setting.api.archive(first.id)
    assert setting.clean_up() == ()
    assert setting.events == [
        "intent",
        "created",
        "intent",
        "created",
        "intent",
        "refused",
        "archived",
        "archived",
    ]
    lines = ledger_lines(setting.folder)
    assert [line.get("id") for line in lines if line["event"] == "archived"] == [first.id, second.id]
    assert (setting.api.creations.created, setting.api.creations.removed) == (2, 2)


def test_clean_up_archives_exactly_what_was_created(stage: Stage) -> None:
    setting = stage.set()
    foreign = set(setting.server.seed(count=9))
    before = setting.stored()
    mine = {setting.api.create_deployment().name for _ in range(5)}
    assert setting.clean_up() == ()
    after = setting.stored()
    assert {name: after[name] for name in before} == before
    assert {after[name] for name in mine} == {"archived"}
    assert len(foreign) == len(before) == 9


class LosesAnswers(Service):
    """Stores a creation whose description asks for it, and drops the connection, now and for ever."""

    async def transmit(self, request: Request, response: Response, send: Send) -> None:
        if request.operation == "create" and b"lose" in request.content:
            raise ConnectionAbortedError
        await super().transmit(request, response, send)


def test_a_creation_without_an_answer_is_found_and_archived_and_similar_ones_are_not(stage: Stage) -> None:
    setting = stage.set(LosesAnswers)
    api = setting.api
    lost = api.body(metadata={"please": "lose"})
    others = [
        {"name": f"{lost['name']}0"},
        {"name": str(lost["name"])[:-1]},
        {"name": str(lost["name"]).upper()},
    ]
    foreign = api_of(setting.target, Creations(setting.target.ledger), agent_id=setting.server.agent_id,
                     environment_id=setting.server.environment_id)  # fmt: skip
    for other in others:
        foreign.create_deployment(**other, description="somebody else's")
    assert not api.create(lost).succeeded
    assert "unknown" in setting.events
    assert setting.clean_up() == ()
    stored = setting.stored()
    assert stored.pop(str(lost["name"])) == "archived"
    assert set(stored.values()) == {"active"}
    assert len(stored) == 3


def test_a_lost_creation_is_found_by_its_description_too(stage: Stage) -> None:
    setting = stage.set(LosesAnswers)
    setting.api.create(setting.api.body(name="x" * 256, metadata={"please": "lose"}))
    setting.clean_up()
    assert setting.stored() == {"x" * 256: "archived"}


@pytest.mark.parametrize(
    "changes", [{"name": "plain"}, {"description": ""}, {"description": "Nightly report"}]
)
def test_somebody_elses_deployment_with_a_plain_text_like_ours_is_left_alone(
    stage: Stage, changes: dict[str, str]
) -> None:
    """A creation that sends a text without the run's id, and is refused, gives no right to others with it."""
    setting = stage.set()
    foreign = api_of(setting.target, Creations(setting.target.ledger), agent_id=setting.server.agent_id,
                     environment_id=setting.server.environment_id)  # fmt: skip
    theirs = foreign.create_deployment(**{"name": "theirs", "description": "Theirs.", **changes})
    setting.api.create(setting.api.body(**changes, environment_id=ABSENT))
    setting.api.list_refused()
    setting.clean_up()
    assert setting.stored() == {theirs.name: "active"}


class StoresAndFails(Service):
    """Stores every creation and answers 500."""

    def create(self, call: Call) -> Document:
        super().create(call)
        raise RuntimeError


class IsInterrupted(KeyboardInterrupt):
    """Ctrl-C while an answer is awaited."""


def test_a_creation_that_an_interrupt_broke_off_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = stage.set()
    record = setting.target._record

    def interrupted(request: Any, *_: Any, **__: Any) -> None:  # noqa: ANN401 (as _record)
        if request.path == "/deployments":
            raise IsInterrupted

    monkeypatch.setattr(setting.target, "_record", interrupted)
    with pytest.raises(IsInterrupted):
        setting.api.create_deployment()
    monkeypatch.setattr(setting.target, "_record", record)
    assert set(setting.stored().values()) == {"active"}
    assert setting.clean_up() == ()
    assert set(setting.stored().values()) == {"archived"}


def test_a_server_error_leaves_the_outcome_unknown(stage: Stage) -> None:
    setting = stage.set(StoresAndFails)
    with pytest.raises(NotJudgedError):
        setting.api.create_deployment()
    assert setting.events == ["intent", "unknown"]
    assert setting.clean_up() == ()
    assert set(setting.stored().values()) == {"archived"}
    assert setting.events[2:] == ["created", "archived"]


def test_what_may_be_there_is_told_when_no_list_shows_it(stage: Stage) -> None:
    class AnswersNothingMore(StoresAndFails):
        def list_deployments(self, call: Call) -> Document:
            raise RuntimeError

    setting = stage.set(AnswersNothingMore)
    with pytest.raises(NotJudgedError):
        setting.api.create_deployment()
    (line,) = setting.clean_up()
    (name,) = setting.stored()
    assert line.startswith(f"{name} may be on the target: neither its creation nor a list was answered")
    assert setting.events == ["intent", "unknown"]


def test_what_a_list_that_breaks_off_did_not_show_is_told(stage: Stage) -> None:
    setting = stage.set(StoresAndFails)
    for _ in range(2):
        with pytest.raises(NotJudgedError):
            setting.api.create_deployment()
    first, second = setting.stored()
    shown = exchange(json={"data": [{"id": "dep_1", "name": first}]})
    pages = [shown, exchange(status=500)]
    archive = lambda _: exchange(json=GONE)  # noqa: E731 (shorter than a function)
    (line,) = clean_up(
        setting.api.creations, archive, setting.api.get, setting.api.confirm, lambda: pages, workers=1
    )
    assert line.startswith(f"{second} may be on the target")


def test_a_creation_that_was_refused_and_made_all_the_same_is_found(stage: Stage) -> None:
    class RefusesAndStores(Service):
        def success_status(self, operation: str) -> int:
            return 400 if operation == "create" else 200

    setting = stage.set(RefusesAndStores)
    setting.api.create(setting.api.body())
    setting.api.list_refused()
    assert setting.clean_up() == ()
    assert set(setting.stored().values()) == {"archived"}


def test_what_cannot_be_archived_is_told(stage: Stage) -> None:
    class KeepsAll(Service):
        def archive(self, call: Call) -> Document:
            raise RuntimeError

    setting = stage.set(KeepsAll)
    made = setting.api.create_deployment()
    (line,) = setting.clean_up()
    assert line == f"{made.id} stays on the target: archiving it answered 500 api_error"
    assert setting.events[-1] == "left"
    assert setting.api.creations.removed == 0


def test_a_run_cleans_up_by_itself(stage: Stage) -> None:
    setting = stage.set(LosesAnswers)
    setting.server.seed(count=150)
    before = setting.stored()
    runner = Runner(setting.target)
    api = Api(setting.target, "story", runner.preflight.known, runner.creations)
    api.create(api.body(metadata={"please": "lose"}))
    assert runner.finish() == ()
    after = setting.stored()
    assert {name: after[name] for name in before} == before
    assert {status for name, status in after.items() if name not in before} == {"archived"}
    assert len(after) == len(before) + 2


# --- reading answers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "made"),
    [
        ({"json": {"id": "dep_1"}}, "dep_1"), ({"json": {"id": "dep_1"}, "status": 201}, "dep_1"),
        ({"json": {"id": "dep_1"}, "status": 400}, None), ({"json": {"id": 5}}, None), ({"json": {"id": ""}}, None),
        ({"json": []}, None), ({"body": "<html>"}, None), ({"json": None}, None),
    ],
)  # fmt: skip
def test_the_id_of_what_was_made(facts: Mapping[str, Any], made: str | None) -> None:
    assert created_id(exchange(**facts)) == made


@pytest.mark.parametrize(
    "document", [None, [], {}, {"data": None}, {"data": {"a": {}}}, {"data": [1, None, "x"]}]
)
def test_what_is_no_list_has_no_items(document: object) -> None:
    assert list(items(exchange(json=document))) == []


def test_a_list_has_its_objects() -> None:
    assert list(items(exchange(json={"data": [{"id": "a"}, 5, {}]}))) == [{"id": "a"}, {}]


GONE = {"id": "dep_1", "archived_at": "2026-07-01T00:00:00Z"}


def GET(_: str) -> Exchange:  # noqa: N802 (it stands for the method)
    """A read that shows nothing."""
    return exchange(status=500)


def settled(creations: Creations, body: object, answer: Exchange) -> Marks:
    """Announce a creation and settle it with an answer; return its marks."""
    with creations.announced(body) as (marks,):
        creations.settle(marks, answer)
    return marks


def test_adopting_takes_neither_archived_nor_nameless_ones(tmp_path: Path) -> None:
    creations = Creations(Ledger(tmp_path / "ledger.jsonl", run_id="run7", target="x"))
    settled(creations, {"name": "made by run7"}, exchange(status=None))
    listed = [
        {"id": "a", "name": "made by run7", "archived_at": "2026-07-01T00:00:00Z"}, {"id": 5, "name": "made by run7"},
        {"name": "made by run7"}, {"id": "b", "name": None}, {"id": "c", "name": "made by run7", "archived_at": None},
    ]  # fmt: skip
    creations.adopt(exchange(json={"data": listed}))
    creations.adopt(exchange(json={"data": listed}))
    assert list(creations._live) == ["c"]
    assert creations.created == 1


@pytest.mark.parametrize("body", [None, [], "text", {"name": 5}, {"name": None, "description": []}, b"raw"])
def test_any_body_can_be_announced(tmp_path: Path, body: object) -> None:
    creations = Creations(Ledger(tmp_path / "ledger.jsonl", run_id="run7", target="x"))
    settled(creations, body, exchange(status=400))
    assert [line["event"] for line in ledger_lines(tmp_path)] == ["intent", "refused"]


@pytest.mark.parametrize(
    ("facts", "event"),
    [
        ({"status": 400}, "refused"), ({"status": 429}, "refused"), ({"status": 302}, "refused"),
        ({"status": 500}, "unknown"), ({"status": 504}, "unknown"), ({"status": None}, "unknown"),
        ({"status": 200, "json": {}}, "unknown"), ({"status": 409, "retries": ("503",)}, "unknown"),
        ({"status": 409, "retries": ("429",)}, "refused"), ({"status": 201, "json": {"id": "d"}}, "created"),
    ],
)  # fmt: skip
def test_what_an_answer_says_of_a_creation(tmp_path: Path, facts: dict[str, Any], event: str) -> None:
    creations = Creations(Ledger(tmp_path / "ledger.jsonl", run_id="run7", target="x"))
    settled(creations, {"name": "x"}, exchange(method="POST", **facts))
    assert ledger_lines(tmp_path)[-1]["event"] == event


def test_a_minimal_body_is_json_with_a_fresh_name(stage: Stage) -> None:
    api = stage.set().api
    first, second = api.body(), api.body(description=ABSENT)
    assert first["name"] != second["name"]
    assert "description" not in second
    assert json.loads(json.dumps(first)) == first


# --- what is not ours ------------------------------------------------------------------------------------------


def foreign_page(*ids: str) -> bytes:
    return json.dumps({"data": [{"id": one, "name": "prod"} for one in ids]}).encode()


def scripted(**answers: bytes) -> Answering:
    """Answer by method: `get` and `post` hold bodies."""
    return lambda connection, request: connection.sendall(
        http("200 OK", answers["get" if request.startswith(b"GET") else "post"])
    )


def changes_sent(server: RawServer) -> list[bytes]:
    return [request for request in server.requests if request.startswith(b"POST /deployments/")]


def test_what_was_listed_before_a_creation_is_not_what_it_made(tmp_path: Path) -> None:
    script = scripted(get=foreign_page("dep_theirs"), post=b'{"id": "dep_theirs"}')
    with RawServer(script) as server, target_at(server.url, tmp_path) as target:
        api = api_of(target)
        api.list()
        created = api.create(api.body())
        assert created.succeeded
        for act in (api.pause, api.unpause, api.archive, api.run):
            with pytest.raises(NotJudgedError, match="it was there before"):
                act("dep_theirs")
        with pytest.raises(NotJudgedError):
            api.update("dep_theirs", {"description": "x"})
        with pytest.raises(NotJudgedError):
            api.request("POST", "/deployments/dep_theirs/pause")
        (line,) = clean_up(api.creations, api.archive, api.get, api.confirm, lambda: [api.list()], workers=1)
        assert "was made, as its creation was answered, but no list shows it" in line
        assert changes_sent(server) == []
    assert [line["event"] for line in ledger_lines(tmp_path)] == ["intent", "unknown"]


@pytest.mark.parametrize(
    "made",
    ["dep_1/../dep_2", "..", ".", "dep\r\nX: 1", "dep_\ud800", "a?b", "a#b", "a%2fb", "a b", "x" * 1001],
)
def test_nothing_is_sent_to_ids_that_lead_elsewhere(made: str, tmp_path: Path) -> None:
    with (
        RawServer(scripted(get=b"{}", post=json.dumps({"id": made}).encode())) as server,
        target_at(server.url, tmp_path) as target,
    ):
        api = api_of(target)
        api.create(api.body())
        with pytest.raises(NotJudgedError, match="no path leads"):
            api.archive(made)
        assert changes_sent(server) == []


def test_a_creation_that_shows_another_deployment_made_none_of_ours(tmp_path: Path) -> None:
    post = json.dumps({"id": "dep_x", "name": "prod", "description": "theirs"}).encode()
    with RawServer(scripted(get=b"{}", post=post)) as server, target_at(server.url, tmp_path) as target:
        api = api_of(target)
        api.create(api.body())
        with pytest.raises(NotJudgedError, match="neither its name nor its description"):
            api.archive("dep_x")


def test_an_interrupt_between_announcing_and_sending_leaves_nothing_unsettled(tmp_path: Path) -> None:
    creations = Creations(Ledger(tmp_path / "ledger.jsonl", run_id="run7", target="x"))
    with pytest.raises(KeyboardInterrupt), creations.announced({"name": "of run7"}, 2):
        raise KeyboardInterrupt
    assert [line["event"] for line in ledger_lines(tmp_path)] == ["intent", "intent", "unknown", "unknown"]


def test_a_limit_that_forbids_the_second_of_two_creations_sends_neither(tmp_path: Path) -> None:
    with target_at("http://127.0.0.1:9", tmp_path, max_created=1) as target:
        creations = Creations(target.ledger, target.manners)
        with pytest.raises(NotJudgedError, match="--max-created 1"), creations.announced({}, 2):
            raise AssertionError
    assert [line["event"] for line in ledger_lines(tmp_path)] == ["intent", "refused"]


def test_a_rate_that_allows_no_race_announces_nothing(tmp_path: Path) -> None:
    with target_at("http://127.0.0.1:9", tmp_path, rate=1.0) as target:
        api = api_of(target, Creations(target.ledger, target.manners))
        with pytest.raises(NotApplicableError, match="--rate of at least 2"):
            api.create_together(api.body(), 2, headers={})
    assert ledger_lines(tmp_path) == []


# --- what a read shows -----------------------------------------------------------------------------------------

NOW = datetime(2026, 7, 1, tzinfo=UTC)
"""When written exchanges were sent, and so the announcements of these tests."""
BODY = {"name": "run 77", "description": "of run 77"}
OURS = {"id": "dep_1", **BODY, "created_at": "2026-07-01T00:00:00Z"}
EARLIER = "2026-06-30T23:59:00Z"


def claiming(tmp_path: Path, body: Mapping[str, object], *listed: Mapping[str, object]) -> Creations:
    """Creations of which one, sent at NOW after a list, was answered with the id dep_1 alone."""
    ledger = Ledger(tmp_path / "ledger.jsonl", run_id="77", target="t")
    creations = Creations(ledger, now=lambda: NOW)
    creations.listed(exchange(json={"data": list(listed)}))
    settled(creations, body, exchange(method="POST", json={"id": "dep_1"}))
    return creations


DATED = {"id": "dep_0", "created_at": EARLIER}


@pytest.mark.parametrize(
    ("body", "read", "listed"),
    [
        (BODY, OURS, [DATED]), (BODY, OURS, []), (BODY, {**OURS, "description": ""}, [DATED]),
        (BODY, {**OURS, "name": "cut"}, [DATED]), (BODY, {"id": "dep_1", **BODY}, []),
        ({}, {"id": "dep_1", "created_at": "2026-07-01T00:00:00Z"}, [DATED]),
        ({"name": "plain"}, {"id": "dep_1", "name": "plain", "created_at": "2026-07-01T00:00:01Z"}, [DATED]),
        (BODY, {**OURS, "created_at": "2026-06-30T23:59:30Z"}, [DATED]),  # a clock that is behind, of all it showed
    ],
)  # fmt: skip
def test_a_deployment_is_ours_when_a_read_shows_what_was_sent(
    body: dict[str, object], read: dict[str, object], listed: list[dict[str, object]], tmp_path: Path
) -> None:
    creations = claiming(tmp_path, body, *listed)
    assert creations.needs_a_read("dep_1")
    creations.read("dep_1", exchange(json=read))
    assert not creations.needs_a_read("dep_1")
    creations.check_shown("dep_1", exchange())


@pytest.mark.parametrize(
    ("body", "read", "listed"),
    [
        (BODY, {"id": "dep_1", **BODY}, [DATED]), (BODY, {**OURS, "id": "dep_2"}, [DATED]), (BODY, {}, []),
        (BODY, {"id": "dep_1", "name": "run 77"}, []), ({"name": "run 77"}, {"id": "dep_1", "name": "run 77"}, []),
        ({}, {"id": "dep_1"}, []), ({"name": "plain"}, {**OURS, "name": "theirs"}, [DATED]),
    ],
)  # fmt: skip
def test_what_a_read_leaves_open_stays_untouched_and_alive(
    body: dict[str, object], read: dict[str, object], listed: list[dict[str, object]], tmp_path: Path
) -> None:
    creations = claiming(tmp_path, body, *listed)
    creations.read("dep_1", exchange(json=read))
    with pytest.raises(NotJudgedError, match=r"no read shows that it made that: read answered 200"):
        creations.check_shown("dep_1", exchange())
    assert creations.unconfirmed() == ("dep_1",)


@pytest.mark.parametrize(
    ("read", "why"),
    [
        ({**OURS, "name": "prod", "description": "theirs"}, "neither its name nor its description"),
        ({**OURS, "created_at": "2026-06-30T23:58:00Z"}, "it was created before that, at 2026-06-30T23:58:00"),
        ({**OURS, "created_at": EARLIER}, "it was created before that"),
    ],
)  # fmt: skip
def test_what_reads_as_anothers_is_disowned_and_ours_is_looked_for(
    read: dict[str, object], why: str, tmp_path: Path
) -> None:
    creations = claiming(tmp_path, BODY, DATED)
    creations.read("dep_1", exchange(json=read))
    with pytest.raises(NotJudgedError, match=why):
        creations.check_writable("dep_1")
    assert [line["event"] for line in ledger_lines(tmp_path)] == ["intent", "created", "disowned", "unknown"]
    (line,) = creations.disowned
    assert line.startswith(f"the target answered a creation with the id dep_1, but {why}")
    creations.adopt(exchange(json={"data": [{**OURS, "id": "dep_9"}]}))
    assert creations.is_live("dep_9")
    assert not creations.is_live("dep_1")


def test_a_clock_that_runs_fast_was_less_ahead_at_the_creation(tmp_path: Path) -> None:
    """The embedded server's clock may run sixty times as fast; a second on a busy machine is a minute there."""
    creations = Creations(Ledger(tmp_path / "ledger.jsonl", run_id="77", target="t"), now=lambda: NOW)
    at_once, later = ({"date": f"Wed, 01 Jul 2026 00:0{minute}:00 GMT"} for minute in (0, 1))
    for made, read in (("dep_0", at_once), ("dep_1", later)):
        settled(creations, BODY, exchange(method="POST", json={"id": made}, headers=at_once))
        creations.read(made, exchange(json={**OURS, "id": made}, headers=read))
        assert not creations.needs_a_read(made)
        creations.check_writable(made)


def test_what_its_creation_disowned_is_ours_when_a_list_shows_it(tmp_path: Path) -> None:
    creations = Creations(Ledger(tmp_path / "ledger.jsonl", run_id="77", target="t"), now=lambda: NOW)
    answer = {"id": "dep_1", "name": "another", "description": "text"}
    settled(creations, BODY, exchange(method="POST", json=answer))
    with pytest.raises(NotJudgedError, match="neither its name nor its description"):
        creations.check_writable("dep_1")
    creations.adopt(exchange(json={"data": [OURS]}))
    creations.check_writable("dep_1")
    left = clean_up(creations, lambda _: exchange(json=GONE), GET, lambda _: None, list, workers=1)
    assert left == ()


def test_a_clean_up_that_may_not_archive_says_so(tmp_path: Path) -> None:
    creations = claiming(tmp_path, BODY, DATED)
    creations.read("dep_1", exchange(json=OURS))

    def forbidden(_: str) -> Exchange:
        raise NotJudgedError(Blame.TARGET, "it is another's")

    (line,) = clean_up(creations, forbidden, GET, lambda _: None, list, workers=1)
    assert line == "dep_1 stays on the target: it is another's"


@pytest.mark.parametrize(
    "name", ["  run 77", "run 77\n"],
)  # fmt: skip
def test_a_store_may_trim_what_was_sent(name: str, tmp_path: Path) -> None:
    creations = claiming(tmp_path, {"name": name}, DATED)
    creations.read("dep_1", exchange(json={**OURS, "description": None}))
    assert not creations.needs_a_read("dep_1")


def test_a_store_may_cut_and_compose_what_was_sent(tmp_path: Path) -> None:
    mark = "conformance-0123abcd-story-7"
    ledger = Ledger(tmp_path / "ledger.jsonl", run_id="0123abcd", target="t")
    creations = Creations(ledger, now=lambda: NOW)
    settled(creations, {"name": f"{mark} u\u0308ber"}, exchange(method="POST", json={"id": "dep_1"}))
    creations.read("dep_1", exchange(json={**OURS, "name": f"{mark} \u00fc", "description": None}))
    assert not creations.needs_a_read("dep_1")


@pytest.mark.parametrize("shown", ["conformance-0123abcd-story", "conformance-0123abcd-story-77"])
def test_a_cut_that_leaves_no_mark_shows_nothing(shown: str, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl", run_id="0123abcd", target="t")
    creations = Creations(ledger, now=lambda: NOW)
    settled(
        creations, {"name": "conformance-0123abcd-story-7"}, exchange(method="POST", json={"id": "dep_1"})
    )
    creations.read("dep_1", exchange(json={**OURS, "name": shown, "description": None}))
    assert len(creations.disowned) == 1


@pytest.mark.parametrize(
    "answer", [exchange(status=409), exchange(status=404), exchange(json={"id": "dep_1"})]
)
def test_what_is_archived_in_words_alone_is_not_removed(answer: Exchange, tmp_path: Path) -> None:
    creations = claiming(tmp_path, BODY, DATED)
    creations.read("dep_1", exchange(json=OURS))
    left = clean_up(
        creations, lambda _: answer, lambda _: exchange(json=OURS), lambda _: None, list, workers=1
    )
    assert [line.split(":")[0] for line in left] == ["dep_1 stays on the target"]
    assert creations.removed == 0
    left = clean_up(
        creations, lambda _: answer, lambda _: exchange(json=GONE), lambda _: None, list, workers=1
    )
    assert (left, creations.removed) == ((), 1)


def test_an_id_that_is_somebody_elses_to_other_credentials_is_not_changed_with_them(stage: Stage) -> None:
    api = stage.set().api
    made = api.create_deployment().id
    theirs = exchange(json={"id": made, "name": "theirs"})
    api.creations.elsewhere.read(made, Auth.SECOND, theirs)
    for act in (api.pause, api.archive, api.unpause):
        with pytest.raises(NotJudgedError, match="names a deployment that this run did not make"):
            act(made, authorization=Auth.SECOND)
    assert api.pause(made).succeeded


def test_swapped_answers_are_both_ours(tmp_path: Path) -> None:
    creations = claiming(tmp_path, BODY, DATED)
    other = {"name": "run 77, too", "description": "of run 77, too"}
    settled(creations, other, exchange(method="POST", json={"id": "dep_2"}))
    creations.read("dep_1", exchange(json={**OURS, **other, "created_at": "2999-01-01T00:00:00Z"}))
    assert creations.unconfirmed() == ("dep_2",)


def test_one_id_for_two_creations_belongs_to_the_first_and_the_second_is_looked_for(tmp_path: Path) -> None:
    creations = claiming(tmp_path, BODY, DATED)
    settled(creations, {"name": "run 77, too"}, exchange(method="POST", json={"id": "dep_1"}))
    assert [line["event"] for line in ledger_lines(tmp_path)] == ["intent", "created", "intent", "refused"]
    with pytest.raises(NotJudgedError, match="several creations were answered with one id"):
        creations.check_new("dep_1")


# --- runs ------------------------------------------------------------------------------------------------------


def test_nothing_that_could_run_is_asked_to_run(stage: Stage) -> None:
    api = stage.set().api
    made, other = api.create_deployment().id, api.create_deployment().id
    for path in (f"/deployments/{made}/run", f"/deployments/{made}/run/", f"/deployments/{made}/run?x=1"):
        with pytest.raises(ForbiddenRequestError, match="--tier billable"):
            api.send("POST", path)
    with pytest.raises(ForbiddenRequestError):
        api.run(made, authorization="Bearer nobody")
    api.archive(other)
    assert api.run(other).status == 409
    assert api.run("dep_nobody_ever_saw").status == 404
    assert api.creations.runs == 0


def test_an_accepted_run_is_counted(stage: Stage) -> None:
    api = stage.set(tier=("core", "billable")).api
    api.run(api.create_deployment().id)
    assert api.creations.runs == 1
