"""Whatever a run made bears its mark at any time: only so can a sweep tell it from what is foreign."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.client.ownership.marks import RUN_ID, shows_run
from conformance.reference import ReferenceServer, Request, Response, Service
from tests.door import Door


class Watching(Service):
    """Notes each deployment that bears no mark after a request that changed something."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if request.method != "GET" and response.status in (200, 201):
            self.look(request, json.loads(json.dumps(response.document)))
        return response

    def look(self, request: Request, document: dict[str, object]) -> None:
        run_ids = {found for text in map(str, document.values()) for found in RUN_ID.findall(text)}
        if not (document.get("archived_at") or any(shows_run(document, run_id) for run_id in run_ids)):
            self.unmarked.append(
                f"{request.path}: {document.get('name')!r:.60}, {document.get('description')!r:.60}"
            )

    @property
    def unmarked(self) -> list[str]:
        unmarked: list[str] = self.__dict__.setdefault("_unmarked", [])
        return unmarked


def test_whatever_a_run_makes_bears_its_mark(tmp_path: Path) -> None:
    with ReferenceServer(Watching) as server:
        run = Door(tmp_path).run_at(server, "--seed", "7", "--examples", "40", "--tier", "core,property,race")
        service = server.service
    assert run.code == 0, run.output
    assert isinstance(service, Watching)
    assert service.unmarked == []
