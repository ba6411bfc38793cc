"""One cause is one accusation: servers that lack one field, key, header or route are accused of that alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import pytest

from conformance.config.settings import Settings
from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import Blame, BrokenPromiseError, NotJudgedError, Outcome
from conformance.reference import ReferenceServer, Request, Response, Service
from conformance.reference.routes import UNKNOWN, Route
from conformance.report import RunResult
from conformance.run.session import Session
from conformance.run.verdicts.root_causes import Causes
from tests.proof.engine import collect, judge_in_process

Mend = Callable[[Any], Any]
FOREIGN = 130
"""Deployments of others: more than one page of them."""
AT_A_TIME = 8
SHAPE, SAMPLES, ENVELOPE = "object.matches-schema", "object.has-sample-fields", "list.envelope"


class Lacking(Service):
    """Leaves something out of every answer: `mend` gets each deployment, list or error in turn."""

    mend_deployment: Mend = staticmethod(lambda shown: shown)
    mend_list: Mend = staticmethod(lambda shown: shown)
    mend_error: Mend = staticmethod(lambda shown: shown)
    missing_operation = ""
    missing_header = ""
    ignored_header = ""
    ignored_query: tuple[str, ...] = ()
    statuses: Mapping[int, int] = {}
    accepted = ""

    def find_route(self, method: str, raw_path: str) -> Route:
        route = super().find_route(method, raw_path)
        return Route(UNKNOWN) if route.operation == self.missing_operation else route

    def handle(self, request: Request) -> Response:
        headers = {name: text for name, text in request.headers.items() if name != self.ignored_header}
        query = {name: text for name, text in request.query.items() if name not in self.ignored_query}
        response = super().handle(replace(request, headers=headers, query=query))
        status = self.statuses.get(response.status, response.status)
        if self.accepted and request.path.endswith(f"/{self.accepted}") and status == HTTPStatus.OK:
            status = HTTPStatus.ACCEPTED
        document = self.mended(cast("Any", response.document))
        if status == HTTPStatus.FORBIDDEN:
            document = {**document, "error": {**document["error"], "type": "permission_error"}}
        return replace(response, status=status, document=document)

    def mended(self, shown: Any) -> Any:  # noqa: ANN401 (JSON)
        if not isinstance(shown, dict):
            return shown
        if "error" in shown and shown.get("type") == "error":
            return self.mend_error(shown)
        if "data" in shown:
            return self.mend_list({**shown, "data": list(map(self.mended, shown["data"]))})
        return self.mend_deployment(shown) if shown.get("type") == "deployment" else shown

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        return {name: value for name, value in headers.items() if name != self.missing_header}


def without(path: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document without the field at a dotted path."""
    head, _, rest = path.partition(".")
    if not rest:
        return {name: value for name, value in document.items() if name != head}
    part = document.get(head)
    return {**document, head: without(rest, part)} if isinstance(part, dict) else dict(document)


def lacking(**what: Any) -> type[Service]:  # noqa: ANN401 (attributes of Lacking)
    return type("Lacks", (Lacking,), what)


def field(path: str) -> type[Service]:
    return lacking(mend_deployment=staticmethod(partial(without, path)))


def key(name: str) -> type[Service]:
    return lacking(mend_list=staticmethod(partial(without, name)))


def part_of_errors(path: str) -> type[Service]:
    return lacking(mend_error=staticmethod(partial(without, path)))


def route(operation: str) -> type[Service]:
    return lacking(missing_operation=operation)


def answering(here: int, there: int) -> type[Service]:
    return lacking(statuses={here: there})


