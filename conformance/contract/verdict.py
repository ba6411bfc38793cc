"""The words in which a requirement is judged: level, verdict, blame, and how a judgement says them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.contract.timeline import Timeline
from conformance.errors import ConformanceError


class Level(StrEnum):
    """How strongly the documents bind a requirement (strengths H, S and P of the fact sheet)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    OBSERVE = "OBSERVE"


class Outcome(StrEnum):
    """What a run says of one requirement."""

    PASS = "pass"  # noqa: S105 (a verdict, no password)
    FAIL = "fail"
    WARN = "warn"
    OBSERVED = "observed"
    NOT_APPLICABLE = "not-applicable"
    NOT_JUDGED = "not-judged"


class Blame(StrEnum):
    """Who kept a requirement from being judged."""

    TARGET = "target"
    NETWORK = "network"
    CREDENTIALS = "credentials"
    PRECONDITION = "precondition"
    HARNESS = "harness"


class BrokenPromiseError(ConformanceError, AssertionError):
    """A judgement found a promise broken.

    `expected` and `got` are one line each, in words a reader of a CI log understands;
    `culprits` are the numbers of the exchanges that show it, `at` is the dotted path of the field that is not
    as promised, if it is about a single one, and `statuses` are those of which one was promised, if it is
    about that.
    """

    def __init__(
        self,
        expected: str,
        got: str,
        culprits: tuple[int, ...] = (),
        at: str = "",
        statuses: tuple[int, ...] = (),
    ) -> None:
        super().__init__(f"expected {expected}; got {got}")
        self.expected = expected
        self.got = got
        self.culprits = culprits
        self.at = at
        self.statuses = statuses


class NotJudgedError(ConformanceError):
    """A requirement could not be judged; `blame` says on whose account, `reason` why, in one line.

    `cause` is the requirement whose broken promise is in the way, where that is known; `culprits` are the
    numbers of the exchanges that are.
    """

    def __init__(self, blame: Blame, reason: str, cause: str = "", culprits: tuple[int, ...] = ()) -> None:
        super().__init__(reason)
        self.blame = blame
        self.reason = reason
        self.cause = cause
        self.culprits = culprits


class OpenSituationError(ConformanceError):
    """The vendor's documents leave open what was asked; the message says what was observed."""


class NotApplicableError(ConformanceError):
    """A requirement does not bind this run; the reason names the option or state that would judge it.

    `cause` is the requirement whose accepted deviation is in the way, if one is.
    """

    def __init__(self, reason: str, cause: str = "") -> None:
        super().__init__(reason)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken promise that a search came upon, reduced to the shortest story that shows it.

    `steps` is that story: what was sent and answered. `replay` is what the search needs to do the same again,
    as JSON. `culprits`, `at` and `statuses` are those of the broken promise.
    """

    requirement: str
    expected: str
    got: str
    steps: Timeline = ()
    replay: str = ""
    culprits: tuple[int, ...] = ()
    at: str = ""
    statuses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one run says of one requirement, complete and redacted: all that a report may show.

    `seconds` is the time the judgement took, its share of the story's requests included in the first
    requirement that waited for it. `evidence` are the exchanges behind it, none for a pass. `because` is what
    there is to say beside `expected` and `got`. `reproduce` is the command that judges this requirement
    alone. `findings` are those of a search. `suite_failed`: an error of the suite itself ended the judgement.
    `cause` is the requirement whose broken promise kept this one from being judged.
    """

    requirement: str
    outcome: Outcome
    blame: Blame | None = None
    message: str = ""
    expected: str = ""
    got: str = ""
    evidence: Timeline = ()
    reproduce: str = ""
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    because: str = ""
    suite_failed: bool = False
    cause: str = ""
