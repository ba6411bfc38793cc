"""What each mode judges, and why it leaves out the rest."""

from __future__ import annotations

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.contract.mode import Mode, Scope, scope_of

READING = "needs to create or change deployments; run without --read-only"
LENT = (
    "needs a deployment of its own, to create, archive or run it or to change what cannot be put back; "
    "run without --deployment-id"
)


def scope(mode: Mode) -> Scope:
    found = scope_of(mode)
    assert found is not None
    return found


def test_the_full_mode_leaves_out_nothing() -> None:
    assert scope_of(Mode.FULL) is None


@pytest.mark.parametrize(("mode", "reason"), [(Mode.READ_ONLY, READING), (Mode.LENT, LENT)])
def test_what_is_left_out_says_how_to_judge_it(mode: Mode, reason: str) -> None:
    assert scope(mode).left_out("create.starts-active") == reason
    assert scope(mode).left_out("list.envelope") == ""
    assert scope(mode).judged <= load_catalogue().requirements.keys()


def test_a_lent_deployment_is_paused_and_reading_goes_on() -> None:
    assert scope(Mode.READ_ONLY).left_out("pause.is-stored") == READING
    assert scope(Mode.LENT).left_out("pause.is-stored") == ""
    assert scope(Mode.READ_ONLY).judged < scope(Mode.LENT).judged
    assert scope(Mode.READ_ONLY).scheduled == frozenset()


def test_what_needs_a_schedule_is_left_out_without_one() -> None:
    lent = scope(Mode.LENT)
    (one, *_) = sorted(lent.scheduled)
    assert lent.left_out(one) == ""
    assert lent.left_out(one, lent_schedule=False) == "the lent deployment has no schedule"
    assert lent.left_out("pause.is-stored", lent_schedule=False) == ""
    assert lent.scheduled <= lent.judged
