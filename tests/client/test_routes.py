"""Paths of requests, as each vendor's routes are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.client.routes import Routes
from conformance.contract.verdict import NotApplicableError
from conformance.vendors import load_profile

QODER, ANTHROPIC, STUDIO = (Routes(load_profile(name)) for name in ("qoder", "anthropic", "agentstudio"))


@pytest.mark.parametrize(
    ("routes", "paths"),
    [
        (QODER, ["/deployments/d%2F1/runs?limit=1", "/deployments/d%2F1/runs/r%3F", "/deployment_runs/r%3F"]),
        (
            ANTHROPIC,
            [
                "/deployment_runs?deployment_id=d%2F1&limit=1",
                "/deployment_runs/r%3F",
                "/deployment_runs/r%3F",
            ],
        ),
        (STUDIO, ["/deployments/d%2F1/runs?limit=1", "/deployment_runs/r%3F", "/deployment_runs/r%3F"]),
    ],
)
def test_runs_are_nested_or_filtered(routes: Routes, paths: list[str]) -> None:
    assert [routes.runs_of("d/1", {"limit": 1}), routes.run_of("d/1", "r?"), routes.run("r?")] == paths
    assert routes.nested == paths[0].startswith("/deployments/")


def test_the_routes_of_deployments_are_those_of_every_vendor() -> None:
    for routes in (QODER, ANTHROPIC, STUDIO):
        assert routes.deployments({"created_at[gte]": "a+b"}) == "/deployments?created_at%5Bgte%5D=a%2Bb"
        assert routes.deployment("a b", "pause") == "/deployments/a%20b/pause"
        assert routes.deployment("\ud800") == "/deployments/%ED%A0%80"


def test_every_request_carries_the_vendors_query() -> None:
    assert ANTHROPIC.sent("/deployments") == "/deployments?beta=true"
    assert ANTHROPIC.sent("/deployments?limit=1") == "/deployments?limit=1&beta=true"
    assert QODER.sent("/deployments") == "/deployments"


@pytest.mark.parametrize(
    "ask",
    [
        lambda none: none.runs_of("d"),
        lambda none: none.run_of("d", "r"),
        lambda none: none.runs(),
        lambda none: none.run("r"),
    ],
    ids=("runs of one", "run of one", "runs", "run"),
)
def test_a_route_that_is_not_there_asks_nobody(ask: Callable[[Routes], str]) -> None:
    none = Routes(replace(load_profile("qoder"), routes={}))
    with pytest.raises(NotApplicableError, match="the profile qoder has no route for run"):
        ask(none)
    assert not none.nested
