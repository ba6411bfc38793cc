"""Judge servers with many seeds: `python -m tests.exploration.seeds [--seeds N] [--first N] [--whole] [SERVER …]`.

A server is `conforming`, or the name of a fault; without names it is each fault that scripted tests do not see.
Prints one line for each server and revision: in how many runs it was judged rightly, and what else was said of it.
A fault is judged by its own requirement and the searches that find it; `--whole` judges by default runs, as the
conforming server always is.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

from conformance.reference import REVISIONS, Service
from tests.faults.catalogue import load_faults
from tests.judge import Run, judge_service

CONFORMING = "conforming"
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


def judge(server: str, revision: str, seed: int, *, whole: bool) -> Run:
    """Judge a server once, by what finds its fault or by a default run."""
    arguments = ["--seed", str(seed)]
    if server == CONFORMING:
        return judge_service(Service, revision, *arguments)
    fault = load_faults()[server]
    if not whole:
        finder = fault.found_by or (RACES if fault.hides == "race" else fault.breaks)
        arguments += ["--only", f"{fault.breaks},{finder}"]
    return judge_service(fault.service, revision, *arguments)


def tally(server: str, seeds: Sequence[int], runs: Iterator[Run]) -> Tally:
    """Count what the runs of one server said."""
    wanted = set() if server == CONFORMING else {load_faults()[server].breaks}
    counted = Tally()
    for seed, run in zip(seeds, runs, strict=True):
        broken = run.broken()
        right = wanted <= broken if wanted else run.exit_code == 0 and not broken
        counted.right += right
        counted.wrong += [] if right else [f"seed {seed}: exit {run.exit_code}, {sorted(broken)}"]
        counted.others.update(broken - wanted)
        counted.seconds.append(run.result["totals"]["seconds"])
        counted.requests.append(run.result["totals"]["requests"])
    return counted


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
    chosen = parser.parse_args(words)
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    wrong = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for server in chosen.server:
            for revision in _revisions(server):
                counted = tally(server, seeds, _runs(pool, server, revision, seeds, whole=chosen.whole))
                wrong += len(counted.wrong)
                print(*lines(server, revision, counted), sep="\n", flush=True)  # noqa: T201 (what it is for)
    return int(wrong > 0)


def _revisions(server: str) -> Sequence[str]:
    return REVISIONS if server == CONFORMING else load_faults()[server].revisions[-1:]


def _runs(pool: Executor, server: str, revision: str, seeds: Sequence[int], *, whole: bool) -> Iterator[Run]:
    return pool.map(lambda seed: judge(server, revision, seed, whole=whole), seeds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
