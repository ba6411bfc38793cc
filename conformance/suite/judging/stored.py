"""What the judgements of creations have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conformance.client.exchange import Exchange
from conformance.contract.comparing import field, shorten
from conformance.contract.judgement import answered, broken, expect_success
from conformance.contract.verdict import Blame, NotApplicableError, NotJudgedError
from conformance.suite.shared.creating import Stored

OK, CREATED = 200, 201
"""The documents show no status of a success; sibling resources have either (fact sheet, 1.8)."""


def expect_stored(stored: Stored) -> Exchange:
    """Expect a creation to be accepted and to be readable afterwards; return the read."""
    expect_success(stored.answer, OK, CREATED)
    if stored.read is None:
        raise broken("an id in the answer", stored.answer.body, stored.answer, at="id")
    expect_success(stored.read)
    return stored.read


def both(stored: Stored) -> tuple[Exchange, ...]:
    """Return the answer to a creation and the read after it.

    Raises NotJudgedError when nothing was made: that breaks the promise to accept it, and no other.
    """
    answered(stored.answer)
    if stored.read is None:
        reason = f"{stored.answer.label} answered {stored.answer.summary()}"
        raise NotJudgedError(Blame.PRECONDITION, f"a deployment that is needed was not created: {reason}")
    return stored.answer, stored.read


def any_of(stored: Mapping[str, Stored], on: str = "a schedule") -> dict[str, Stored]:
    """Return those creations that made something; `on` says what schedules they are.

    Raises NotJudgedError when none did, NotApplicableError when none was there to be looked at.
    """
    if not stored:
        raise NotApplicableError(f"needs an active deployment on {on}; the account shows none")
    made = {what: one for what, one in stored.items() if one.read is not None}
    if not made:
        both(next(iter(stored.values())))
    return made


def described(answers: Mapping[str, Exchange]) -> str:
    """Return what several requests were answered, for an observation."""
    return "; ".join(f"{asked}: {one.summary()}" for asked, one in answers.items())


def reads(path: str) -> Callable[[Exchange], str]:
    """Return what tells how a request was answered and, if it was accepted, how the field at `path` reads."""

    def describe(answer: Exchange) -> str:
        if not answer.succeeded:
            return answer.summary()
        return f"{answer.summary()}, {path} reads {shorten(field(answer.json, path), 120)}"

    return describe