def renamed(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return an error whose type is a word of its own."""
    return {**shown, "error": {**shown["error"], "type": f"own_{shown['error']['type']}"}}


REPLACED = (
    (400, 422, "create.missing-field-is-400"),
    (401, 403, "auth.missing-is-401"),
    (404, 410, "errors.unknown-deployment-is-404"),
    (409, 423, "pause.second-is-conflict"),
)
"""A documented status, what comes in its place everywhere, and who tells."""
REQUIRED = (
    "id", "type", "name", "agent", "initial_events", "schedule", "status", "paused_reason", "created_at",
    "updated_at", "archived_at", "agent.id", "schedule.type", "schedule.upcoming_runs_at", "paused_reason.type",
)  # fmt: skip
SAMPLED = ("description", "metadata", "environment_variables")
KEYS = ("first_id", "last_id", "has_more", "next_page")
CASES: Mapping[str, tuple[type[Service], str]] = {
    **{f"field {name}": (field(name), SHAPE) for name in REQUIRED},
    **{f"field {name}": (field(name), SAMPLES) for name in SAMPLED},
    **{f"key {name}": (key(name), ENVELOPE) for name in KEYS},
    **{f"error {name}": (part_of_errors(name), "errors.envelope") for name in ("type", "error.type", "error.message")},
    "error request_id": (part_of_errors("request_id"), "errors.request-id-present"),
    "route create": (route("create"), "create.minimal-is-accepted"),
    "route list_deployments": (route("list_deployments"), ENVELOPE),
    "route get": (route("get"), "get.has-the-shape-of-create"),
    "route update": (route("update"), "update.returns-full-object"),
    "route pause": (route("pause"), "pause.makes-it-paused"),
    "route unpause": (route("unpause"), "unpause.makes-it-active"),
    "route archive": (route("archive"), "archive.sets-archived-at"),
    "route list_runs": (route("list_runs"), "transport.routes-under-base"),
    "route list_all_runs": (route("list_all_runs"), "transport.routes-under-base"),
    **{f"route {name}": (route(name), "") for name in ("list_agents", "list_environments", "get_run", "run")},
    **{f"{there} for {here}": (answering(here, there), owner) for here, there, owner in REPLACED},
    "types": (lacking(mend_error=staticmethod(renamed)), "errors.type-matches-status"),
    "actions 202": (lacking(accepted="pause"), "pause.makes-it-paused"),
    "keys": (lacking(ignored_header="idempotency-key"), "idempotency.create-is-replayed"),
    "cursors": (lacking(ignored_query=("after_id", "before_id")), "list.after-id-walk"),
    **{f"header {name}": (lacking(missing_header=name), "") for name in ("date", "content-type", "content-length")},
}  # fmt: skip
"""What is left out, and the one requirement that is accused of it."""


def judged(service: type[Service], **chosen: Any) -> RunResult:  # noqa: ANN401 (settings)
    with ReferenceServer(service) as server, tempfile.TemporaryDirectory() as folder:
        server.seed(count=FOREIGN)
        usual: dict[str, Any] = {
            "base_url": server.base_url, "token": server.tokens[0], "second_token": server.tokens[1],
            "agent_id": server.agent_id, "environment_id": server.environment_id, "revision": "2026-07",
            "report_dir": folder, "tier": ("core",),
        }  # fmt: skip
        return judge_in_process(Settings(**{**usual, **chosen}), lambda _: None)


def accused(result: RunResult) -> set[str]:
    """The ids of what is broken or warned of."""
    assert not result.internal_error
    wrong = {Outcome.FAIL, Outcome.WARN}
    return {row.requirement.id for row in (*result.judged, *result.searches) if row.verdict.outcome in wrong}


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[set[str]]]]:
    """What each server is accused of that a selected test names; runs wait much, so many are judged at a time."""
    collect()
    specs = [spec for item in request.session.items if (spec := getattr(item, "callspec", None))]
    names = [spec.params["name"] for spec in specs if spec.params.get("name") in CASES]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        yield {name: pool.submit(accused_by_name, name) for name in dict.fromkeys(names)}


def accused_by_name(name: str) -> set[str]:
    return accused(judged(CASES[name][0]))


@pytest.mark.parametrize("name", CASES)
def test_what_is_missing_is_accused_once(name: str, outcomes: Mapping[str, Future[set[str]]]) -> None:
    assert outcomes[name].result() == {CASES[name][1]} - {""}


@pytest.mark.parametrize(
    "what", ["field id", "field schedule", *(f"key {name}" for name in KEYS), "route get"]
)
def test_read_only_accuses_once_as_well(what: str) -> None:
    assert len(accused(judged(CASES[what][0], read_only=True))) == 1


@pytest.mark.parametrize("what", ["field archived_at", "key has_more", "route update"])
def test_searches_accuse_nobody_of_what_follows(what: str) -> None:
    """Without `archived_at` an unpause looked as if it were not stored, without has_more a pause not listed."""
    service, owner = CASES[what]
    result = judged(service, tier=("core", "property"), examples=3)
    wrong = {Outcome.FAIL, Outcome.WARN}
    assert {row.requirement.id for row in result.judged if row.verdict.outcome in wrong} == {owner}


def test_whoever_is_not_judged_for_that_says_why() -> None:
    result = judged(field("status"), only=("object.matches-schema", "pause.makes-it-paused"))
    verdicts = {row.requirement.id: row.verdict for row in result.judged}
    assert verdicts["object.matches-schema"].outcome is Outcome.FAIL
    assert verdicts["pause.makes-it-paused"].outcome is Outcome.NOT_JUDGED
    assert verdicts["pause.makes-it-paused"].blame is Blame.PRECONDITION
    assert (
        verdicts["pause.makes-it-paused"].message
        == "no deployment shows status, which object.matches-schema tells"
    )


def test_without_whom_it_concerns_the_first_to_come_upon_it_tells() -> None:
    result = judged(route("pause"), only=("pause.needs-no-body", "pause.takes-an-empty-object"))
    assert len(accused(result)) == 1


def test_the_end_of_the_run_while_a_cause_is_looked_for_is_no_internal_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ended = NotJudgedError(Blame.HARNESS, "--max-seconds 5 ended the run before this was judged")

    def end(*_: object) -> None:
        raise ended

    monkeypatch.setattr(Causes, "traced", end)
    session = Session(Settings(report_dir=str(tmp_path)))
    session.trace(())
    broken = BrokenPromiseError("409", "200")
    assert session.traced(load_catalogue()["pause.second-is-conflict"], broken) is ended
    session.finish()
