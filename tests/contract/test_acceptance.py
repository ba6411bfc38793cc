"""Accepted deviations: what is the same from run to run, and how a run stands to each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from conformance.contract.acceptance import AcceptanceState, Deviation, fingerprint, normalised, standings
from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import Finding, Outcome, Verdict

ID, SEARCH = "pause.second-is-conflict", "race.pauses"
TODAY = date(2026, 12, 1)
KNOWN = Deviation(
    requirement=ID, profile="qoder", reason="known", expires=TODAY, fingerprint=fingerprint("409", "200"),
    expected="409", got="200", first_seen=TODAY, last_seen=TODAY,
)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dep_01a22a88b1477021bc6d96e6ac969008 is paused", "dep_99a22a88b1477021bc6d96e6ac969abc is paused"),
        ("conformance-aa8fa4ac-pause-1 at 2026-11-30T03:38:51.42Z", "conformance-0f86e937-pause-1 at 2026-12-01T00:00:00Z"),
        ("#12 after 40 ms", "#7 after 38.5 ms"),
        ("2ce14cd0-1a94-4a10-a67e-a8cf93411e13", "86499db2-3e11-4c41-9a77-0123456789ab"),
    ],
)  # fmt: skip
def test_what_differs_from_run_to_run_is_no_difference(one: str, other: str) -> None:
    assert fingerprint("x", one) == fingerprint("x", other)


@pytest.mark.parametrize(
    "text", ["200", "409 conflict_error", "a name of 257 characters", "2026-07", "deadline"]
)
def test_what_says_how_a_promise_is_broken_stays(text: str) -> None:
    assert normalised(text) == text


def test_expected_and_got_are_not_one_text() -> None:
    assert fingerprint("a", "bc") != fingerprint("ab", "c")


def broken(got: str = "200", outcome: Outcome = Outcome.FAIL) -> Verdict:
    return Verdict(ID, outcome, expected="409", got=got)


def finding(got: str) -> Verdict:
    """The verdict of a search that found it."""
    return Verdict(SEARCH, Outcome.FAIL, findings=(Finding(ID, "409", got),))


SEARCHED = replace(KNOWN, found_by=SEARCH)
CASES: dict[str, tuple[Deviation, list[Verdict], AcceptanceState | None]] = {
    "the same": (KNOWN, [broken()], AcceptanceState.ACCEPTED),
    "as a warning": (KNOWN, [broken(outcome=Outcome.WARN)], AcceptanceState.ACCEPTED),
    "another way": (KNOWN, [broken("500")], AcceptanceState.CHANGED),
    "the day after": (replace(KNOWN, expires=date(2026, 11, 30)), [broken()], AcceptanceState.EXPIRED),
    "kept": (KNOWN, [Verdict(ID, Outcome.PASS)], AcceptanceState.MENDED),
    "kept after it expired": (replace(KNOWN, expires=date(2026, 11, 30)), [Verdict(ID, Outcome.PASS)], AcceptanceState.MENDED),
    "not judged": (KNOWN, [Verdict(ID, Outcome.NOT_JUDGED)], None),
    "not selected": (KNOWN, [], None),
    "an unknown id": (replace(KNOWN, requirement="pause.secnd"), [], AcceptanceState.UNMATCHED),
    "of a search, whatever it tried": (SEARCHED, [broken("x"), finding("x")], AcceptanceState.ACCEPTED),
    "of another search": (replace(SEARCHED, found_by="race.unpauses"), [broken("x"), finding("x")], AcceptanceState.ACCEPTED),
    "of a search, and now whoever asks": (SEARCHED, [broken("x")], AcceptanceState.CHANGED),
    "of a search that finds it not this time": (SEARCHED, [Verdict(ID, Outcome.PASS), Verdict(SEARCH, Outcome.PASS)], None),
    "not of a search, found by one": (KNOWN, [broken("x"), finding("x")], AcceptanceState.CHANGED),
}  # fmt: skip


@pytest.mark.parametrize(("deviation", "verdicts", "state"), CASES.values(), ids=CASES)
def test_a_run_stands_to_a_deviation(
    deviation: Deviation, verdicts: list[Verdict], state: AcceptanceState | None
) -> None:
    found = standings([deviation], {one.requirement: one for one in verdicts}, load_catalogue(), TODAY)
    assert [one.state for one in found] == ([state] if state else [])
    assert all(one.advice and one.fails is (state is not AcceptanceState.ACCEPTED) for one in found)


def test_what_to_do_is_a_command_to_copy() -> None:
    kept = {ID: Verdict(ID, Outcome.PASS)}
    (standing,) = standings([KNOWN], kept, load_catalogue(), TODAY, "'the night'")
    assert standing.advice.endswith("conformance accept 'the night' --prune")


def test_a_deviation_may_be_of_one_target() -> None:
    here = replace(KNOWN, target="https://a.example")
    assert KNOWN.concerns("qoder", "https://b.example")
    assert here.concerns("qoder", "https://a.example")
    assert not here.concerns("qoder", "https://b.example")
    assert not KNOWN.concerns("qoder-cn", None)
