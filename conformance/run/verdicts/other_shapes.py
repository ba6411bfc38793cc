"""Answers, and fields of deployments, that are of another shape than documented wherever they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.contract.comparing import MISSING, field, instant
from conformance.run.verdicts.cause import Cause, Trouble
from conformance.run.verdicts.missing_fields import SCHEMA
from conformance.run.verdicts.missing_routes import ALL_RUNS, OWNERS, route_of
from conformance.run.verdicts.shown_documents import documents

LISTS = ("GET /deployments", ALL_RUNS, "GET /deployments/{id}/runs")
TIMES = frozenset({
    "created_at", "updated_at", "archived_at", "schedule.upcoming_runs_at", "schedule.last_run_at",
})  # fmt: skip


def no_objects(trouble: Trouble) -> Iterator[Cause]:
    """Yield the routes that answer no success with a JSON object, where a promise is about one.

    All that shows it broken must be such an answer, and each request have been one that should succeed.
    """
    shown = trouble.shown
    about_body = trouble.error.at and not trouble.error.statuses
    if not about_body or not shown or any(one.succeeded and isinstance(one.json, dict) for one in shown):
        return
    for route in dict.fromkeys(route_of(one, trouble) for one in shown if one.succeeded):
        if route in LISTS and _lack_objects(LISTS, trouble):
            yield Cause("no list is a JSON object", OWNERS[LISTS[0]])
        elif OWNERS.get(route) and _lack_objects((route,), trouble):
            yield Cause(f"{route} answers no success with a JSON object", OWNERS[route])


def _lack_objects(routes: Iterable[str], trouble: Trouble) -> bool:
    answers = (one for one in trouble.everything if one.succeeded and route_of(one, trouble) in routes)
    return not any(isinstance(one.json, dict) for one in answers)


def never_as_documented(trouble: Trouble) -> Iterator[Cause]:
    """Yield the field that a broken promise is about, if no deployment shows it as what it is."""
    names = trouble.error.at.split(".") if trouble.shapes.in_deployment(trouble.error.at) else []
    for depth in range(1, len(names) + 1):
        path = ".".join(names[:depth])
        wanted = "a time" if path in TIMES else "an object" if trouble.shapes.parts_of(path) else ""
        if wanted and _never_fits(path, trouble):
            yield Cause(f"no deployment shows {path} as {wanted}", SCHEMA[:1])


def _never_fits(path: str, trouble: Trouble) -> bool:
    """Tell whether a field is shown, and nowhere as a time or, where it has parts, as an object."""
    seen = False
    for exchange in trouble.exchanges:
        for document in documents(exchange):
            value = field(document, path)
            if value in (MISSING, None, []):
                continue
            if _fits(path, value):
                return False
            seen = True
    return seen


def _fits(path: str, value: object) -> bool:
    if path in TIMES:
        return any(instant(one) for one in (value if isinstance(value, list) else [value]))
    return isinstance(value, dict)
