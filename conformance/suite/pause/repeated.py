"""What pausing and unpausing promise alike: a repetition is refused, and the refusal changes nothing."""

from __future__ import annotations

from typing import Literal

from conformance.client.target import Target
from conformance.contract.answers import VendorAnswers
from conformance.contract.comparing import field
from conformance.contract.judgement import expect_unchanged, refused
from conformance.suite.judging.states import need, need_refusal
from conformance.suite.object.whole_life import Lifecycle, Refusal
from conformance.suite.pause.stories import PauseCycle, PauseTwice
from conformance.suite.unpause.stories import UnpauseTwice

Verb = Literal["pause", "unpause"]
LEADS_TO = {"pause": "paused", "unpause": "active"}
Repeated = PauseTwice | UnpauseTwice


def expect_conflict(
    verb: Verb, sent: Repeated, life: Lifecycle | None, cycle: PauseCycle | None, target: Target
) -> None:
    """Expect what is done already to be refused as the vendor says, wherever it was sent."""
    status, turn = LEADS_TO[verb], [*LEADS_TO].index(verb)
    need(sent.after_first, "status", status)
    answers = {f"a second {verb}": sent.second, "a third one": sent.third}
    again = _after_update(verb, life)
    if again and field(again.before.json, "status") == status:
        answers["one after an update"] = again.answer
    if cycle and field(cycle.turns[-1][turn].json, "status") == status:
        answers["one in a later turn"] = cycle.again[turn]
    VendorAnswers(target.profile).expect(f"{verb}-when-{status}", answers)


def expect_nothing_changed(verb: Verb, sent: Repeated, life: Lifecycle | None) -> None:
    """Expect refused repetitions to leave the deployment as it was."""
    need_refusal(sent.second)
    need_refusal(sent.third)
    expect_unchanged(sent.after_first, sent.after_third)
    again = _after_update(verb, life)
    if again and refused(again.answer):
        expect_unchanged(again.before, again.after)


def _after_update(verb: Verb, life: Lifecycle | None) -> Refusal | None:
    """Return the repetition that a whole life holds, sent after an update."""
    if life is None:
        return None
    return life.paused_again if verb == "pause" else life.unpaused_again
