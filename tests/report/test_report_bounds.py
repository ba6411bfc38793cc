"""Whatever a target says, what a verdict says of it fits into a report."""

from __future__ import annotations

from conformance.contract.timeline import Remark, reported_size, within
from conformance.contract.verdict import Finding, Outcome, Verdict
from conformance.run.verdicts.outcomes import MOST_SAID, bounded

LONG = "x" * 1_000_000


def test_long_texts_of_a_verdict_are_cut_and_what_is_missing_is_counted() -> None:
    finding = Finding("pause.makes-it-paused", LONG, LONG, replay='{"replay": 1}')
    cut = bounded(Verdict("pause.makes-it-paused", Outcome.FAIL, None, LONG, LONG, LONG, findings=(finding,)))
    for text in (cut.message, cut.expected, cut.got, cut.findings[0].expected, cut.findings[0].got):
        assert len(text) < MOST_SAID + 50
        assert text.endswith("… (998000 more characters)")
    assert cut.findings[0].replay == finding.replay


def test_usual_verdicts_stay_as_they_are() -> None:
    verdict = Verdict("pause.makes-it-paused", Outcome.PASS, message="200")
    assert bounded(verdict) == verdict


def test_a_timeline_has_an_end_and_says_how_much_is_left_out() -> None:
    cut = within([Remark("x" * 1_000)] * 50, 10_000)
    assert 10_000 < reported_size(cut) < 12_000
    assert cut[-1] == Remark(f"({50 - len(cut) + 1} more exchanges are left out: the text would be too long)")
    assert within([Remark("x")] * 3, 10_000) == (Remark("x"),) * 3
