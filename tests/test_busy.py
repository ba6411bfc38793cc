"""An account in which others write sixty times a second is judged like any other."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

import pytest

from conformance.config.settings import Settings
from conformance.contract.verdict import Outcome
from conformance.reference import REVISIONS, ReferenceServer, ReferenceSettings
from tests.busy import EVERYTHING, busy
from tests.proof.engine import judge_in_process

RATE = 60
FOREIGN = 300


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("writes", [EVERYTHING, ("create",), ("pause", "unpause")], ids=",".join)
def test_a_busy_account_is_judged_by_reading(writes: Sequence[str], revision: str) -> None:
    assert unsettled(revision, writes, read_only=True) == {}


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_busy_account_is_judged_in_full(revision: str) -> None:
    assert unsettled(revision, EVERYTHING, read_only=False) == {}


def unsettled(revision: str, writes: Sequence[str], *, read_only: bool) -> dict[str, str]:
    """What was broken or left unjudged, and why."""
    settings = ReferenceSettings(revision=revision)
    with ReferenceServer(settings=settings) as server, tempfile.TemporaryDirectory() as folder:
        server.seed(count=FOREIGN)
        chosen = Settings(
            base_url=server.base_url, token=server.tokens[0], second_token=server.tokens[1],
            report_dir=folder, tier=("core",), read_only=read_only,
        )  # fmt: skip
        with busy(server, RATE, writes):
            result = judge_in_process(chosen, lambda _: None)
    wrong = {Outcome.FAIL, Outcome.WARN, Outcome.NOT_JUDGED}
    return {row.requirement.id: row.verdict.message for row in result.judged if row.verdict.outcome in wrong}
