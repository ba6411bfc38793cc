"""Judge each fault alone and print what failed: `python -m tests.faults.prove [AREA or FAULT …]`."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.faults.catalogue import Fault, load_faults
from tests.judge import judge_service


def verdict(fault: Fault, revision: str, *arguments: str) -> tuple[str, set[str]]:
    """Return MISSED, CAUGHT or SHARP (nothing beyond the declared set failed), and all that failed."""
    tiers = ("--tier", ",".join(fault.tiers))
    run = judge_service(fault.service, revision, *tiers, *arguments, time_scale=fault.time_scale)
    broken = run.broken()
    if fault.breaks not in broken:
        return "MISSED", broken
    return ("SHARP" if broken <= {fault.breaks, *fault.also} else "CAUGHT"), broken


def _line(case: tuple[Fault, str]) -> str:
    fault, revision = case
    word, broken = verdict(fault, revision)
    return f"{word:<6} {fault.id} ({revision}) → {', '.join(sorted(broken))}"


def main(words: list[str]) -> int:
    chosen = [f for f in load_faults().values() if not words or f.area in words or f.id in words]
    cases = [(fault, revision) for fault in chosen for revision in fault.revisions]
    missed = 0
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as pool:
        for line in pool.map(_line, cases):
            missed += line.startswith("MISSED")
            print(line, flush=True)  # noqa: T201 (the lines are what it is for)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
