"""Accepted deviations: broken promises that a team knows, and how one run stands to each of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from conformance.contract.catalogue import Catalogue
from conformance.contract.verdict import Outcome, Verdict

BROKEN: Final = (Outcome.FAIL, Outcome.WARN)
KEPT: Final = (Outcome.PASS, Outcome.OBSERVED)
_VARYING: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?"), "<time>"),
    (re.compile(r"\bconformance-[0-9a-f]{6,}[\w-]*"), "<name>"),
    (
        re.compile(r"\b[a-z]+_[0-9A-Za-z]{8,}\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b(?=\w*\d)[0-9a-f]{8,}\b"),
        "<id>",
    ),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|seconds|minutes)\b"), "<duration>"),
    (re.compile(r"#\d+\b|\b\d{9,}\b"), "<number>"),
)
"""What differs from run to run in the words of one verdict: times, names and ids of a run, durations."""


class AcceptanceState(StrEnum):
    """How a run stands to an accepted deviation."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    EXPIRED = "expired"
    MENDED = "mended"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One broken promise that is accepted until the end of the day `expires`.

    `target` None: on every target. `fingerprint` is that of what was expected and got. `found_by` names the
    search that found it. What a search tries differs from run to run: so whatever a search finds of the
    requirement is accepted, and a run that finds nothing does not show that it is mended.
    """

    requirement: str
    profile: str
    reason: str
    expires: date
    fingerprint: str
    expected: str
    got: str
    first_seen: date
    last_seen: date
    issue: str = ""
    target: str | None = None
    found_by: str = ""

    def concerns(self, profile: str, target: str | None) -> bool:
        """Tell whether it is about runs with this profile on this target."""
        return self.profile == profile and self.target in (None, target)

    def matches(self, verdict: Verdict, *, searched: bool) -> bool:
        """Tell whether a verdict shows the promise broken in the way that is accepted.

        `searched`: a search found it, and not the judgement of the requirement.
        """
        by_search = bool(self.found_by) and searched
        same = by_search or self.fingerprint == fingerprint(verdict.expected, verdict.got)
        return verdict.outcome in BROKEN and same


@dataclass(frozen=True, slots=True)
class Standing:
    """A deviation in one run: its state and, in words, what to do."""

    deviation: Deviation
    state: AcceptanceState
    advice: str

    @property
    def fails(self) -> bool:
        """Whether it fails the run."""
        return self.state is not AcceptanceState.ACCEPTED


def normalised(text: str) -> str:
    """Return a text with a placeholder for whatever differs from run to run."""
    for pattern, placeholder in _VARYING:
        text = pattern.sub(placeholder, text)
    return text


def fingerprint(expected: str, got: str) -> str:
    """Return what is equal for two verdicts that are broken in the same way."""
    digest = hashlib.sha256(f"{normalised(expected)}\0{normalised(got)}".encode(errors="replace"))
    return f"sha256:{digest.hexdigest()[:24]}"


def standings(
    deviations: Iterable[Deviation],
    verdicts: Mapping[str, Verdict],
    catalogue: Catalogue,
    today: date,
    report: str = "reports",
) -> tuple[Standing, ...]:
    """Return how a run stands to the deviations that concern it; what it did not judge is left out.

    `report` is where its report goes, as a shell takes it: advice names commands to copy.
    """
    return tuple(_standings(deviations, verdicts, catalogue, today, f"conformance accept {report}"))


def _standings(
    deviations: Iterable[Deviation],
    verdicts: Mapping[str, Verdict],
    catalogue: Catalogue,
    today: date,
    accept: str,
) -> Iterator[Standing]:
    found = {(f.requirement, f.expected, f.got) for verdict in verdicts.values() for f in verdict.findings}
    for deviation in deviations:
        if deviation.requirement not in catalogue.requirements:
            why = f"{deviation.profile} promises nothing of that id"
            yield Standing(
                deviation,
                AcceptanceState.UNMATCHED,
                f"{why}; correct the id, or remove the entry: {accept} --prune",
            )
        elif verdict := verdicts.get(deviation.requirement):
            searched = (deviation.requirement, verdict.expected, verdict.got) in found
            yield from _standing(deviation, verdict, today, accept, searched=searched)


def _standing(
    deviation: Deviation, verdict: Verdict, today: date, accept: str, *, searched: bool
) -> Iterator[Standing]:
    if verdict.outcome in KEPT and not deviation.found_by:
        yield Standing(
            deviation,
            AcceptanceState.MENDED,
            f"the promise is kept; remove the entry: {accept} --prune",
        )
    elif verdict.outcome in BROKEN and today > deviation.expires:
        advice = (
            f"it expired on {deviation.expires}: mend the target, or accept it again with a later --expires"
        )
        yield Standing(deviation, AcceptanceState.EXPIRED, advice)
    elif deviation.matches(verdict, searched=searched):
        yield Standing(deviation, AcceptanceState.ACCEPTED, f"until {deviation.expires}: {deviation.reason}")
    elif verdict.outcome in BROKEN:
        was = f"accepted was: expected {deviation.expected}; got {deviation.got}"
        yield Standing(
            deviation,
            AcceptanceState.CHANGED,
            f"it is broken in another way; {was}; look at it, then: {accept} --update",
        )
