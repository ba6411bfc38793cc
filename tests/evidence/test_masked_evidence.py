"""A mask in saved evidence breaks no promise that the run saw kept."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conformance.contract.verdict import Outcome, Verdict
from conformance.redaction.redactor import MASK, fingerprint
from conformance.run.saved_run import RecordedSession
from tests.client.factory import TOKEN, exchange
from tests.evidence.test_evidence_file import evidence, part

NAME = "pause.second-is-conflict"
EXCHANGES = (
    exchange(number=1, json={"id": f"dep_{fingerprint(TOKEN)}"}),
    exchange(number=2, json={"id": "dep_1", "token": MASK}),
    exchange(number=3, url=f"https://x.example/deployments/{fingerprint(TOKEN)}"),
)


@pytest.mark.parametrize(
    ("then", "culprits", "now"),
    [
        (Outcome.PASS, [1], Outcome.NOT_JUDGED),
        (Outcome.PASS, [2, 3], Outcome.NOT_JUDGED),
        (Outcome.PASS, [2], Outcome.FAIL),
        (Outcome.PASS, [], Outcome.FAIL),
        (Outcome.FAIL, [1], Outcome.FAIL),
    ],
)
def test_a_broken_promise_needs_what_was_received(
    then: Outcome, culprits: Sequence[int], now: Outcome
) -> None:
    session = RecordedSession(evidence(part(*EXCHANGES), verdicts={NAME: Verdict(NAME, then)}))
    verdict = session.reviewed(Verdict(NAME, Outcome.FAIL), about_all=False, culprits=culprits)
    assert verdict.outcome is now
