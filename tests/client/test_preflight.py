"""What the first requests find, and what each missing prerequisite is told."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.client.ownership.creations import Creations
from conformance.client.prerequisites import Prerequisites, event, pick
from conformance.contract import clock
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.reference import (
    NEW,
    OLD,
    Call,
    Document,
    ReferenceServer,
    ReferenceSettings,
    Response,
    Service,
)
from conformance.reference.errors import invalid
from conformance.suite.engine.preflight import Preflight, fly
from conformance.suite.engine.runner import Runner
from tests.client.factory import api_of, ledger_lines, target_at
from tests.client.rawserver import Answering, RawServer, answering, http


@contextmanager
def flown(
    folder: Path,
    service: type[Service] = Service,
    revision: str = NEW,
    **chosen: Any,  # noqa: ANN401 (settings)
) -> Iterator[tuple[Preflight, ReferenceServer]]:
    with ReferenceServer(service, ReferenceSettings(revision=revision)) as server:
        given = {"token": server.tokens[0], **chosen}
        with target_at(server.base_url, folder, **given) as target:
            yield fly(target, Creations(target.ledger)), server


@pytest.mark.parametrize("revision", [OLD, NEW])
def test_a_reference_server_offers_everything(tmp_path: Path, revision: str) -> None:
    with flown(tmp_path, revision=revision) as (found, server):
        assert (found.blocked, found.no_creation) == (None, None)
        assert found.revision == revision
        assert found.known.agent == server.agent_id
        assert found.known.environment == server.environment_id
        assert found.known.event_form == "blocks"
        assert found.made


def test_an_option_beats_what_the_answers_show(tmp_path: Path) -> None:
    with flown(tmp_path, revision=NEW, agent_id="agent_x", environment_id="env_x") as (found, _):
        assert (found.known.agent_id, found.known.environment_id) == ("agent_x", "env_x")
    with (
        flown(tmp_path, revision=NEW) as (found, server),
        target_at(server.base_url, tmp_path, token=server.tokens[0], revision=OLD) as target,
    ):
        chosen = fly(target, Creations(target.ledger))
        assert (chosen.revision, chosen.revision_reason) == (OLD, "given by option")
        assert found.revision == NEW


class NoAgents(Service):
    def list_agents(self, call: Call) -> Document:
        return {"data": [], "has_more": False}


class NoEnvironments(Service):
    def list_environments(self, call: Call) -> Document:
        return {"data": [], "has_more": False}


@pytest.mark.parametrize(
    ("service", "words"),
    [(NoAgents, ["no agent", "GET /agents", "--agent-id"]),
     (NoEnvironments, ["no environment", "GET /environments", "--environment-id"])],
)  # fmt: skip
def test_a_missing_prerequisite_says_which_option_to_set(
    tmp_path: Path, service: type[Service], words: list[str]
) -> None:
    with flown(tmp_path, service) as (found, _):
        assert found.blocked is None
        assert found.no_creation is not None
        assert found.no_creation.blame is Blame.PRECONDITION
        assert [word for word in words if word not in found.no_creation.reason] == []
        assert found.made is None
    assert ledger_lines(tmp_path) == []


def test_a_wrong_token_is_the_credentials_fault(tmp_path: Path) -> None:
    with flown(tmp_path, token="pt-wrong-token", token_variable="MINE") as (found, _):
        assert found.blocked is not None
        assert found.blocked.blame is Blame.CREDENTIALS
        assert "check the token in MINE" in found.blocked.reason
        assert "401 authentication_error" in found.blocked.reason
        assert "pt-wrong-token" not in found.blocked.reason


class ReadOnlyToken(Service):
    def create(self, call: Call) -> Document:
        raise self.refusal

    @property
    def refusal(self) -> Exception:
        from conformance.reference import ApiError

        return ApiError(403, "permission_error", "Not yours.")


def test_a_token_that_may_only_read(tmp_path: Path) -> None:
    with flown(tmp_path, ReadOnlyToken) as (found, _):
        assert found.blocked is None
        assert found.no_creation is not None
        assert found.no_creation.blame is Blame.CREDENTIALS
        assert "403 permission_error" in found.no_creation.reason


class TextOnly(Service):
    """An OLD server that takes event content as text alone (N47)."""

    def check_content(self, event: Document) -> None:
        if not isinstance(event.get("content"), str):
            raise invalid("content must be a string", "initial_events")


class BlocksOnly(Service):
    def check_content(self, event: Document) -> None:
        if not isinstance(event.get("content"), list):
            raise invalid("content must be a list", "initial_events")


@pytest.mark.parametrize(("service", "form", "tries"), [(TextOnly, "string", 2), (BlocksOnly, "blocks", 1)])
def test_the_event_form_that_the_target_takes_is_found(
    tmp_path: Path, service: type[Service], form: str, tries: int
) -> None:
    with flown(tmp_path, service, OLD) as (found, _):
        assert found.no_creation is None
        assert found.known.event_form == form
        assert found.made
    assert [line["event"] for line in ledger_lines(tmp_path)] == [
        *["intent", "refused"] * (tries - 1),
        "intent",
        "created",
    ]


class TakesNothing(Service):
    def create(self, call: Call) -> Document:
        raise invalid("never")


def test_a_target_that_takes_no_creation(tmp_path: Path) -> None:
    with flown(tmp_path, TakesNothing) as (found, _):
        assert found.no_creation is not None
        assert found.no_creation.blame is Blame.PRECONDITION
        assert "400 invalid_request_error" in found.no_creation.reason
        assert found.known.event_form == "blocks"


class ExtraRequestId(Service):
    """An OLD server whose errors carry a request_id, as one vendor's do."""

    def render_error(self, error: Any, request: Any) -> Response:  # noqa: ANN401 (passed on)
        response = super().render_error(error, request)
        document = {**response.document, "request_id": "req_1"} if isinstance(response.document, dict) else {}
        return Response(response.status, document, response.headers)


