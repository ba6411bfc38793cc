"""Thirty runs killed at random moments, and some interrupted, beside three hundred foreign deployments (long)."""

from __future__ import annotations

import random
import signal
from pathlib import Path

from tests.client.leaving import FOREIGN, account

KILLED, INTERRUPTED, MOST_REQUESTS = 30, 5, 400


def test_no_foreign_deployment_differs_and_a_sweep_leaves_nothing_of_ours(tmp_path: Path) -> None:
    moments = random.Random(7)  # noqa: S311 (moments, no secrets)
    with account(tmp_path / "reports") as opened:
        before = opened.foreign()
        assert len(before) == FOREIGN
        for _ in range(INTERRUPTED):
            opened.break_off(moments.randint(8, MOST_REQUESTS), signal.SIGINT)
            assert opened.foreign() == before
        for _ in range(KILLED):
            opened.break_off(moments.randint(8, MOST_REQUESTS), signal.SIGKILL)
            assert opened.foreign() == before
        assert opened.ours()
        code, output, _ = opened.sweep()
        assert code == 0, output
        assert opened.ours() == []
        assert opened.run("--tier", "core")[0] == 0
        assert opened.ours() == []
        assert opened.foreign() == before
