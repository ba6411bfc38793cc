"""Hostile targets that begin as the reference server: most of the API works, so the suite goes far into it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Self

from conformance.reference import (
    Account,
    Deployment,
    Document,
    ReferenceServer,
    ReferenceSettings,
    Request,
    Response,
    Service,
)
from tests.hostile.catalogue import EITHER, TOKEN, add

FOREIGN = 30
ACCOUNTS = (Account(name="first", token=TOKEN), Account(name="second", token="pt-other"))


class Malicious(Service):
    """A reference server with other people's deployments; it notes what is sent to those."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.foreign: tuple[str, ...] = ()
        self.touched: list[str] = []
        self.numbers = itertools.count(1)

    def handle(self, request: Request) -> Response:
        deployment_id = request.route.ids.get("deployment_id", "")
        if request.method != "GET" and deployment_id in self.foreign and not self.is_ours_by_chance(request):
            self.touched.append(f"{request.method} {request.path}")
        return self.twist(request, super().handle(request))

    def is_ours_by_chance(self, request: Request) -> bool:
        """Whether nobody could tell that this deployment is another's."""
        return False

    def twist(self, request: Request, response: Response) -> Response:
        """Return the answer in place of the right one."""
        return response


class Served:
    """A malicious reference server as a target."""

    token = TOKEN

    def __init__(self, service: type[Malicious]) -> None:
        self._server = ReferenceServer(service, ReferenceSettings(accounts=ACCOUNTS))
        self.base_url = ""

    @property
    def service(self) -> Malicious:
        service = self._server.service
        assert isinstance(service, Malicious)
        return service

    def __enter__(self) -> Self:
        self.service.foreign = tuple(self._server.seed(count=FOREIGN))
        self._before = self._records()
        self._server.start()
        self.base_url = self._server.base_url
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _records(self) -> dict[str, Deployment]:
        """Return what others have, but for what their schedules did."""
        held = [tenant.deployments for tenant in self.service.store.tenants.values()]
        found = {one: rows[one] for rows in held for one in self.service.foreign if one in rows}
        return {one: replace(record, last_run_at=None, runs=0) for one, record in found.items()}

    def complaints(self) -> list[str]:
        changed = [
            f"{one} was changed" for one, record in self._records().items() if record != self._before[one]
        ]
        return [*self.service.touched, *changed]


def served(*arguments: str, codes: tuple[int, ...] = EITHER) -> Callable[[type[Malicious]], type[Malicious]]:
    """Register a malicious reference server under its class name."""

    def register(service: type[Malicious]) -> type[Malicious]:
        add(service.__name__, lambda: Served(service), *arguments, codes=codes)
        return service

    return register


def document_of(response: Response) -> Document:
    """Return the document of an answer, `{}` if it is no object."""
    return dict(response.document) if isinstance(response.document, dict) else {}


def with_document(response: Response, **members: object) -> Response:
    """Return an answer with other members."""
    return replace(response, document={**document_of(response), **members})