def test_an_old_server_with_a_request_id_stays_old(tmp_path: Path) -> None:
    with flown(tmp_path, ExtraRequestId, OLD) as (found, _):
        assert found.revision == OLD


NOTHING: dict[str, tuple[Answering, Blame | None]] = {
    "HTML": (answering(http("200 OK", b"<html>")), Blame.TARGET),
    "a list": (answering(http("200 OK", b"[]")), Blame.TARGET),
    "null": (answering(http("200 OK", b"null")), Blame.TARGET),
    "an id": (answering(http("200 OK", b'{"id": "x", "data": [{"id": "x"}]}')), None),
    "500": (answering(http("500 Oops")), Blame.TARGET),
    "401": (answering(http("401 No")), Blame.CREDENTIALS),
    "429": (answering(http("429 Wait", b"{}", "Retry-After: 0")), Blame.TARGET),
    "nonsense": (answering(b"nonsense\r\n\r\n"), Blame.TARGET),
    "deep JSON": (answering(http(body=b"[" * 100_000)), Blame.TARGET),
    "a deep object": (answering(http(body=b'{"data":' * 900 + b"1" + b"}" * 900)), Blame.HARNESS),
    "odd types": (answering(http(body=b'{"data": [5, {"id": 5}], "error": 5, "metadata": 5}')), None),
}


@pytest.mark.parametrize("case", NOTHING.values(), ids=NOTHING)
def test_a_target_with_one_answer_for_everything(
    tmp_path: Path, case: tuple[Answering, Blame | None]
) -> None:
    answer, blame = case
    with RawServer(answer) as server, target_at(server.url, tmp_path) as target:
        found = fly(target, Creations(target.ledger))
    assert (found.blocked and found.blocked.blame) == blame
    if blame:
        assert found.no_creation is found.blocked
        assert found.revision_reason == "nothing could be asked"


