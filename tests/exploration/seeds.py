"""Judge servers with many seeds: `python -m tests.exploration.seeds [--seeds N] [--first N] [--whole] [--jobs N] [SERVER …]`.

A server is `conforming`, or the name of a fault; without names it is each fault that scripted tests do not see.
Prints one line for each server and revision: in how many runs it was judged rightly, and what else was said of it.
A fault is judged by its own requirement and the searches that find it; `--whole` judges by default runs, as the
conforming server always is.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from conformance.contract.areas import DEFAULT_TIERS
from conformance.reference import REVISIONS
from tests.faults.catalogue import load_faults
from tests.proof.cases import Case, Outcome
from tests.proof.workers import judge_all

CONFORMING, PLAIN = "conforming", "Plain"
"""The reference as it is, and what the catalogue of twins calls it."""
UNSEEN = (
    "NamesAreCutAt64", "EmojiInMetadataIsACrash", "EventsBeyondTheTenthAreDropped", "DaySevenIsMonday",
    "HalfHoursOfZonesAreLost", "ThirdCycleLosesSchedule", "ArchivedWhilePausedStaysListed", "DescriptionUnpauses",
    "ConcurrentPausesAllWin", "PauseAndUpdateLoseOne", "BeginningOfATokenSuffices", "OthersMayPause",
    "ReplayedAndExecuted", "OneKeyMakesTwo",
)  # fmt: skip
"""Faults that a reader of the documents would not script: values, orders, races and credentials show them."""
RACES = "race.*"


@dataclass
class Tally:
    """What several runs said of one server; `right` counts the runs that judged it rightly."""

    right: int = 0
    others: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)


def case(server: str, revision: str, seed: int, *, whole: bool) -> Case:
    """Return a run that judges a server by what finds its fault, or a default run."""
    if server == CONFORMING:
        return Case("twin", PLAIN, revision, seed)
    fault = load_faults()[server]
    if whole:
        return Case("fault", server, revision, seed, tiers=DEFAULT_TIERS)
    finder = fault.found_by or (RACES if fault.hides == "race" else fault.breaks)
    return Case("fault", server, revision, seed, tiers=DEFAULT_TIERS, only=(fault.breaks, finder))


def tally(server: str, runs: Sequence[Outcome]) -> Tally:
    """Count what the runs of one server said."""
    wanted = set() if server == CONFORMING else {load_faults()[server].breaks}
    counted = Tally()
    for run in runs:
        broken = run.broken()
        right = wanted <= broken if wanted else run.exit_code == 0 and not broken
        counted.right += right
        counted.wrong += [] if right else [_wrong(run)]
        counted.others.update(broken - wanted)
        counted.seconds.append(run.seconds)
        counted.requests.append(run.requests)
    return counted


def _wrong(run: Outcome) -> str:
    return f"seed {run.case.seed}: exit {run.exit_code}, {dict(run.messages)} {run.internal_error}"


def lines(server: str, revision: str, counted: Tally) -> Iterator[str]:
    """Yield what is printed of one server."""
    runs = len(counted.seconds)
    figures = (
        f"{statistics.median(counted.requests):g} requests in {statistics.median(counted.seconds):.1f} s"
    )
    others = ", ".join(f"{name} in {count}" for name, count in counted.others.most_common())
    yield f"{counted.right}/{runs} {server} ({revision}), median {figures}{'; besides ' if others else ''}{others}"
    yield from (f"    WRONG {line}" for line in counted.wrong)


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20, metavar="N", help="how many (default: 20)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the first seed (default: 0)")
    parser.add_argument("--whole", action="store_true", help="judge faults by default runs too")
    parser.add_argument("server", nargs="*", default=UNSEEN)
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (default: three for each core)")
    chosen = parser.parse_args(words)
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    groups = [(server, revision) for server in chosen.server for revision in _revisions(server)]
    cases = [case(*group, seed, whole=chosen.whole) for group in groups for seed in seeds]
    found: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    wrong = 0
    for outcome in judge_all(cases, chosen.jobs):
        server = CONFORMING if outcome.case.kind == "twin" else outcome.case.id
        runs = found[server, outcome.case.revision]
        runs.append(outcome)
        if len(runs) == len(seeds):
            counted = tally(server, runs)
            wrong += len(counted.wrong)
            print(*lines(server, outcome.case.revision, counted), sep="\n", flush=True)  # noqa: T201 (what it is for)
    return int(wrong > 0)


def _revisions(server: str) -> Sequence[str]:
    return REVISIONS if server == CONFORMING else load_faults()[server].revisions[-1:]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
