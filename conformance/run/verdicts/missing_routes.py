"""Routes that a target does not have, or that answer another success than the documented one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import unquote

from conformance.client.exchange import TOKEN_VARIABLES, Exchange
from conformance.run.verdicts.cause import Cause, Trouble
from conformance.run.verdicts.shown_documents import documents

UNKNOWN = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
"""What a server answers that does not have a route, or not what it names."""
NO_ROUTE = UNKNOWN | {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
"""What a server answers that does not have a route."""
SILENT = frozenset({
    None, HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT,
})  # fmt: skip
"""What says nothing of a route."""
SUCCESSES = range(200, 300)
ALL_RUNS = "GET /deployment_runs"
OWNERS: Mapping[str, tuple[str, ...]] = {
    "GET /deployments": ("list.envelope", "transport.routes-under-base"),
    "GET /deployments/{id}": ("get.has-the-shape-of-create", "archive.can-be-read"),
    "POST /deployments/{id}": ("update.returns-full-object",),
    "POST /deployments/{id}/pause": ("pause.makes-it-paused",),
    "POST /deployments/{id}/unpause": ("unpause.makes-it-active",),
    "POST /deployments/{id}/archive": ("archive.sets-archived-at",),
    "POST /deployments/{id}/run": ("runs.starts",),
    "GET /deployments/{id}/runs": ("transport.routes-under-base", "archive.runs-stay-readable"),
    ALL_RUNS: ("transport.routes-under-base",),
    "GET /deployment_runs/{id}": (),
    "GET /deployments/{id}/runs/{id}": (),
}
"""The requirements that name a missing route, best first."""
RUNS = frozenset(route for route in OWNERS if "run" in route)
_PATH = re.compile(
    r"(/deployment_runs(/[^/?]+)?|/deployments(?:/([^/?]+)(/pause|/unpause|/archive|/runs?)?(/[^/?]+)?)?)(?:\?|$)"
)


def missing(trouble: Trouble) -> Iterator[Cause]:
    """Yield the missing route that a broken promise shows."""
    for route in _routes(trouble):
        if route in RUNS and (cause := _no_runs(trouble)):
            yield cause
        if OWNERS[route] and (statuses := _missing(route, trouble)):
            yield Cause(f"there seems to be no {route}: it answered {statuses}", OWNERS[route])


def otherwise_successful(trouble: Trouble) -> Iterator[Cause]:
    """Yield the route whose every success is another one than was promised."""
    promised = {status for status in trouble.error.statuses if status in SUCCESSES}
    for route in _routes(trouble):
        got = {one.status for one in trouble.shown if one.succeeded and route_of(one, trouble) == route}
        if not (got and OWNERS[route] and promised) or got & promised:
            continue
        successes = {
            one.status for one in trouble.everything if one.succeeded and route_of(one, trouble) == route
        }
        if len(successes) == 1:
            yield Cause(f"{route} answers {successes.pop()} to all that it does", OWNERS[route])


def _routes(trouble: Trouble) -> Iterable[str]:
    return dict.fromkeys(filter(None, (route_of(exchange, trouble) for exchange in trouble.shown)))


def route_of(exchange: Exchange, trouble: Trouble) -> str:
    """Return the route of an exchange, an empty text for one that no requirement names."""
    match = _PATH.match(exchange.url.removeprefix(trouble.base_url))
    if match is None:
        return ""
    path = f"/deployments/{{id}}{match[4] or ''}" if match[3] else "/deployments"
    path = "/deployment_runs" if match[1].startswith("/deployment_runs") else path
    route = f"{exchange.method} {path}{'/{id}' if match[2] or match[5] else ''}"
    return route if route in OWNERS else ""


def _no_runs(trouble: Trouble) -> Cause | None:
    """Return that there is no route of runs at all; the list of all of them shows it."""
    asked = [one for one in trouble.exchanges if route_of(one, trouble) in RUNS and one.status not in SILENT]
    if any(one.status not in NO_ROUTE for one in asked) or not _missing(ALL_RUNS, trouble):
        return None
    return Cause(f"there seems to be no route of runs: they answered {_statuses(asked)}", OWNERS[ALL_RUNS])


def _missing(route: str, trouble: Trouble) -> str:
    """Return with what a route answered each request, if the target has no such route; else nothing.

    What names a deployment that was never shown is answered 404 by every target, and so is what another
    tenant asks.
    """
    asked = [one for one in trouble.exchanges if route_of(one, trouble) == route and one.status not in SILENT]
    if any(one.status not in NO_ROUTE for one in asked):
        return ""
    known = {str(document.get("id")) for one in trouble.exchanges for document in documents(one)}
    own = [one for one in asked if not of_another(one)]
    if not any(_named(one, trouble) in {None, *known} for one in own):
        return ""
    return _statuses(asked)


def _statuses(asked: Sequence[Exchange]) -> str:
    return " or ".join(sorted({f"{one.status}" for one in asked}))


def of_another(exchange: Exchange) -> bool:
    """Tell whether another tenant asked."""
    return any(TOKEN_VARIABLES[1] in value for value in exchange.request_headers.values())


def _named(exchange: Exchange, trouble: Trouble) -> str | None:
    match = _PATH.match(exchange.url.removeprefix(trouble.base_url))
    return unquote(match[3]) if match and match[3] else None
