"""One cause is one accusation: what merely follows from a missing route or field is not judged.

A target without GET /deployments/{id} breaks one promise, though dozens of judgements read deployments; one
that never shows `archived_at` breaks the promise of the schema. The requirement that names the cause keeps
the accusation, and all others say which cause kept them from being judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote

from conformance.client.exchange import Exchange
from conformance.contract.areas import FOLLOW_UP, SEARCH_AREA
from conformance.contract.catalogue import Catalogue, Requirement
from conformance.contract.judgement import MISSING, field
from conformance.contract.shapes import Shapes
from conformance.contract.verdict import (
    Blame,
    BrokenPromiseError,
    Finding,
    Level,
    NotApplicableError,
    NotJudgedError,
)
from conformance.suite.shared.list_pages import listed

NO_ROUTE = frozenset({
    HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE, HTTPStatus.NOT_IMPLEMENTED,
})  # fmt: skip
"""What a server answers that does not have a route."""
SILENT = frozenset(
    {None, HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
)
"""What says nothing of a route."""
SCHEMA = ("object.matches-schema", "object.has-sample-fields")
OWNERS: Mapping[str, tuple[str, ...]] = {
    "GET /deployments": ("list.envelope", "transport.routes-under-base"),
    "GET /deployments/{id}": ("get.has-the-shape-of-create", "archive.can-be-read"),
    "POST /deployments/{id}": ("update.returns-full-object",),
    "POST /deployments/{id}/pause": ("pause.makes-it-paused",),
    "POST /deployments/{id}/unpause": ("unpause.makes-it-active",),
    "POST /deployments/{id}/archive": ("archive.sets-archived-at",),
    "POST /deployments/{id}/run": ("runs.starts",),
    "GET /deployments/{id}/runs": ("archive.runs-stay-readable",),
    "GET /deployment_runs": ("transport.routes-under-base",),
}
"""The requirements that name a missing route, best first."""
_PATH = re.compile(r"(/deployment_runs|/deployments(?:/([^/?]+)(/pause|/unpause|/archive|/runs?)?)?)(?:\?|$)")


@dataclass(frozen=True, slots=True)
class Cause:
    """What many judgements may trip over, and the requirements that name it, best first."""

    text: str
    owners: tuple[str, ...]


class Causes:
    """Tells, of the broken promises of one run, those that follow from a cause that is told already.

    `exchanges` returns what was sent so far, `judges` whether the run judges a requirement of the catalogue.
    `accepted` are requirements whose deviation is accepted: what follows from one is not applicable.
    """

    def __init__(
        self,
        base_url: str,
        *,
        exchanges: Callable[[], Sequence[Exchange]],
        judges: Callable[[str], bool],
        catalogue: Catalogue,
        shapes: Shapes,
        accepted: Collection[str] = (),
    ) -> None:
        self._catalogue = catalogue
        self._shapes = shapes
        self._base_url = base_url
        self._exchanges = exchanges
        self._judges = judges
        self._accepted = accepted
        self._owners: dict[Cause, dict[Level, str]] = {}
        self._accuser = ""

    def traced(self, requirement: Requirement, error: BaseException | None) -> BaseException | None:
        """Return what ended a judgement, or an error that names the cause and who tells of it.

        It is a NotJudgedError, or a NotApplicableError where that one is accepted.
        """
        if not isinstance(error, BrokenPromiseError):
            return error
        cause = self._cause(error)
        owner = self._owner(cause, requirement) if cause else requirement.id
        if cause is None or owner == requirement.id:
            self._record_broken(requirement)
            return error
        if owner in self._accepted:
            return NotApplicableError(f"{cause.text}: the accepted deviation of {owner}", owner)
        return NotJudgedError(Blame.PRECONDITION, f"{cause.text}, which {owner} tells", owner)

    def _record_broken(self, requirement: Requirement) -> None:
        """Note that a promise is seen broken, unless that deviation is accepted or advice."""
        counts = requirement.id not in self._accepted and not requirement.advisory
        if counts and requirement.area != SEARCH_AREA and requirement.level is not Level.OBSERVE:
            self._accuser = self._accuser or requirement.id

    def kept(self, search_id: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return the findings of a search but for those that follow from a cause told elsewhere.

        Raises what `traced` returns for the first of those when that leaves none, and NotApplicableError for
        the search that looks for what nothing else saw, where something was seen: most findings follow it.
        """
        if search_id == FOLLOW_UP and self._accuser:
            why = f"judged where no other promise is broken: {self._accuser} is"
            raise NotApplicableError(why, self._accuser)
        kept, traced = list[Finding](), list[BaseException]()
        for finding in findings:
            error = BrokenPromiseError(finding.expected, finding.got, tuple(finding.culprits), finding.at)
            ended = self.traced(self._catalogue[finding.requirement], error)
            if isinstance(ended, NotJudgedError | NotApplicableError):
                traced.append(ended)
            else:
                kept.append(finding)
        if traced and not kept:
            raise traced[0]
        return tuple(kept)

    def _owner(self, cause: Cause, requirement: Requirement) -> str:
        owner = next(filter(self._judges, cause.owners), None)
        if owner is None:  # then it is the first that comes upon it, and the first MUST
            owners = self._owners.setdefault(cause, {})
            owner = owners.get(Level.MUST) or owners.setdefault(requirement.level, requirement.id)
        return owner

    def _cause(self, error: BrokenPromiseError) -> Cause | None:
        exchanges = self._exchanges()
        shown = (exchange for exchange in exchanges if exchange.number in error.culprits)
        for route in dict.fromkeys(filter(None, map(self._route, shown))):
            if statuses := self._missing(route, exchanges):
                return Cause(f"there seems to be no {route}: it answered {statuses}", OWNERS[route])
        if error.at and (lacking := self._never_shown(error.at, exchanges)):
            in_list = self._shapes.in_envelope(error.at)
            kind, owners = ("list", ("list.envelope",)) if in_list else ("deployment", SCHEMA)
            return Cause(f"no {kind} shows {lacking}", owners)
        return None

    def _route(self, exchange: Exchange) -> str:
        """Return the route of an exchange, an empty text for one that no requirement names."""
        match = _PATH.match(exchange.url.removeprefix(self._base_url))
        if match is None:
            return ""
        path = f"/deployments/{{id}}{match[3] or ''}" if match[2] else match[1]
        route = f"{exchange.method} {path}"
        return route if route in OWNERS else ""

    def _missing(self, route: str, exchanges: Sequence[Exchange]) -> str:
        """Return with what a route answered each request, if the target has no such route; else nothing.

        What names a deployment that was never shown is answered 404 by every target.
        """
        asked = [
            exchange
            for exchange in exchanges
            if self._route(exchange) == route and exchange.status not in SILENT
        ]
        if any(exchange.status not in NO_ROUTE for exchange in asked):
            return ""
        known = {str(document.get("id")) for exchange in exchanges for document in _documents(exchange)}
        if not any(self._named(exchange) in {None, *known} for exchange in asked):
            return ""
        return " or ".join(sorted({f"{exchange.status}" for exchange in asked}))

    def _named(self, exchange: Exchange) -> str | None:
        match = _PATH.match(exchange.url.removeprefix(self._base_url))
        return unquote(match[2]) if match and match[2] else None

    def _never_shown(self, path: str, exchanges: Sequence[Exchange]) -> str:
        """Return the first part of a path that no answer has though it has what comes before it."""
        if not (self._shapes.in_envelope(path) or self._shapes.in_deployment(path)):
            return ""
        names = path.split(".")
        for depth in range(1, len(names) + 1):
            parent, part = ".".join(names[: depth - 1]), ".".join(names[:depth])
            if _all_lack(part, parent, self._holders(path, exchanges)):
                return part
        return ""

    def _holders(self, path: str, exchanges: Iterable[Exchange]) -> Iterator[Mapping[str, object]]:
        """Yield what may have a field: lists for what belongs to their envelope, else deployments."""
        for exchange in exchanges:
            if not self._shapes.in_envelope(path):
                yield from _documents(exchange)
            elif _is_list(exchange) and isinstance(exchange.json, dict):
                yield exchange.json


def _all_lack(part: str, parent: str, documents: Iterable[Mapping[str, object]]) -> bool:
    """Tell whether there are documents with an object at `parent`, and none of them has the `part` of it."""
    lacking = False
    for document in documents:
        if parent and not isinstance(field(document, parent), dict):
            continue
        if field(document, part) is not MISSING:
            return False
        lacking = True
    return lacking


def _documents(exchange: Exchange) -> Iterable[Mapping[str, object]]:
    """Return the deployments that an answer shows."""
    if not exchange.succeeded or "/deployments" not in exchange.url or "/run" in exchange.url:
        return ()
    shown = exchange.json
    return listed(shown) if _is_list(exchange) else [shown] if isinstance(shown, dict) else ()


def _is_list(exchange: Exchange) -> bool:
    return exchange.succeeded and exchange.method == "GET" and exchange.path.endswith("/deployments")