PAGE = json.dumps({"data": [{"id": f"dep_{n}", "name": "x" * 900} for n in range(99)], "next_page": None})


@pytest.fixture
def heeding() -> Iterator[None]:
    """Have this test heed no clock in the end, whichever it began to heed."""
    yield
    clock.heed(None)


@pytest.mark.usefixtures("heeding")
@pytest.mark.parametrize("begun", [{}, {"deployment_id": "dep_1"}], ids=["", "lent"])
def test_a_run_whose_time_is_over_meanwhile_is_blocked(tmp_path: Path, begun: dict[str, Any]) -> None:
    with (
        RawServer(answering(http(body=PAGE.encode()))) as server,
        target_at(server.url, tmp_path, **begun) as target,
    ):
        runner = Runner(target)
        target.manners.clock.end_in(-1, "--max-seconds 5")
        clock.heed(target.manners.clock)
        found = runner.preflight
        runner.start(["creation"])
        assert runner.finish() == ()
    assert found.blocked is not None
    assert found.blocked is found.no_creation
    assert (found.blocked.blame, found.first_list.status) == (Blame.HARNESS, 200)
    assert "--max-seconds 5 ended the run" in found.blocked.reason


@pytest.mark.usefixtures("heeding")
def test_the_books_are_kept_when_the_time_of_the_run_is_over(tmp_path: Path) -> None:
    answer: dict[str, object] = {}

    def respond(connection: socket.socket, request: bytes) -> None:
        if creates := request.startswith(b"POST"):
            answer.update(json.loads(request.partition(b"\r\n\r\n")[2]), id="dep_1", padding="x" * 20_000)
        shown = answer if creates else {"data": [answer]}
        connection.sendall(http(body=json.dumps(shown).encode()))

    with RawServer(respond) as server, target_at(server.url, tmp_path) as target:
        api = api_of(target)
        target.manners.clock.end_in(-1, "--max-seconds 5")
        clock.heed(target.manners.clock)
        made = api.create(api.body())
        with pytest.raises(NotJudgedError):
            _ = made.json
        assert [line["event"] for line in ledger_lines(tmp_path)][-1] == "created"
        api.list()
        assert not api.creations.needs_a_read("dep_1")


# --- prerequisites -------------------------------------------------------------------------------------------


def test_the_first_live_agent_with_several_versions_is_picked() -> None:
    agents = [
        {"id": "old", "version": 9, "archived_at": "2026-07-01T00:00:00Z"}, {"id": "one", "version": 1},
        {"id": "two", "version": 2}, {"id": "three", "version": 3}, {"id": 5}, {"version": 8},
    ]  # fmt: skip
    assert pick(agents, archived=False) == "two"  # type: ignore[arg-type]
    assert pick(agents, archived=True) == "old"  # type: ignore[arg-type]
    assert pick([], archived=False) is None
    assert pick([{"id": "a", "version": "2"}, {"id": "b"}], archived=False) == "a"


def test_the_forms_of_an_event() -> None:
    assert event("x", "string") == {"type": "user.message", "content": "x"}
    assert event("x", "blocks") == {"type": "user.message", "content": [{"type": "text", "text": "x"}]}


@pytest.mark.parametrize("kind", ["agent", "environment"])
def test_what_is_missing_is_said_when_it_is_needed(kind: str) -> None:
    with pytest.raises(
        NotJudgedError, match=f"no {kind} was found with GET /{kind}s; name one with --{kind}-id"
    ):
        getattr(Prerequisites(), kind)


@pytest.mark.parametrize("kind", ["agent", "environment"])
def test_that_no_list_was_answered_is_said_with_what_was(kind: str) -> None:
    refusal = '403 permission_error (application/json): "Your key has no access."'
    known = Prerequisites(refusals={f"{kind}s": refusal})
    with pytest.raises(NotJudgedError) as caught:
        getattr(known, kind)
    found = f"no {kind} was found: GET /{kind}s answered {refusal}; name one with --{kind}-id"
    assert str(caught.value) == found
