"""Runs the suite against a clone."""

from __future__ import annotations

from tests.judge import Run, run_conformance
from tests.vendors.clone.server import CloneServer
from tests.vendors.clone.service import OLD_AGENT, OLD_ENVIRONMENT, TOKENS, Clone


def judge(service: Clone, *arguments: str, profile: str = "anthropic") -> Run:
    """Judge a clone; everything that options can add is given."""
    first, second = TOKENS
    with CloneServer(service) as server:
        return run_conformance(
            "--base-url", server.base_url, "--second-token-env", "SECOND", "--profile", profile,
            "--archived-agent-id", OLD_AGENT, "--archived-environment-id", OLD_ENVIRONMENT, *arguments,
            environment={"CONFORMANCE_TOKEN": first, "SECOND": second},
        )  # fmt: skip
