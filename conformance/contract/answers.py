"""What a vendor's documents allow as an answer in a situation, for judgements, the model and races alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.contract.judgement import Answered, expect_each, is_error
from conformance.contract.verdict import OpenSituationError
from conformance.vendors import Profile

SUCCESS = range(200, 300)
REFUSED = range(400, 500)


@dataclass(frozen=True, slots=True)
class Allowed:
    """An answer that the documents allow.

    `promise` is the requirement that allows no other, empty where they are silent. `kind` is `error.type` of
    a documented refusal, which an unreadable envelope does not break. `shows`: the body is the deployment.
    """

    statuses: range
    promise: str = ""
    kind: str | None = None

    @property
    def shows(self) -> bool:
        """Whether the body shows the deployment in the state that follows."""
        return self.statuses.start in SUCCESS

    def allows(self, status: int | None, kind: str | None = None) -> bool:
        """Tell whether an answer with this status and `error.type` is this one."""
        return status in self.statuses and (self.kind is None or kind in (None, self.kind))

    def __str__(self) -> str:
        """Return it in a few words, for messages."""
        first = self.statuses.start
        whole = f"{first // 100}xx" if len(self.statuses) > 1 else f"{first}"
        return " ".join(filter(None, (whole, self.kind)))


OPEN = (Allowed(REFUSED), Allowed(SUCCESS))
"""What answers in a situation that the documents leave open: a refusal, or a success that does nothing."""


class VendorAnswers:
    """One vendor's answers by situation, each situation's preferred one first."""

    def __init__(self, profile: Profile) -> None:
        self._allowed = {situation: _allowed(texts) for situation, texts in profile.answers.items()}

    def to(self, situation: str, promise: str = "") -> Sequence[Allowed]:
        """Return what may answer, under the requirement that allows nothing else, or `OPEN` without one."""
        known = self._allowed.get(situation, OPEN)
        if known is OPEN:
            return known
        return [Allowed(allowed.statuses, promise, allowed.kind) for allowed in known]

    def allow(self, situation: str, exchange: Answered) -> bool:
        """Tell whether an answer is one that the documents allow; where they are silent, each is."""
        allowed = self.to(situation)
        return allowed is OPEN or _is_any(exchange, allowed)

    def expect(self, situation: str, answers: Mapping[str, Answered]) -> None:
        """Expect of several answers, by a few words that say what was asked, that they are allowed.

        Raises BrokenPromiseError that tells of all that are not, NotJudgedError as `answered` does, and
        OpenSituationError with what was seen where the documents are silent.
        """
        allowed = self.to(situation)
        if allowed is OPEN:
            seen = "; ".join(f"{asked} → {answer.summary()}" for asked, answer in answers.items())
            raise OpenSituationError(f"the documents leave the answer open: {seen}")
        statuses = [status for row in allowed for status in row.statuses]
        wanted = " or ".join(map(str, allowed))
        expect_each(answers, wanted, lambda answer: _is_any(answer, allowed), statuses)


def _is_any(exchange: Answered, allowed: Sequence[Allowed]) -> bool:
    return any(is_error(exchange, *row.statuses, kind=row.kind) for row in allowed)


def _allowed(texts: Sequence[str]) -> Sequence[Allowed]:
    """Return what the texts of a profile allow: `409 conflict_error`, `200`, `4xx`, or `any`."""
    return OPEN if "any" in texts else [_parsed(text) for text in texts]


def _parsed(text: str) -> Allowed:
    status, _, kind = text.partition(" ")
    if status.endswith("xx"):
        first = int(status[0]) * 100
        return Allowed(range(first, first + 100))
    return Allowed(range(int(status), int(status) + 1), kind=kind or None)
