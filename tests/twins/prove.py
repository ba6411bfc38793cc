"""Judge each twin and print what it is accused of: `python -m tests.twins.prove [TWIN …]`."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.judge import Run, judge_server
from tests.twins.catalogue import ADVISORY, Twin, load_twins


def judge_twin(twin: Twin, revision: str, *arguments: str) -> Run:
    with twin.server(revision) as server:
        return judge_server(server, *arguments)


def accusations(run: Run) -> set[str]:
    """Return what a twin was accused of; an exit code other than 0 is an accusation too."""
    found = (run.broken() | run.with_verdict("not-judged")) - ADVISORY
    return found or ({f"exit {run.exit_code}"} if run.exit_code else set())


def _line(case: tuple[Twin, str]) -> str:
    found = accusations(judge_twin(*case))
    return f"{'ACCUSED' if found else 'fine':<8} {case[0].id} ({case[1]}) {', '.join(sorted(found))}"


def main(words: list[str]) -> int:
    chosen = [twin for twin in load_twins().values() if not words or twin.id in words]
    cases = [(twin, revision) for twin in chosen for revision in twin.revisions]
    accused = 0
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as pool:
        for line in pool.map(_line, cases):
            accused += line.startswith("ACCUSED")
            print(line, flush=True)  # noqa: T201 (the lines are what it is for)
    return int(accused > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
