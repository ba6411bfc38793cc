"""Judge each fault alone and print what failed: `python -m tests.faults.prove [AREA or FAULT …]`."""

from __future__ import annotations

import sys

from tests.faults.catalogue import Fault, load_faults
from tests.judge import judge_service


def verdict(fault: Fault, revision: str, *arguments: str) -> tuple[str, set[str]]:
    """Return MISSED, CAUGHT or SHARP (nothing beyond the declared set failed), and all that failed."""
    broken = judge_service(fault.service, revision, *arguments).broken()
    if fault.breaks not in broken:
        return "MISSED", broken
    return ("SHARP" if broken <= {fault.breaks, *fault.also} else "CAUGHT"), broken


def main(words: list[str]) -> int:
    chosen = [f for f in load_faults().values() if not words or f.area in words or f.id in words]
    missed = 0
    for fault in chosen:
        for revision in fault.revisions:
            word, broken = verdict(fault, revision)
            missed += word == "MISSED"
            print(f"{word:<6} {fault.id} ({revision}) → {', '.join(sorted(broken))}", flush=True)  # noqa: T201
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
