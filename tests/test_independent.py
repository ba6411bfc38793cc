"""A server that shares nothing with the reference, in other ways that are as legal, is not accused of anything."""

from __future__ import annotations

import pytest

from tests.independent import IndependentServer, Ways
from tests.independent.service import OLD_AGENT, OLD_ENVIRONMENT, TOKENS
from tests.judge import run_conformance
from tests.twins.catalogue import ADVISORY

LEGAL = {
    "plain": Ways(),
    "plain, old": Ways(revision="2026-06"),
    "strict": Ways(
        ids="long", times="offset", content_type=415, unknown_fields="refused", action_body="refused",
        missing_reference=404, null_param=True, archived_change=(403, "permission_error"),
    ),
    "lenient": Ways(
        revision="2026-06", ids="ulid", times="ns", chinese=True, escaped=True, extras=True, framing="chunked",
        malformed_id=400, header_case="UPPER", request_id_header=True, null_description=True,
    ),
    "lagging": Ways(lag=1.5, times="us"),
}  # fmt: skip


@pytest.mark.parametrize("asked", [("--tier", "core"), ("--only", "property.openapi")], ids=" ".join)
@pytest.mark.parametrize("name", LEGAL)
def test_an_independent_server_is_not_accused(name: str, asked: tuple[str, str]) -> None:
    first, second = list(TOKENS)
    with IndependentServer(LEGAL[name]) as server:
        run = run_conformance(
            "--base-url", server.base_url, "--second-token-env", "SECOND", *asked,
            "--archived-agent-id", OLD_AGENT, "--archived-environment-id", OLD_ENVIRONMENT,
            environment={"CONFORMANCE_TOKEN": first, "SECOND": second},
        )  # fmt: skip
    assert run.broken() - ADVISORY == set(), run.output
    assert run.exit_code == 0, run.output
