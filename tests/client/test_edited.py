"""Ledgers that somebody edited: nothing foreign is archived or changed, and each is told of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from conformance.client.api import Api
from conformance.client.ownership.marks import names_run, shows_run
from conformance.reference import Deployment, Request, Response, Service
from conformance.reference import ReferenceServer as Server
from tests.client.factory import api_of, target_at

RUN = "feed0001"
NAME = f"conformance-{RUN}-a-1"
Lines = Sequence[dict[str, Any] | str]


class Noting(Service):
    """Notes every request that could change something."""

    def handle(self, request: Request) -> Response:
        if request.method != "GET":
            self.noted.append(f"{request.method} {request.path}")
        return super().handle(request)

    @property
    def noted(self) -> list[str]:
        noted: list[str] = self.__dict__.setdefault("_noted", [])
        return noted


@dataclass
class Theirs:
    """An account in which all is foreign; `target` is the deployment that an edited ledger is after."""

    server: Server
    service: Noting
    target: Deployment

    def line(self, event: str, **facts: object) -> dict[str, Any]:
        """A line of a ledger, written a second before the foreign deployment was made, as far as it says."""
        at = (self.target.created_at - timedelta(seconds=1)).isoformat()
        return {"event": event, "at": at, "run": RUN, "target": self.server.base_url, **facts}

    def made(self, **facts: object) -> list[dict[str, Any]]:
        """An announcement and its answer with the id of the foreign deployment."""
        name = facts.pop("name", NAME)
        return [
            self.line("intent", name=name, description=None, **facts),
            self.line("created", name=name, id=self.target.id, **facts),
        ]


@pytest.fixture(scope="module")
def theirs() -> Iterator[Theirs]:
    with Server(Noting) as server:
        server.seed(count=40)
        service = server.service
        assert isinstance(service, Noting)
        rows = next(iter(service.store.tenants.values())).deployments.values()
        first = next(row for row in rows if row.status == "active" and not row.archived_at)
        named = replace(first, name=f"our {RUN}", description=f"all of {RUN}, conformance- and others")
        service.keep(named)
        yield Theirs(server, service, named)


def _years(theirs: Theirs) -> list[dict[str, Any]]:
    first, second = theirs.made()
    return [{**first, "at": "2001-01-01T00:00:00Z"}, second]


def _ahead(theirs: Theirs) -> list[dict[str, Any]]:
    first, second = theirs.made()
    return [first, {**second, "at": (theirs.target.created_at + timedelta(days=4000)).isoformat()}]


def _credentials(theirs: Theirs) -> list[dict[str, Any]]:
    target = theirs.server.base_url.replace("://", "://user:secret@")
    return [{**line, "target": target} for line in theirs.made()]


def _lent(theirs: Theirs, **sent: object) -> list[dict[str, Any]]:
    now = datetime.now().astimezone().isoformat()
    facts = {"at": now, "id": theirs.target.id}
    before = {"name": "rewritten", "schedule": {"type": "cron", "expression": "* * * * *", "timezone": "UTC"}}
    return [
        {**theirs.line("lent", before=before), **facts},
        {**theirs.line("lending", sent=sent), **facts},
    ]


EDITED: dict[str, Callable[[Theirs], Lines]] = {
    "a foreign id, answered in that very second": lambda t: t.made(),
    "an empty run": lambda t: t.made(run=""),
    "a run that is in many texts": lambda t: t.made(run="o", name=t.target.name),
    "a run that is a word": lambda t: t.made(run="our", name=t.target.name),
    "a run in capitals": lambda t: t.made(run=RUN.upper()),
    "the id of the run as name": lambda t: t.made(name=RUN),
    "a name that merely holds the run": lambda t: t.made(name=t.target.name),
    "a lost creation with the foreign name": lambda t: [t.line("intent", name=t.target.name, description=None)],
    "a lost creation with the foreign description": lambda t: [
        t.line("intent", name=None, description=t.target.description)
    ],
    "a refused creation with the foreign name": lambda t: [
        t.line("intent", name=t.target.name), t.line("refused", name=t.target.name, status=400),
    ],
    "a creation of another run": lambda t: t.made(name="conformance-deadbeef-a-1"),
    "announced years ago": _years,
    "answered years ahead": _ahead,
    "created without an announcement": lambda t: t.made()[1:],
    "an announcement without a moment": lambda t: [{**line, "at": ""} for line in t.made()],
    "credentials in the target": _credentials,
    "a query in the target": lambda t: [{**line, "target": line["target"] + "?x=1"} for line in t.made()],
    "an id with a path": lambda t: [*t.made()[:1], t.line("created", name=NAME, id=f"x/../{t.target.id}")],
    "an id with a query": lambda t: [*t.made()[:1], t.line("created", name=NAME, id=f"{t.target.id}?a=1")],
    "an id that is no text": lambda t: [*t.made()[:1], t.line("created", name=NAME, id=[t.target.id])],
    "a name that is no text": lambda t: [t.line("intent", name=7), t.line("created", name=7, id=t.target.id)],
    "lent, with its own values as sent": lambda t: _lent(t, name=t.target.name),
    "lent, with its own description as sent": lambda t: _lent(t, description=t.target.description),
    "lent, with its own schedule as sent": lambda t: _lent(t, schedule={"expression": "0 3 * * 1"}),
    "lent, with its own status as sent": lambda t: _lent(t, status="active"),
    "events that are none": lambda t: [{**t.made()[1], "event": ["created"]}, {**t.made()[1], "event": {}}],
    "events within an event": lambda t: [
        json.dumps(t.made()[1])[:-1] + ', "more": ' + json.dumps(t.made()[1]), *t.made()[:1]
    ],
}  # fmt: skip


QUIET = [
    EDITED[f"a {kind} creation with the foreign {text}"]
    for kind, text in (("lost", "name"), ("lost", "description"), ("refused", "name"))
]
"""What bears no mark of a run is not sought: runs, too, send bodies without one, and nothing can tell of them."""


@pytest.mark.parametrize("lines", EDITED.values(), ids=EDITED)
def test_nothing_foreign_is_touched(
    theirs: Theirs, lines: Callable[[Theirs], Lines], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("CONFORMANCE_TOKEN", theirs.server.tokens[0])
    path = tmp_path / "ledger.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines(theirs)]
    path.write_text("".join(f"{text}\n" for text in texts))
    before = dict(next(iter(theirs.service.store.tenants.values())).deployments)
    code = main(["sweep", "--base-url", theirs.server.base_url, "--report-dir", str(tmp_path)])
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    assert theirs.service.noted == [], said
    assert dict(next(iter(theirs.service.store.tenants.values())).deployments) == before
    assert code in ({0} if lines in QUIET else {2, 3}), said
    assert "secret" not in said.out + said.err


def test_each_body_of_the_suite_bears_the_mark_of_its_run(tmp_path: Path) -> None:
    with target_at("http://127.0.0.1:9", tmp_path) as target:
        for story in (
            "pause_twice",
            "pause_twice (told again, alone)",
            "property.valid-updates",
            "preflight",
        ):
            api = api_of(target)
            body = Api(target, story, api.known, api.creations).body()
            assert names_run(body["name"], target.run_id)
            assert names_run(body["description"], target.run_id)
            assert shows_run({"initial_events": body["initial_events"]}, target.run_id)
            assert not shows_run(body, "feed0001")


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (NAME, True), (f"{NAME} renamed", True), (f"{RUN}-000123-é", True), (f"Event of {NAME}", True), (f" \t{NAME} \xa0", True),
        (f"Made by a conformance run ({NAME}); it is archived when the run ends.", True),
        (RUN, False), (f"conformance-{RUN}", False), (f"conformance-{RUN}-a", False), (f"x {NAME}", False),
        (f"conformance-{RUN}-a-", False), (f"conformance-deadbeef-{RUN}-1", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_a_mark_is_whole(text: object, marked: bool) -> None:
    assert names_run(text, RUN) is marked
    assert not names_run(text, "")
