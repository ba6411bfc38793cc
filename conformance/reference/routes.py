"""Which operation a method and a path mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

UNKNOWN: Final = "unknown"
UNSUPPORTED: Final = "unsupported"

Routes = Sequence[tuple[str, tuple[str, ...], str]]
"""Method, the parts of a path, and the operation that answers."""
ROUTES: Final[Routes] = (
    ("POST", ("deployments",), "create"),
    ("GET", ("deployments",), "list_deployments"),
    ("GET", ("deployments", "{deployment_id}"), "get"),
    ("POST", ("deployments", "{deployment_id}"), "update"),
    ("POST", ("deployments", "{deployment_id}", "pause"), "pause"),
    ("POST", ("deployments", "{deployment_id}", "unpause"), "unpause"),
    ("POST", ("deployments", "{deployment_id}", "archive"), "archive"),
    ("POST", ("deployments", "{deployment_id}", "run"), "run"),
    ("GET", ("deployments", "{deployment_id}", "runs"), "list_runs"),
    ("GET", ("deployments", "{deployment_id}", "runs", "{run_id}"), "get_run"),
    ("GET", ("deployment_runs",), "list_all_runs"),
    ("GET", ("deployment_runs", "{run_id}"), "get_run_globally"),
    ("GET", ("agents",), "list_agents"),
    ("GET", ("environments",), "list_environments"),
    ("GET", ("vaults",), "list_vaults"),
)


@dataclass(frozen=True, slots=True)
class Route:
    """What a request asks for: the operation, the ids in its path, and the methods its path offers.

    `operation` is `UNKNOWN` for a path that leads nowhere and `UNSUPPORTED` for a method it does not offer.
    """

    operation: str
    ids: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()


def find_route(method: str, segments: tuple[str, ...], routes: Routes = ROUTES) -> Route:
    """Return the route of a request; `segments` are the decoded parts of its path below the base."""
    allowed = []
    for offered, pattern, operation in routes:
        ids = _match(pattern, segments)
        if ids is None:
            continue
        if offered == method:
            return Route(operation, ids)
        allowed.append(offered)
    return Route(UNSUPPORTED, allowed=tuple(allowed)) if allowed else Route(UNKNOWN)


def _match(pattern: tuple[str, ...], segments: tuple[str, ...]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    ids = {}
    for part, segment in zip(pattern, segments, strict=True):
        if part[0] == "{":
            ids[part[1:-1]] = segment
        elif part != segment:
            return None
    return ids if all(ids.values()) else None
